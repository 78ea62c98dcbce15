package clients_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	// The message that is cut has letters of two and of four bytes.
	saidAndCut = []string{"before", "cut héré 🎉", "between", "after"}
	wordsOfCut = saidAndCut[1]

	// A block that is like those which are cut, but for its length.
	likeThose = []byte("data: cut héré 🎉\nid: parley:" + strings.Repeat("x", 22) + "\n\n")
)

// points are where a block is cut: in front of it, in each of the names of its
// fields, in the middle of letters and of its words, at the end of its data, and at
// each byte of its id and of its end.
func points(block []byte) []int {
	text := string(block)
	id := strings.LastIndex(text, "\nid: ")
	at := []int{0, 1, len("data"), len("data:"), len("data: "), id / 2, strings.Index(text, "é") + 1, strings.Index(text, "🎉") + 2, id - 1}
	for i := id; i <= len(text); i++ {
		at = append(at, i)
	}
	return at
}

// Clients of other people lose nothing and hear nothing twice, wherever their line
// is cut. For the id of an event is the last line of its block: one of them takes
// it as soon as it has read that line.
//
// There is one byte where that one cannot be helped, whatever the order: it has the
// end of the id's line, and not yet the end of the block, which makes an event of
// it. What it misses then, a page sees by the sequence of the next message.
//
// Mercure: E1, M1, M7.
func TestClientsFromNPMHearEachMessageOnceWhereverTheirLineIsCut(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped)
	ada := join(t, h, "ada")
	room := ada.room(t)
	count := len(points(likeThose))
	c := stand(t, h, &cutter{word: wordsOfCut, where: func(name string, block []byte) int {
		if len(points(block)) != count {
			t.Errorf("%s: there are %d points to cut %q at, want %d", name, len(points(block)), block, count)
		}
		return points(block)[number(name)]
	}})
	var lines []listener
	for _, with := range []library{eventSource, fetchEventSource} {
		for n := range count {
			lines = append(lines, c.line(ada, room, with, n))
		}
	}
	l := listen(t, lines...)
	l.hears(t, ada, room, lines)
	for _, line := range lines {
		want := saidAndCut
		if line.Library == fetchEventSource && number(line.Name) == count-2 {
			want = []string{"before", "between", "after"}
		}
		if heard := l.words(t, line.Name); !slices.Equal(heard, want) {
			t.Errorf("%s heard %q, want %q", line.Name, heard, want)
		}
		if opened := l.told(t, line.Name, "opened"); len(opened) != 2 {
			t.Errorf("%s was not cut once: it has been opened %d times", line.Name, len(opened))
		}
	}
}

// If the id came first, the line that is cut behind it would be missed.
func TestAnIDThatComesBeforeItsDataIsNoticed(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped)
	ada := join(t, h, "ada")
	room := ada.room(t)
	c := stand(t, h, &cutter{
		word:   wordsOfCut,
		where:  func(_ string, block []byte) int { return bytes.IndexByte(block, '\n') + 1 },
		change: idFirst,
	})
	lines := []listener{c.line(ada, room, fetchEventSource, 0)}
	l := listen(t, lines...)
	l.hears(t, ada, room, lines)
	if heard := l.words(t, lines[0].Name); slices.Contains(heard, wordsOfCut) {
		t.Errorf("it heard %q", heard)
	}
}

// idFirst puts the id of a block in front of its data.
func idFirst(block []byte) []byte {
	data, id := bytes.Index(block, []byte("data: ")), bytes.Index(block, []byte("\nid: "))
	if data < 0 || id < data {
		return block
	}
	return slices.Concat(block[:data], block[id+1:len(block)-1], block[data:id+1], []byte("\n"))
}

// Who has loaded a page goes on from its cursor, whether the client sends it in the
// header or, where it cannot, in the query; and the ids that it hears are places to
// go on from, too.
//
// Mercure: M1, M7, G1.
func TestClientsFromNPMGoOnFromAPlace(t *testing.T) {
	t.Parallel()
	h := serve(t, shipped)
	ada := join(t, h, "ada")
	room := ada.room(t)
	ada.say(t, room, "on the page")
	place := ada.place(t, room)
	ada.say(t, room, "missed")
	url := fmt.Sprintf("%s/.well-known/mercure?topic=/chat/room/%d", h.url, room)
	lines := []listener{{Name: "header", Library: fetchEventSource, URL: url, Token: ada.token, After: place}}
	for _, parameter := range []string{"last_event_id", "lastEventID", "Last-Event-ID"} {
		lines = append(lines, listener{Name: parameter, Library: eventSource, Token: ada.token, URL: url + "&" + parameter + "=" + place})
	}
	l := listen(t, lines...)
	for _, line := range lines {
		await(t, line.Name+" listens", func() bool { return len(l.words(t, line.Name)) == 1 })
	}
	ada.say(t, room, "live")
	for _, line := range lines {
		await(t, line.Name+" hears what is live", func() bool { return len(l.words(t, line.Name)) == 2 })
		if heard := l.words(t, line.Name); !slices.Equal(heard, []string{"missed", "live"}) {
			t.Errorf("%s heard %q", line.Name, heard)
		}
	}
	missed := l.told(t, "header", "message")[0].ID
	again := listen(t, listener{Name: "again", Library: fetchEventSource, URL: url, Token: ada.token, After: missed})
	await(t, "who comes again hears what came since", func() bool { return len(again.words(t, "again")) > 0 })
	if heard := again.words(t, "again"); !slices.Equal(heard, []string{"live"}) {
		t.Errorf("after the first it heard %q", heard)
	}
}

// line is one of a room through the cutter, which is told by its name where to cut.
func (c *cutter) line(who *person, room int, with library, n int) listener {
	name := fmt.Sprintf("%s-%d", with, n)
	return listener{
		Name: name, Library: with, Token: who.token,
		URL: fmt.Sprintf("%s/.well-known/mercure?topic=/chat/room/%d&name=%s", c.url, room, name),
	}
}

func number(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndex(name, "-")+1:]) // line has written it
	return n
}

// hears has somebody say what is to be heard when all listen, and waits until they
// have heard the last of it.
func (l *listening) hears(t *testing.T, who *person, room int, lines []listener) {
	t.Helper()
	for _, line := range lines {
		await(t, line.Name+" listens", func() bool { return len(l.told(t, line.Name, "opened")) == 1 })
	}
	for _, words := range saidAndCut {
		who.say(t, room, words)
	}
	for _, line := range lines {
		await(t, line.Name+" has heard the last", func() bool {
			return slices.Contains(l.words(t, line.Name), saidAndCut[len(saidAndCut)-1])
		})
	}
}
