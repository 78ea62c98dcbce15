package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/adapters/ssefeed/ssetest"
	"parley/chaos"
)

// listeningAnew lets some listen until stop is called who fetch all pages when
// they are told that they cannot be resumed.
func (s *scene) listeningAnew(those ...*bot) (stop func()) {
	return s.doing(func(quit <-chan struct{}, b *bot) {
		ctx, cancel := context.WithCancel(s.t.Context())
		defer cancel()
		go func() { <-quit; cancel() }()
		for ctx.Err() == nil {
			_ = b.hearAnew(ctx, s.where) // however it ends, it is tried again
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}, those)
}

// hearAnew hears one stream to its end.
func (b *bot) hearAnew(ctx context.Context, where []int64) error {
	b.mu.Lock()
	ask := ssetest.Request{
		URL:   b.base() + "/.well-known/mercure?topic=/chat/room/{id}&topic=/chat/user/{id}",
		Token: b.token, Cursor: b.cursor, Client: b.client,
	}
	b.conns++
	conn := b.conns
	b.mu.Unlock()
	b.history.Add(chaos.Record{Client: b.name, Op: chaos.Open, Phase: chaos.Noted, Conn: conn, Cursor: ask.Cursor})
	line, err := ssetest.Dial(ctx, ask)
	if err != nil {
		return err
	}
	defer func() { _ = line.Close() }()
	for {
		event, err := line.Next(ctx)
		if err != nil {
			return err
		}
		if err := b.take(conn, event); err != nil {
			return err
		}
		var opened struct{ Type, Mode string }
		if err := json.Unmarshal([]byte(event.Data), &opened); err != nil {
			return err
		}
		if opened.Type == "stream.opened" && opened.Mode == "reset" {
			if err := b.load(ctx, conn, where); err != nil {
				return err
			}
		}
	}
}

// load fetches all that the rooms have.
func (b *bot) load(ctx context.Context, conn int, where []int64) error {
	for _, in := range where {
		for after, more := int64(0), true; more; {
			_, body, err := b.again(ctx, http.MethodGet, fmt.Sprintf("/api/messages?chatRoom=%d&limit=100&after=%d", in, after), nil)
			if err != nil {
				return err
			}
			var page struct {
				Items    []message
				HasAfter bool
			}
			if err := json.Unmarshal(body, &page); err != nil {
				return err
			}
			for _, m := range page.Items {
				b.history.Add(chaos.Record{Client: b.name, Op: chaos.Load, Phase: chaos.Noted, Conn: conn,
					Room: in, Key: m.ClientMessageID, ID: m.ID, Seq: m.Sequence, Hash: hash(m.Content)})
				after = m.Sequence
			}
			more = page.HasAfter && len(page.Items) > 0
		}
	}
	return nil
}
