package chaos_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// answering is how long anybody waits for an answer, with a little for a busy
// machine.
const answering = promised + noise/2

// attempt is one try to send something, as it was answered.
type attempt struct {
	begun      time.Time
	took       time.Duration
	status     int // 0: not at all
	retryAfter string
	code       string
}

func (a attempt) taken() bool { return a.status == http.StatusCreated || a.status == http.StatusOK }

func (a attempt) refusedForNow() bool {
	return a.status == http.StatusServiceUnavailable && a.code == "storage-unavailable" && a.retryAfter != ""
}

// witness sees how each try of a client is answered, while the client itself
// cares for the last answer alone.
type witness struct {
	to   http.RoundTripper
	mu   sync.Mutex
	seen []attempt
}

// watch puts a witness before somebody's connections.
func watch(b *bot) *witness {
	w := &witness{to: b.client.Transport}
	b.client.Transport = w
	return w
}

func watchAll(those []*bot) (witnesses []*witness) {
	for _, b := range those {
		witnesses = append(witnesses, watch(b))
	}
	return witnesses
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/api/messages" {
		return w.to.RoundTrip(r)
	}
	a := attempt{begun: time.Now()}
	response, err := w.to.RoundTrip(r)
	if err == nil {
		var body []byte
		body, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
		response.Body = io.NopCloser(bytes.NewReader(body))
		if err == nil {
			var problem struct{ Code string }
			_ = json.Unmarshal(body, &problem) // a message has no code
			a.status, a.retryAfter, a.code = response.StatusCode, response.Header.Get("Retry-After"), problem.Code
		}
	}
	a.took = time.Since(a.begun)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, a)
	return response, err
}

func (w *witness) attempts() []attempt {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// answers is how tries were answered while a fault lasted, and after it.
type answers struct {
	taken, refused, silent int
	worst                  time.Duration // until an answer
	recovered              time.Duration // until everybody's first send was taken after the fault
	wrong                  []string
}

// judgeAnswers looks at the tries of some while a fault lasted. Each must be
// taken, or refused in time and with a time to come again; with cut, connections
// may break as well.
func judgeAnswers(those []*witness, from, to time.Time, cut bool) (got answers) {
	for _, w := range those {
		first := time.Duration(-1)
		for _, a := range w.attempts() {
			done := a.begun.Add(a.took)
			if after := done.Sub(to); first < 0 && after > 0 && a.taken() {
				first = after
			}
			if done.Before(from) || a.begun.After(to) {
				continue
			}
			got.worst = max(got.worst, a.took)
			switch {
			case a.taken():
				got.taken++
			case a.refusedForNow():
				got.refused++
			case a.status == 0 && cut:
				got.silent++
			default:
				got.wrong = append(got.wrong, fmt.Sprintf("a send was answered %d %q (Retry-After %q) after %v", a.status, a.code, a.retryAfter, a.took))
			}
			if a.took > answering {
				got.wrong = append(got.wrong, fmt.Sprintf("a send was answered after %v", a.took))
			}
		}
		if first < 0 {
			got.wrong = append(got.wrong, "somebody's sends were never taken again")
		}
		got.recovered = max(got.recovered, first)
	}
	return got
}

// demand fails the test for all that was wrong, and if nobody can send again in
// time.
func (got answers) demand(t *testing.T, within time.Duration) {
	t.Helper()
	for _, what := range got.wrong[:min(len(got.wrong), 5)] {
		t.Error(what)
	}
	if got.recovered > within {
		t.Errorf("everybody could send again after %v, want %v", got.recovered, within)
	}
}

func (got answers) String() string {
	return fmt.Sprintf("%d taken, %d refused, %d cut off; worst answer %v", got.taken, got.refused, got.silent, got.worst.Round(time.Millisecond))
}

func TestAnswersAreJudged(t *testing.T) {
	from := time.Now()
	to := from.Add(10 * time.Second)
	good := []attempt{
		{begun: from, took: time.Second, status: 503, retryAfter: "1", code: "storage-unavailable"},
		{begun: to, took: time.Second, status: 201},
	}
	for what, c := range map[string]struct {
		more []attempt
		cut  bool
		want int // wrong
	}{
		"all is well":                    {nil, false, 0},
		"a 500":                          {[]attempt{{begun: from, status: 500, code: "internal"}}, false, 1},
		"no time to come again":          {[]attempt{{begun: from, status: 503, code: "storage-unavailable"}}, false, 1},
		"too late":                       {[]attempt{{begun: from, took: 4 * time.Second, status: 201}}, false, 1},
		"cut off, where nothing is cut":  {[]attempt{{begun: from}}, false, 1},
		"cut off, where connections are": {[]attempt{{begun: from}}, true, 0},
	} {
		w := &witness{seen: append(slices.Clone(good), c.more...)}
		got := judgeAnswers([]*witness{w}, from, to, c.cut)
		if len(got.wrong) != c.want || got.recovered != time.Second || got.refused != 1 {
			t.Errorf("%s: got %+v, want %d to be wrong", what, got, c.want)
		}
	}
	if got := judgeAnswers([]*witness{{seen: good[:1]}}, from, to, false); len(got.wrong) != 1 {
		t.Errorf("nobody can send again: got %+v, want that to be wrong", got)
	}
}
