package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"gopkg.in/yaml.v3"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

const fullTile = "/tiles/risk,hazards/12/3415/1686.mvt"

func TestTilesInEveryEncoding(t *testing.T) {
	w, _ := theTown(t)
	plain := w.get(fullTile)
	if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", plain.Code, plain.Header())
	}
	tag := plain.Header().Get("ETag")
	if tag == "" || strings.Contains(tag, "-gzip") || strings.HasPrefix(tag, "W/") {
		t.Fatalf("ETag %s", tag)
	}
	zippedTag := strings.TrimSuffix(tag, `"`) + `-gzip"`
	for accept, zipped := range map[string]bool{"gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "*": true, "gzip, deflate, br, zstd": true,
		"": false, "identity": false, "br": false, "gzip;q=0": false, "gzip; q=0.0, *": false, "*;q=0": false, "gzip;q=nonsense": false} {
		rec := w.get(fullTile, "Accept-Encoding", accept)
		h := rec.Header()
		want, body := tag, rec.Body.Bytes()
		if zipped {
			want = zippedTag
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatalf("%q: %v", accept, err)
			}
			if body, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if (h.Get("Content-Encoding") == "gzip") != zipped || h.Get("ETag") != want || !bytes.Equal(body, plain.Body.Bytes()) {
			t.Errorf("%q: encoding %q, ETag %s, %d bytes", accept, h.Get("Content-Encoding"), h.Get("ETag"), len(body))
		}
		if h.Get("Content-Type") != tileType || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != "no-cache" ||
			h.Get("Content-Length") != fmt.Sprint(rec.Body.Len()) || h.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%q: %v", accept, h)
		}
		for _, known := range []string{tag, zippedTag, `W/` + zippedTag, `"x", ` + tag, "*"} {
			rec := w.get(fullTile, "Accept-Encoding", accept, "If-None-Match", known)
			if rec.Code != http.StatusNotModified || rec.Body.Len() != 0 || rec.Header().Get("ETag") != want || rec.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q with %s: %d, ETag %s", accept, known, rec.Code, rec.Header().Get("ETag"))
			}
		}
		for _, other := range []string{`"x"`, `"x-gzip"`, "x", ""} {
			if rec := w.get(fullTile, "Accept-Encoding", accept, "If-None-Match", other); rec.Code != 200 {
				t.Errorf("%q with %s: %d", accept, other, rec.Code)
			}
		}
	}
	pbf := w.get(strings.Replace(fullTile, ".mvt", ".pbf", 1))
	if !bytes.Equal(pbf.Body.Bytes(), plain.Body.Bytes()) || pbf.Header().Get("ETag") != tag {
		t.Error(".pbf is another tile")
	}
	if order := w.get("/tiles/hazards,risk/12/3415/1686.mvt"); order.Header().Get("ETag") != tag {
		t.Error("the order of layers makes another tile")
	}
}

func TestJSONIsCompressedForWhoAccepts(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{"/api/v1/hazards", "/api/v1/hazards?format=csv", "/api/v1/taxonomy", "/styles/day/style.json"} {
		plain, zipped := w.get(target), w.get(target, "Accept-Encoding", "gzip")
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		body, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(body, plain.Body.Bytes()) || zipped.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %v, %v", target, err, zipped.Header())
		}
		for _, rec := range []*httptest.ResponseRecorder{plain, zipped} {
			if vary := strings.Join(rec.Header().Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") ||
				strings.Contains(target, "hazards") && !strings.Contains(vary+",", "Accept,") {
				t.Errorf("%s: Vary %q", target, vary)
			}
		}
	}
}

// No object in any answer has a name twice.
func TestAnswersAreStrictJSON(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{"/api/v1/hazards?limit=3", "/api/v1/hazards/T0001", "/api/v1/risk?" + onePlace + "&zoom=12", "/api/v1/nearby?" + onePlace,
		"/api/v1/nearby?" + onePlace + "&reach=true", "/api/v1/summary", "/api/v1/districts/330106", "/api/v1/taxonomy", "/api/v1/places", "/api/v1/search?q=1",
		"/tiles", "/tiles/risk.json", "/styles/day/style.json", "/healthz", "/readyz", "/openapi.json", "/nothing"} {
		dec := json.NewDecoder(w.get(target).Body)
		if err := distinctNames(dec); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := dec.Token(); err != io.EOF {
			t.Errorf("%s: more than one value", target)
		}
	}
}

