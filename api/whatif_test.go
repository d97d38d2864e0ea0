package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// give asks with a body.
func (w *world) give(method, target string, body any) *httptest.ResponseRecorder {
	w.t.Helper()
	raw, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		raw = string(b)
	}
	r := httptest.NewRequest(method, target, strings.NewReader(raw))
	r.Header.Set("Content-Type", jsonType)
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r)
	return rec
}

// asked posts what must be answered with a 200.
func asked[T any](w *world, target string, body any) T {
	w.t.Helper()
	rec := w.give(http.MethodPost, target, body)
	var v T
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil || rec.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s (%v)", target, rec.Code, rec.Body, err)
	}
	return v
}

// thought is a WhatIfBody as a client writes it.
type thought struct {
	Add     []json.RawMessage `json:"add,omitempty"`
	Change  []json.RawMessage `json:"change,omitempty"`
	Remove  []string          `json:"remove,omitempty"`
	Planned any               `json:"planned,omitempty"`
}

// whatIf makes one and gives its id.
func (w *world) whatIf(b thought) string {
	w.t.Helper()
	return asked[WhatIfInfo](w, "/api/v1/whatif", b).ID
}

// features writes records in the interchange form.
func features(t testing.TB, records ...*data.Record) (out []json.RawMessage) {
	t.Helper()
	for _, r := range records {
		raw, err := hangzhou(t).Taxonomy.AppendFeature(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	return out
}

// The same question as before, with A or C shut. A stands for a BLEVE of 50 t as
// a table of its printed lethality at 300 m, C is the linear kernel and B a step
// that does not reach P2. The places are set by ground distance on the sphere,
// which is within 1e-6 of the plane's at 600 m, so C's share of 0.25 at 300 m
// holds to 1e-6 of itself.
func TestWhatIfASourceIsShut(t *testing.T) {
	p2 := orb.Point{120.2, 30.3}
	placed := func(east, north float64) orb.Point {
		return orb.Point{p2[0] + east/(data.MetresPerDegree*math.Cos(p2[1]*math.Pi/180)), p2[1] + north/data.MetresPerDegree}
	}
	table := data.Footprint{Kind: data.Table, Metres: []float64{0, 200, 300, 548.1}, Lethality: []float64{0.992584, 0.992584, 0.821844, 0.01}}
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "A", "I14", 3, placed(0, -300), scenario(t, 1e-5, table)),
		source(t, "B", "I06", 3, placed(400, -300), scenario(t, 2e-5, step(62.22))),
		source(t, "C", "C13", 3, placed(0, 300), scenario(t, 5e-5, data.Footprint{Kind: data.Linear, V0: 0.5, R1: 100, R2: 500})),
	}, nil)
	for _, c := range []struct {
		remove []string
		ir     float64
		level  data.Level
	}{{nil, 2.07184e-5, 3}, {[]string{"A"}, 1.25e-5, 3}, {[]string{"C"}, 8.218e-6, 2}, {[]string{"B"}, 2.07184e-5, 3}, {[]string{"A", "B", "C"}, 0, 0}} {
		query := ""
		if c.remove != nil {
			query = "&whatif=" + w.whatIf(thought{Remove: c.remove})
		}
		got := read[Risk](w, "/api/v1/risk?"+at(p2)+query)
		if math.Abs(got.IR-c.ir) > 1e-9 || got.Level != c.level || got.WhatIf != (query != "") {
			t.Errorf("without %v: %v level %d, want %v level %d", c.remove, got.IR, got.Level, c.ir, c.level)
		}
	}
}

