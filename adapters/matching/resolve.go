package matching

import (
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"parley/domain/hub"
)

// chatPath is above all topics of the chat.
const chatPath = "/chat"

// maxHost is how many bytes the host of a topic can have, with what stands before
// it: the time to read it grows with their square.
const maxHost = 256

// place is what a topic resolves to.
type place struct {
	kind               kind
	scheme, host, path string
}

type kind int

const (
	unseen  kind = iota // to resolve it would cost too much
	nowhere             // it is no URL reference
	url                 // it is a URL; an opaque path has no slash before it
)

// Reserved reports whether a topic addresses what is the hub's own: the topics of
// the chat, and the hub itself with all below it, whatever the scheme and host, and
// however it is written (Mercure draft 08, publication). A topic that is no URL
// reference is not; one whose host is too long to look at is.
func (m *Matchers) Reserved(topic string) bool {
	at := m.resolve(topic)
	switch at.kind {
	case unseen:
		return true
	case nowhere:
		return false
	case url:
	}
	path := unescaped(at.path)
	for _, own := range m.reserved {
		if below, ok := strings.CutPrefix(path, own); ok && (below == "" || below[0] == '/') {
			return true
		}
	}
	return false
}

// resolve resolves a topic against the hub's URL.
func (m *Matchers) resolve(topic string) place {
	at, known := m.places.get(topic)
	if !known && len(topic) <= maxTopic && len(authority(topic)) <= maxHost {
		at = resolved(m.hubURL, topic)
		m.places.put(topic, at, len(topic)+len(at.host)+len(at.path)+overheadOfPlace)
	}
	return at
}

// overheadOfPlace is what keeping a place takes, beside its bytes.
const overheadOfPlace = 128

// resolved resolves a topic. A panic of the library would end the program for the
// sake of one topic.
func resolved(hubURL, topic string) (at place) {
	defer func() {
		if recover() != nil {
			at = place{kind: nowhere}
		}
	}()
	u, err := whatwg.ParseRef(hubURL, topic)
	if err != nil {
		return place{kind: nowhere}
	}
	return place{kind: url, scheme: u.Scheme(), host: u.Hostname(), path: u.Pathname()}
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
