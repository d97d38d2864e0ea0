package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// A time is a revision, an instant or a day of the city's.
func TestAsOfTakesEveryFormOfATime(t *testing.T) {
	now := time.Now()
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.15, 30.27})}, nil, func(o *Options) { o.Now = func() time.Time { return now } })
	zone := w.city.Profile().Zone
	w.apply(data.Change{ID: "b", New: source(t, "b", "I04", 4, orb.Point{120.16, 30.27})})
	first := read[Trend](w, "/api/v1/trend").Days // today has a revision
	if len(first) != 1 || first[0].Revision != 2 {
		t.Fatalf("%+v", first)
	}
	log := map[data.Revision]time.Time{}
	for b, err := range w.store.Heads(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		log[b.Revision] = b.At
	}
	now = now.AddDate(0, 0, 2)
	day := func(at time.Time) string { return at.In(zone).Format(data.DateForm) }
	instant := func(at time.Time) string { return strings.ReplaceAll(at.Format(time.RFC3339Nano), "+", "%2B") }
	for asOf, want := range map[string]uint64{
		"0": 0, "1": 1, "2": 2, day(now): 2, day(log[2]): 2, day(log[1].AddDate(0, 0, -1)): 0,
		instant(log[2]): 2, instant(log[1].Add(-time.Millisecond)): 0, instant(log[2].In(zone)): 2, instant(now): 2,
	} {
		got := read[Summary](w, "/api/v1/summary?as_of="+asOf)
		if got.AsOf == nil || got.AsOf.Revision != want || got.DataRevision != want || got.Total.Count.Count != int(want) {
			t.Errorf("as of %s: %+v, %d sources, want revision %d", asOf, got.AsOf, got.Total.Count.Count, want)
		}
		if at := log[data.Revision(want)]; want > 0 && !mustTime(t, got.AsOf.At).Equal(at) || want == 0 && got.AsOf.At != "" {
			t.Errorf("as of %s: at %q, want %v", asOf, got.AsOf.At, at)
		}
	}
	for asOf, cached := range map[string]bool{"2": true, "1": true, day(now): false, day(now.AddDate(0, 0, -1)): true, instant(now): false, instant(now.Add(-time.Hour)): true} {
		rec := w.get("/tiles/hazards/" + tileAt(orb.Point{120.15, 30.27}, 12) + ".mvt?as_of=" + asOf)
		if immutable := strings.Contains(rec.Header().Get("Cache-Control"), "max-age=31536000, immutable"); rec.Code >= 300 || immutable != cached {
			t.Errorf("as of %s: %d, %v, want immutable %v", asOf, rec.Code, rec.Header()["Cache-Control"], cached)
		}
	}
	for _, asOf := range []string{"3", "-1", "x", day(now.AddDate(0, 0, 1)), instant(now.Add(time.Second)), "2026-13-01", "1e3", "18446744073709551615"} {
		for _, route := range []string{"/api/v1/summary?", "/api/v1/risk?lon=120.15&lat=30.27&", "/tiles/risk/12/3415/1686.mvt?", "/api/v1/hazards/a?", "/tiles/risk.json?", "/api/v1/report?"} {
			if p := w.problem(route+"as_of="+asOf, http.StatusBadRequest); p.Parameter != "as_of" {
				t.Errorf("%s as of %s: %+v", route, asOf, p)
			}
		}
	}
	w.problem("/api/v1/hazards/b?as_of=1", http.StatusNotFound)
	if rec := w.get("/api/v1/hazards/b?as_of=2"); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"as_of":{"revision":2,`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func mustTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Layer diff since a time is that of a what-if by which the city of that time
// becomes that of today, to the byte, through filters and zones too.
func TestDiffSinceIsThatOfAWhatIf(t *testing.T) {
	at := orb.Point{120.15, 30.27}
	records := []*data.Record{source(t, "a", "I04", 4, at, scenario(t, 1e-4, step(400))), source(t, "b", "I04", 2, orb.Point{120.16, 30.28}, scenario(t, 1e-5, step(300)))}
	added := source(t, "c", "C02", 3, orb.Point{120.14, 30.26}, scenario(t, 2e-5, step(500)))
	w := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.ZoneKind("streets"): {{Code: "s1", Name: "街",
		Shape: orb.Polygon{{{120.13, 30.25}, {120.155, 30.25}, {120.155, 30.28}, {120.13, 30.28}, {120.13, 30.25}}}}}})
	id := w.whatIf(thought{Add: features(t, added), Remove: []string{"a"}})
	then := w.viewer.View().Revision()
	tilesAt := func(query string) (out [][]byte) {
		for _, z := range []int{9, 12, 14, 16} {
			for _, p := range []orb.Point{at, {120.14, 30.26}, {120.16, 30.28}} {
				for _, f := range []string{"", "industry=I04&", "cuts=new-build&", "zone=streets:s1&"} {
					rec := w.get("/tiles/diff/" + tileAt(p, z) + ".mvt?" + f + query)
					if rec.Code >= 300 {
						t.Fatalf("%s%s: %d %s", f, query, rec.Code, rec.Body)
					}
					out = append(out, append([]byte(rec.Header().Get("ETag")), rec.Body.Bytes()...))
				}
			}
		}
		return out
	}
	want := tilesAt("whatif=" + id)
	w.apply(data.Change{ID: "c", New: added}, data.Change{ID: "a", If: data.Any})
	got := tilesAt(fmt.Sprint("since=", then))
	shown := 0
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Errorf("tile %d: %d bytes, want %d", i, len(got[i]), len(want[i]))
		}
		if bytes.Contains(want[i], []byte("rise")) || bytes.Contains(want[i], []byte("fall")) {
			shown++
		}
	}
	if shown < 8 {
		t.Errorf("%d tiles show anything", shown)
	}
	// From one time to another, and back: rise and fall change places.
	tile := "/tiles/diff/" + tileAt(at, 14) + ".mvt?"
	if rec := w.get(tile + fmt.Sprintf("as_of=%d&since=%d", then, then+1)); !strings.Contains(rec.Body.String(), "rise") || !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v %q", rec.Code, rec.Header(), rec.Body)
	}
	if rec := w.get(tile + fmt.Sprint("since=", then+1)); rec.Code != http.StatusNoContent {
		t.Errorf("since now: %d", rec.Code)
	}
	for query, name := range map[string]string{"since=x": "since", "since=99": "since", "since=1&whatif=" + id: "since", "as_of=1&whatif=" + id: "as_of", "": "whatif"} {
		if p := w.problem(tile+query, http.StatusBadRequest); p.Parameter != name {
			t.Errorf("%q: %+v", query, p)
		}
	}
	if tj := read[TileJSON](w, "/tiles/diff.json?since=1&as_of=2"); !strings.HasSuffix(tj.Tiles[0], "?as_of=2&since=1") {
		t.Errorf("%v", tj.Tiles)
	}
}

// Views of the past are made one at a time; past the queue others are told to
// come again.
func TestPastsAreBounded(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.15, 30.27})}, nil)
	for i := range pastQueue + 3 {
		w.apply(data.Change{ID: "a", If: data.Any, New: source(t, "a", "I04", data.Level(1+i%4), orb.Point{120.15, 30.27})})
	}
	w.server.pasts.turn <- struct{}{} // whose turn it is does not end
	var begun []*pastView
	for i := range pastQueue {
		p, err := w.server.pasts.take(data.Revision(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		begun = append(begun, p)
	}
	if again, err := w.server.pasts.take(1); err != nil || again != begun[0] {
		t.Errorf("the first is made twice: %v", err)
	}
	p := w.get(fmt.Sprintf("/api/v1/hazards?as_of=%d", pastQueue+2))
	if p.Code != http.StatusServiceUnavailable || p.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v, want 503 with Retry-After", p.Code, p.Header())
	}
	<-w.server.pasts.turn
	for i, p := range begun {
		if <-p.ready; p.err != nil || p.view.Revision() != data.Revision(i+1) {
			t.Errorf("the view of revision %d: %v", i+1, p.err)
		}
	}
	if _, err := w.server.pasts.view(1); err != nil { // settled, or about to be
		t.Error(err)
	}
	if rec := w.get(fmt.Sprintf("/api/v1/hazards?as_of=%d", pastQueue+2)); rec.Code != http.StatusOK {
		t.Errorf("afterwards: %d", rec.Code)
	}
}
