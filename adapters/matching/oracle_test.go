package matching_test

import (
	"testing"

	"parley/adapters/matching"
)

const hubURL = "https://hub.example/.well-known/mercure"

// What becomes of a pattern and a topic.
const (
	matches = 'y'
	differs = 'n'
	invalid = '!' // there is no such pattern
)

// pairs are patterns and topics, with what a browser says of them. Where we say
// something else, the reason stands beside it.
var pairs = []struct {
	pattern, topic string
	want           rune
	but            string // why we say something else
}{
	// Names, and where they end.
	{"https://e.com/books/:id", "https://e.com/books/1", matches, ""},
	{"https://e.com/books/:id", "https://e.com/books/1?x=1", matches, ""},
	{"https://e.com/books/:id", "https://e.com/books/1#h", matches, ""},
	{"https://e.com/books/:id", "https://e.com/books/1/2", differs, ""},
	{"https://e.com/books/:id", "https://e.com/books/", differs, ""},
	{"https://e.com/books/:id", "https://e.com/books", differs, ""},
	{"https://e.com/books/:id", "https://f.com/books/1", differs, ""},
	{"https://e.com/:a/:b", "https://e.com/1/2", matches, ""},
	{"https://e.com/:a-:b", "https://e.com/1-2", matches, ""},
	{"https://e.com/:a/:a", "https://e.com/1/2", invalid, ""},
	{"https://e.com/:id.json", "https://e.com/7.json", matches, ""},
	{"https://e.com/:id.json", "https://e.com/7.xml", differs, ""},
	{"https://e.com/:é", "https://e.com/7", matches, ""},

	// Wildcards.
	{"https://e.com/*", "https://e.com/", matches, ""},
	{"https://e.com/*", "https://e.com/a/b/c?d#e", matches, ""},
	{"https://e.com/a*c", "https://e.com/ac", matches, ""},
	{"https://e.com/a*c", "https://e.com/a/b/c", matches, ""},
	{"https://e.com/a*c", "https://e.com/abd", differs, ""},
	{"https://*.e.com/", "https://a.b.e.com/", matches, ""},
	{"https://*.e.com/", "https://e.com/", differs, ""},
	{"https://:sub.e.com/", "https://a.b.e.com/", differs, ""},
	{"*://e.com/x", "ftp://e.com/x", matches, ""},
	{"http{s}?://e.com/x", "http://e.com/x", matches, ""},
	{"http{s}?://e.com/x", "https://e.com/x", matches, ""},
	{"http{s}?://e.com/x", "wss://e.com/x", differs, ""},

	// Case.
	{"https://e.com/Books", "https://e.com/books", differs, ""},
	{"https://e.com/Books", "https://e.com/Books", matches, ""},
	{"https://e.com/:x/Books", "https://e.com/1/books", differs, ""},
	{"https://e.com/:x?A#B", "https://e.com/1?a#b", differs, ""},
	{"https://E.COM/x", "https://e.com/x", matches, ""},
	{"https://e.com/x", "HTTPS://E.com/x", matches, ""},
	{"HTTPS://e.com/x", "https://e.com/x", matches, ""},
	{"https://e.com/%C3%A9", "https://e.com/%c3%a9", differs, ""},

	// Ports.
	{"https://e.com:443/x", "https://e.com/x", matches, ""},
	{"https://e.com/x", "https://e.com:443/x", matches, ""},
	{"https://e.com/x", "https://e.com:8443/x", differs, ""},
	{"https://e.com:8443/x", "https://e.com:8443/x", matches, ""},
	{"https://e.com:*/x", "https://e.com:8443/x", matches, ""},
	{"https://e.com:*/x", "https://e.com/x", matches, ""},
	{"http://e.com:443/x", "http://e.com:443/x", matches, ""},

	// Search and hash.
	{"https://e.com/x?a=1", "https://e.com/x?a=1", matches, ""},
	{"https://e.com/x?a=1", "https://e.com/x?a=2", differs, ""},
	{"https://e.com/x?a=1", "https://e.com/x", differs, ""},
	{"https://e.com/x\\?a=:a", "https://e.com/x?a=1", matches, ""},
	{"https://e.com/x?a=:a", "https://e.com/x?a=1&b=2", matches, ""},
	{"https://e.com/x#h", "https://e.com/x#h", matches, ""},
	{"https://e.com/x#h", "https://e.com/x", differs, ""},
	{"https://e.com/x#:h", "https://e.com/x?a#b", differs, ""},
	{"https://e.com/x?*#:h", "https://e.com/x?a#b", matches, ""},

	// Groups and modifiers.
	{"https://e.com/(\\d+)", "https://e.com/42", matches, ""},
	{"https://e.com/(\\d+)", "https://e.com/4a", differs, ""},
	{"https://e.com/:id(\\d+)", "https://e.com/42", matches, ""},
	{"https://e.com/(a|b)/c", "https://e.com/b/c", matches, ""},
	{"https://e.com/(a|b)/c", "https://e.com/d/c", differs, ""},
	{"https://e.com/([0-9a-f]{8}-[0-9a-f]{4})", "https://e.com/deadbeef-0123", matches, ""},
	{"https://e.com/(?:a)", "https://e.com/a", invalid, ""},
	{"https://e.com/((?:a|b)+)", "https://e.com/abab", matches, ""},
	{"https://e.com/((a))", "https://e.com/a", invalid, ""},
	{"https://e.com/()", "https://e.com/", invalid, ""},
	{"https://e.com/(a", "https://e.com/a", invalid, ""},
	{"https://e.com/(é)", "https://e.com/é", invalid, ""},
	{"https://e.com/a{/b}?", "https://e.com/a", matches, ""},
	{"https://e.com/a{/b}?", "https://e.com/a/b", matches, ""},
	{"https://e.com/a{/b}?", "https://e.com/a/b/b", differs, ""},
	{"https://e.com/a{/b}+", "https://e.com/a/b/b", matches, ""},
	{"https://e.com/a{/b}+", "https://e.com/a", differs, ""},
	{"https://e.com/a{/b}*", "https://e.com/a", matches, ""},
	{"https://e.com/a/:b?", "https://e.com/a", matches, ""},
	{"https://e.com/a/:b?", "https://e.com/a/", differs, ""},
	{"https://e.com/a/:b+", "https://e.com/a/x/y/z", matches, ""},
	{"https://e.com/a/:b*", "https://e.com/a", matches, ""},
	{"https://e.com/{a", "https://e.com/a", invalid, ""},
	{"https://e.com/a}", "https://e.com/a}", invalid, ""},
	{"https://e.com/{{a}}", "https://e.com/a", invalid, ""},
	{"https://e.com/a**", "https://e.com/abc", matches, ""},
	{"https://e.com/a\\*", "https://e.com/a*", matches, ""},
	{"https://e.com/a\\*", "https://e.com/ab", differs, ""},
	{"https://e.com/\\:id", "https://e.com/:id", matches, ""},
	{"https://e.com/\\", "https://e.com/", invalid, ""},
	{"https://e.com/(\\Aa)", "https://e.com/a", invalid, ""},
	{"https://e.com/(a(?i)b)", "https://e.com/aB", invalid, ""},
	{"https://e.com/((?i:b))", "https://e.com/B", matches, ""},
	{"https://e.com/((?P<n>b))", "https://e.com/b", invalid, ""},
	{"https://e.com/(\\Q.\\E)", "https://e.com/.", invalid, ""},

	{"https://e.com/(a(?=b)b)", "https://e.com/ab", matches, lookAround},
	{"https://e.com/((?<!a)b)", "https://e.com/b", matches, lookAround},
	{"https://e.com/((?<n>b)\\k<n>)", "https://e.com/bb", matches, "a reference back takes more than linear time"},
	{"https://e.com/((?<n>b))", "https://e.com/b", matches, ""},
	{"https://e.com/([[a-z]--b]+)", "https://e.com/ac", matches, "RE2 has no differences of sets"},
	{"https://e.com/([[:alpha:]])", "https://e.com/p", matches, ""},
	{"https://e.com/(\\u0061)", "https://e.com/a", matches, "RE2 has no \\u"},
	{"https://e.com/(\\x61)", "https://e.com/a", matches, ""},
	{"https://e.com/(\\pL)", "https://e.com/a", invalid, ""},
	{"https://e.com/(\\p{L})", "https://e.com/a", matches, ""},
	{"https://e.com/(\\w{2,3})", "https://e.com/ab", matches, ""},
	{"https://e.com/(a{1001})", "https://e.com/a", differs, "RE2 repeats a thousand times at most"},
	{"https://e.com/:_id", "https://e.com/7", matches, nameStart},
	{"https://e.com/:$id", "https://e.com/7", matches, nameStart},
	{"https://e.com/:user_id", "https://e.com/7", matches, ""},
	{"https://e.com/:1", "https://e.com/7", invalid, ""},
	{"https://e.com:/x", "https://e.com/x", matches, ""},

	// Names of hosts, and what is escaped.
	{"https://münchen.example/x", "https://xn--mnchen-3ya.example/x", matches, ""},
	{"https://xn--mnchen-3ya.example/x", "https://MÜNCHEN.example/x", matches, ""},
	{"https://e.com/é", "https://e.com/%C3%A9", matches, ""},
	{"https://e.com/%C3%A9", "https://e.com/é", matches, ""},
	{"https://e.com/a%62", "https://e.com/ab", differs, ""},
	{"https://e.com/:x", "https://e.com/é", matches, ""},
	{"https://e.com/a b", "https://e.com/a%20b", matches, ""},
	{"https://e.com/x", "https://%65.com/x", matches, ""},
	{"https://[::1]/x", "https://[0:0::1]/x", invalid, ""},
	{"https://[\\:\\:1]/x", "https://[0:0::1]/x", matches, ""},
	{"https://127.0.0.1/x", "https://127.1/x", matches, ""},
	{"https://e.com/x", "https://u:p@e.com/x", matches, ""},
	{"https://u:p@e.com/x", "https://u:p@e.com/x", differs, ""},
	{"https://u\\:p@e.com/x", "https://u:p@e.com/x", matches, ""},

	// What is relative, which is so to the hub.
	{"/rel/:id", "/rel/7", matches, ""},
	{"/rel/:id", "https://hub.example/rel/7", matches, ""},
	{"/rel/:id", "https://other.example/rel/7", differs, ""},
	{"/rel/:id", "http://hub.example/rel/7", differs, ""},
	{":id", "foo", matches, ""},
	{":id", "/foo", differs, ""},
	{"x/:id", "x/7", matches, ""},
	{"../x/:id", "/x/7", matches, ""},
	{"/rel/:id", "../rel/7", matches, ""},
	{"/rel/:id", "\\rel\\7", matches, ""},
	{"/rel/:id", "/./rel/a/../7", matches, ""},
	{"/rel/:id", "/rel/%2e%2e/rel/7", matches, ""},
	{"/rel/./x", "/rel/x", matches, ""},
	{"?q=:q", "?q=1", matches, ""},
	{"#:h", "#x", matches, ""},
	{"", "", differs, ""},
	{"", "mercure", differs, ""},
	{"//e.com/:id", "https://e.com/7", differs, ""},
	{"//e.com/:id", "//e.com/7", differs, ""},
	{"mercure", "#any", matches, ""},

	// Paths that are any text.
	{"chat:room/:id", "chat:room/7", differs, ""},
	{"urn:uuid:*", "urn:uuid:abc", differs, ""},
	{"urn\\:uuid\\:*", "urn:uuid:abc", differs, ""},
	{"urn:*", "urn:uuid:abc", differs, ""},
	{"data\\:text/*", "data:text/plain,x", differs, ""},
	{"foo://bar/:id", "foo://bar/7", matches, ""},
	{"foo://BAR/:id", "foo://bar/7", matches, "the standard leaves the case of hosts of unknown schemes alone; this browser does not"},

	// What is no URL reference.
	{"https://e.com/*", "https://e.com:99999/x", differs, ""},
	{"*://*/*", "https://a b/x", matches, "the standard has no hosts with spaces; this browser does"},
	{"*://*/*", "http://[::1", differs, ""},
	{"*://*:*/*", "https://e.com:x/", differs, ""},
	{"https://e.com:99999/", "https://e.com/", invalid, ""},
}

const (
	lookAround = "to look around takes more than linear time"
	nameStart  = "the library knows no names that begin so"
)

func newMatchers(t testing.TB) *matching.Matchers {
	t.Helper()
	m, err := matching.New(hubURL)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
