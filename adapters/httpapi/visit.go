package httpapi

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"
)

// RequestID is the header that says what a request is called in the log, where its
// answer is that something went wrong here. (Others do not have it: what one may
// not see answers like what does not exist, with the same bytes.)
const RequestID = "X-Request-Id"

// Visit is what a request is called, and where it comes from.
type Visit struct {
	ID   string
	From netip.Addr
}

// Network is what the visitor has of addresses, as limits count it: one of IPv4,
// and a /64 of IPv6, out of which everybody can take as many as they like. It is
// empty where that is not known.
func (v Visit) Network() string { return network(v.From) }

type visitKey struct{}

// VisitOf is the visit in which something happens; nothing if it is in none.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// Visited gives each request a name, and finds out where it comes from.
func Visited(proxies Proxies, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := Visit{ID: rand.Text(), From: proxies.Client(r)}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}
