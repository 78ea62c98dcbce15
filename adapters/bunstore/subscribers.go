package bunstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/hub"
)

const (
	// reportPatience is how long a report may take: a whole one is large.
	reportPatience = 10 * time.Second
	// endedReports is for how many reports a stream that ended is kept.
	endedReports = 20
	// sharedRows is how many streams one statement takes.
	sharedRows = 200
)

// Report keeps what a node tells of its streams. The first statement has the
// node's row to itself, so that a report which comes late finds that another one
// was kept meanwhile.
func (s *Store) Report(ctx context.Context, r port.Report) (kept bool, err error) {
	rows, err := streamRowsOf(r)
	if err != nil {
		return false, err
	}
	err = s.share(ctx, func(ctx context.Context, tx bun.Tx, t *trouble) error {
		if kept, err = moveOn(ctx, tx, r); err != nil {
			return t.away("move a node on", err)
		}
		if !kept {
			return nil
		}
		if err := forgetStreams(ctx, tx, r); err != nil {
			return t.away("forget streams", err)
		}
		for len(rows) > 0 {
			some := rows[:min(len(rows), sharedRows)]
			rows = rows[len(some):]
			_, err := tx.NewInsert().Model(&some).On("CONFLICT (node, subscriber) DO UPDATE").
				Set("version = EXCLUDED.version").Set("ended = EXCLUDED.ended").Exec(ctx)
			if err != nil {
				return t.away("keep streams", err)
			}
		}
		return nil
	})
	return kept && err == nil, err
}

// moveOn sets the node's version, if the report is the one to follow.
func moveOn(ctx context.Context, tx bun.Tx, r port.Report) (bool, error) {
	query := tx.NewRaw("UPDATE hub_node SET version = ? WHERE name = ? AND version = ?", r.Version, r.Node, r.Version-1)
	if r.Whole {
		query = tx.NewRaw(`INSERT INTO hub_node AS n (name, version, complete) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, complete = EXCLUDED.complete
WHERE n.version < EXCLUDED.version`, r.Node, r.Version, r.Version)
	}
	done, err := query.Exec(ctx)
	if err != nil {
		return false, err
	}
	moved, err := done.RowsAffected()
	return moved == 1, err
}

// forgetStreams forgets what a whole report replaces, and of any other what has
// ended long ago.
func forgetStreams(ctx context.Context, tx bun.Tx, r port.Report) error {
	if r.Whole {
		_, err := tx.NewRaw("DELETE FROM hub_stream WHERE node = ?", r.Node).Exec(ctx)
		return err
	}
	upto := r.Version - endedReports - 1
	if upto <= 0 || upto%endedReports != 0 {
		return nil // it is done once in a while
	}
	if _, err := tx.NewRaw("DELETE FROM hub_stream WHERE node = ? AND ended = TRUE AND version <= ?", r.Node, upto).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw("UPDATE hub_node SET complete = ? WHERE name = ? AND complete < ?", upto, r.Node, upto).Exec(ctx)
	return err
}

// share runs a step in a transaction that does not have the log's lock.
func (s *Store) share(ctx context.Context, step func(context.Context, bun.Tx, *trouble) error) error {
	ctx, cancel := context.WithTimeout(ctx, reportPatience)
	defer cancel()
	var t trouble
	err := s.engine.share(ctx, func(ctx context.Context, tx bun.Tx) error { return step(ctx, tx, &t) })
	if err == nil {
		return nil
	}
	if t.cause == nil {
		t.cause = err
	}
	s.log.ErrorContext(ctx, "what is listened for could not be shared", "cause", t.cause)
	return errAway
}

// Others returns what the other nodes have reported.
func (s *Store) Others(ctx context.Context, than string, known map[string]int64) (others []port.Report, err error) {
	err = s.look(ctx, s.engine.read, func(ctx context.Context, db bun.IDB, t *trouble) error {
		var nodes []hubNodeRow
		if err := db.NewSelect().Model(&nodes).Where("n.name <> ?", than).OrderExpr("n.name").Scan(ctx); err != nil {
			return t.away("list the nodes", err)
		}
		for _, node := range nodes {
			report := port.Report{Node: node.Name, Version: node.Version, Whole: known[node.Name] < node.Complete || known[node.Name] > node.Version}
			if known[node.Name] != node.Version {
				var rows []hubStreamRow
				look := db.NewSelect().Model(&rows).Where("hs.node = ?", node.Name).OrderExpr("hs.version, hs.subscriber")
				if report.Whole {
					look = look.Where("hs.ended = FALSE")
				} else {
					look = look.Where("hs.version > ?", known[node.Name])
				}
				if err := look.Scan(ctx); err != nil {
					return t.away("list the streams of a node", err)
				}
				if report.Streams, err = listeningOf(rows); err != nil {
					return t.away("read the streams of a node", err)
				}
			}
			others = append(others, report)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return others, nil
}

// Forget forgets a node, unless it is beyond this version.
func (s *Store) Forget(ctx context.Context, node string, version int64) error {
	return s.share(ctx, func(ctx context.Context, tx bun.Tx, t *trouble) error {
		if _, err := tx.NewRaw("DELETE FROM hub_node WHERE name = ? AND version <= ?", node, version).Exec(ctx); err != nil {
			return t.away("forget a node", err)
		}
		return nil
	})
}

type hubNodeRow struct {
	bun.BaseModel `bun:"table:hub_node,alias:n"`

	Name     string `bun:"name,pk"`
	Version  int64  `bun:"version"`
	Complete int64  `bun:"complete"`
}

type hubStreamRow struct {
	bun.BaseModel `bun:"table:hub_stream,alias:hs"`

	Node       string `bun:"node,pk"`
	Subscriber string `bun:"subscriber,pk"`
	Version    int64  `bun:"version"`
	Ended      bool   `bun:"ended"`
	Told       string `bun:"told"` // JSON, of toldMatcher
}

type toldMatcher struct {
	By      hub.MatchType   `json:"by"`
	Text    string          `json:"text"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func streamRowsOf(r port.Report) ([]hubStreamRow, error) {
	rows := make([]hubStreamRow, 0, len(r.Streams))
	for _, stream := range r.Streams {
		told := make([]toldMatcher, 0, len(stream.Subscriptions))
		for _, s := range stream.Subscriptions {
			told = append(told, toldMatcher{s.Type, s.Text, s.Payload})
		}
		text, err := json.Marshal(told)
		if err != nil {
			return nil, fmt.Errorf("write the matchers of a stream: %w", err)
		}
		rows = append(rows, hubStreamRow{Node: r.Node, Subscriber: stream.Subscriber, Version: r.Version, Ended: stream.Ended, Told: string(text)})
	}
	return rows, nil
}

func listeningOf(rows []hubStreamRow) ([]port.Listening, error) {
	streams := make([]port.Listening, 0, len(rows))
	for _, row := range rows {
		var told []toldMatcher
		if err := json.Unmarshal([]byte(row.Told), &told); err != nil {
			return nil, fmt.Errorf("read the matchers of a stream: %v", err)
		}
		stream := port.Listening{Subscriber: row.Subscriber, Ended: row.Ended}
		for _, m := range told {
			stream.Subscriptions = append(stream.Subscriptions, hub.Subscription{
				Type: m.By, Text: m.Text, Subscriber: row.Subscriber, Payload: m.Payload, Active: !row.Ended,
			})
		}
		streams = append(streams, stream)
	}
	return streams, nil
}
