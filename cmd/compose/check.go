package compose

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/adapters/httpapi"
	"parley/adapters/keyring"
)

// samples are secrets that stand in manuals, so that everybody knows them.
var samples = []string{
	"!ChangeThisMercureHubJWTSecretKey!",
	"!ChangeMe!",
	"ChangeThisParleyMasterKeyBeforeUse",
}

// check refuses settings that are wrong or weak by themselves, before anything
// has been opened.
func (s *Settings) check() error {
	for _, check := range []func(*Settings) error{
		(*Settings).checkAddresses,
		(*Settings).checkMasterKey,
		(*Settings).checkHub,
		(*Settings).checkOrigins,
		(*Settings).checkTLS,
		(*Settings).checkLimits,
		(*Settings).checkBus,
	} {
		if err := check(s); err != nil {
			return err
		}
	}
	return nil
}

func (s *Settings) checkAddresses() error {
	_, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return refuse("PARLEY_LISTEN", "%q is not an address such as 127.0.0.1:8080", s.Listen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return refuse("PARLEY_LISTEN", "%q is not a port", port)
	}
	if s.PublicURL == "" && !s.listensOnLoopback() {
		return refuse("PARLEY_PUBLIC_URL", "must be given where PARLEY_LISTEN (%s) is not loopback", s.Listen)
	}
	if s.PublicURL != "" && !isOrigin(s.PublicURL) {
		return refuse("PARLEY_PUBLIC_URL", "must be http:// or https:// and a host, without a path or a slash at the end: %s", asBrowsers)
	}
	if s.HubURL != "" && !isWebURL(s.HubURL) {
		return refuse("MERCURE_PUBLIC_URL", "must be a whole http:// or https:// URL")
	}
	return nil
}

func (s *Settings) checkMasterKey() error {
	switch {
	case s.MasterKey == "":
		return nil
	case len(s.MasterKey) < keyring.MinMaster:
		return refuse("PARLEY_MASTER_KEY", "has %d bytes; it takes %d or more", len(s.MasterKey), keyring.MinMaster)
	case slices.Contains(samples, s.MasterKey) && !s.Loopback():
		return refuse("PARLEY_MASTER_KEY", "is a sample that everybody knows; make one of your own")
	default:
		return nil
	}
}

func (s *Settings) checkOrigins() error {
	for i, origin := range s.CORSOrigins {
		origin = strings.TrimSpace(origin)
		s.CORSOrigins[i] = origin
		if strings.Contains(origin, "*") {
			return refuse("PARLEY_CORS_ORIGINS", "wildcards are refused; name each origin")
		}
		if !isOrigin(origin) {
			return refuse("PARLEY_CORS_ORIGINS", "%q is not an origin such as https://chat.example.org: %s", origin, asBrowsers)
		}
		parsed, _ := url.Parse(origin)
		if parsed.Scheme == "http" && !isLoopback(parsed.Hostname()) {
			return refuse("PARLEY_CORS_ORIGINS", "%q must be https, for it gets people's tokens", origin)
		}
	}
	if err := httpapi.CheckOrigins(s.CORSOrigins); err != nil {
		return Refusal{Setting: "PARLEY_CORS_ORIGINS", Why: err}
	}
	return nil
}

func (s *Settings) checkTLS() error {
	switch {
	case s.TLSCert == "" && s.TLSKey == "":
		return nil
	case s.TLSCert == "":
		return refuse("PARLEY_TLS_CERT", "is missing, while PARLEY_TLS_KEY is given")
	case s.TLSKey == "":
		return refuse("PARLEY_TLS_KEY", "is missing, while PARLEY_TLS_CERT is given")
	}
	if _, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey); err != nil {
		return refuse("PARLEY_TLS_CERT", "does not go together with PARLEY_TLS_KEY: %w", err)
	}
	return nil
}

