package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzhttp"
)

const (
	openAPIType = "application/vnd.oai.openapi+json"
	yamlType    = "application/yaml"

	htmlType     = "text/html"
	markdownType = "text/markdown"
	xlsxType     = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// router declares routes: each gets its place in mux, its operation in the
// OpenAPI document, and the check of its query.
type router struct {
	mux      *mux.Router
	api      huma.API
	cors     *cors
	large    *large
	compress func(http.Handler) http.HandlerFunc // of JSON and text
	handlers map[string]http.HandlerFunc         // by template
	mount    http.HandlerFunc                    // for the operation being declared: the plain handler; nil takes huma's
	hot      map[string]http.HandlerFunc         // GET routes met before mux, by path
	raw      func(*params) http.HandlerFunc      // for the operation being declared: its handler, which checks the query itself
	door     *door
	uploads  map[string]int64 // most bytes of a body by "METHOD /path", where they are more than usual
}

func newRouter(s *Server) (*router, error) {
	r := &router{mux: mux.NewRouter().SkipClean(true), cors: &s.cors, large: s.large, handlers: map[string]http.HandlerFunc{}, hot: map[string]http.HandlerFunc{},
		door: &door{tokens: s.opts.Tokens, origins: s.cors.origins}, uploads: map[string]int64{}}
	var err error
	if r.compress, err = gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.ContentTypes([]string{jsonType, geoJSONType, csvType, htmlType, markdownType})); err != nil {
		return nil, err
	}
	config := huma.DefaultConfig("riskatlas", s.opts.Version)
	config.CreateHooks = nil // no $schema in answers
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Info.Description = "City safety risk: sources in, superposed risk tiles and answers out. " +
		"Risk is individual risk in 1 per year; distances are metres; coordinates are longitude, latitude in degrees, WGS 84 unless crs= says otherwise. " +
		"Filters unite inside one parameter (industry and group count as one) and intersect between parameters; an empty intersection is an empty answer. " +
		"Unknown parameters and values are refused by a problem that names what is allowed."
	r.api = huma.NewAPI(config, r)
	r.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	r.api.OpenAPI().Components.SecuritySchemes = map[string]*huma.SecurityScheme{security: {Type: "http", Scheme: "bearer",
		Description: "A token of the server's --tokens file. Without such a file the server's own machine may write, and nobody else."}}
	r.mux.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		fail(w, notFound("there is nothing at this path; /openapi.json lists what there is"))
	})
	r.mux.MethodNotAllowedHandler = http.HandlerFunc(r.otherMethod)
	return r, nil
}

// Handle and ServeHTTP make the router huma's adapter.
func (r *router) Handle(op *huma.Operation, handle func(huma.Context)) {
	mount := r.mount
	if mount == nil {
		answer := r.compress(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			handle(deaf{humamux.NewContext(op, q, w)})
		}))
		mount = func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			answer(w, q.WithContext(context.WithValue(q.Context(), exchangeKey{}, &exchange{w, q})))
		}
	}
	known, path, demand := paramsOf(op), op.Path, demandOf(op)
	checkDemand(op)
	if most, _ := op.Metadata[bodyKey].(int64); most > 0 {
		r.uploads[op.Method+" "+path] = most
	}
	if r.raw != nil {
		r.handlers[path] = r.raw(known)
		r.mux.Path(path).Methods(op.Method).Name(op.OperationID).HandlerFunc(r.handlers[path])
		return
	}
	checked := func(w http.ResponseWriter, q *http.Request) {
		setRoute(w, path)
		q, problem := r.door.admit(w, q, demand)
		if problem != nil {
			fail(w, problem)
			return
		}
		query, problem := known.canonical(q.URL.RawQuery)
		if problem != nil {
			fail(w, problem)
			return
		}
		q.URL.RawQuery = query
		mount(w, q)
	}
	r.handlers[path] = checked
	r.mux.Path(path).Methods(op.Method).Name(op.OperationID).HandlerFunc(checked)
}

// deaf hides Accept from huma, which has one form to choose from and panics on
// some values ("a;q,b"). Routes with more forms read it themselves.
type deaf struct{ adapted }

// adapted is a name to embed by that huma.Context's own method does not have.
type adapted = huma.Context

func (c deaf) Header(name string) string {
	if name == "Accept" {
		return ""
	}
	return c.adapted.Header(name)
}

// Unwrap gives the context of the adapter.
func (c deaf) Unwrap() huma.Context { return c.adapted }

