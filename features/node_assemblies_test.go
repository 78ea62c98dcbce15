package features_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"parley/application"
	"parley/cmd/compose"
	"parley/domain/hub"
	"parley/features/stage"
)

// service is the program as somebody runs it.
type service struct {
	t      *testing.T
	client *http.Client
	nodes  []*node
}

// start runs the nodes, one after another.
func (s *service) start(ctx context.Context) error {
	for _, n := range s.nodes {
		if err := n.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) stop() {
	for _, n := range s.nodes {
		n.stop()
	}
}

// restart restarts the nodes, one after another.
func (s *service) restart(ctx context.Context) error {
	for _, n := range s.nodes {
		n.stop()
		if err := n.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// month lets a month pass, on all nodes at once.
func (s *service) month(ctx context.Context) error {
	each := func(do func(context.Context, application.App) error) error {
		return together(len(s.nodes), func(i int) error { return do(ctx, s.nodes[i].program.App) })
	}
	return errors.Join(each(heardOfAll), each(monthLater))
}

// grant makes the token of a third party, as whoever runs the program would.
func (s *service) grant(g stage.Grant) (string, error) {
	wanted := compose.MercureToken{Dialect: hub.Modern, By: hub.Exact, Publish: g.Publish, Subscribe: g.Hear, Payload: "", Life: time.Hour}
	if g.Version == stage.Mercure0 {
		wanted.Dialect, wanted.By = hub.Legacy, hub.Topic
	}
	return compose.MintMercure(s.nodes[0].settings, wanted, time.Now())
}

// node is one of its programs.
type node struct {
	*service
	settings compose.Settings
	program  *compose.Program
	end      func() // nil while it does not run
}

func (n *node) url() string { return "http://" + n.settings.Listen }

// start runs the program, on the address that it had before if it had one.
func (n *node) start(ctx context.Context) error {
	on, err := net.Listen("tcp", n.settings.Listen)
	if err != nil {
		return err
	}
	n.settings.Listen = on.Addr().String()
	parts, err := compose.Assemble(ctx, n.settings.At(n.settings.Listen), quiet(n.t))
	if err != nil {
		return errors.Join(err, on.Close())
	}
	program, err := compose.New(parts)
	if err != nil {
		return errors.Join(err, on.Close(), parts.Close())
	}
	if err := program.Prepare(ctx); err != nil {
		return errors.Join(err, on.Close(), parts.Close())
	}
	n.program = program
	n.end = running(n.t, func(ctx context.Context) error { return program.Run(ctx, on) }, func() error {
		n.client.CloseIdleConnections()
		return parts.Close()
	})
	return await(ctx, func() error { return n.ready(ctx) })
}

func (n *node) stop() {
	if n.end != nil {
		n.end()
		n.end = nil
	}
}

func (n *node) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url()+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := n.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
