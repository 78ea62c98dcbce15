package chaos_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

var (
	lasts = flag.Duration("chaos.for", 25*time.Second, "how long each system is struck")
	seed  = flag.Uint64("chaos.seed", 1, "which faults strike when")
	only  = flag.String("chaos.only", "", "strike with faults that have this in their name alone")
)

func TestNothingIsBrokenOnSQLite(t *testing.T) { torment(t, nil, 1) }

func TestNothingIsBrokenOnPostgresWithTwoNodes(t *testing.T) {
	torment(t, bunstoretest.OwnCluster(t), 2)
}

const (
	bots  = 8
	rooms = 3
)

// torment lets people talk while faults strike, waits until everything has come
// back, and judges what they sent and heard.
func torment(t *testing.T, cluster *bunstoretest.Cluster, nodes int) {
	t.Helper()
	history := chaos.NewHistory(lines(t))
	s := start(t, cluster, nodes)
	people := make([]*bot, bots)
	for i := range people {
		people[i] = newBot(t, s, history, fmt.Sprintf("bot%d", i))
	}
	where := openRooms(t, people, history)

	ctx, cancel := context.WithCancel(t.Context())
	quit := make(chan struct{})
	var talking, listening sync.WaitGroup
	for _, b := range people {
		listening.Go(func() { b.listen(ctx) })
		if b != people[bots-1] { // the victim, who is not always in the room
			talking.Go(func() { b.talk(ctx, quit, where, 40*time.Millisecond) })
		}
	}
	struck := strike(&stage{system: s, t: t, random: rand.New(rand.NewPCG(*seed, 2)), admin: people[0], victim: people[bots-1], room: where[0]}, history)
	s.awaitReady(t)
	healed := time.Now()
	close(quit)
	talking.Wait()
	final := readAll(t, people[0], where)
	awaitAll(t, people[:bots-1], final)
	recovered := time.Since(healed)
	cancel()
	listening.Wait()

	if err := history.Err(); err != nil {
		t.Errorf("write the history: %v", err)
	}
	records := history.Records()
	found := chaos.Judge(records, final)
	report(t, struck, records, found, recovered)
	for _, v := range found {
		t.Error(v)
	}
	demandLife(t, struck, records)
}

// lines is where the history is written to be read afterwards, if that is wanted.
func lines(t *testing.T) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if folder := os.Getenv("CHAOS_HISTORY"); folder != "" {
			if text, err := os.ReadFile(file.Name()); err == nil {
				_ = os.WriteFile(filepath.Join(folder, t.Name()+".jsonl"), text, 0o600)
			}
		}
		_ = file.Close()
	})
	return file
}

// openRooms puts everybody into every room. They listen from before anything was
// said.
func openRooms(t *testing.T, people []*bot, h *chaos.History) []int64 {
	t.Helper()
	others := make([]int64, 0, len(people)-1)
	for _, b := range people[1:] {
		others = append(others, b.id)
	}
	var where []int64
	for n := range rooms {
		status, body, err := people[0].again(t.Context(), http.MethodPost, "/api/rooms",
			map[string]any{"type": "group", "name": fmt.Sprintf("Room %d", n+1), "participantIds": others})
		var made struct{ ID int64 }
		if err != nil || status != http.StatusCreated || json.Unmarshal(body, &made) != nil {
			t.Fatalf("open a room: %d %s %v", status, body, err)
		}
		where = append(where, made.ID)
	}
	for _, b := range people {
		_, body, err := b.again(t.Context(), http.MethodGet, "/api/rooms", nil)
		var page struct{ Cursor string }
		if err != nil || json.Unmarshal(body, &page) != nil || page.Cursor == "" {
			t.Fatalf("list the rooms: %s %v", body, err)
		}
		b.cursor = page.Cursor
		for _, in := range where {
			h.Add(chaos.Record{Client: b.name, Op: chaos.In, Phase: chaos.Noted, Room: in})
		}
	}
	return where
}

// strike strikes with one fault after another, each of them in turn so that none
// is left out, in an order that the seed decides. It returns how often each did.
func strike(s *stage, h *chaos.History) map[string]int {
	s.t.Helper()
	var chosen []fault
	struck := make(map[string]int)
	for _, f := range faults {
		if strings.Contains(f.name, *only) && (!f.postgres || s.cluster != nil) {
			chosen = append(chosen, f)
			struck[f.name] = 0
		}
	}
	for end := time.Now().Add(*lasts); ; {
		s.random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		for _, f := range chosen {
			h.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: f.name})
			if err := f.strike(s); err != nil {
				s.t.Fatalf("%s: %v", f.name, err)
			}
			h.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.OK, Note: f.name})
			struck[f.name]++
			s.awaitReady(s.t)
			s.pause(500 * time.Millisecond)
		}
		if time.Now().After(end) {
			return struck
		}
	}
}

// readAll reads what the program has in the end.
func readAll(t *testing.T, b *bot, where []int64) chaos.Final {
	t.Helper()
	final := make(chaos.Final)
	for _, in := range where {
		for after := int64(0); ; {
			_, body, err := b.again(t.Context(), http.MethodGet, fmt.Sprintf("/api/messages?chatRoom=%d&limit=100&after=%d", in, after), nil)
			var page struct {
				Items    []message
				HasAfter bool
			}
			if err != nil || json.Unmarshal(body, &page) != nil {
				t.Fatalf("read room %d: %s %v", in, body, err)
			}
			for _, m := range page.Items {
				final[in] = append(final[in], chaos.Kept{Seq: m.Sequence, ID: m.ID, Key: m.ClientMessageID, Hash: hash(m.Content)})
				after = m.Sequence
			}
			if !page.HasAfter {
				break
			}
		}
	}
	return final
}

// awaitAll waits until everybody has heard the end of every room. Who does not
// in time is left to the judge.
func awaitAll(t *testing.T, people []*bot, final chaos.Final) {
	t.Helper()
	deadline := time.Now().Add(recovery)
	for _, b := range people {
		for in, room := range final {
			for len(room) > 0 && b.reached(in) < room[len(room)-1].Seq && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
}

// demandLife fails a run in which too little happened to prove anything.
func demandLife(t *testing.T, struck map[string]int, h []chaos.Record) {
	t.Helper()
	for name, times := range struck {
		if times == 0 {
			t.Errorf("%s never struck", name)
		}
	}
	if acknowledged := chaos.Sends(h); acknowledged < 200 {
		t.Errorf("only %d sends were acknowledged", acknowledged)
	}
	streams := make(map[string]int)
	for r := range chaos.Those(h, chaos.Open, chaos.Noted) {
		streams[r.Client]++
	}
	for client, n := range streams {
		if n < 2 {
			t.Errorf("%s never came back", client)
		}
	}
}

func report(t *testing.T, struck map[string]int, h []chaos.Record, found []chaos.Violation, recovered time.Duration) {
	t.Helper()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "fault\tstruck")
	names := make([]string, 0, len(struck))
	for name := range struck {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		_, _ = fmt.Fprintf(table, "%s\t%d\n", name, struck[name])
	}
	_ = table.Flush()
	heard := 0
	for range chaos.Those(h, chaos.Hear, chaos.Noted) {
		heard++
	}
	t.Logf("%s%d sends acknowledged, %d messages heard, all caught up %v after the last fault; %d violations",
		text.String(), chaos.Sends(h), heard, recovered.Round(time.Millisecond), len(found))
}
