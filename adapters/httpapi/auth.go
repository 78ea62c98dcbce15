package httpapi

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/domain/identity"
)

// bearer asks for an access token.
var bearer = []map[string][]string{{"bearer": {}}}

// authenticate lets nobody through to an operation that is not public who has
// not shown who they are, or whose session has ended. It comes before the request
// is looked at any closer.
func (a *api) authenticate(ctx huma.Context, next func(huma.Context)) {
	if public, said := ctx.Operation().Metadata[publicly].(bool); said && public {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	began := a.Now()
	proof, err := a.prove(r)
	if err == nil {
		err = a.admit(r.Context(), proof.Caller)
	}
	if err != nil {
		a.problem(r.Context(), err, reported(ctx.Operation())).write(w)
		return
	}
	ctx = huma.WithValue(ctx, callerKey{}, proof.Caller)
	next(huma.WithValue(ctx, spentKey{}, a.Now().Sub(began)))
}

func (a *api) admit(ctx context.Context, who identity.Caller) error {
	ctx, cancel := inTime(ctx)
	defer cancel()
	return a.Admit(ctx, who)
}

// answerWithin is how long a caller waits for an answer, whatever becomes of the
// store, and however often it is asked for one operation. How long it took to send
// the body does not count.
const answerWithin = 3 * time.Second

// spentKey is under what a request remembers how much of that is gone.
type spentKey struct{}

// inTime ends when the caller is to have an answer.
func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	spent, _ := ctx.Value(spentKey{}).(time.Duration)
	return context.WithTimeout(ctx, answerWithin-spent)
}

// prove reads the token in the header; no cookie shows who calls the API.
func (a *api) prove(r *http.Request) (identity.Proof, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return identity.Proof{}, identity.ErrUnauthenticated
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	token = strings.TrimSpace(token)
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return identity.Proof{}, identity.ErrInvalidToken
	}
	return a.Verify(token)
}

type callerKey struct{}

// caller is who calls an operation that is not public; nobody of another one.
func caller(ctx context.Context) identity.Caller {
	who, _ := ctx.Value(callerKey{}).(identity.Caller)
	return who
}

// checkMediaType takes bodies of JSON alone.
func (a *api) checkMediaType(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if ctx.Operation().RequestBody != nil && r.ContentLength != 0 && !isJSON(r.Header) {
		newProblem("unsupported-media-type", http.StatusUnsupportedMediaType, "", reported(ctx.Operation()).instance).write(w)
		return
	}
	next(ctx)
}

// isJSON reports whether the body is JSON, or does not say what it is.
func isJSON(header http.Header) bool {
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	said := header.Get("Content-Type")
	if said == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(said)
	return err == nil && (media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}
