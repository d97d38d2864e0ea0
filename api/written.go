package api

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Keys of an operation's metadata: what the router knows of a route beside what
// the document says.
const (
	demandKey   = "demand"   // Role
	questionKey = "question" // true: a POST or DELETE that changes nothing of the city
	bodyKey     = "body"     // int64: bytes of the body, where they are more than usual
)

// demandOf is the role that a route asks for.
func demandOf(op *huma.Operation) Role {
	role, _ := op.Metadata[demandKey].(Role)
	return role
}

// checkDemand refuses, before the server starts, a route that could change the
// city and asks for no role.
func checkDemand(op *huma.Operation) {
	asks, _ := op.Metadata[questionKey].(bool)
	if op.Method != http.MethodGet && demandOf(op) == Nobody && !asks {
		panic(fmt.Sprintf("api: %s %s asks for no role: declare it with written", op.Method, op.Path))
	}
}

// security names the bearer tokens in the OpenAPI document.
const security = "token"

// written declares a route that changes the city: only a token of the role may
// call it or, where there are no tokens, this machine; whoOf gives the name. The
// handler reads the body by itself, of one of the given forms and of at most
// mostBytes (0: 1 MB); no forms: there is none. Bodies of another Content-Type,
// or of none, are refused before the handler sees them: no form of a page can
// send them.
func written[I, O any](r *router, method, path, id, summary string, role Role, handle func(context.Context, *I) (*O, error), mostBytes int64, takes ...media) {
	responses := problems()
	op := huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"writes"}, Responses: responses,
		Security: []map[string][]string{{security: {}}}, Metadata: map[string]any{demandKey: role, bodyKey: mostBytes}}
	huma.Register(r.api, op, failing(func(ctx context.Context, in *I) (*O, error) {
		if err := checkMedia(exchangeOf(ctx).r, takes); err != nil {
			return nil, err
		}
		return handle(ctx, in)
	}))
	if len(takes) > 0 {
		r.describeBody(method, path, id, takes)
	}
}

// describeBody says in the document what a route takes. It comes after the route
// is declared: huma would read the body itself.
func (r *router) describeBody(method, path, id string, takes []media) {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for _, m := range takes {
		schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		if m.schema != nil {
			schema = r.api.OpenAPI().Components.Schemas.Schema(m.schema, true, id+"Request")
		}
		body.Content[m.kind] = &huma.MediaType{Schema: schema}
	}
	op := r.operation(method, path)
	op.RequestBody = body
}

// operation is a declared route in the OpenAPI document.
func (r *router) operation(method, path string) *huma.Operation {
	item := r.api.OpenAPI().Paths[path]
	return map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete}[method]
}

// checkMedia refuses a body of another form than those that a route takes.
func checkMedia(r *http.Request, takes []media) error {
	if len(takes) == 0 {
		return nil
	}
	kinds := make([]string, len(takes))
	for i, m := range takes {
		kinds[i] = m.kind
	}
	given := r.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(given)
	if err == nil && slices.Contains(kinds, kind) {
		return nil
	}
	p := newProblem(http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type: %q: want %s", shorten(given), strings.Join(kinds, ", ")))
	p.Parameter, p.Value, p.Allowed = "Content-Type", shorten(given), kinds
	return p
}

// mostBody is how many bytes the body of a request may have.
func (r *router) mostBody(q *http.Request) int64 {
	if most := r.uploads[q.Method+" "+q.URL.Path]; most > 0 {
		return most
	}
	return maxBodyBytes
}

// upload is a long body: it may take as long as it moves.
type upload struct {
	io.ReadCloser
	control *http.ResponseController
	left    int // bytes until the deadlines move
}

// Read gives each stride deadlines of its own.
func (u *upload) Read(b []byte) (int, error) {
	if u.left <= 0 {
		// A connection without deadlines, as a test's, has none to move.
		_ = u.control.SetReadDeadline(time.Now().Add(readTimeout))
		_ = u.control.SetWriteDeadline(time.Now().Add(readTimeout + writeTimeout))
		u.left = stride
	}
	n, err := u.ReadCloser.Read(b)
	u.left -= n
	return n, err
}

// readAll reads the whole body, within the limit of its route.
func readAll(r *http.Request) ([]byte, error) { return io.ReadAll(r.Body) }
