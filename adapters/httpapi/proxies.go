package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose word is taken for where a request comes from.
type Proxies []netip.Prefix

// Client is the address of whoever sent the request: the last hop that is none of
// the proxies. What stands before that in X-Forwarded-For is the client's own
// word, and means nothing. The zero address is one that is not known.
func (p Proxies) Client(r *http.Request) netip.Addr {
	at, ok := hop(r.RemoteAddr)
	if !ok || !p.have(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		before, ok := hop(strings.TrimSpace(hops[i]))
		if !ok {
			return at // a proxy that does not say where it has it from
		}
		if at = before; !p.have(at) {
			return at
		}
	}
	return at
}

func (p Proxies) have(at netip.Addr) bool {
	for _, network := range p {
		if network.Contains(at) {
			return true
		}
	}
	return false
}

// hop reads an address, with or without a port.
func hop(text string) (netip.Addr, bool) {
	at, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		both, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		at = both.Addr()
	}
	return at.Unmap().WithZone(""), true
}

// network is what one party has of addresses: one of IPv4, and a /64 of IPv6, out
// of which everybody can take as many as they like. It is empty for an address
// that is not known.
func network(at netip.Addr) string {
	if !at.IsValid() {
		return ""
	}
	bits := 64
	if at.Is4() {
		bits = 32
	}
	return netip.PrefixFrom(at, bits).Masked().String()
}