func distinctNames(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[any]bool{}
	for dec.More() {
		if open == '{' {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			if seen[name] {
				return fmt.Errorf("%v comes twice", name)
			}
			seen[name] = true
		}
		if err := distinctNames(dec); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

func TestEmptyTilesHaveETags(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{"/tiles/risk/12/0/0.mvt", "/tiles/risk/20/1/1.mvt", "/tiles/hazards/12/3415/1686.mvt?industry=I05", "/tiles/risk/0/0/0.mvt"} {
		rec := w.get(target)
		tag := rec.Header().Get("ETag")
		if rec.Code != http.StatusNoContent || tag == "" || rec.Body.Len() != 0 || rec.Header().Get("Content-Type") != "" {
			t.Errorf("%s: %d %v", target, rec.Code, rec.Header())
		}
		if again := w.get(target, "If-None-Match", tag); again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", target, again.Code)
		}
	}
}

// A known ETag is answered before any work: nothing is computed for it.
func TestNotModifiedCostsNothing(t *testing.T) {
	w := newWorld(t, city.InternalView, town(t, 20, 1), nil)
	tag := w.get(fullTile).Header().Get("ETag")
	computed := w.tiles.Stats().Computed.Load()
	w.get(fullTile, "If-None-Match", tag)
	if got := w.tiles.Stats(); got.Computed.Load() != computed || got.NotModified.Load() != 1 || got.MemoryHits.Load() != 0 {
		t.Errorf("computed %d, not modified %d, memory %d", got.Computed.Load()-computed, got.NotModified.Load(), got.MemoryHits.Load())
	}
}

// fakeTiles is a source that answers as told.
type fakeTiles struct {
	tile tiles.Tile
	err  error
	seen tiles.Request
}

func (f *fakeTiles) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) {
	f.seen = r
	return f.tile, f.err
}

// frozenTiles is a source that says what it holds, as an archive does.
type frozenTiles struct{ fakeTiles }

func (*frozenTiles) Zooms() (least, most uint8) { return 6, 14 }
func (*frozenTiles) Bound() orb.Bound {
	return orb.Bound{Min: orb.Point{120, 30}, Max: orb.Point{130, 40}}
}
func (*frozenTiles) Layers() tiles.LayerSet { return tiles.Layers(data.LayerRisk, data.LayerPlaces) }

func TestAFrozenMapIsDescribedAsItIs(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil, func(o *Options) { o.Tiles, o.Archive = &frozenTiles{}, true })
	tj := read[TileJSON](w, "/tiles/places,risk.json")
	if tj.MinZoom != 6 || tj.MaxZoom != 14 || tj.VectorLayers[1].MinZoom != 9 || tj.Bounds[0] != 120 || tj.Bounds[2] != 120.8 {
		t.Errorf("%+v", tj)
	}
	w.problem("/tiles/hazards.json", http.StatusNotFound)
	if c := read[Catalogue](w, "/tiles"); len(c.Layers) != 2 {
		t.Errorf("%+v", c.Layers)
	}
	style := read[struct {
		Sources map[string]struct {
			MinZoom, MaxZoom int
			Tiles            []string
		}
		Layers []struct{ ID, Source string }
	}](w, "/styles/day/style.json?level=4")
	asked := []string{}
	for name, s := range style.Sources {
		if s.MinZoom < 6 || s.MaxZoom != 14 {
			t.Errorf("%s: %+v", name, s)
		}
		asked = append(asked, s.Tiles...)
	}
	slices.Sort(asked)
	if !slices.Equal(asked, []string{"http://example.com/tiles/places/{z}/{x}/{y}.mvt?level=4", "http://example.com/tiles/risk/{z}/{x}/{y}.mvt?level=4"}) {
		t.Errorf("the style asks for %v", asked)
	}
	for _, l := range style.Layers {
		if _, ok := style.Sources[l.Source]; !ok && l.Source != "" {
			t.Errorf("layer %s is of source %s, which the style has not", l.ID, l.Source)
		}
	}
}

