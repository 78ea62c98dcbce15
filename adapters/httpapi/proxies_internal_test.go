package httpapi

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestWhereARequestComesFrom(t *testing.T) {
	proxies := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	for _, c := range []struct {
		is, from  string
		forwarded []string
		want      string
	}{
		{"nobody is between", "192.0.2.1:5", nil, "192.0.2.1"},
		{"whoever is no proxy says what they like", "192.0.2.1:5", []string{"198.51.100.7"}, "192.0.2.1"},
		{"a proxy says it", "10.1.2.3:5", []string{"198.51.100.7"}, "198.51.100.7"},
		{"the client has said something before", "10.1.2.3:5", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"the client has said so in a header of its own", "10.1.2.3:5", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"the client says that it is a proxy", "10.1.2.3:5", []string{"10.9.9.9, 198.51.100.7"}, "198.51.100.7"},
		{"two proxies", "10.1.2.3:5", []string{"203.0.113.9, 198.51.100.7 , 10.0.0.2"}, "198.51.100.7"},
		{"nobody but proxies", "10.1.2.3:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"a proxy that says nothing", "10.1.2.3:5", nil, "10.1.2.3"},
		{"a proxy that says nonsense", "10.1.2.3:5", []string{"198.51.100.7, unknown"}, "10.1.2.3"},
		{"nonsense behind a proxy", "10.1.2.3:5", []string{"198.51.100.7, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"with a port", "10.1.2.3:5", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"by IPv6", "[2001:db8:1::2]:5", []string{"2001:db8:2::7"}, "2001:db8:2::7"},
		{"by IPv6 with a port", "[2001:db8:1::2]:5", []string{"[2001:db8:2::7]:4711"}, "2001:db8:2::7"},
		{"by IPv6 in brackets", "[2001:db8:1::2]:5", []string{"[2001:db8:2::7]"}, "2001:db8:2::7"},
		{"IPv4 within IPv6", "[::ffff:10.1.2.3]:5", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"a zone", "[fe80::1%eth0]:5", nil, "fe80::1"},
		{"nothing that is known", "@", []string{"198.51.100.7"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.from, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := proxies.Client(r).String(); got != c.want {
			t.Errorf("%s: it comes from %s, want %s", c.is, got, c.want)
		}
	}
}

func TestWhatOnePartyHasOfAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1/32", "192.0.2.2": "192.0.2.2/32",
		"2001:db8:1:2::1": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::": "2001:db8:1:2::/64", "2001:db8:1:3::": "2001:db8:1:3::/64",
	} {
		if got := network(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is of %s, want %s", address, got, want)
		}
	}
	if got := network(netip.Addr{}); got != "" {
		t.Errorf("an address that is not known is of %s", got)
	}
}
