package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/chaos"
)

// host keeps a room in motion until quit is closed: it takes somebody out and puts
// them in again, and gives the room other names.
func (b *bot) host(ctx context.Context, quit <-chan struct{}, room int64, guest *bot, every time.Duration) {
	rev := int64(1)
	for n := 1; rest(quit, every/2+time.Duration(b.random(int(every)))); n++ {
		if n%3 == 0 {
			rev = b.rename(ctx, room, rev, fmt.Sprintf("Room %d, name %d", room, n))
			continue
		}
		if b.remove(ctx, room, guest) != nil {
			return // ctx has ended
		}
		rest(nil, time.Duration(b.random(int(every))))
		if b.add(ctx, room, guest) != nil {
			return
		}
	}
}

// rename gives a room another name, on the version that one knows, and returns the
// version that it has then.
func (b *bot) rename(ctx context.Context, room, rev int64, name string) int64 {
	r := chaos.Record{Client: b.name, Op: chaos.Rename, Phase: chaos.Invoked, Room: room, Rev: rev + 1, Note: name}
	b.history.Add(r)
	path := fmt.Sprintf("/api/rooms/%d", room)
	got, err := b.insist(ctx, http.MethodPatch, path, map[string]any{"name": name}, "If-Match", fmt.Sprintf("%q", fmt.Sprint(rev)))
	if err == nil && got.status == http.StatusPreconditionFailed && got.tries > 1 {
		got, err = b.insist(ctx, http.MethodGet, path, nil) // an answer was lost, and the change was not
	}
	var is struct {
		Name    string
		Version int64
	}
	r.Node, r.Session = got.node, got.session
	switch {
	case err == nil && got.status == http.StatusOK && json.Unmarshal(got.body, &is) == nil && is.Name == name:
		r.Phase, r.Rev = chaos.OK, is.Version
	case err == nil:
		r.Phase, r.Note = chaos.Failed, fmt.Sprintf("%d %s", got.status, got.body)
	default:
		r.Phase = chaos.Unknown
	}
	b.history.Add(r)
	if r.Phase == chaos.OK {
		return r.Rev
	}
	return rev
}

// remove takes somebody out of a room. Not there any more is as good as taken out:
// an answer may have been lost.
func (b *bot) remove(ctx context.Context, room int64, who *bot) error {
	path := fmt.Sprintf("/api/rooms/%d/participants/%d", room, who.id)
	return b.move(ctx, chaos.Remove, room, who, http.MethodDelete, path, nil, http.StatusNoContent, http.StatusNotFound)
}

// add puts somebody into a room.
func (b *bot) add(ctx context.Context, room int64, who *bot) error {
	path := fmt.Sprintf("/api/rooms/%d/participants", room)
	return b.move(ctx, chaos.Add, room, who, http.MethodPost, path, map[string]any{"userId": who.id}, http.StatusCreated, http.StatusOK)
}

func (b *bot) move(ctx context.Context, op chaos.Op, room int64, who *bot, method, path string, in any, first, later int) error {
	r := chaos.Record{Client: b.name, Op: op, Phase: chaos.Invoked, Room: room, User: who.id}
	b.history.Add(r)
	got, err := b.insist(ctx, method, path, in)
	r.Node, r.Session = got.node, got.session
	switch {
	case err != nil:
		r.Phase = chaos.Unknown
	case got.status == first, got.status == later && got.tries > 1:
		r.Phase = chaos.OK
	default:
		r.Phase = chaos.Failed
		err = fmt.Errorf("%s %s: %d %s", op, who.name, got.status, got.body)
	}
	b.history.Add(r)
	return err
}