// What cuts a tile's path by hand and the router's template agree.
func TestTilePathsAreThoseOfTheRouter(t *testing.T) {
	w, _ := theTown(t)
	for _, path := range []string{fullTile, "/tiles/a/1/2/3.pbf", "/tiles/a/1/2/3.mvt.mvt", "/tiles/a/1/2/3.png", "/tiles/a/1/2/.mvt", "/tiles//1/2/3.mvt",
		"/tiles/a/1/2/3/4.mvt", "/tiles/a/1/3.mvt", "/tiles/a//2/3.mvt", "/tiles/a/1/2/3.mvt/", "/tile/a/1/2/3.mvt", "/tiles/a/1/2/3mvt", "/x/tiles/a/1/2/3.mvt",
		"/tiles/a/1/2/x.mvt", "/tiles/a.json", "/tiles"} {
		_, cut := cutTilePath(path)
		var match mux.RouteMatch
		matched := w.server.router.mux.Match(httptest.NewRequest(http.MethodGet, path, nil), &match) && match.MatchErr == nil &&
			strings.HasPrefix(match.Route.GetName(), "tile") && match.Route.GetName() != "tilejson"
		if cut != matched {
			t.Errorf("%s: cut %v, matched %v", path, cut, matched)
		}
	}
}

// deadlines counts how often a long answer moves its deadline.
type deadlines struct {
	*httptest.ResponseRecorder
	set int
}

func (d *deadlines) SetWriteDeadline(time.Time) error { d.set++; return nil }

func TestLongAnswersMoveTheirDeadline(t *testing.T) {
	for n, want := range map[int]int{10: 0, stride: 0, stride + 1: 2, 5 * stride: 5} {
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		w := &response{ResponseWriter: d}
		body := bytes.Repeat([]byte("x"), n)
		if m, err := w.Write(body); m != n || err != nil || !bytes.Equal(d.Body.Bytes(), body) || d.set != want || w.bytes != int64(n) {
			t.Errorf("%d bytes: wrote %d, %v, deadline moved %d times, want %d", n, m, err, d.set, want)
		}
	}
	d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	w := &response{ResponseWriter: d}
	for range 20 { // in small pieces
		w.Write(bytes.Repeat([]byte("x"), stride/10))
	}
	if d.set < 8 || d.set > 11 {
		t.Errorf("moved %d times", d.set)
	}
}

func TestErrorsOfTheSourceBecomeStatuses(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	fake := &fakeTiles{}
	opts := w.server.opts
	opts.Tiles, opts.Archive = fake, true
	var err error
	if w.server, err = New(opts); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err    error
		status int
		retry  string
	}{{tiles.ErrBusy, 503, "1"}, {fmt.Errorf("tile: %w", tiles.ErrBusy), 503, "1"}, {tiles.ErrNotReady, 503, "1"}, {tiles.ErrNotHeld, 404, ""},
		{context.Canceled, statusClientClosed, ""}, {context.DeadlineExceeded, 503, "1"}, {errors.New("secret of the store"), 500, ""}} {
		fake.err = c.err
		rec := w.get(fullTile, "Accept-Encoding", "gzip")
		p := checkProblem(t, c.err.Error(), rec, c.status)
		if rec.Header().Get("Retry-After") != c.retry || rec.Header().Get("ETag") != "" || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %v", c.err, rec.Header())
		}
		if strings.Contains(p.Detail, "secret") {
			t.Errorf("a 500 tells %q", p.Detail)
		}
	}
	if !strings.Contains(w.logs.String(), "secret of the store") {
		t.Error("the log does not say why the server failed")
	}
	fake.err, fake.tile = nil, tiles.Tile{ETag: `"k"`, Empty: true}
	rec := w.get(fullTile, "If-None-Match", `"k-gzip"`)
	if rec.Header().Get("Cache-Control") != "max-age=31536000, immutable" || fake.seen.Known != `"k-gzip"` {
		t.Errorf("archive: %v, known %q", rec.Header(), fake.seen.Known)
	}
}