// supposed makes random changes of a town, in the body's form and as changes of
// a store.
func supposed(t *testing.T, records []*data.Record, rng *rand.Rand) (thought, []data.Change) {
	var b thought
	var changes []data.Change
	others := town(t, 60, rng.Uint64())
	for i, k := range rng.Perm(len(records))[:30] {
		id := records[k].Hazard.ID
		h := *others[i].Hazard
		var r *data.Record
		switch i % 3 {
		case 0:
			h.ID = id
		case 1:
			h.ID = data.ID(fmt.Sprint("new-", i))
		default:
			b.Remove = append(b.Remove, string(id))
			changes = append(changes, data.Change{ID: id, If: data.Any})
			continue
		}
		h.Name = "changed in thought"
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		r = &data.Record{Hazard: sealed, Detail: data.Detail{Enterprise: "thought " + string(h.ID)}}
		if i%3 == 0 {
			b.Change = append(b.Change, features(t, r)...)
		} else {
			b.Add = append(b.Add, features(t, r)...)
		}
		changes = append(changes, puts(r)...)
	}
	return b, changes
}

// A what-if answers every question as a server would whose store has its
// changes, and gives its tiles.
func TestAWhatIfAnswersAsTheChangedCity(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	records := town(t, 150, 8)
	body, changes := supposed(t, records, rng)
	planned := 0
	for _, r := range records {
		if r.Hazard.Status == data.Planned && !slices.ContainsFunc(changes, func(c data.Change) bool { return c.ID == r.Hazard.ID }) {
			changes = append(changes, puts(changedRecord(t, r, func(h *data.Hazard) { h.Status = data.Active }))...)
			planned++
		}
	}
	body.Planned = true
	zones := map[string][]data.Unit{data.ZoneKind("streets"): {{Code: "s1", Name: "街", Shape: orb.Polygon{{{120.12, 30.24}, {120.17, 30.24}, {120.17, 30.29}, {120.12, 30.24}}}}}}
	w := newWorld(t, city.InternalView, records, zones)
	made := asked[WhatIfInfo](w, "/api/v1/whatif", body)
	if c := made.Counts; c.Added != 10 || c.Changed != 10 || c.Removed != 10 || c.Planned != planned || planned == 0 {
		t.Errorf("%+v", c)
	}
	fresh := newWorld(t, city.InternalView, records, zones)
	fresh.apply(changes...)
	targets := []string{"/api/v1/hazards?limit=1000", "/api/v1/hazards?format=csv&limit=1000", "/api/v1/hazards?q=thought", "/api/v1/hazards/new-1",
		"/api/v1/summary?by=district", "/api/v1/summary?by=regulator", "/api/v1/summary?zone=streets:s1", "/api/v1/hazards?limit=1000&zone=streets:s1", "/api/v1/search?q=thought&limit=100", "/api/v1/districts/330105", "/api/v1/places", "/api/v1/zones", "/api/v1/zones/streets/s1"}
	for range 40 {
		place := at(orb.Point{120.10 + 0.11*rng.Float64(), 30.22 + 0.11*rng.Float64()})
		targets = append(targets, "/api/v1/risk?"+place, fmt.Sprintf("/api/v1/risk?%s&zoom=%d&industry=I01,C02", place, 5+rng.IntN(15)),
			"/api/v1/nearby?radius=5000&"+place, "/api/v1/nearby?reach=true&"+place)
	}
	for _, target := range targets {
		joint := "?"
		if strings.Contains(target, "?") {
			joint = "&"
		}
		got, want := w.get(target+joint+"whatif="+made.ID), fresh.get(target)
		if got.Code != want.Code || !reflect.DeepEqual(plainly(t, got), plainly(t, want)) {
			t.Errorf("%s: %d\n%.600s\nwant %d\n%.600s", target, got.Code, got.Body, want.Code, want.Body)
		}
	}
	for z := 5; z <= 18; z++ {
		for _, query := range []string{"?whatif=", "?zone=streets:s1&whatif=", "?level=2,3&stat=share&whatif=", "?crs=gcj02&cuts=new-build&whatif="} {
			p := orb.Point{120.10 + 0.1*rng.Float64(), 30.22 + 0.1*rng.Float64()}
			target := "/tiles/risk,grid,hazards,lines,areas,districts,labels,places/" + tileAt(p, z) + ".mvt"
			got, want := w.get(target+query+made.ID), fresh.get(target+strings.TrimRight(query[:len(query)-len("whatif=")], "?&"))
			if got.Code != want.Code || !bytes.Equal(got.Body.Bytes(), want.Body.Bytes()) || got.Header().Get("ETag") != want.Header().Get("ETag") {
				t.Errorf("%s%s: %d %d bytes, want %d %d bytes", target, query, got.Code, got.Body.Len(), want.Code, want.Body.Len())
			}
		}
	}
}

