package matching

import (
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"parley/domain/hub"
)

// chatPath is above all topics of the chat.
const chatPath = "/chat"

// maxHost is how many bytes the host of a topic can have, with what stands before
// it: the time to read it grows with their square.
const maxHost = 512

// place is what a topic resolves to.
type place struct {
	scheme, host, path string
	opaque             bool // the path is no path but any text
}

// Reserved reports whether a topic addresses what is the hub's own: the topics of
// the chat, and the hub itself with all below it, whatever the scheme and host, and
// however it is written (Mercure draft 08, publication). A topic that is no URL
// reference is not; one whose host is too long to look at is.
func (m *Matchers) Reserved(topic string) bool {
	if !resolvable(topic) {
		return true
	}
	at, ok := m.resolve(topic)
	if !ok || at.opaque {
		return false
	}
	path := unescaped(at.path)
	for _, own := range m.reserved {
		if below, ok := strings.CutPrefix(path, own); ok && (below == "" || below[0] == '/') {
			return true
		}
	}
	return false
}

// resolvable reports whether resolving a topic costs no more than it may.
func resolvable(topic string) bool { return len(topic) <= maxTopic && len(authority(topic)) <= maxHost }

// resolve resolves a topic that is resolvable; false if it is no URL reference.
func (m *Matchers) resolve(topic string) (place, bool) {
	at, known := m.places.get(topic)
	if !known {
		at = resolved(m.hubURL, topic)
		m.places.put(topic, at, len(topic)+len(at.host)+len(at.path)+overhead)
	}
	return at, at.scheme != ""
}

// resolved is the zero place for what is no URL reference. A panic of the library
// would end the program for the sake of one topic.
func resolved(hubURL, topic string) (at place) {
	defer func() {
		if recover() != nil {
			at = place{}
		}
	}()
	u, err := url.ParseRef(hubURL, topic)
	if err != nil {
		return place{}
	}
	return place{scheme: u.Scheme(), host: u.Hostname(), path: u.Pathname(), opaque: u.OpaquePath()}
}

// authority is the part of a topic that is read as a host, with the user and port
// that may be around it; or more than that, but never less.
func authority(topic string) string {
	if !hub.IsPlain(topic) {
		return topic // the parser skips some control characters, and we look at none
	}
	rest := strings.TrimLeft(topic, " ")
	scheme, after, found := strings.Cut(rest, ":")
	switch {
	case found && isScheme(scheme):
		rest = after
		if !isSpecial(scheme) && !strings.HasPrefix(rest, "//") {
			return "" // there is none: what follows is a path, or opaque
		}
	case len(rest) < 2 || !strings.ContainsRune(`/\`, rune(rest[0])) || !strings.ContainsRune(`/\`, rune(rest[1])):
		return ""
	}
	rest = strings.TrimLeft(rest, `/\`)
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		return rest[:end]
	}
	return rest
}

func isScheme(text string) bool {
	for i, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return text != ""
}

func isSpecial(scheme string) bool {
	switch strings.ToLower(scheme) {
	case "http", "https", "ws", "wss", "ftp", "file":
		return true
	default:
		return false
	}
}

// unescaped decodes the percent-encoded characters that need not be: letters,
// digits, "-", ".", "_" and "~" (RFC 3986). What comes of it is not decoded again.
func unescaped(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			if c, ok := hexByte(path[i+1], path[i+2]); ok && isUnreserved(c) {
				out.WriteByte(c)
				i += 2
				continue
			}
		}
		out.WriteByte(path[i])
	}
	return out.String()
}

func hexByte(high, low byte) (byte, bool) {
	const digits = "0123456789abcdef0123456789ABCDEF"
	h, l := strings.IndexByte(digits, high), strings.IndexByte(digits, low)
	return byte(h&15<<4 | l&15), h >= 0 && l >= 0
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
