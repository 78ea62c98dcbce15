package bunstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// BenchmarkPublishes shows how many durable updates a second the store takes
// while as many people talk, beside the same code with batches of one, in the
// same run and in turns.
func BenchmarkPublishes(b *testing.B) {
	for _, engine := range []struct {
		name  string
		url   func(testing.TB) string
		least float64 // times what batches of one do
	}{
		{"postgres", bunstoretest.DurablePostgresURL, 4},
		{"sqlite", bunstoretest.SQLiteURL, 2},
	} {
		b.Run(engine.name, func(b *testing.B) {
			const each = 32
			shared := &press{talk: newTalk(b, engine.url(b), 1, each, 0)}
			single := &press{talk: newTalk(b, engine.url(b), 1, each, 1)}
			for b.Loop() {
				shared.round(b, each)
				single.round(b, each)
			}
			b.ReportMetric(shared.rate(), "sends/s")
			b.ReportMetric(shared.publishes(), "publishes/s")
			b.ReportMetric(single.rate()+single.publishes(), "one-by-one/s")
			b.ReportMetric(0, "ns/op")
			times := (shared.rate() + shared.publishes()) / (single.rate() + single.publishes())
			b.ReportMetric(times, "times")
			if times < engine.least {
				b.Errorf("sharing commits: got %.1f times as many, want %.0f", times, engine.least)
			}
			if share := shared.publishes() / shared.rate(); share < 0.5 || share > 2 {
				b.Errorf("one kind holds up the other: %.0f publishes and %.0f sends a second", shared.publishes(), shared.rate())
			}
		})
	}
}

// press is people who talk while others publish.
type press struct {
	*talk
	published atomic.Int64
}

func (p *press) publishes() float64 { return float64(p.published.Load()) / p.took.Seconds() }

func (p *press) round(b *testing.B, publishers int) {
	b.Helper()
	data := strings.Repeat("The quick brown fox jumps over the lazy dog. ", 5)
	begun := time.Now()
	var publishing sync.WaitGroup
	for range publishers {
		publishing.Go(func() {
			for time.Since(begun) < turnTime {
				n := p.next.Add(1)
				u := hub.Update{Topics: []string{fmt.Sprintf("https://example.com/things/%d", n%100)}, Data: data, ID: fmt.Sprintf("urn:uuid:%d", n)}
				if _, err := p.store.Publish(b.Context(), u); err != nil {
					b.Error(err)
					return
				}
				p.published.Add(1)
			}
		})
	}
	p.talk.round(b)
	publishing.Wait()
}

// most is how many times as long a reading may take with a thousand times as many
// entries in the log.
const most = 1.5

// BenchmarkResuming shows how long each reading takes with which somebody comes
// back who is a hundred entries behind, with a thousand entries in the log and,
// in turns, with a million.
func BenchmarkResuming(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"postgres", bunstoretest.PostgresURL}, {"sqlite", bunstoretest.SQLiteURL}} {
		b.Run(engine.name, func(b *testing.B) {
			small, large := newShelf(b, engine.url(b), 1_000), newShelf(b, engine.url(b), 1_000_000)
			for name, read := range map[string]func(context.Context, *shelf) (int, error){
				"Published": func(ctx context.Context, s *shelf) (int, error) {
					return count(s.Published(ctx, s.last()))
				},
				"Room": func(ctx context.Context, s *shelf) (int, error) {
					return count(s.Room(ctx, s.in, s.last()))
				},
				"From": func(ctx context.Context, s *shelf) (int, error) {
					return count(s.From(ctx, s.head-99, 100))
				},
				"Named": func(ctx context.Context, s *shelf) (int, error) {
					e, found, err := s.Named(ctx, "resumes", 0)
					if !found || e.Place.Position != s.head-199 {
						return 0, err
					}
					return 100, err
				},
				"Pruned": func(ctx context.Context, s *shelf) (int, error) {
					_, err := s.Pruned(ctx)
					return 100, err
				},
			} {
				b.Run(name, func(b *testing.B) { small.beside(b, large, read) })
			}
		})
	}
}

// shelf is a store with many entries in its log, half of them updates and half of
// them messages of one room.
type shelf struct {
	*hall
	head sequence.Position
}

// last are the last hundred updates, or messages.
func (s *shelf) last() port.Span { return port.Span{After: s.head - 200, Upto: s.head, Limit: 256} }

