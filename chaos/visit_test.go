package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/chaos"
)

// visit reads the last page of a room, and hears from its cursor on, as somebody
// does who opens the program. It goes on until ctx ends. The visitor is a client
// of its own beside the bot.
func (b *bot) visit(ctx context.Context, room int64, called string) (*ear, error) {
	v := newEar(b, b.name+"+"+called, topicOf(room), alternating)
	r := chaos.Record{Client: v.called, Op: chaos.Read, Phase: chaos.Invoked, Room: room}
	b.history.Add(r)
	got, err := b.insist(ctx, http.MethodGet, fmt.Sprintf("/api/messages?chatRoom=%d&limit=%d", room, 1+b.random(60)), nil)
	r.Node, r.Session = got.node, got.session
	var page struct {
		Items        []message
		LastSequence int64
		Cursor       string
	}
	switch {
	case err != nil:
		r.Phase = chaos.Unknown
	case got.status != http.StatusOK || json.Unmarshal(got.body, &page) != nil || page.Cursor == "":
		r.Phase, r.Note = chaos.Failed, fmt.Sprintf("%d %s", got.status, got.body)
		err = fmt.Errorf("read room %d: %s", room, r.Note)
	default:
		r.Phase, r.Seq, r.Cursor = chaos.OK, page.LastSequence, page.Cursor
		for _, m := range page.Items {
			r.Items = append(r.Items, m.kept())
		}
		v.cursor, v.heard[room] = page.Cursor, page.LastSequence
	}
	b.history.Add(r)
	return v, err
}

// visits pays short visits, until quit is closed.
func (b *bot) visits(ctx context.Context, quit <-chan struct{}, rooms []int64, every time.Duration) {
	for n := 1; rest(quit, every/2+time.Duration(b.random(int(every)))); n++ {
		v, err := b.visit(ctx, rooms[b.random(len(rooms))], fmt.Sprintf("visit%d", n))
		if err != nil {
			return // ctx has ended; or it was refused, which the judge knows
		}
		short, cancel := context.WithTimeout(ctx, time.Duration(b.random(int(2*time.Second))))
		v.listen(short)
		cancel()
	}
}
