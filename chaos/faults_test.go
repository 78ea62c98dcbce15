package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// stage is what a fault can strike.
type stage struct {
	*system
	t      *testing.T
	random *rand.Rand
	admin  *bot // of every room
	victim *bot // who is taken out of a room and put in again
	room   int64
	people []*bot // who are waited for, now and then, before the next fault
}

// fault is something that breaks. Its strike breaks it, and mends it again.
type fault struct {
	name     string
	postgres bool // there is a database server to break
	strike   func(*stage) error
}

var faults = []fault{
	{"kill a node", false, func(s *stage) error {
		n := s.node()
		n.kill()
		s.pause(300 * time.Millisecond)
		n.start(s.t)
		return nil
	}},
	{"kill all nodes at once", false, func(s *stage) error {
		for _, n := range s.nodes {
			n.signal(syscall.SIGKILL)
		}
		for _, n := range s.nodes {
			<-n.ended
			n.start(s.t)
		}
		return nil
	}},
	{"end a node in good order", false, func(s *stage) error {
		n := s.node()
		n.signal(syscall.SIGTERM)
		<-n.ended
		n.start(s.t)
		return nil
	}},
	{"stop a node for a while", false, func(s *stage) error {
		n := s.node()
		n.signal(syscall.SIGSTOP)
		s.pause(3 * time.Second)
		n.signal(syscall.SIGCONT)
		return nil
	}},
	{"reset connections", false, func(s *stage) error {
		return s.spoil(`{"type":"reset_peer","stream":"downstream","toxicity":0.5,"attributes":{"timeout":0}}`, 300*time.Millisecond)
	}},
	{"cut inside a frame", false, func(s *stage) error {
		return s.spoil(fmt.Sprintf(`{"type":"limit_data","stream":"downstream","attributes":{"bytes":%d}}`, 1+s.random.IntN(4096)), time.Second)
	}},
	{"lose answers", false, func(s *stage) error {
		return s.spoil(`{"type":"timeout","stream":"downstream","toxicity":0.4,"attributes":{"timeout":200}}`, time.Second)
	}},
	{"take somebody out and put them in again", false, churn},
	{"crash the database", true, func(s *stage) error {
		s.cluster.Crash(s.t)
		s.pause(300 * time.Millisecond)
		s.cluster.Start(s.t)
		return nil
	}},
	{"end the database's connections", true, func(s *stage) error {
		return s.cluster.Do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'")
	}},
	{"hold the log's lock", true, func(s *stage) error {
		return s.hold(s.t.Context(), time.Duration(s.random.Int64N(int64(4*time.Second))))
	}},
}

func (s *stage) node() *node { return s.nodes[s.random.IntN(len(s.nodes))] }

// pause lets a fault last for up to a time.
func (s *stage) pause(most time.Duration) { time.Sleep(time.Duration(s.random.Int64N(int64(most)))) }

// spoil spoils a gate for a while.
func (s *stage) spoil(toxic string, lasts time.Duration) error {
	heal, err := s.node().gate.spoil(toxic)
	if err != nil {
		return err
	}
	time.Sleep(lasts)
	heal()
	return nil
}

// churn takes the victim out of a room, and puts them in again.
func churn(s *stage) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), recovery)
	defer cancel()
	if err := s.admin.remove(ctx, s.room, s.victim); err != nil {
		return err
	}
	s.pause(200 * time.Millisecond)
	return s.admin.add(ctx, s.room, s.victim)
}

// hold keeps everybody from appending for a while, as a stray session might.
func (s *system) hold(ctx context.Context, lasts time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, lasts+recovery)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // which gives the lock back
	const lock = 0x7061726c6579
	_, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lock)
	if err == nil {
		time.Sleep(lasts)
	}
	return err
}
