package appending

import (
	"parley/domain/message"
)

// send decides a batch of drafts and stores the messages that they become.
func (a *Appender) send(t Transaction, batch []*item) ([]answer, bool, error) {
	drafts := make([]message.Draft, len(batch))
	for i, it := range batch {
		drafts[i] = it.draft
	}
	ground, err := t.Ground(drafts)
	if err != nil {
		return nil, false, err
	}
	ledger := message.NewLedger(ground)
	answers := make([]answer, len(batch))
	said := make([]*message.Message, len(batch))
	for i, d := range drafts {
		said[i], answers[i].sent.Replayed, answers[i].err = ledger.Decide(d)
	}
	fresh, paces := ledger.Fresh(), ledger.Paces()
	if err := t.Write(fresh, paces); err != nil {
		return nil, false, err
	}
	for i := range answers {
		if answers[i].err == nil {
			answers[i].sent.Message = *said[i]
		}
	}
	return answers, len(fresh)+len(paces) > 0, nil
}