func count(entries []port.Entry, err error) (int, error) { return len(entries), err }

// beside measures a reading on this shelf and on a larger one.
func (s *shelf) beside(b *testing.B, larger *shelf, read func(context.Context, *shelf) (int, error)) {
	b.Helper()
	took := make(map[*shelf][]time.Duration)
	for b.Loop() {
		for _, from := range []*shelf{s, larger} {
			begun := time.Now()
			if got, err := read(b.Context(), from); err != nil || got != 100 {
				b.Fatalf("got %d (%v), want 100", got, err)
			}
			took[from] = append(took[from], time.Since(begun))
		}
	}
	median := func(of *shelf) float64 {
		slices.Sort(took[of])
		return float64(took[of][len(took[of])/2].Nanoseconds()) / 1000
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(s), "µs-of-1000")
	b.ReportMetric(median(larger), "µs-of-1000000")
	times := median(larger) / median(s)
	b.ReportMetric(times, "times")
	if len(took[s]) >= 100 && times > most {
		b.Errorf("with a thousand times as many entries: got %.2f times as long, want %.1f", times, most)
	}
}

// newShelf fills a database with so many entries, the last 200 of them by the store.
func newShelf(b *testing.B, url string, entries int) *shelf {
	b.Helper()
	filling := bunstoretest.Open(b, url)
	h := newHall(b, filling) // at 1
	if err := filling.Close(); err != nil {
		b.Fatal(err)
	}
	fill(b, url, h, entries-200)
	s := &shelf{hall: &hall{Store: bunstoretest.Open(b, url), tb: b, ada: h.ada, ben: h.ben, in: h.in}}
	for n := range 100 {
		id := fmt.Sprintf("last-%d", n)
		if n == 0 {
			id = "resumes"
		}
		if _, err := s.Publish(b.Context(), hub.Update{Topics: topics, Data: "an update of the last hundred", ID: id}); err != nil {
			b.Fatal(err)
		}
		s.mustSay("a message of the last hundred", "")
	}
	place, err := s.Head(b.Context())
	if err != nil || int(place.Position) != entries-1 {
		b.Fatalf("the log ends at %d (%v), want %d", place.Position, err, entries-1)
	}
	s.head = place.Position
	return s
}

// fill writes entries up to a position, statement by statement and not one by one.
func fill(b *testing.B, url string, h *hall, entries int) {
	b.Helper()
	driver, name, bytes := "pgx", url, "convert_to(%s, 'UTF8')"
	if path, is := strings.CutPrefix(url, "sqlite:"); is {
		driver, name, bytes = "sqlite", path, "CAST(%s AS BLOB)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	series := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", entries-1)
	data := fmt.Sprintf(bytes, "'an update of long ago, and its number is ' || i")
	sum := fmt.Sprintf(bytes, "'a print of 32 bytes, or nearly: ' || i")
	statements := []string{
		series + fmt.Sprintf(`INSERT INTO message (room_id, sequence, author_id, content, created_at, version)
SELECT %s, i / 2, %s, 'a message of long ago, and its number is ' || i, 1700000000000000 + i, 1 FROM n WHERE i %% 2 = 1 ORDER BY i`, h.in, h.ada.User),
		series + fmt.Sprintf(`INSERT INTO log_entry (position, mark, at, kind, room_id, message_id, actor_id)
SELECT i, i * CAST(7919 AS bigint) %% 4294967296, 1700000000000000 + i, CASE WHEN i %% 2 = 0 THEN 50 ELSE 10 END,
CASE WHEN i %% 2 = 1 THEN %s END, CASE WHEN i %% 2 = 1 THEN i / 2 END, CASE WHEN i %% 2 = 1 THEN %s END FROM n ORDER BY i`, h.in, h.ada.User),
		series + fmt.Sprintf(`INSERT INTO hub_update (position, topics, data, private, own_id, id_print, retry, bytes)
SELECT i, '["https://example.com/things/' || i || '"]', %s, FALSE, 'id-' || i, %s, 0, 80 FROM n WHERE i %% 2 = 0 ORDER BY i`, data, sum),
	}
	if driver == "pgx" {
		statements = append(statements, "ANALYZE") // as the server does by itself, sooner or later
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
}
