// Package updates has what third parties do on the hub: they publish.
package updates

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// Publish adds an update of a third party to the log, if their token grants that.
type Publish struct{ Publishes port.Publishes }

// Handle returns the place of the update in the log. What is no update is refused
// whatever the grant is, with an error of [hub.Update.Check]; then, what is not
// granted, with hub.ErrScope. Whether a topic is the hub's own must have been looked
// at before.
func (uc Publish) Handle(ctx context.Context, by hub.Grant, u hub.Update) (sequence.Place, error) {
	if err := u.Check(); err != nil {
		return sequence.Place{}, err
	}
	if !by.MayPublish(u.Topics) {
		return sequence.Place{}, hub.ErrScope
	}
	place, err := uc.Publishes.Publish(ctx, u)
	if err != nil {
		return sequence.Place{}, fmt.Errorf("publish: %w", err)
	}
	return place, nil
}
