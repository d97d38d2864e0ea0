package api

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/api/web"
	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/forms"
	"riskatlas/data/grading"
	"riskatlas/data/ingest"
	"riskatlas/tiles"
)

// Options is what a Server answers from. View, Tiles and City are needed.
type Options struct {
	View  func() *tiles.View // the newest view; it gives nil until the city is loaded
	Tiles tiles.Source       // the living city's renderer, or an archive
	City  *city.City         // details, and who looks

	Stats     *tiles.Stats // the renderer's counters for /metrics; nil: none
	Log       *slog.Logger // one line a request, and every failure; nil: none
	CORS      string       // origins that a browser may read answers from, comma-joined; "*" any, "" none
	Archive   bool         // Tiles is an archive: its answers never change and caches may keep them
	TilesOnly bool         // there is no city behind the tiles: questions about sources have no route
	Synthetic bool         // the city is the demonstration: every answer says so
	// What-ifs are held in the memory of this server alone.
	WhatIfs    int           // how many are held at most; 0: 256
	WhatIfIdle time.Duration // how long after its last use one is held; 0: an hour

	AnswerBytes int64            // memory for long answers in the making or on their way; 0: DefaultAnswerBytes
	Now         func() time.Time // by which answers tell past from future; nil: time.Now

	BriefBytes int64 // memory for what records say of the sources that risks come from; 0: DefaultBriefBytes

	// Writes.
	Tokens          *Tokens                                          // who may write; nil: this machine alone
	WritesPerSecond float64                                          // of one name, ten times as many at once after a pause; 0: DefaultWritesPerSecond
	Published       func(ctx context.Context, r data.Revision) error // waits until View gives the revision, or a later one; nil: a write's answer waits for nothing

	Events *Events // what revisions changed, for those who listen; nil: nobody may

	Webhooks []Webhook // who is told of it; see DeliverWebhooks
	Imports  *Imports  // what imports are done by; nil: there is no route for them

	Version string    // of the program, for the OpenAPI document and the metrics
	Site    *web.Site // the pages; nil: those embedded in the program
}

// Server answers HTTP. Safe for concurrent use.
type Server struct {
	opts    Options
	router  *router
	handler http.Handler
	site    *web.Site
	cors    cors
	metrics *metrics
	heavy   chan struct{} // places for answers that superpose much ground
	waiting atomic.Int32  // for one of them
	names   nameCache
	parts   partCache
	whatIfs *whatIfs
	rules   *grading.Rules
	reports reportCache
	briefs  *briefs
	hooks   []*hook
	large   *large

	accidents accidents

	vetter    *ingest.Vetter
	keyLocks  keyLocks
	newIDs    newIDs
	reviews   reviews
	batches   chan struct{} // places for batches, whose bodies are large
	pasts     *pasts
	pastParts partCache // of views of the past
	forms     *forms.Book
	exporting chan struct{} // places for files that are being written

	draining, stale atomic.Bool
}

