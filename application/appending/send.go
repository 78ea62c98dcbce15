package appending

import (
	"parley/domain/hub"
	"parley/domain/message"
)

// share does what a batch of drafts and updates asks for. The messages come
// first; updates rest on nothing, so nothing is decided about them.
func (a *Appender) share(t Transaction, batch []*item) ([]answer, bool, error) {
	answers := make([]answer, len(batch))
	said, err := a.send(t, batch, answers)
	if err != nil {
		return nil, false, err
	}
	published, err := a.publish(t, batch, answers)
	return answers, said || published, err
}

// send decides the drafts of a batch and stores the messages that they become.
func (a *Appender) send(t Transaction, batch []*item, all []answer) (changed bool, err error) {
	drafts, answers := make([]message.Draft, 0, len(batch)), make([]*answer, 0, len(batch))
	for i, it := range batch {
		if !it.isPublish() {
			drafts, answers = append(drafts, it.draft), append(answers, &all[i])
		}
	}
	if len(drafts) == 0 {
		return false, nil
	}
	ground, err := t.Ground(drafts)
	if err != nil {
		return false, err
	}
	ledger := message.NewLedger(ground)
	said := make([]*message.Message, len(drafts))
	for i, d := range drafts {
		said[i], answers[i].sent.Replayed, answers[i].err = ledger.Decide(d)
	}
	fresh, paces := ledger.Fresh(), ledger.Paces()
	if err := t.Write(fresh, paces); err != nil {
		return false, err
	}
	for i := range answers {
		if answers[i].err == nil {
			answers[i].sent.Message = *said[i]
		}
	}
	return len(fresh)+len(paces) > 0, nil
}

// publish stores the updates of a batch, in the order in which they came.
func (a *Appender) publish(t Transaction, batch []*item, all []answer) (changed bool, err error) {
	var updates []hub.Update
	var answers []*answer
	for i, it := range batch {
		if it.isPublish() {
			updates, answers = append(updates, *it.update), append(answers, &all[i])
		}
	}
	if len(updates) == 0 {
		return false, nil
	}
	places, err := t.Publish(updates)
	if err != nil {
		return false, err
	}
	for i, place := range places {
		answers[i].place = place
	}
	return true, nil
}
