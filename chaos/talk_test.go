package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"parley/chaos"
)

// canary stands in all that the program may not tell anybody but those it is for:
// in passwords, and in the words of messages.
const canary = "c4n4ry"

func secretly(text string) string { return canary + " " + text }

// said is a message of one's own, as one knows it.
type said struct {
	room, id, rev int64
	seq           int64
	key           string
}

// say sends one message, however often it takes. Only ctx ends it without an
// answer.
func (b *bot) say(ctx context.Context, in int64, key string) said {
	return b.sayWords(ctx, in, key, secretly("said as "+key+b.padding))
}

// key is a key that was never used.
func (b *bot) key() string { return fmt.Sprintf("%s-%d", b.name, b.keys.Add(1)) }

func (b *bot) sayWords(ctx context.Context, in int64, key, content string) said {
	r := chaos.Record{Client: b.name, Op: chaos.Send, Phase: chaos.Invoked, Room: in, Key: key, Hash: hash(content)}
	b.history.Add(r)
	got, err := b.insist(ctx, http.MethodPost, "/api/messages", map[string]any{"chatRoomId": in, "content": content, "clientMessageId": key})
	var m message
	r.Node, r.Session = got.node, got.session
	switch {
	case err == nil && (got.status == http.StatusCreated || got.status == http.StatusOK) && json.Unmarshal(got.body, &m) == nil:
		r.Phase, r.ID, r.Seq, r.Rev, r.Hash = chaos.OK, m.ID, m.Sequence, m.Version, m.hash()
		if got.status == http.StatusOK {
			r.Note = chaos.Again
		}
	case err == nil:
		r.Phase, r.Note = refusal(got), fmt.Sprintf("%d %s", got.status, got.body)
	default:
		r.Phase = chaos.Unknown
	}
	b.history.Add(r)
	return said{in, r.ID, r.Rev, r.Seq, key}
}

// refusal is what a refusal says of what was tried: an answer before it may have
// been lost, and then nobody knows.
func refusal(got reply) chaos.Phase {
	if got.tries > 1 {
		return chaos.Unknown
	}
	return chaos.Failed
}

// talk says something every now and then until quit is closed; what it has begun
// it finishes, while ctx lasts.
func (b *bot) talk(ctx context.Context, quit <-chan struct{}, rooms []int64, every time.Duration) {
	for rest(quit, every/2+time.Duration(b.random(int(every)))) {
		b.say(ctx, rooms[b.random(len(rooms))], b.key())
	}
}

// shouts answers calls until quit is closed: each time it says so much that it does
// not fit into the buffers of a connection from which nobody reads.
func (b *bot) shouts(ctx context.Context, quit <-chan struct{}, calls <-chan chan struct{}, in int64) {
	const loud, mouths = 40, 8
	content := secretly(strings.Repeat("\U0001F4E3", 3900)) // of four bytes each
	for n := 1; ; n++ {
		select {
		case <-quit:
			return
		case call := <-calls:
			var shouting sync.WaitGroup
			for mouth := range mouths {
				shouting.Go(func() {
					for i := 0; i < loud && rest(quit, time.Millisecond); i++ {
						b.sayWords(ctx, in, fmt.Sprintf("%s-shout-%d-%d-%d", b.name, n, mouth, i), content)
					}
				})
			}
			shouting.Wait()
			close(call)
		}
	}
}

// live talks as people do: now and then at length, and sometimes they put what
// they have said into other words, or take it back.
func (b *bot) live(ctx context.Context, quit <-chan struct{}, rooms []int64, every time.Duration) {
	for rest(quit, every/2+time.Duration(b.random(int(every)))) {
		key := b.key()
		switch dice := b.random(100); {
		case dice < 15 && len(b.mine) > 0:
			b.edit(ctx, b.random(len(b.mine)), key, dice < 2)
		case dice < 22 && len(b.mine) > 0:
			b.takeBack(ctx, b.random(len(b.mine)))
		default:
			content := secretly("said as " + key)
			if dice > 95 {
				content += strings.Repeat(" and on", 400)
			}
			if m := b.sayWords(ctx, rooms[b.random(len(rooms))], key, content); m.id != 0 {
				b.mine = append(b.mine, m)
			}
		}
		if len(b.mine) > 30 {
			b.mine = b.mine[1:]
		}
	}
}

// edit puts something into other words, on the version that it has. A stale edit
// pretends not to know the last version, and must be refused.
func (b *bot) edit(ctx context.Context, which int, key string, stale bool) {
	m := &b.mine[which]
	content := secretly("put otherwise as " + key)
	r := chaos.Record{Client: b.name, Op: chaos.Edit, Phase: chaos.Invoked, Room: m.room, ID: m.id, Rev: m.rev + 1, Seq: m.seq, Key: m.key, Hash: hash(content)}
	known := m.rev
	if stale {
		r.Op, known = chaos.Stale, m.rev+7
	}
	b.history.Add(r)
	got, err := b.insist(ctx, http.MethodPatch, fmt.Sprintf("/api/messages/%d", m.id), map[string]any{"content": content}, "If-Match", fmt.Sprintf("%q", fmt.Sprint(known)))
	r.Node, r.Session = got.node, got.session
	switch {
	case err == nil && got.status == http.StatusOK,
		err == nil && got.status == http.StatusPreconditionFailed && !stale && got.tries > 1 && b.reads(ctx, m.id, r.Rev, content):
		r.Phase, m.rev = chaos.OK, r.Rev
	case err == nil:
		r.Phase, r.Note = chaos.Failed, fmt.Sprintf("%d %s", got.status, got.body)
	default:
		r.Phase = chaos.Unknown
	}
	b.history.Add(r)
}

// reads reports whether a message has a version with these words: whether an
// answer was lost, and not the change.
func (b *bot) reads(ctx context.Context, id, rev int64, content string) bool {
	got, err := b.insist(ctx, http.MethodGet, fmt.Sprintf("/api/messages/%d", id), nil)
	var m message
	return err == nil && json.Unmarshal(got.body, &m) == nil && m.Version == rev && m.hash() == hash(content)
}

// takeBack deletes something, which is idempotent.
func (b *bot) takeBack(ctx context.Context, which int) {
	m := b.mine[which]
	b.mine = append(b.mine[:which], b.mine[which+1:]...)
	r := chaos.Record{Client: b.name, Op: chaos.Delete, Phase: chaos.Invoked, Room: m.room, ID: m.id, Rev: m.rev + 1, Seq: m.seq, Key: m.key}
	b.history.Add(r)
	got, err := b.insist(ctx, http.MethodDelete, fmt.Sprintf("/api/messages/%d", m.id), nil, "If-Match", fmt.Sprintf("%q", fmt.Sprint(m.rev)))
	r.Node, r.Session = got.node, got.session
	switch {
	case err == nil && got.status == http.StatusNoContent:
		r.Phase = chaos.OK
	case err == nil:
		r.Phase, r.Note = chaos.Failed, fmt.Sprintf("%d %s", got.status, got.body)
	default:
		r.Phase = chaos.Unknown
	}
	b.history.Add(r)
}
