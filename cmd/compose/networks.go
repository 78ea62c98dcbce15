package compose

import (
	"errors"
	"net/netip"
	"strings"
)

// Networks are networks as operators write them, such as 10.0.0.0/8; an address
// is the network of itself.
type Networks []netip.Prefix

// UnmarshalText reads networks with commas between them.
func (n *Networks) UnmarshalText(text []byte) error {
	var all Networks
	for one := range strings.SplitSeq(string(text), ",") {
		network, err := readNetwork(strings.TrimSpace(one))
		if err != nil {
			return err
		}
		all = append(all, network)
	}
	*n = all
	return nil
}

func readNetwork(text string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(text); err == nil && at.Zone() == "" {
		at = at.Unmap()
		return netip.PrefixFrom(at, at.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	switch {
	case err != nil || network.Addr().Is4In6():
		return netip.Prefix{}, errors.New("must be networks such as 10.0.0.0/8, or addresses")
	case network.Bits() == 0:
		return netip.Prefix{}, errors.New("cannot be everybody, or anybody could say where they come from")
	default:
		return network.Masked(), nil
	}
}

// hiding reports whether everybody comes to the program by way of somebody on this
// machine whose word is not taken for where they come from: then all of them are
// as one to it.
func (s *Settings) hiding() bool {
	return s.listensOnLoopback() && !s.Loopback() && len(s.TrustedProxies) == 0
}
