package subscriptions

import "parley/domain/hub"

// Filter is what a list is to have.
type Filter struct {
	Type hub.MatchType // 0: all
	Text *string       // of the matcher; nil: all
	Only string        // the subscriber; empty: all
}

func (f Filter) takes(s hub.Subscription) bool {
	return (f.Type == 0 || f.Type == s.Type) && (f.Text == nil || *f.Text == s.Text)
}

// Page is a part of a list.
type Page struct {
	Items []hub.Subscription
	Next  string // after which subscriber it goes on; empty: this is the end
}

// Bounds of a page. A stream is never divided, so it may be more by one.
const (
	pageItems = 1000
	pageBytes = 1 << 20
)

// List returns the active subscriptions that the filter takes, by subscriber: those
// of the subscribers after this one, or of all if it is empty. A page has about
// 1,000, or 1 MiB of them; where it goes on is in the page.
func (r *Registry) List(f Filter, after string) Page {
	r.mu.Lock()
	defer r.mu.Unlock()
	var page Page
	first := 0
	if after != "" {
		at, listed := r.find(after)
		if first = at; listed {
			first++
		}
	}
	rest := r.streams[first:]
	if f.Only != "" {
		at, listed := r.find(f.Only)
		rest = nil
		if listed {
			rest = r.streams[at : at+1]
		}
	}
	size := 0
	for i, s := range rest {
		for _, one := range s.subscriptions {
			if f.takes(one) {
				page.Items = append(page.Items, one)
				size += 4*len(one.Text) + len(one.Payload)
			}
		}
		if i+1 < len(rest) && (len(page.Items) >= pageItems || size >= pageBytes) {
			page.Next = s.subscriber
			break
		}
	}
	return page
}