func (s *Settings) checkLimits() error {
	for name, value := range map[string]int64{
		"PARLEY_RATE_MESSAGES":       int64(s.RateMessages),
		"PARLEY_RATE_BURST":          int64(s.RateBurst),
		"PARLEY_STREAMS_PER_USER":    int64(s.StreamsPerUser),
		"PARLEY_STREAMS_TOTAL":       int64(s.StreamsTotal),
		"PARLEY_STREAMS_PER_ADDRESS": int64(s.StreamsPerAddress),
		"PARLEY_STREAM_MAX_AGE":      int64(s.StreamMaxAge),
		"PARLEY_SESSION_IDLE":        int64(s.SessionIdle),
		"PARLEY_SESSION_MAX":         int64(s.SessionMax),
		"PARLEY_RETENTION_DAYS":      int64(s.RetentionDays),
		"PARLEY_HUB_RETENTION_DAYS":  int64(s.HubRetentionDays),
	} {
		if value < 0 {
			return refuse(name, "cannot be negative; 0 switches the limit off")
		}
	}
	if s.RetentionDays > maxDays {
		return refuse("PARLEY_RETENTION_DAYS", "is more than a hundred years; 0 keeps everything for ever")
	}
	return s.checkHubRetention()
}

// checkHubRetention refuses to keep updates for longer than the log that they are
// entries of.
func (s *Settings) checkHubRetention() error {
	switch {
	case s.HubRetentionDays > maxDays:
		return refuse("PARLEY_HUB_RETENTION_DAYS", "is more than a hundred years; 0 keeps updates as long as all else")
	case s.RetentionDays > 0 && s.HubRetentionDays > s.RetentionDays:
		return refuse("PARLEY_HUB_RETENTION_DAYS", "is more than PARLEY_RETENTION_DAYS (%d), after which nothing is kept", s.RetentionDays)
	default:
		return nil
	}
}

// Loopback reports whether nobody but this machine is served: development, where
// cookies need no TLS and samples are taken.
func (s *Settings) Loopback() bool {
	if !s.listensOnLoopback() {
		return false
	}
	public, err := url.Parse(s.PublicURL)
	return s.PublicURL == "" || err == nil && isLoopback(public.Hostname())
}

func (s *Settings) listensOnLoopback() bool {
	host, _, err := net.SplitHostPort(s.Listen)
	return err == nil && isLoopback(host)
}

// At returns the settings of a program that listens at this address: where no
// public URL is given, it follows from that.
func (s Settings) At(address string) Settings {
	if s.PublicURL == "" {
		host, _, _ := net.SplitHostPort(s.Listen)
		_, port, _ := net.SplitHostPort(address)
		s.PublicURL = strings.TrimSuffix(s.scheme()+"://"+net.JoinHostPort(host, port), ":"+ports[s.scheme()])
	}
	if s.isOwnHub(address) {
		s.ExternalHub = ""
	}
	if s.HubURL == "" {
		s.HubURL = cmp.Or(s.ExternalHub, s.ownHub())
	}
	return s
}

func (s Settings) scheme() string {
	if s.TLSCert != "" {
		return "https"
	}
	return "http"
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// ports are those that go without saying, and asBrowsers how origins are written:
// one that is written otherwise would be that of no page.
var ports = map[string]string{"http": "80", "https": "443"}

const asBrowsers = "as browsers write it, in small letters of ASCII, and with a port only if it is another than 80 of http or 443 of https"

// isOrigin reports whether text is a scheme, a host and perhaps a port, written
// as browsers write an Origin.
func isOrigin(text string) bool {
	parsed, err := url.Parse(text)
	if err != nil || !isWebURL(text) || text != parsed.Scheme+"://"+parsed.Host || text != strings.ToLower(text) {
		return false
	}
	odd := strings.HasSuffix(parsed.Host, ":") || parsed.Port() == ports[parsed.Scheme]
	return !odd && !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func isWebURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Hostname() != "" &&
		parsed.User == nil && parsed.Fragment == ""
}
