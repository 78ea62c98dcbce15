package ssefeed

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/adapters/wire"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// A client that takes the id when it parses its line must have the data by then.
//
// Mercure: E5.
func TestABlockEndsWithItsID(t *testing.T) {
	got := string(block{event: "e", retry: 3000, data: []byte("{}"), id: "i"}.bytes())
	if want := "event: e\nretry: 3000\ndata: {}\nid: i\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABlockOfAnIDAloneIsNoEvent(t *testing.T) {
	if got, want := string(block{id: "i"}.bytes()), "id: i\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// dispatched is an event as a page gets it.
type dispatched struct{ event, data, id string }

// interpret reads an event stream as the WHATWG HTML standard says (section 9.2.6),
// line by line, and knows nothing of how it was written.
func interpret(stream string) (events []dispatched, id, retry string) {
	var event string
	var data strings.Builder
	field := func(name, value string) {
		switch name {
		case "event":
			event = value
		case "data":
			data.WriteString(value + "\n")
		case "id":
			if !strings.Contains(value, "\x00") {
				id = value
			}
		case "retry":
			if value != "" && strings.Trim(value, "0123456789") == "" {
				retry = value
			}
		}
	}
	for stream != "" {
		end := strings.IndexAny(stream, "\r\n")
		if end < 0 {
			break // what is not ended is not taken
		}
		line := stream[:end]
		if stream[end] == '\r' && end+1 < len(stream) && stream[end+1] == '\n' {
			end++
		}
		stream = stream[end+1:]
		colon := strings.IndexByte(line, ':')
		switch {
		case line == "":
			if data.Len() > 0 {
				events = append(events, dispatched{event, strings.TrimSuffix(data.String(), "\n"), id})
			}
			event = ""
			data.Reset()
		case colon < 0:
			field(line, "")
		case colon > 0:
			field(line[:colon], strings.TrimPrefix(line[colon+1:], " "))
		}
	}
	return events, id, retry
}

// inLines is data as a page gets it: with LF at the end of each line.
func inLines(data string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data)
}

// FuzzEncode: whatever was published, whoever reads the stream gets just that, and
// it is one event; or it is not written at all.
//
// Mercure: E1, E2, D6.
func FuzzEncode(f *testing.F) {
	for _, data := range []string{"", "a", "a\nb", "a\r\nb\rc\n", "\r", "\n\n", "data: x", ": x", " a", "a\x00b", "\ufeffa", "\u2028", "id: 7\n\nevent: x"} {
		f.Add(data, "urn:uuid:1", "", uint64(0))
		f.Add(data, "", "type", uint64(1<<64-1))
	}
	f.Add("x", "a\nid: b", "", uint64(0))
	f.Add("x", " a", "b\r\ndata: c", uint64(1))
	f.Add("x", "a\x00", " type", uint64(1))
	feed := &Feed{Cursors: wire.NewCursors([16]byte{1})}
	f.Fuzz(func(t *testing.T, data, id, kind string, retry uint64) {
		place := sequence.Place{Position: 7, Mark: 8}
		update := &hub.Update{Topics: []string{"t"}, Data: data, ID: id, Type: kind, Retry: retry}
		entry := port.Entry{Kind: port.UpdatePublished, Place: place, Update: update}
		if utf8.ValidString(data) {
			update.Data = data
		} else {
			update.Data = strings.ToValidUTF8(data, "?")
		}
		ours := feed.Cursors.Seal(place)
		if id == "" {
			id = ours
		}
		for _, one := range []struct {
			encode func(port.Entry) ([]byte, error)
			id     string
			retry  uint64
		}{{feed.encodeAsPublished, id, retry}, {feed.encode, ours, 0}} {
			frame, err := one.encode(entry)
			if plain := hub.IsPlain(kind) && hub.IsPlain(one.id); (err == nil) != plain {
				t.Fatalf("id %q, type %q: got %v", one.id, kind, err)
			}
			if err != nil {
				return
			}
			events, last, again := interpret("id: before\n\n" + string(frame))
			want := []dispatched{{kind, inLines(update.Data), one.id}}
			if !slices.Equal(events, want) || last != one.id {
				t.Errorf("%q reads as %q with the id %q, want %q", frame, events, last, want)
			}
			if said := strconv.FormatUint(one.retry, 10); one.retry > 0 && again != said || one.retry == 0 && again != "" {
				t.Errorf("%q says to come again after %q, want %d", frame, again, one.retry)
			}
			if !strings.HasSuffix(string(frame), "\n\n") || strings.Contains(string(frame), "\r") {
				t.Errorf("%q is no block", frame)
			}
		}
	})
}

// What says how a stream is read must itself read as the standard has it.
func TestTheInterpreterReadsTheExamplesOfTheStandard(t *testing.T) {
	for stream, want := range map[string][]dispatched{
		"data: YHOO\ndata: +2\ndata: 10\n\n": {{"", "YHOO\n+2\n10", ""}},
		": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n": {{"", "first event", "1"}, {"", "second event", ""}, {"", " third event", ""}},
		"data\n\ndata\ndata\n\ndata:":     {{"", "", ""}, {"", "\n", ""}},
		"data:test\r\rdata: test\r\n\r\n": {{"", "test", ""}, {"", "test", ""}},
		"event: a\nid: 1\n\ndata: x\n\n":  {{"", "x", "1"}},
	} {
		if got, _, _ := interpret(stream); !slices.Equal(got, want) {
			t.Errorf("%q reads as %q, want %q", stream, got, want)
		}
	}
}
