// Package compose puts the program together. It is the only place that knows
// every adapter; read it to learn what runs.
package compose

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"parley/adapters/httpapi"
	"parley/adapters/keyring"
	"parley/adapters/matching"
	"parley/adapters/mercurefeed"
	"parley/adapters/password"
	"parley/adapters/pollfeed"
	"parley/adapters/token"
	"parley/adapters/wire"
	"parley/application"
	"parley/application/accounts"
	"parley/application/delivery"
	"parley/application/messages"
	"parley/application/port"
	"parley/application/relaying"
	"parley/application/retention"
	"parley/application/rooms"
	"parley/application/subscriptions"
	"parley/application/updates"
)

const (
	// poll is how long a lost ring delays what it told of.
	poll = 250 * time.Millisecond
	// quiet is how long a stream is silent before it shows that it is alive.
	quiet = 15 * time.Second
	// memory is how many bytes of recent entries are held, and of older pages.
	memory = 64 << 20
	// round is how many bytes of older entries one listener is given at once, and
	// inHand how many all have together that are yet to be written.
	round  = 2 << 20
	inHand = 32 << 20
)

// Program is Parley, put together.
type Program struct {
	App     application.App
	Handler http.Handler
	Tokens  *token.Tokens
	Hub     *token.Hub // verifies what is shown at the hub

	settings Settings
	matchers *matching.Matchers
	newKeys  func() ([]keyring.Signing, error) // nil: they never change
	work     port.Work
	bus      port.Bus
	tail     *delivery.Tail
	external *mercurefeed.Hub // nil: the hub is embedded
	relay    *relaying.Relay  // to the external hub; nil if there is none
	registry *subscriptions.Registry
	terms    accounts.Terms
	log      *slog.Logger
	broken   <-chan error
}

// New puts the program together.
func New(p *Parts) (*Program, error) {
	tokens, err := token.New(signing(p.Keys.Signing), p.Settings.PublicURL, p.Now)
	if err != nil {
		return nil, fmt.Errorf("make the tokens: %w", err)
	}
	matchers, err := matching.New(p.Settings.ownHub())
	if err != nil {
		return nil, fmt.Errorf("make the matchers of the hub: %w", err)
	}
	atHub, err := newHub(p, tokens, matchers)
	if err != nil {
		return nil, fmt.Errorf("make the keys of the hub: %w", err)
	}
	tail := delivery.NewTail(tailSettings(p))
	terms := p.terms(tail)
	app := newApp(p, password.New(), tail, terms)
	external := p.Settings.externalHub(atHub.Keys, wire.NewCursors(p.Keys.Cursor), p.Now)
	program := &Program{
		App:      app,
		Handler:  nil,
		Tokens:   tokens,
		Hub:      atHub,
		matchers: matchers,
		settings: p.Settings,
		newKeys:  p.NewKeys,
		work:     p.Work,
		bus:      p.Bus,
		tail:     tail,
		external: external,
		relay:    newRelay(p, external),
		registry: p.registry(tail),
		terms:    terms,
		log:      p.Logger,
		broken:   p.Broken,
	}
	program.Handler, err = program.handler(p)
	return program, err
}

