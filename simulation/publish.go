package simulation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// someonePublishes lets somebody publish an update. The lock is held.
func (w *world) someonePublishes(p *person) {
	w.keys++
	data := fmt.Sprintf("update %d", w.keys)
	if w.driver.chance(10) {
		data = poison + data
	}
	w.talk(fmt.Sprintf("publishes %q", data), p, func(a *actor) { w.publish(a, p, data) })
}

// publish publishes an update until it is answered, which may keep it more than
// once, and judges the answer.
func (w *world) publish(a *actor, p *person, data string) {
	var asked time.Time
	var place sequence.Place
	err := w.ask(a, p, answerTime, func(ctx context.Context, n *node, _ identity.Caller) (err error) {
		asked = time.Now()
		place, err = n.appender.Publish(ctx, hub.Update{Topics: []string{"https://example.com/things"}, Data: data})
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(a, "is answered %v, %v", place, err)
	switch {
	case err != nil && !isAgain(err) && !isFault(err) && !strings.HasPrefix(data, poison):
		w.breaks(Alone, "%s: %v", a.name, err)
	case err != nil || !w.restored.Before(asked): // it may be that it is there no more
	case !w.history.has(place) || !w.history.records[place.Position].says(data):
		w.breaks(Lost, "%s was told that %q is at %v, where it is not", a.name, data, place)
	default:
		w.count[wasPublished]++
	}
}

func (r *record) says(data string) bool { return r.entry.Update != nil && r.entry.Update.Data == data }

// told is what those who publish are told.
func (p Plant) told(places []sequence.Place) []sequence.Place {
	if p.Mistaken {
		for i := range places {
			places[i].Position--
		}
	}
	return places
}
