package chaos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"parley/cmd/parley/parleytest"
)

// gate is the network before a node.
type gate struct{ *toxiproxy.Proxy }

func newGate(t *testing.T, upstream string) *gate {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "gate", parleytest.FreeAddress(t), upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &gate{proxy}
}

func (g *gate) url() string { return "http://" + g.Listen }

// spoil puts a toxic on the gate until heal is called.
func (g *gate) spoil(toxic string) (heal func(), err error) {
	made, err := g.Toxics.AddToxicJson(strings.NewReader(toxic))
	if err != nil {
		return nil, err
	}
	return func() { _ = g.Toxics.RemoveToxic(context.Background(), made.Name) }, nil
}

// cut cuts off all who are connected.
func (g *gate) cut() error {
	heal, err := g.spoil(`{"type":"timeout","stream":"downstream","attributes":{"timeout":1}}`)
	if err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond) // longer than the gate takes to do it
	heal()
	return nil
}
