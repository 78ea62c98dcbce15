package features_test

import (
	"context"
	"fmt"

	"strings"

	"github.com/cucumber/godog"

	"parley/features/stage"
)

func (w *world) partyHears(ctx context.Context, name string) ([][]string, error) {
	p := w.party(name)
	if p.line == nil {
		return nil, fmt.Errorf("the %s does not listen", name)
	}
	err := w.partiesHearAll(ctx)
	return column(p.heard), err
}

func (w *world) partyHasHeard(ctx context.Context, name string, want *godog.Table) error {
	got, err := w.partyHears(ctx, name)
	if err != nil {
		return err
	}
	return sameTable("the "+name, got, want)
}

func (w *world) partyHasHeardNothing(ctx context.Context, name string) error {
	got, err := w.partyHears(ctx, name)
	if err == nil && len(got) > 0 {
		return fmt.Errorf("the %s has heard %q", name, got)
	}
	return err
}

// hasHeardInTurn looks at what was said and what was published alike.
func (w *world) hasHeardInTurn(ctx context.Context, name string, want *godog.Table) error {
	e, err := w.hearing(ctx, name, "")
	if err != nil {
		return err
	}
	var got []string
	for _, h := range e.heard {
		got = append(got, h.Message.Text)
	}
	return sameTable(name, column(got), want)
}

func column(all []string) [][]string {
	var got [][]string
	for _, one := range all {
		got = append(got, []string{one})
	}
	return got
}

// partiesHearAll lets third parties hear all that was published so far. Somebody
// publishes something for them all, and they wait until they have heard that.
func (w *world) partiesHearAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	w.fence++
	text := fmt.Sprintf("fence %d", w.fence)
	crier, err := w.program(&party{actor: actor{name: "crier"}, grant: stage.Grant{Publish: []string{fenceTopic}}})
	if err != nil {
		return err
	}
	if err := crier.Publish(ctx, stage.Update{Topics: []string{fenceTopic}, Text: text}); err != nil {
		return fmt.Errorf("put up a fence: %w", err)
	}
	for _, p := range w.parties {
		if err := p.hearUntil(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// hearUntil takes in what comes until the fence. Nothing comes twice, and what
// was a fence of others counts for nothing.
func (p *party) hearUntil(ctx context.Context, fence string) error {
	for p.line != nil {
		got, err := p.line.Next(ctx)
		if err != nil {
			return fmt.Errorf("the %s waits to hear: %w", p.name, err)
		}
		if p.seen[got.Place] || got.Place == "" {
			return fmt.Errorf("the %s heard twice, or without a place: %q", p.name, got.Text)
		}
		p.seen[got.Place], p.place = true, got.Place
		if got.Text == fence {
			return nil
		}
		if !strings.HasPrefix(got.Text, "fence ") {
			p.heard = append(p.heard, got.Text)
		}
	}
	return nil
}

// partiesLaws: third parties have heard all there is, nothing of it twice, and
// were not refused without a step that says so.
func (w *world) partiesLaws(ctx context.Context) error {
	if len(w.parties) == 0 {
		return nil
	}
	for _, p := range w.parties {
		if len(p.refusals) > 0 {
			return fmt.Errorf("the %s was refused, and no step says so: %v", p.name, p.refusals)
		}
	}
	return w.partiesHearAll(ctx)
}
