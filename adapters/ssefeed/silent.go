package ssefeed

import (
	"net/http"
	"strings"
)

// silent writes a block that is no event: where its reader stands, or when to come
// again.
//
// An EventSource takes the id at the end of the block, so the block has one. To
// whoever reads with fetch it has none, and so is the beginning of the next one:
// fetch-event-source takes id and retry as it reads their lines, and hands its
// application every block that ends as if it were an event. An application that
// parses the data which is not there throws, and with that ends the line, again and
// again.
func (s *stream) silent(b block) error {
	out := b.bytes()
	if s.fetched {
		out = out[:len(out)-1]
	}
	return s.write(out)
}

// isFetched reports whether a stream is read with fetch, by a page or by a server in
// JavaScript, and not by an EventSource, which asks to go past all caches.
func isFetched(header http.Header) bool {
	mode := header.Get("Sec-Fetch-Mode")
	return (mode == "cors" || mode == "same-origin") && !strings.Contains(header.Get("Cache-Control"), "no-cache")
}
