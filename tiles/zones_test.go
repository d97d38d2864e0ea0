package tiles

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
)

// overlapping are nine zones of a grid, and one that lies over four of them.
func overlapping() []data.Unit {
	units := gridUnits(downtown, 3)
	a, b := units[0].Shape.Bound(), units[4].Shape.Bound()
	over := orb.Bound{Min: a.Center(), Max: b.Center()}
	return append(units, data.Unit{Code: "Over", Name: "Park", NameEn: "The park", Shape: orb.MultiPolygon{over.ToPolygon()}})
}

// zoneTown is a town with two sets of zones.
func zoneTown(t *testing.T, seed uint64, n int) *town {
	w := compactTown(t, seed, n)
	w.wait(w.replace(data.ZoneKind("parks"), overlapping()))
	w.wait(w.replace(data.ZoneKind("grid"), gridUnits(downtown, 4)))
	return w
}

func zoneHolds(u *data.Unit, p orb.Point) bool {
	for _, poly := range polygons(u.Shape) {
		if data.Contains(poly, p) {
			return true
		}
	}
	return false
}

// The counts of zones are those of a scan, whatever changed before, and overlapping
// zones count each in full.
func TestZonesCountAsAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	w := zoneTown(t, 61, 120)
	m := citytest.NewMaker(rng, downtown)
	for i := range 6 {
		if v := w.viewer.View(); i%2 == 0 { // else what is not made has nothing to follow
			v.CountZones("parks", data.All())
			v.ZoneLevel("parks", 4)
		}
		h := m.Changed(w.hazards[rng.IntN(len(w.hazards))])
		w.hazards = append(slices.DeleteFunc(w.hazards, func(o *data.Hazard) bool { return o.ID == h.ID }), h)
		w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
		checkZones(t, w, randomFilter(rng, w.profile.Taxonomy))
		checkZones(t, w, data.All())
	}
	if !slices.Equal(w.viewer.View().ZoneNames(), []string{"grid", "parks"}) {
		t.Error(w.viewer.View().ZoneNames())
	}
}

func checkZones(t *testing.T, w *town, f data.Filter) {
	t.Helper()
	v := w.viewer.View()
	c := v.CountZones("parks", f)
	units := v.Units(data.ZoneKind("parks"))
	inside, none, several := make([][5]int, len(units)), [5]int{}, [5]int{}
	for h := range active(v.Snapshot) {
		if !f.Match(h) {
			continue
		}
		held := 0
		for i := range units {
			if zoneHolds(&units[i], h.Label()) {
				inside[i][h.Level]++
				held++
			}
		}
		if held == 0 {
			none[h.Level]++
		}
		if held > 1 {
			several[h.Level]++
		}
	}
	if !slices.Equal(inside, c.Inside) || none != c.None || several != c.Several {
		t.Errorf("counted %v none %v several %v\nfound %v none %v several %v", c.Inside, c.None, c.Several, inside, none, several)
	}
	if f != data.All() {
		return
	}
	if several == [5]int{} {
		t.Error("no zones overlap: nothing was tested")
	}
	one := v.CountInZones("parks", active(v.Snapshot))
	if !slices.Equal(one.Inside, c.Inside) || !slices.Equal(one.Meeting, c.Meeting) || one.None != c.None || one.Several != c.Several {
		t.Error("one by one counts differently")
	}
	for i := range units {
		in, meeting := v.ZoneSources("parks", i)
		if in != inside[i] || meeting != c.Meeting[i] {
			t.Errorf("%s: %v, %v", units[i].Code, in, meeting)
		}
		for l := range meeting {
			if meeting[l] < in[l] {
				t.Errorf("%s: %v meet it, %v lie in it", units[i].Code, meeting, in)
			}
		}
		if got, want := v.ZoneLevel("parks", i), v.GroundLevel(v.LevelAreas(polygons(units[i].Shape)), in); got != want {
			t.Errorf("%s: level %s, want %s", units[i].Code, got, want)
		}
	}
}

// layerZones decodes the layer of a tile, by set and code.
func layerZones(t *testing.T, r *Renderer, req Request) map[string]map[string]any {
	t.Helper()
	req.Layers = Layers(data.LayerZones)
	tile := mustTile(t, r, req)
	out := map[string]map[string]any{}
	if tile.Empty {
		return out
	}
	layers, err := mvt.UnmarshalGzipped(tile.Data)
	if err != nil || len(layers) != 1 || layers[0].Name != "zones" {
		t.Fatalf("%v: %v", layers, err)
	}
	for _, f := range layers[0].Features {
		out[f.Properties.MustString("set")+":"+f.Properties.MustString("code")] = f.Properties
	}
	return out
}

