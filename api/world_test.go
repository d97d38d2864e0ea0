package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/api/web"
	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/tiles"
)

// world is a whole server over a store in memory, as serve wires it.
type world struct {
	t      testing.TB
	store  *memory.Store
	city   *city.City
	viewer *tiles.Viewer
	tiles  *tiles.Renderer
	server *Server
	events *Events
	logs   *logBuffer

	mu      sync.Mutex
	changed *sync.Cond // after each publication
}

// logBuffer collects log lines of any goroutine.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var loadSite = sync.OnceValues(web.New) // compressing it takes long under the race detector

var loadHangzhou = sync.OnceValues(func() (*city.Profile, error) { return city.Load("hangzhou") })

func hangzhou(t testing.TB) *city.Profile {
	t.Helper()
	p, err := loadHangzhou()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newWorld serves the records and units through a view, and waits until they
// are shown.
func newWorld(t testing.TB, view city.View, records []*data.Record, units map[string][]data.Unit, with ...func(*Options)) *world {
	t.Helper()
	p := hangzhou(t)
	w := &world{t: t, store: memory.New(p.Taxonomy), logs: &logBuffer{}}
	w.changed = sync.NewCond(&w.mu)
	w.events = NewEvents(EventOptions{})
	note := data.Note{Who: "test", Why: "fixture"}
	for kind, us := range units {
		if _, err := w.store.Replace(t.Context(), note, kind, us); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.store.Apply(t.Context(), note, puts(records...)...); err != nil {
		t.Fatal(err)
	}
	w.city = city.Wrap(w.store, p, view)
	w.viewer = tiles.NewViewer(p, view)
	var err error
	if w.tiles, err = tiles.NewRenderer(w.viewer, tiles.Options{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		index.New(p.Taxonomy).Follow(ctx, w.city, func(u index.Update) {
			before := w.viewer.View()
			w.viewer.Publish(u)
			w.events.Publish(before, w.viewer.View(), u)
			w.mu.Lock()
			w.changed.Broadcast()
			w.mu.Unlock()
		})
	}()
	t.Cleanup(func() { cancel(); <-done; w.tiles.Close() })
	<-w.viewer.Ready()
	site, err := loadSite()
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Site: site, View: w.viewer.View, Tiles: w.tiles, City: w.city, Stats: w.tiles.Stats(), CORS: "*", Version: "test", Published: w.viewer.Reached,
		Log: slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	opts.Events = w.events
	for _, change := range with {
		change(&opts)
	}
	if w.server, err = New(opts); err != nil {
		t.Fatal(err)
	}
	return w
}

func puts(records ...*data.Record) []data.Change {
	out := make([]data.Change, len(records))
	for i, r := range records {
		out[i] = data.Change{ID: r.Hazard.ID, If: data.Any, New: r}
	}
	return out
}

// apply changes the store and waits until the change is shown.
func (w *world) apply(changes ...data.Change) data.Revision {
	w.t.Helper()
	rev, err := w.store.Apply(w.t.Context(), data.Note{Who: "test", Why: "change"}, changes...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.viewer.View().Revision() < rev {
		w.changed.Wait()
	}
	return rev
}

// do asks the server.
func (w *world) do(method, target string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r)
	return rec
}

func (w *world) get(target string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(http.MethodGet, target, header...)
}

// read asks for JSON and wants a 200.
func read[T any](w *world, target string) T {
	w.t.Helper()
	rec := w.get(target)
	if rec.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", target, rec.Code, rec.Body)
	}
	var v T
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		w.t.Fatalf("%s: %v: %s", target, err, rec.Body)
	}
	return v
}

// problem asks for what must be refused with this status.
func (w *world) problem(target string, status int) Problem {
	w.t.Helper()
	return checkProblem(w.t, target, w.get(target), status)
}

func checkProblem(t testing.TB, target string, rec *httptest.ResponseRecorder, status int) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != status {
		t.Fatalf("%s: %d %s, want a problem of status %d", target, rec.Code, rec.Body, status)
	}
	if got := rec.Header().Get("Content-Type"); got != problemType {
		t.Errorf("%s: Content-Type %q", target, got)
	}
	if p.Type != "about:blank" || p.Title == "" || p.Status != status || p.Detail == "" {
		t.Errorf("%s: %+v lacks a member", target, p)
	}
	return p
}

// source makes a public record; more changes it before it is sealed.
func source(t testing.TB, id, industry string, level data.Level, at orb.Geometry, more ...func(*data.Hazard)) *data.Record {
	t.Helper()
	in, err := hangzhou(t).Taxonomy.Industry(industry)
	if err != nil {
		t.Fatal(err)
	}
	h := data.Hazard{ID: data.ID(id), Name: "source " + id, Class: data.Class{Industry: in, Level: level},
		Sensitivity: data.Public, Shape: at}
	for _, change := range more {
		change(&h)
	}
	sealed, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return &data.Record{Hazard: sealed}
}

// scenario adds an accident with a footprint.
func scenario(t testing.TB, perYear float64, f data.Footprint, more ...func(*data.Scenario)) func(*data.Hazard) {
	t.Helper()
	print, err := data.NewFootprint(f)
	if err != nil {
		t.Fatal(err)
	}
	s := data.Scenario{Outcome: 0, Basis: data.QRA, PerYear: perYear, Footprint: print}
	for _, change := range more {
		change(&s)
	}
	return func(h *data.Hazard) { h.Scenarios = append(h.Scenarios, s) }
}

func step(metres float64) data.Footprint {
	return data.Footprint{Kind: data.Step, V0: 1, R1: metres, R2: metres}
}

func at(p orb.Point) string { return fmt.Sprintf("lon=%v&lat=%v", p[0], p[1]) }

func escape(s string) string { return url.QueryEscape(s) }