func changedRecord(t testing.TB, r *data.Record, change func(*data.Hazard)) *data.Record {
	t.Helper()
	h := *r.Hazard
	change(&h)
	sealed, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return &data.Record{Hazard: sealed, Detail: r.Detail}
}

// plainly is an answer without what differs between a thought and a store: the
// revision, rev, and that it is a what-if; links name their question.
func plainly(t *testing.T, rec *httptest.ResponseRecorder) any {
	t.Helper()
	raw := rec.Body.Bytes()
	if strings.HasPrefix(rec.Header().Get("Content-Type"), csvType) {
		lines := strings.Split(string(raw), "\r\n")
		for i, l := range lines {
			lines[i] = l[:strings.LastIndexByte(l, ',')+1] // rev comes last
		}
		return lines
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var strip func(any) any
	strip = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range []string{"data_revision", "whatif", "rev"} {
				delete(v, name)
			}
			for k, inner := range v {
				v[k] = strip(inner)
			}
		case []any:
			for i := range v {
				v[i] = strip(v[i])
			}
		}
		return v
	}
	return strip(v)
}

var mapLayers = []data.Layer{data.LayerRisk, data.LayerGrid, data.LayerHazards}

// tagsAt asks for the tiles at a place of all zooms, and gives what they are by
// layer and zoom.
func (w *world) tagsAt(p orb.Point, query string) map[string]string {
	out := map[string]string{}
	for _, l := range mapLayers {
		for z := int(data.Layers[l].MinZoom); z <= int(data.Layers[l].MaxZoom); z++ {
			key := l.String() + "/" + tileAt(p, z)
			rec := w.get("/tiles/" + key + ".mvt" + query)
			if rec.Code != http.StatusOK && rec.Code != http.StatusNoContent {
				w.t.Fatalf("%s: %d %s", key, rec.Code, rec.Body)
			}
			out[key] = rec.Header().Get("ETag") + rec.Body.String()
		}
	}
	return out
}

// A source that was added and is removed in thought gives the tiles of before to
// the byte. Two what-ifs that change one record in two ways share no tile in
// which it shows. The city's own tiles never change.
func TestTilesOfWhatIfs(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	records := town(t, 60, 9)
	w := newWorld(t, city.InternalView, records, nil)
	before := w.tagsAt(p, "")
	x := source(t, "X", "I04", 3, p, scenario(t, 1e-3, step(200)))
	w.apply(puts(x)...)
	with := w.tagsAt(p, "")
	for key := range before {
		if before[key] == with[key] {
			t.Errorf("%s does not show a source of 1e-3: nothing is tested", key)
		}
	}
	away := w.whatIf(thought{Remove: []string{"X"}})
	if got := w.tagsAt(p, "?whatif="+away); !maps.Equal(got, before) {
		t.Error("added and then removed in thought, the source has left a trace")
	}
	named := func(name string, metres float64) string {
		return w.whatIf(thought{Change: features(t, source(t, "X", "I04", 3, p, scenario(t, 2e-3, step(metres)), func(h *data.Hazard) { h.Name = name }))})
	}
	one, two := w.tagsAt(p, "?whatif="+named("one", 200)), w.tagsAt(p, "?whatif="+named("two", 201))
	for key := range before {
		if one[key] == two[key] || one[key] == with[key] || two[key] == with[key] {
			t.Errorf("%s is shared", key)
		}
	}
	if got := w.tagsAt(p, ""); !maps.Equal(got, with) {
		t.Error("the city's own tiles have changed")
	}
}