// The layer shows every zone of every set that meets the tile, with its level
// only where nothing is filtered.
func TestZonesLayer(t *testing.T) {
	w := zoneTown(t, 62, 80)
	r, v := w.renderer(Options{}), w.viewer.View()
	c, some := v.CountZones("parks", data.All()), data.All()
	some.Levels = 1 << data.Major
	units := v.Units(data.ZoneKind("parks"))
	whole := layerZones(t, r, Request{Tile: tileAt(10, 0, 0), Filter: data.All()})
	if len(whole) != len(units)+16 {
		t.Fatalf("%d zones: %v", len(whole), whole)
	}
	filtered := layerZones(t, r, Request{Tile: tileAt(10, 0, 0), Filter: some})
	levels := 0
	for i, u := range units {
		p, n := whole["parks:"+u.Code], c.Inside[i]
		if p["count"] != float64(n[1]+n[2]+n[3]+n[4]) || p["name"] != u.Name {
			t.Errorf("%v: want %v", p, n)
		}
		if l := v.ZoneLevel("parks", i); l == data.LevelNone && p["level"] != nil || l != data.LevelNone && p["level"] != float64(l) {
			t.Errorf("%v: want level %s", p, l)
		} else if l != data.LevelNone {
			levels++
		}
		if p := filtered["parks:"+u.Code]; p["level"] != nil || p["count"] != float64(n[data.Major]) {
			t.Errorf("filtered: %v, want %d", p, n[data.Major])
		}
	}
	if whole["parks:Over"]["name_en"] != "The park" || levels == 0 {
		t.Errorf("%v, %d levels", whole["parks:Over"], levels)
	}
	if moved := layerZones(t, r, Request{Tile: tileAt(10, 0, 0), Filter: data.All(), Datum: datum.GCJ02}); len(moved) != len(whole) {
		t.Errorf("%d zones in GCJ-02", len(moved))
	}
	if far := mustTile(t, r, Request{Tile: maptile.New(0, 0, 10), Layers: Layers(data.LayerZones), Filter: data.All()}); !far.Empty || r.stats.Void.Load() == 0 {
		t.Error("a tile without zones is known to be empty")
	}
}

// A tile of zones has another key when and only when it shows other things.
func TestZonesKey(t *testing.T) {
	w := zoneTown(t, 63, 60)
	tag := func() string {
		key, _ := w.viewer.View().key(Request{Tile: tileAt(10, 0, 0), Layers: Layers(data.LayerZones), Filter: data.All()}, "p")
		return key.ETag()
	}
	first := tag()
	i := slices.IndexFunc(w.hazards, func(h *data.Hazard) bool { return h.Status == data.Active && downtown.Contains(h.Label()) })
	h := w.hazards[i]
	renamed := *h
	renamed.Name += " renamed"
	w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: citytest.Seal(renamed)}})
	if tag() != first {
		t.Error("a source's name renews the zones")
	}
	w.apply(data.Change{ID: h.ID, If: data.Any})
	without := tag()
	w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
	if without == first || tag() != first {
		t.Errorf("%s, without a source %s, and again %s", first, without, tag())
	}
	units := overlapping()
	units[3].Name = "renamed"
	w.wait(w.replace(data.ZoneKind("parks"), units))
	if tag() == first {
		t.Error("another name of a zone keeps the key")
	}
	w.wait(w.replace(data.ZoneKind("parks"), overlapping()))
	if tag() != first {
		t.Error("the former zones have another key")
	}
}

// A part of a city is drawn as the city of those sources alone, tile by tile and
// tag by tag, made anew or from the part before; its districts and zones have
// counts and no level.
func TestPartIsACityOfItsSources(t *testing.T) {
	rng := rand.New(rand.NewPCG(64, 1))
	w := zoneTown(t, 64, 120)
	for _, code := range []int{9, 4} { // few, many
		base := w.viewer.View()
		z := base.Zoning(data.ZoneKind("parks"))
		keep := func(h *data.Hazard) bool { return z.Holds(9, h.Label()) || code == 4 && !z.Holds(4, h.Label()) }
		part := base.Part(nil, keep)
		checkPart(t, w, part, keep, rng)
		h := citytest.NewMaker(rng, downtown).Changed(w.hazards[7])
		w.hazards[7] = h
		w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
		checkPart(t, w, w.viewer.View().Part(part, keep), keep, rng)
	}
}

func checkPart(t *testing.T, w *town, part *View, keep func(*data.Hazard) bool, rng *rand.Rand) {
	t.Helper()
	var kept []*data.Hazard
	for _, h := range w.hazards {
		if keep(h) {
			kept = append(kept, h)
		}
	}
	if len(kept) < 5 || len(kept) > len(w.hazards)-5 || part.Len() != len(kept) || part.Revision() != w.viewer.View().Revision() {
		t.Fatalf("%d of %d kept, the part has %d", len(kept), len(w.hazards), part.Len())
	}
	alone := newTown(t, w.profile, kept).renderer(Options{})
	r := w.renderer(Options{})
	for _, req := range manyRequests(rng, w.profile.Taxonomy, 60) {
		req.Layers &^= districtLayers | zoneLayers
		want := mustTile(t, alone, req)
		req.View = part
		got := mustTile(t, r, req)
		if got.ETag != want.ETag || !bytes.Equal(got.Data, want.Data) {
			t.Fatalf("%v %s: %d bytes %s, want %d bytes %s", req.Tile, req.Layers, len(got.Data), got.ETag, len(want.Data), want.ETag)
		}
	}
	window := riskgrid.TileWindow(12, tileAt(12, 0, 0).X, tileAt(12, 0, 0).Y, 1)
	if !slices.Equal(part.Pool(window), riskgrid.NewField(part.Cuts, slices.Values(kept)).Pool(window)) {
		t.Error("the field is not that of the part")
	}
	n := 0
	for _, d := range part.shown(downtown, Request{Filter: data.All()}) {
		if n += d.Count; d.Level != data.LevelNone {
			t.Errorf("%s has level %s", d.Unit.Code, d.Level)
		}
	}
	if count := part.Count(data.All()); n > count[1]+count[2]+count[3]+count[4] || n == 0 {
		t.Errorf("districts count %d of %v", n, count)
	}
	for _, z := range part.shownZones(downtown, data.All()) {
		if z.Level != data.LevelNone {
			t.Errorf("%s has level %s", z.Unit.Code, z.Level)
		}
	}
	if !part.Partial() || w.viewer.View().Partial() {
		t.Error("a part says that it is one")
	}
}
