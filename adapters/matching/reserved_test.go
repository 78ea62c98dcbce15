package matching_test

import (
	"strings"
	"testing"
)

// addresses are topics, and whether they are the hub's own.
var addresses = map[string]bool{
	// The hub, and what is below it.
	"/.well-known/mercure":                             true,
	"/.well-known/mercure/":                            true,
	"/.well-known/mercure/subscriptions/x/y":           true,
	"/.well-known/mercure?topic=x#h":                   true,
	"https://hub.example/.well-known/mercure":          true,
	"https://other.example:8080/.well-known/mercure/x": true,
	"":                                true,
	"mercure":                         true,
	"mercure/x":                       true,
	"#frag":                           true,
	"?q":                              true,
	"./mercure":                       true,
	" mercure ":                       true,
	"x/../mercure":                    true,
	"mercure/x/..":                    true,
	"%6Dercure":                       true,
	"%6dercur%65/x":                   true,
	"x/%2e%2E/mercure":                true,
	"x/.%2e/mercure":                  true,
	"/%2Ewell-known/mercure":          true,
	"/%2ewell%2Dknown/mercure":        true,
	"\\.well-known\\mercure":          true,
	"https:mercure":                   true,
	"https:/.well-known/mercure":      true,
	"/.well-known/mercurex":           false,
	"/.well-known":                    false,
	"/.well-known/":                   false,
	".":                               false,
	"mercure%2Fx":                     false,
	"Mercure":                         false,
	"mercur%C3%A9":                    false,
	"/x?/.well-known/mercure":         false,
	"/x#/.well-known/mercure":         false,
	"/x/.well-known/mercure":          false,
	"https://x/y/.well-known/mercure": false,

	// The chat, and what is below it.
	"/chat":                               true,
	"/chat/":                              true,
	"/chat/room/1":                        true,
	"../chat/user/1":                      true,
	"/./chat/../chat":                     true,
	"/%63hat/room/1":                      true,
	"/%63%68%61%74":                       true,
	"\\chat\\room\\1":                     true,
	"/x/..\\chat":                         true,
	"https://other.example/chat/room/1":   true,
	"HTTP://u:p@other.example:80/chat?x":  true,
	"https:\\\\other.example\\chat":       true,
	"https:////other.example/chat":        true,
	"//host/chat":                         true,
	"//host/chat/":                        true,
	"\\\\host\\chat":                      true,
	"ftp://host/chat":                     true,
	"ws://host/chat/room/1":               true,
	"file:///chat":                        true,
	"foo://host/chat":                     true,
	"foo:/chat":                           true,
	"foo:///chat/x":                       true,
	"urn:/chat":                           true,
	"https://[::1]/chat":                  true,
	"https://münchen.example/chat":        true,
	"https://xn--mnchen-3ya.example/chat": true,
	"https://1.2.3.4/chat":                true,
	"https://0x7f.1/chat":                 true,
	"https://e_x.example/chat":            true,
	"https://e.example./chat":             true,
	"https://%65.example/chat":            true,
	"https:/chat":                         true,
	"https:../chat":                       true,
	"/CHAT":                               false,
	"/Chat/room/1":                        false,
	"/chatter":                            false,
	"/chat%2Froom":                        false,
	"/%2563hat":                           false,
	"/%2563hat/room/1":                    false,
	"/%%363hat":                           false,
	"chat":                                false,
	"chat/room/1":                         false,
	"//chat":                              false,
	"//chat/room/1":                       false,
	"/.//chat":                            false,
	"/x//chat":                            false,
	"/x/chat":                             false,
	"/c%68at%":                            false,
	"/orders/1":                           false,
	"https://e.com/books/1":               false,
	"http:chat":                           false,
	"foo:\\chat":                          false,
	"urn:chat":                            false,
	"urn:chat/room/1":                     false,
	"chat:/room":                          false,
	"chat:room/1":                         false,
	"mailto:/..//chat":                    false,
	"https://e.com?/chat":                 false,
	"https://e.com#/chat":                 false,
	"%2Fchat":                             false,
	"/cha\u0301t":                         false,

	// What is no URL reference is nobody's.
	"https://e.com:99999/chat": false,
	"https://e.com:x/chat":     false,
	"https://[::1/chat":        false,
	"https://[x]/chat":         false,
	"https:///":                false,
	"https://1.2.3.4.5/chat":   false,
	"https://256.1.1.1/chat":   false,
	"https://e%00.com/chat":    false,
	"https://e%2Fx.com/chat":   false,
}

// What a topic resolves to is what a browser resolves it to.
//
// Mercure: D4.
func TestATopicIsTheHubsOwnHoweverItIsWritten(t *testing.T) {
	var topics []string
	for topic := range addresses {
		topics = append(topics, topic)
	}
	said := evaluated(t, topics, `topic => {
		let at
		try { at = new URL(topic, base) } catch { return "n" }
		if (!at.pathname.startsWith("/")) return "n"
		const path = at.pathname.replace(/%[2-7][0-9a-f]/gi, hex => {
			const c = decodeURIComponent(hex)
			return /[a-z0-9._~-]/i.test(c) ? c : hex
		})
		return [new URL(base).pathname, "/chat"].some(own => path === own || path.startsWith(own + "/")) ? "y" : "n"
	}`)
	if len(said) != len(topics) {
		t.Fatalf("the browser said %q to %d topics", said, len(topics))
	}
	m := newMatchers(t)
	for i, topic := range topics {
		if (said[i] == 'y') != addresses[topic] {
			t.Errorf("%q: the browser says %c", topic, said[i])
		}
		if got := m.Reserved(topic); got != addresses[topic] {
			t.Errorf("%q: it is reserved: %t", topic, got)
		}
		if again := m.Reserved(topic); again != addresses[topic] {
			t.Errorf("%q: the second time it is reserved: %t", topic, again)
		}
	}
}

// A host that nobody has costs little, and is not published on.
//
// Mercure: D4, Q.
func TestAHostThatIsTooLongIsRefusedWithoutALook(t *testing.T) {
	m := newMatchers(t)
	for _, topic := range []string{
		"https://" + strings.Repeat("@", 4000) + "/x",
		"https://" + strings.Repeat(":@", 2000) + "/x",
		" hTTps:" + strings.Repeat("@", 4000) + "/x",
		"/\\" + strings.Repeat("@", 4000) + "\\x",
		"foo://" + strings.Repeat("@", 4000) + "/x",
		"/\t/" + strings.Repeat("@", 4000) + "/x",
		"https://" + strings.Repeat("é", 129) + "/x",
		strings.Repeat("x", 4097),
	} {
		allocated := testing.AllocsPerRun(1, func() {
			if !m.Reserved(topic) {
				t.Errorf("%.20q is not refused", topic)
			}
		})
		if allocated > 5 {
			t.Errorf("%.20q is looked at: %v allocations", topic, allocated)
		}
	}
	for _, topic := range []string{
		"/" + strings.Repeat("@", 4000),
		"https://e.com/" + strings.Repeat("@", 4000),
		"urn:" + strings.Repeat("@", 4000),
		"https://" + strings.Repeat("a", 250) + "/x",
	} {
		if m.Reserved(topic) {
			t.Errorf("%.20q is refused", topic)
		}
	}
}