func TestDiffShowsWhereLevelsRiseAndFall(t *testing.T) {
	p, q := orb.Point{120.15, 30.27}, orb.Point{120.16, 30.27}
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "old", "I04", 3, p, scenario(t, 1e-4, step(200)))},
		map[string][]data.Unit{data.ZoneKind("streets"): {{Code: "s1", Name: "街", Shape: orb.Polygon{{{120.14, 30.26}, {120.155, 30.26}, {120.155, 30.28}, {120.14, 30.26}}}}}})
	id := w.whatIf(thought{Remove: []string{"old"}, Add: features(t, source(t, "new", "I04", 3, q, scenario(t, 5e-6, step(200))))})
	for z := 5; z <= 18; z++ {
		rec := w.get("/tiles/diff/" + tileAt(p, z) + ".mvt?whatif=" + id)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "fall") || rec.Header().Get("ETag") == "" {
			t.Errorf("zoom %d: %d %q", z, rec.Code, rec.Body)
		}
		if again := w.get("/tiles/diff/"+tileAt(p, z)+".mvt?whatif="+id, "If-None-Match", rec.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("zoom %d again: %d", z, again.Code)
		}
	}
	if rec := w.get("/tiles/diff/" + tileAt(q, 16) + ".mvt?whatif=" + id); !strings.Contains(rec.Body.String(), "rise") {
		t.Errorf("%d %q", rec.Code, rec.Body)
	}
	if rec := w.get("/tiles/diff/" + tileAt(p, 14) + ".mvt?cuts=new-build&industry=I04&whatif=" + id); rec.Code != http.StatusOK {
		t.Errorf("by other cuts: %d", rec.Code)
	}
	if rec := w.get("/tiles/diff/" + tileAt(p, 14) + ".mvt?zone=streets:s1&whatif=" + id); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "fall") {
		t.Errorf("in a zone: %d", rec.Code)
	}
	if rec := w.get("/tiles/diff/" + tileAt(orb.Point{120.3, 30.4}, 14) + ".mvt?whatif=" + id); rec.Code != http.StatusNoContent {
		t.Errorf("where nothing changes: %d", rec.Code)
	}
	if p := w.problem("/tiles/diff/"+tileAt(p, 14)+".mvt", http.StatusBadRequest); p.Parameter != "whatif" {
		t.Errorf("%+v", p)
	}
	if tj := read[TileJSON](w, "/tiles/diff.json?whatif="+id); !strings.HasSuffix(tj.Tiles[0], "?whatif="+id) || tj.VectorLayers[0].ID != "diff" {
		t.Errorf("%+v", tj)
	}
	if style := w.get("/styles/day/style.json?level=4&whatif=" + id).Body.String(); !strings.Contains(style, "level=4&whatif="+id) {
		t.Errorf("the style loses the what-if: %s", style)
	}
}

