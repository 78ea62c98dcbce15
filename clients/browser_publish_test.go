package clients_test

import (
	"net/url"
	"slices"
	"testing"
)

// A page publishes by its cookie if its origin is allowed to. A page of another
// origin, for which the browser sends the same cookie, does not: neither by a request
// nor by a form. If it were allowed to, both would come through.
//
// Mercure: D12, K1, K3, K4, L1, S9.
func TestAPagePublishesByItsCookieAndAForeignOneDoesNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted bool
		want    []string
	}{
		"foreign": {false, []string{"our own"}},
		"trusted": {true, []string{"a foreign request", "a foreign form", "our own"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own, foreign := publish(t), publish(t)
			origins := own.origin
			if c.trusted {
				origins += "," + foreign.origin
			}
			h := serve(t, shipped, "MERCURE_JWT_SECRET="+hubSecret, "PARLEY_CORS_ORIGINS="+origins)
			own.cookie = grants(t, []string{"https://example.com/books/{id}"}, []string{"https://example.com/books/{id}"})
			own.show(t, "/publish?"+url.Values{"hub": {h.url}, "foreign": {foreign.origin}}.Encode())
			await(t, "its own update is heard", func() bool { return own.count("message", "our own") == 1 })
			await(t, "its own update is answered", func() bool { return own.count("published", "200") == 1 })
			var heard, ids []string
			for _, one := range own.all() {
				switch {
				case one.What == "message":
					heard = append(heard, one.Data)
				case one.What != "published":
					continue
				}
				ids = append(ids, one.ID)
			}
			if !slices.Equal(heard, c.want) {
				t.Errorf("heard are %q, want %q", heard, c.want)
			}
			if len(ids) < 2 || ids[len(ids)-1] != ids[len(ids)-2] { // of its own update, from the answer and from the stream
				t.Errorf("the ids that it was told are %q", ids)
			}
		})
	}
}
