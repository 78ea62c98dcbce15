package clients_test

import (
	"os"
	"slices"
	"testing"
)

// parsing is fetch-event-source in an application that takes all that it is handed
// for an update. The library hands out every block that ends, those without data
// as well: what is thrown at these ends the line, and the next one in the same way.
const parsing library = "fetch-event-source, parsing"

// An application that parses what it is handed hears everything, and goes on from
// where it was when it is cut off before there was anything.
//
// Mercure: E1, M1, M2.
func TestAnApplicationThatParsesWhateverItIsHandedHearsAll(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped, "MERCURE_JWT_SECRET="+hubSecret)
	publisher := grants(t, []string{"*"}, nil)
	l := listen(t, listener{
		Name: "page", Library: parsing, URL: h.url + "/.well-known/mercure?" + anyBook, Token: grants(t, nil, []string{"*"}),
	})
	await(t, "it listens", func() bool { return len(l.told(t, "page", "opened")) == 1 })
	h.restart(t, os.Kill)
	for _, word := range []string{"away", "live"} {
		h.symfonyPublished(t, publisher, aBook+"&private=on&data=%7B%22content%22%3A%22"+word+"%22%7D")
		await(t, "it hears what was said: "+word, func() bool { return slices.Contains(l.words(t, "page"), word) })
	}
	if heard := l.words(t, "page"); !slices.Equal(heard, []string{"away", "live"}) {
		t.Errorf("it heard %q", heard)
	}
	if opened := l.told(t, "page", "opened"); len(opened) != 2 {
		t.Errorf("it came %d times, want twice", len(opened))
	}
}