//nolint:funlen // a line for each use case
func newApp(p *Parts, passwords *password.Hasher, tail *delivery.Tail, terms accounts.Terms) application.App {
	attempts := &accounts.Attempts{Now: p.Now}
	return application.App{
		Register:      accounts.Register{Work: p.Work, Hash: passwords.Hash, Closed: p.Settings.Registration == Closed},
		SignIn:        accounts.SignIn{Work: p.Work, Terms: terms, Attempts: attempts, Verify: passwords.Verify, Weak: passwords.Weak, Hash: passwords.Hash},
		Profile:       accounts.Profile{Work: p.Work},
		ChangeProfile: accounts.ChangeProfile{Work: p.Work},
		FindPeople:    accounts.FindPeople{Work: p.Work},

		Refresh:        accounts.Refresh{Work: p.Work, Terms: terms},
		SignOut:        accounts.SignOut{Work: p.Work, Terms: terms},
		MySessions:     accounts.MySessions{Work: p.Work, Life: terms.Life, Now: p.Now},
		EndSession:     accounts.EndSession{Work: p.Work, Terms: terms},
		ChangePassword: accounts.ChangePassword{Work: p.Work, Terms: terms, Attempts: attempts, Verify: passwords.Verify, Hash: passwords.Hash},

		OpenRoom:     rooms.Open{Work: p.Work},
		ShowRoom:     rooms.Show{Work: p.Work},
		MyRooms:      rooms.Mine{Work: p.Work},
		RoomsAmong:   rooms.Among{Work: p.Work},
		Directory:    rooms.Directory{Work: p.Work},
		JoinRoom:     rooms.Join{Work: p.Work},
		Participants: rooms.Participants{Work: p.Work},
		Add:          rooms.Add{Work: p.Work},
		Remove:       rooms.Remove{Work: p.Work},
		ChangeRole:   rooms.ChangeRole{Work: p.Work},

		Send:         messages.Send{Sends: p.Sends, Print: p.Keys.Print},
		ShowMessage:  messages.Show{Work: p.Work},
		MessagesPage: messages.Page{Work: p.Work},

		EditMessage:   messages.Edit{Work: p.Work, Applied: tail.Applied},
		DeleteMessage: messages.Delete{Work: p.Work, Applied: tail.Applied},
		RenameRoom:    rooms.Rename{Work: p.Work},
		DeleteRoom:    rooms.Delete{Work: p.Work},
		ReadRoom:      rooms.Read{Work: p.Work},
		SweepRooms:    rooms.Sweep{Work: p.Work},

		Publish: updates.Publish{Publishes: p.Publishes},

		Prune:        retention.Prune{Work: p.Work, Keep: p.Settings.retention(), Take: port.Revising.Prune},
		PruneUpdates: retention.Prune{Work: p.Work, Keep: p.Settings.hubRetention(), Take: port.Revising.PruneUpdates},

		Follow: delivery.Follow{Tail: tail},
		Admit:  delivery.Admit{Tail: tail, Look: p.lasts()},
	}
}

func tailSettings(p *Parts) delivery.Settings {
	return delivery.Settings{
		Log:            p.Log,
		Updates:        p.Updates,
		Now:            p.Now,
		Jitter:         jitter,
		Trouble:        func(err error) { p.Logger.Error("the log cannot be followed", slog.Any("error", err)) },
		Poll:           poll,
		Quiet:          quiet,
		MaxAge:         p.Settings.StreamMaxAge,
		TokenLife:      token.Life,
		Memory:         memory,
		Pages:          memory,
		Round:          round,
		InHand:         inHand,
		StreamsPerUser: p.Settings.StreamsPerUser,
		StreamsTotal:   p.Settings.StreamsTotal,

		StreamsPerAddress: p.Settings.StreamsPerAddress,
	}
}

// jitter keeps many who were told the same from coming at once: it is up to a
// quarter more or less.
func jitter(around time.Duration) time.Duration {
	return around*3/4 + rand.N(around/2+1) //nolint:gosec // nobody gains by guessing it
}

// handler puts the outside together: the API, the stream, and a line in the log
// for each request.
func (p *Program) handler(parts *Parts) (http.Handler, error) {
	cursors := wire.NewCursors(parts.Keys.Cursor)
	api := httpapi.Server{
		App:         p.App,
		Verify:      p.Tokens.Verify,
		Mint:        p.Tokens.Mint,
		Admit:       p.App.Admit.Handle,
		Cursors:     cursors,
		JWKS:        p.Tokens.JWKS,
		Ready:       p.tail.Ready,
		SessionEnd:  accounts.Admit{Work: p.work, Life: p.terms.Life}.Handle,
		PublicURL:   p.settings.PublicURL,
		HubURL:      p.settings.HubURL,
		Loopback:    p.settings.Loopback(),
		CORSOrigins: p.settings.CORSOrigins,
		Limits:      httpapi.Limits{Body: 0, Auth: 0},
		Pace:        p.settings.pace(),
		Log:         p.log,
		Now:         parts.Now,
		MintForHub:  p.mintForHub(parts.Now),

		Subscriptions: true,

		Poll: (&pollfeed.Feed{Follow: p.App.Follow.Handle, Cursors: cursors, Now: parts.Now}).Serve,
	}
	handler, err := api.Handler(p.feed(parts, cursors, api.Refuse))
	if err != nil {
		return nil, fmt.Errorf("put the API together: %w", err)
	}
	return httpapi.Visited(httpapi.Proxies(p.settings.TrustedProxies), logged(handler, p.log, parts.Now)), nil
}