func TestMethods(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{fullTile, "/api/v1/summary", "/api/v1/taxonomy", "/healthz", "/", "/api"} {
		get, head := w.get(target), w.do(http.MethodHead, target)
		if head.Code != get.Code || head.Body.Len() != 0 || head.Header().Get("Content-Type") != get.Header().Get("Content-Type") ||
			head.Header().Get("ETag") != get.Header().Get("ETag") {
			t.Errorf("HEAD %s: %d, %d bytes, %v", target, head.Code, head.Body.Len(), head.Header())
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
			rec := w.do(method, target)
			checkProblem(t, method+" "+target, rec, http.StatusMethodNotAllowed)
			if got := rec.Header().Get("Allow"); got != "GET, HEAD, OPTIONS" {
				t.Errorf("%s %s: Allow %q", method, target, got)
			}
		}
		rec := w.do(http.MethodOptions, target)
		if rec.Code != http.StatusNoContent || rec.Header().Get("Allow") != "GET, HEAD, OPTIONS" || rec.Header().Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("OPTIONS %s: %d %v", target, rec.Code, rec.Header())
		}
		pre := w.do(http.MethodOptions, target, "Origin", "https://a.example", "Access-Control-Request-Method", "GET")
		if pre.Code != http.StatusNoContent || pre.Header().Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" ||
			!strings.Contains(pre.Header().Get("Access-Control-Allow-Headers"), "If-None-Match") {
			t.Errorf("preflight %s: %d %v", target, pre.Code, pre.Header())
		}
	}
	for _, method := range []string{"OPTIONS", "POST", "HEAD"} {
		if rec := w.do(method, "/nothing"); rec.Code != http.StatusNotFound {
			t.Errorf("%s /nothing: %d", method, rec.Code)
		}
	}
}

func TestCORS(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	for _, c := range []struct{ option, origin, want, vary string }{
		{"*", "https://a.example", "*", ""}, {"*", "", "*", ""}, {"", "https://a.example", "", ""},
		{"https://a.example, https://b.example/", "https://b.example", "https://b.example", "Origin"},
		{"https://a.example", "https://c.example", "", "Origin"},
	} {
		opts := w.server.opts
		opts.CORS = c.option
		server, err := New(opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{"/healthz", fullTile, "/nothing"} {
			r := httptest.NewRequest(http.MethodGet, target, nil)
			r.Header.Set("Origin", c.origin)
			rec := httptest.NewRecorder()
			server.Handler().ServeHTTP(rec, r)
			vary := strings.Join(rec.Header().Values("Vary"), ", ")
			if rec.Header().Get("Access-Control-Allow-Origin") != c.want || strings.Contains(vary, "Origin") != (c.vary != "") {
				t.Errorf("%q from %q at %s: %q, Vary %q", c.option, c.origin, target, rec.Header().Get("Access-Control-Allow-Origin"), vary)
			}
			if target == fullTile && !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("%q: Vary %q", c.option, vary)
			}
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{"/", "/api/v1/taxonomy", "/tiles", "/tiles/risk.json", "/nothing", "/metrics"} {
		h := w.get(target).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", target, h)
		}
		policy := h.Get("Content-Security-Policy")
		if target == "/" && !strings.Contains(policy, "worker-src 'self' blob:") || !strings.HasPrefix(policy, "default-src ") {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
	if h := w.get(fullTile).Header(); h.Get("X-Content-Type-Options") != "nosniff" || len(h) > 8 {
		t.Errorf("a tile needs nosniff, and few headers beside: %v", h)
	}
}

func TestReadiness(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	if got := read[Ready](w, "/readyz"); got.Status != "ready" || got.DataRevision == 0 && got.Hazards != 0 {
		t.Errorf("%+v", got)
	}
	w.server.SetStale()
	if !read[Ready](w, "/readyz").Stale || !read[Taxonomy](w, "/api/v1/taxonomy").Stale {
		t.Error("a stale server does not say so")
	}
	w.server.SetDraining()
	w.problem("/readyz", http.StatusServiceUnavailable)
	if w.get("/healthz").Code != 200 || w.get("/api/v1/taxonomy").Code != 200 {
		t.Error("a draining server must answer on")
	}
	opts := w.server.opts
	opts.View = func() *tiles.View { return nil }
	var err error
	if w.server, err = New(opts); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/readyz", "/api/v1/risk?" + onePlace, "/api/v1/taxonomy", "/tiles", "/styles/day/style.json", "/tiles/risk.json"} {
		if rec := w.get(target); rec.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", target)
		}
		w.problem(target, http.StatusServiceUnavailable)
	}
	if w.get("/healthz").Code != 200 || w.get("/metrics").Code != 200 {
		t.Error("healthz and metrics need no city")
	}
}

func TestAPanicIsAProblemAndItsCauseIsLogged(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	opts := w.server.opts
	opts.View = func() *tiles.View { panic("canary in a panic") }
	opts.Stats = nil
	var err error
	if w.server, err = New(opts); err != nil {
		t.Fatal(err)
	}
	p := w.problem("/api/v1/taxonomy", http.StatusInternalServerError)
	checkProblem(t, "compressed", w.get("/api/v1/taxonomy", "Accept-Encoding", "gzip"), http.StatusInternalServerError)
	if strings.Contains(fmt.Sprint(p), "canary") {
		t.Errorf("%+v", p)
	}
	if logs := w.logs.String(); !strings.Contains(logs, "canary in a panic") || !strings.Contains(logs, "api.(*Server).taxonomy") {
		t.Errorf("the log has no cause and stack: %s", logs)
	}
}

func TestAPanicAfterTheHeaderCutsTheAnswer(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	w.server.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		panic("late")
	})
	defer func() {
		if r := recover(); r != http.ErrAbortHandler {
			t.Errorf("recovered %v, want the answer cut", r)
		}
		if !strings.Contains(w.logs.String(), "late") {
			t.Error("the cause is not logged")
		}
	}()
	w.get("/")
}