// When the city moves on, so does what is thought of it.
func TestWhatIfsFollowTheCity(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	there := func(id string, status data.Status) *data.Record {
		return source(t, id, "I04", 2, p, scenario(t, 1e-6, step(100)), func(h *data.Hazard) { h.Status = status })
	}
	w := newWorld(t, city.InternalView, []*data.Record{there("a", data.Active), there("b", data.Active), there("p", data.Planned), there("q", data.Planned)}, nil)
	all := w.whatIf(thought{Remove: []string{"a"}, Planned: true, Add: features(t, there("n", data.Active))})
	some := w.whatIf(thought{Planned: []string{"p"}})
	ir := func(id string) int {
		return int(math.Round(read[Risk](w, "/api/v1/risk?"+at(p)+"&whatif="+id).IR * 1e6))
	}
	if ir(all) != 4 || ir(some) != 3 { // b p q n; a b p
		t.Fatalf("%d, %d sources", ir(all), ir(some))
	}
	got := read[WhatIfHeld](w, "/api/v1/whatif/"+all)
	if !slices.Equal(got.Planned, []data.ID{"p", "q"}) || !slices.Equal(got.Added, []data.ID{"n"}) || !slices.Equal(got.Removed, []data.ID{"a"}) ||
		got.Counts.Planned != 2 || got.Counts.Sources != 4 || !got.WhatIf {
		t.Errorf("%+v", got)
	}
	if h := read[hazardFeature](w, "/api/v1/hazards/p?whatif="+all); h.Properties.Status != "active" {
		t.Errorf("p is %s", h.Properties.Status)
	}
	rev := w.apply(puts(there("c", data.Active), there("r", data.Planned))...)
	if ir(all) != 6 || ir(some) != 4 { // b c p q r n; a b c p
		t.Errorf("after a revision: %d, %d sources", ir(all), ir(some))
	}
	if got := read[WhatIfHeld](w, "/api/v1/whatif/"+all); got.DataRevision != uint64(rev) || got.Counts.Planned != 3 {
		t.Errorf("%+v", got)
	}
	// The planned one was built, the removed one is gone, the added one exists.
	w.apply(append(puts(there("p", data.Active), there("n", data.Active)), data.Change{ID: "a", If: data.Any})...)
	if ir(all) != 6 || ir(some) != 4 { // b c p q r n; b c p n
		t.Errorf("after the second: %d, %d sources", ir(all), ir(some))
	}
}

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestWhatIfsExpireAndGiveWay(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 2, p)}, nil, func(o *Options) { o.WhatIfs = 3 })
	c := &clock{time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.server.whatIfs.now = c.now
	held := func(id string) bool { return w.get("/api/v1/risk?"+at(p)+"&whatif="+id).Code == http.StatusOK }
	first := asked[WhatIfInfo](w, "/api/v1/whatif", thought{Remove: []string{"a"}})
	if first.Expires != "2021-01-01T01:00:00Z" || len(first.ID) != 26 {
		t.Errorf("%+v", first)
	}
	c.at = c.at.Add(59 * time.Minute)
	if !held(first.ID) { // which is a use
		t.Error("gone before its time")
	}
	c.at = c.at.Add(59 * time.Minute)
	if got := read[WhatIfHeld](w, "/api/v1/whatif/"+first.ID); got.Expires != "2021-01-01T02:58:00Z" {
		t.Errorf("expires %s", got.Expires)
	}
	c.at = c.at.Add(time.Hour + time.Second)
	if held(first.ID) {
		t.Error("there after its time")
	}
	var ids []string
	for range 3 {
		ids = append(ids, w.whatIf(thought{Remove: []string{"a"}}))
	}
	held(ids[0])
	ids = append(ids, w.whatIf(thought{Remove: []string{"a"}})) // ids[1] is the least recently used
	for i, want := range []bool{true, false, true, true} {
		if held(ids[i]) != want {
			t.Errorf("%d: held is %v", i, !want)
		}
	}
	if rec := w.do(http.MethodDelete, "/api/v1/whatif/"+ids[0]); rec.Code != http.StatusNoContent || held(ids[0]) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	checkProblem(t, "DELETE again", w.do(http.MethodDelete, "/api/v1/whatif/"+ids[0]), http.StatusNotFound)
	for _, target := range []string{"/tiles/risk/12/3415/1686.mvt?", "/tiles/risk.json?", "/styles/day/style.json?", "/api/v1/risk?" + at(p) + "&", "/api/v1/nearby?" + at(p) + "&",
		"/api/v1/hazards?", "/api/v1/hazards/a?", "/api/v1/summary?", "/api/v1/districts/330105?", "/api/v1/search?q=a&", "/api/v1/places?"} {
		if p := w.problem(target+"whatif="+ids[0], http.StatusNotFound); p.Parameter != "whatif" {
			t.Errorf("%s: %+v", target, p)
		}
	}
	w.problem("/api/v1/whatif/"+ids[0], http.StatusNotFound)
}

func TestAFrozenMapTakesNoWhatIf(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil, func(o *Options) { o.Tiles, o.Archive = &frozenTiles{}, true })
	for _, target := range []string{"/tiles/risk/12/3415/1686.mvt?whatif=x", "/tiles/risk.json?whatif=x", "/styles/day/style.json?whatif=x"} {
		if p := w.problem(target, http.StatusNotFound); !strings.Contains(p.Detail, "frozen map") {
			t.Errorf("%s: %+v", target, p)
		}
	}
}