func (r *router) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method == http.MethodOptions {
		r.options(w, q)
		return
	}
	// Tiles are most of the traffic, and mux's two regular expressions and two
	// copies of the request are half of what a cached one costs.
	if p, ok := pathOf(w, q); ok && q.Method == http.MethodGet {
		r.handlers[tileTemplate+p.format](w, q)
		return
	}
	if handle, ok := r.hot[q.URL.Path]; ok && q.Method == http.MethodGet {
		handle(w, q)
		return
	}
	r.mux.ServeHTTP(w, q)
}

// tileTemplate is a tile's path up to its format.
const tileTemplate = "/tiles/{layers}/{z}/{x}/{y}."

func setRoute(w http.ResponseWriter, template string) {
	if res, ok := w.(*response); ok {
		res.route = template
	}
}

// exchange is the request and its writer, for the few typed handlers that need
// more than their input.
type exchange struct {
	w http.ResponseWriter
	r *http.Request
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// media is one form of an answer that a handler encodes itself.
type media struct {
	kind   string
	schema reflect.Type // nil: text
}

// typed declares a GET route whose answer is JSON of O's Body or, when the body
// is bytes, of the given forms.
func typed[I, O any](r *router, path, id, summary string, handle func(context.Context, *I) (*O, error), forms ...media) {
	responses := problems()
	if len(forms) > 0 {
		responses["200"] = &huma.Response{Description: summary, Content: map[string]*huma.MediaType{}}
		for _, f := range forms {
			schema := &huma.Schema{Type: huma.TypeString}
			if f.schema != nil {
				schema = r.api.OpenAPI().Components.Schemas.Schema(f.schema, true, id)
			}
			responses["200"].Content[f.kind] = &huma.MediaType{Schema: schema}
		}
	}
	huma.Register(r.api, huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary,
		Tags: []string{tagOf(path)}, Responses: responses}, failing(handle))
}

// failing turns the errors of a handler into problems, and keeps their cause for
// the log.
func failing[I, O any](handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		p := problemOf(err)
		if res, ok := exchangeOf(ctx).w.(*response); ok && p.cause != nil {
			res.err = p.cause
		}
		return nil, p
	}
}

// plain declares a GET route that writes its own answer. I names its parameters.
func plain[I any](r *router, path, id, mediaType, summary string, handle http.HandlerFunc) {
	responses := problems()
	responses["200"] = &huma.Response{Description: summary, Content: map[string]*huma.MediaType{mediaType: {}}}
	r.mount = handle
	defer func() { r.mount = nil }()
	huma.Register(r.api, huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary,
		Tags: []string{tagOf(path)}, Responses: responses, DefaultStatus: http.StatusOK},
		func(context.Context, *I) (*struct{}, error) { return nil, nil })
}

func tagOf(path string) string {
	switch first := strings.Split(path, "/")[1]; first {
	case "tiles", "styles":
		return "map"
	case "api":
		if path != "/api" {
			return "answers"
		}
	}
	return "server"
}

// problems describes every answer of 400 and more.
func problems() map[string]*huma.Response {
	return map[string]*huma.Response{"default": {Description: "A problem (RFC 9457)",
		Content: map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}}
}

// document gives the OpenAPI document, written at the first question for it.
func (r *router) document(mediaType string, write func() ([]byte, error)) http.HandlerFunc {
	written := sync.OnceValues(write)
	return func(w http.ResponseWriter, _ *http.Request) {
		body, err := written()
		if err != nil {
			fail(w, fmt.Errorf("the OpenAPI document: %w", err))
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(body)
	}
}

// methods lists what a path answers, "" where there is nothing.
func (r *router) methods(q *http.Request) string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		try := *q
		try.Method = method
		var match mux.RouteMatch
		if r.mux.Match(&try, &match) && match.MatchErr == nil && match.Route != nil {
			allowed = append(allowed, method)
			if method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
	}
	if len(allowed) == 0 {
		return ""
	}
	return strings.Join(append(allowed, http.MethodOptions), ", ")
}

func (r *router) otherMethod(w http.ResponseWriter, q *http.Request) {
	allow := r.methods(q)
	p := newProblem(http.StatusMethodNotAllowed, "this path answers "+allow)
	p.allow = allow
	fail(w, p)
}

func (r *router) options(w http.ResponseWriter, q *http.Request) {
	allow := r.methods(q)
	if allow == "" {
		r.mux.NotFoundHandler.ServeHTTP(w, q)
		return
	}
	w.Header().Set("Allow", allow)
	r.cors.preflight(w.Header(), q, allow)
	w.WriteHeader(http.StatusNoContent)
}