func TestLogsRoundPlacesAndHoldNoQuery(t *testing.T) {
	w := newWorld(t, city.InternalView, town(t, 5, 1), nil)
	w.get("/api/v1/risk?lon=120.123456&lat=30.654321&industry=I04")
	w.get("/api/v1/search?q=whoisasking")
	w.get("/api/v1/hazards/T0001")
	w.get(fullTile)
	logs := w.logs.String()
	if !strings.Contains(logs, "place=120.12,30.65") || !strings.Contains(logs, "route=/api/v1/risk") || !strings.Contains(logs, "status=200") {
		t.Errorf("log: %s", logs)
	}
	for _, secret := range []string{"120.123", "30.654", "whoisasking", "T0001", "3415"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q: %s", secret, logs)
		}
	}
	if strings.Count(logs, "msg=request") != 4 {
		t.Errorf("want one line a request: %s", logs)
	}
}

// At the usual level what maps and phones ask all the time leaves no lines, other
// questions do, and so does a fault.
func TestTrafficIsNotLoggedAtInfo(t *testing.T) {
	var logs bytes.Buffer
	w := newWorld(t, city.InternalView, town(t, 5, 1), nil, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&logs, nil)) })
	w.get(fullTile)
	w.get("/api/v1/risk?lon=120.12&lat=30.65")
	w.get("/api/v1/nearby?lon=120.12&lat=30.65")
	if logs.Len() != 0 {
		t.Errorf("log: %s", logs.String())
	}
	w.get("/api/v1/summary?by=level")
	if !strings.Contains(logs.String(), "route=/api/v1/summary") {
		t.Errorf("log: %s", logs.String())
	}
	w.server.handler = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.(*response).traffic = true
		panic("broken")
	})
	w.get("/api/v1/nearby")
	if !strings.Contains(logs.String(), "level=ERROR") {
		t.Errorf("log: %s", logs.String())
	}
}