// New makes the server of a city.
func New(opts Options) (*Server, error) {
	for name, missing := range map[string]bool{"View": opts.View == nil, "Tiles": opts.Tiles == nil, "City": opts.City == nil} {
		if missing {
			return nil, fmt.Errorf("api: Options.%s is missing", name)
		}
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Version == "" {
		opts.Version = "dev"
	}
	var err error
	if opts.Site == nil {
		if opts.Site, err = web.New(); err != nil {
			return nil, fmt.Errorf("reading the embedded pages: %w", err)
		}
	}
	s := &Server{opts: opts, site: opts.Site, cors: newCORS(opts.CORS), heavy: make(chan struct{}, runtime.GOMAXPROCS(0))}
	if s.rules, err = grading.Load(); err != nil {
		return nil, fmt.Errorf("reading the rules of grading: %w", err)
	}
	s.large = newLarge(opts.AnswerBytes)
	s.whatIfs = newWhatIfs(opts.WhatIfs, opts.WhatIfIdle, s.suppose)
	if s.briefs, err = newBriefs(opts.City, opts.BriefBytes, s.details); err != nil {
		return nil, err
	}
	s.reviews.turn = make(chan struct{}, 1)
	s.pasts = newPasts(s.makePast)
	s.pastParts.alone = true
	s.reports.turn = make(chan struct{}, 1)
	s.exporting = make(chan struct{}, mostExports)
	if s.metrics, err = newMetrics(s); err != nil {
		return nil, fmt.Errorf("registering the metrics: %w", err)
	}
	if s.accidents, err = loadAccidents(); err != nil {
		return nil, fmt.Errorf("reading the tables of accidents: %w", err)
	}
	if s.forms, err = forms.New(opts.City.Profile()); err != nil {
		return nil, fmt.Errorf("reading the forms: %w", err)
	}
	s.vetter = ingest.NewVetter(opts.City.Profile(), s.rules, s.forms)
	s.keyLocks.seed = maphash.MakeSeed()
	s.batches = make(chan struct{}, batchesAtOnce)
	if s.router, err = s.routes(); err != nil {
		return nil, err
	}
	if err = s.checkWebhooks(); err != nil {
		return nil, err
	}
	s.handler = s.router
	return s, nil
}

// Handler answers every route, within the limits and with the headers that go
// with each answer.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// SetDraining makes /readyz answer 503, so that balancers look away before the
// server stops, and ends the streams of events. Everything else is still answered.
func (s *Server) SetDraining() {
	s.draining.Store(true)
	if s.opts.Events != nil {
		s.opts.Events.Close() // a stream would never end by itself
	}
}

// SetStale says that the city is followed no longer: answers stay true of their
// revision, and say that they are stale.
func (s *Server) SetStale() { s.stale.Store(true) }

// now is the time by which answers tell past from future.
func (s *Server) now() time.Time {
	if s.opts.Now != nil {
		return s.opts.Now()
	}
	return time.Now()
}

// view is the revision that a request answers from.
func (s *Server) view() (*tiles.View, error) {
	if v := s.opts.View(); v != nil {
		return v, nil
	}
	return nil, errNotReady
}

// frozen is what an archive says of the map that it holds.
type frozen interface {
	Zooms() (least, most uint8)
	Bound() orb.Bound
	Layers() tiles.LayerSet
}

// held narrows a layer's zooms to those that the source of tiles has; ok is
// false where it has none of them.
func (s *Server) held(l data.Layer) (least, most uint8, ok bool) {
	least, most = data.Layers[l].MinZoom, data.Layers[l].MaxZoom
	if file, frozen := s.opts.Tiles.(frozen); frozen {
		from, to := file.Zooms()
		least, most = max(least, from), min(most, to)
		if !file.Layers().Has(l) {
			return 0, 0, false
		}
	}
	return least, most, least <= most
}

// bound is the ground that tiles are of.
func (s *Server) bound(v *tiles.View) orb.Bound {
	b := v.City.Bound
	if file, frozen := s.opts.Tiles.(frozen); frozen && file.Bound().Intersects(b) {
		f := file.Bound()
		b = orb.Bound{Min: orb.Point{max(b.Min[0], f.Min[0]), max(b.Min[1], f.Min[1])},
			Max: orb.Point{min(b.Max[0], f.Max[0]), min(b.Max[1], f.Max[1])}}
	}
	return b
}

// Answer is what every JSON answer says of itself.
type Answer struct {
	DataRevision uint64    `json:"data_revision" doc:"The revision of the data that the answer is true of."`
	View         *ViewInfo `json:"view,omitempty" doc:"There when the answer shows less than the whole."`
	Synthetic    bool      `json:"synthetic,omitempty" doc:"True when the city is the demonstration: no source in it is real."`
	WhatIf       bool      `json:"whatif,omitempty" doc:"True when the answer is of a what-if and not of the city as it is."`
	AsOf         *AsOf     `json:"as_of,omitempty" doc:"There when the answer is of the city as it was at an earlier time."`
	Stale        bool      `json:"stale,omitempty" doc:"True when the server has lost its store and answers from its last revision."`
}

// ViewInfo says that an answer is cut for those who see it.
type ViewInfo struct {
	Name    string `json:"name" example:"public"`
	LeftOut int    `json:"left_out" doc:"Number of sources that this view leaves out."`
}

func (s *Server) answer(v *tiles.View) Answer {
	a := Answer{DataRevision: uint64(v.Revision()), Synthetic: s.opts.Synthetic, Stale: s.stale.Load(), WhatIf: v.Base() != nil,
		AsOf: s.asOfInfo(v)}
	if v.Who == city.PublicView {
		a.View = &ViewInfo{Name: string(v.Who), LeftOut: s.cityOf(v).LeftOut()}
	}
	return a
}

// baseURL is how the client reached the server, "https://host:port": links in
// answers begin with it.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	host := r.Host
	if host == "" {
		host = "localhost"
	}
	return scheme + "://" + host
}

// The limits of one connection.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	maxURLBytes       = 8 << 10
	maxBodyBytes      = 1 << 20
)

// HTTPServer is the server to run a handler in: with a deadline for every step
// and a bound on the header.
func HTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
}
