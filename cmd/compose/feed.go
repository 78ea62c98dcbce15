package compose

import (
	"net/http"
	"net/url"

	"parley/adapters/httpapi"
	"parley/adapters/ssefeed"
	"parley/adapters/token"
	"parley/adapters/wire"
	"parley/domain/hub"
)

// feed is the hub: the streams, and what third parties publish.
func (p *Program) feed(parts *Parts, cursors *wire.Cursors, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return &ssefeed.Feed{
		Follow:     p.follow,
		Publish:    p.App.Publish.Handle,
		Subscriber: p.verifies(token.Subscriber),
		Publisher:  p.verifies(token.Publisher),
		Admit:      p.App.Admit.Handle,
		Match:      p.matchers.Compile,
		Reserved:   p.matchers.Reserved,
		Anonymous:  p.settings.Anonymous,
		QueryToken: p.settings.QueryToken,
		Cookies:    []string{httpapi.SecureCookie, httpapi.LoopbackCookie},
		Origins:    append(p.settings.ownOrigin(), p.settings.CORSOrigins...),
		Address:    func(r *http.Request) string { return httpapi.VisitOf(r.Context()).Network() },
		Cursors:    cursors,
		Now:        parts.Now,
		Jitter:     jitter,
		Refuse:     refuse,
		Registry:   p.registry,
		Place:      p.tail.Place,
	}
}

func (p *Program) verifies(as token.Role) func(string) (hub.Bearer, error) {
	return func(shown string) (hub.Bearer, error) { return p.Hub.Verify(shown, as) }
}

// ownOrigin is the origin of the program's own pages, as browsers write it.
func (s Settings) ownOrigin() []string {
	own, err := url.Parse(s.PublicURL)
	if err != nil || own.Host == "" {
		return nil
	}
	return []string{own.Scheme + "://" + own.Host}
}