func TestServerLimitsOnAConnection(t *testing.T) {
	w, _ := theTown(t)
	server := HTTPServer(w.server.Handler())
	if server.ReadHeaderTimeout != readHeaderTimeout || server.ReadTimeout != readTimeout || server.WriteTimeout != writeTimeout ||
		server.IdleTimeout != idleTimeout || server.MaxHeaderBytes != maxHeaderBytes {
		t.Errorf("%+v", server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Close()
	for n, want := range map[int]int{maxHeaderBytes - 1024: 200, maxHeaderBytes + 8192: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequest(http.MethodGet, "http://"+listener.Addr().String()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", n))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes: %d, want %d", n, resp.StatusCode, want)
		}
	}
	resp, err := http.Head("http://" + listener.Addr().String() + fullTile)
	if err != nil || resp.StatusCode != 200 || resp.ContentLength <= 0 {
		t.Errorf("HEAD over a connection: %v %+v", err, resp)
	}
}

// The document is OpenAPI 3.1, and it and the router know the same routes.
func TestOpenAPIListsEveryRoute(t *testing.T) {
	w, _ := theTown(t)
	type document struct {
		OpenAPI string `json:"openapi" yaml:"openapi"`
		Info    struct{ Title, Version string }
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId" yaml:"operationId"`
			Parameters  []struct {
				Name, In string
				Required bool
				Schema   map[string]any
			}
			Responses map[string]struct {
				Description string
				Content     map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]any }
	}
	doc := read[document](w, "/openapi.json")
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Title == "" || doc.Info.Version != "test" {
		t.Errorf("openapi %q, info %+v", doc.OpenAPI, doc.Info)
	}
	if !bytes.Equal(w.get("/api").Body.Bytes(), w.get("/openapi.json").Body.Bytes()) {
		t.Error("/api is another document")
	}
	var fromYAML document
	if err := yaml.Unmarshal(w.get("/openapi.yaml").Body.Bytes(), &fromYAML); err != nil || len(fromYAML.Paths) != len(doc.Paths) {
		t.Errorf("YAML: %v, %d paths", err, len(fromYAML.Paths))
	}
	routes := 0
	err := w.server.router.mux.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		if route.GetName() == "pages" {
			return nil
		}
		routes++
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		if err != nil {
			return err
		}
		for _, method := range methods {
			op, ok := doc.Paths[path][strings.ToLower(method)]
			if !ok || op.OperationID != route.GetName() {
				t.Errorf("%s %s is not in the document", method, path)
			}
			if c := op.Responses["default"].Content[problemType]; c.Schema["$ref"] != "#/components/schemas/Problem" {
				t.Errorf("%s: problems are not described", path)
			}
			if _, none := op.Responses["204"]; !none && len(op.Responses["200"].Content) == 0 {
				t.Errorf("%s: its answer is not described", path)
			}
			for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' }) {
				if inner, _, ok := strings.Cut(strings.TrimPrefix(name, "{"), "}"); ok && strings.HasPrefix(name, "{") {
					found := false
					for _, p := range op.Parameters {
						found = found || p.In == "path" && p.Name == inner && p.Required
					}
					if !found {
						t.Errorf("%s: the path's %s is not described", path, inner)
					}
				}
			}
		}
		return nil
	})
	operations := 0
	for _, methods := range doc.Paths {
		operations += len(methods)
	}
	if err != nil || routes != operations || routes < 20 {
		t.Errorf("%v: %d routes, %d operations in the document", err, routes, operations)
	}
	checkRefs(t, w.get("/openapi.json").Body.Bytes(), doc.Components.Schemas)
}

// checkRefs finds references that lead nowhere.
func checkRefs(t *testing.T, raw []byte, schemas map[string]any) {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && schemas[strings.TrimPrefix(ref, "#/components/schemas/")] == nil {
				t.Errorf("%s leads nowhere", ref)
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(doc)
}

func TestMetrics(t *testing.T) {
	w := newWorld(t, city.InternalView, town(t, 10, 1), nil)
	w.get(fullTile)
	w.get(fullTile)
	w.do("BREW", "/nothing")
	rec := w.get("/metrics")
	text := rec.Body.String()
	for _, want := range []string{
		`riskatlas_http_request_duration_seconds_count{code="200",method="GET",route="/tiles/{layers}/{z}/{x}/{y}.mvt"} 2`,
		`riskatlas_http_request_duration_seconds_count{code="404",method="other",route="none"} 1`,
		`riskatlas_data_revision 1`, `riskatlas_hazards 10`, `riskatlas_active_hazards{level="4"}`, `riskatlas_tile_answers_total{from="memory"} 1`,
		`riskatlas_tile_answers_total{from="computed"} 1`, `riskatlas_ready 1`, "go_goroutines", `riskatlas_build_info{version="test"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: the metrics' form is unchecked")
	}
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestServerRefusesMissingParts(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a view was made")
	}
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.1, 30.2})}, nil)
	opts := w.server.opts
	opts.Log = nil
	server, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server.opts.Log.Log(t.Context(), slog.LevelError, "goes nowhere")
	rec := httptest.NewRecorder()
	server.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if rec.Code != 200 {
		t.Error(rec.Code)
	}
}
