package httpapi

import (
	"net/http"
	"strings"

	"parley/domain/hub"
)

// subscriptions lets feed answer for what is below the hub's subscriptions. A mux
// would not do: it takes two slashes for one, and these paths have parts that are
// URLs, percent-encoded.
func (s Server) subscriptions(feed, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		switch {
		case path != hub.SubscriptionsPath && !strings.HasPrefix(path, hub.SubscriptionsPath+"/"):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			r.Pattern = r.Method + " " + hub.SubscriptionsPath // all that is logged of it: topics are nobody's business
			feed.ServeHTTP(w, r)
		default:
			w.Header().Set("Allow", "GET, HEAD")
			newProblem("method-not-allowed", http.StatusMethodNotAllowed, "", instanceOf(r)).write(w)
		}
	})
}
