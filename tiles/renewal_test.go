package tiles

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// randomChanges are random changes of the town's hazards, one to three at a time:
// sources are new, move, change in any way, are removed. None reaches over more
// than so many degrees.
func (w *town) randomChanges(rng *rand.Rand, m *citytest.Maker, degrees float64) []data.Change {
	small := func(make func() *data.Hazard) *data.Hazard {
		for {
			h := make()
			if e := h.Extent(); e.Max[0]-e.Min[0] < degrees && e.Max[1]-e.Min[1] < degrees {
				return h
			}
		}
	}
	var out []data.Change
	for range 1 + rng.IntN(3)*rng.IntN(2) {
		i := rng.IntN(len(w.hazards))
		old := w.hazards[i]
		change := data.Change{ID: old.ID, If: data.Any}
		switch rng.IntN(6) {
		case 0:
			id := data.ID(fmt.Sprintf("N-%d", rng.Uint32()))
			h := small(func() *data.Hazard { return m.Hazard(id) })
			change.ID = h.ID
			w.hazards = append(w.hazards, h)
			change.New = &data.Record{Hazard: h}
		case 1:
			if len(w.hazards) > 20 {
				w.hazards = slices.Delete(w.hazards, i, i+1)
				break
			}
			fallthrough
		case 2:
			h := *old
			h.Level = data.Level(1 + rng.IntN(4))
			change.New = &data.Record{Hazard: citytest.Seal(h)}
			w.hazards[i] = change.New.Hazard
		case 3: // it moves a little, or reaches otherwise
			h := *movedBy(w.t, old, 400*rng.Float64()-200)
			if rng.IntN(2) == 0 {
				h = *small(func() *data.Hazard { return m.Shaped(old.ID, old.Shape) })
			}
			change.New = &data.Record{Hazard: citytest.Seal(h)}
			w.hazards[i] = change.New.Hazard
		default:
			change.New = &data.Record{Hazard: small(func() *data.Hazard { return m.Changed(old) })}
			w.hazards[i] = change.New.Hazard
		}
		if slices.ContainsFunc(out, func(c data.Change) bool { return c.ID == change.ID }) {
			continue
		}
		out = append(out, change)
	}
	return out
}

// withZones gives the town a set of zones that lie over one another.
func (w *town) withZones() {
	var zones []data.Unit
	for i := range 6 {
		p := orb.Point{downtown.Min[0] + float64(i)*0.012, downtown.Min[1] + float64(i*5%6)*0.01}
		zones = append(zones, data.Unit{Code: fmt.Sprint("Z-", i), Shape: orb.Bound{Min: p, Max: orb.Point{p[0] + 0.02, p[1] + 0.02}}.ToPolygon()})
	}
	w.wait(w.replace(data.ZoneKind("streets"), zones))
}

// tilesToCompare are all tiles of the bound down to z14, and deeper those near the
// places.
func tilesToCompare(rng *rand.Rand, b orb.Bound, near []orb.Point) (out []maptile.Tile) {
	for z := maptile.Zoom(4); z <= 14; z++ {
		nw, se := maptile.At(orb.Point{b.Min[0], b.Max[1]}, z), maptile.At(orb.Point{b.Max[0], b.Min[1]}, z)
		for y := nw.Y - 1; y <= se.Y+1; y++ {
			for x := nw.X - 1; x <= se.X+1; x++ {
				out = append(out, maptile.New(x, y, z))
			}
		}
	}
	for z := maptile.Zoom(15); z <= 18; z++ {
		for range 60 {
			p := near[rng.IntN(len(near))]
			spread := 0.03 * rng.Float64()
			out = append(out, maptile.At(orb.Point{p[0] + (rng.Float64()-0.5)*spread, p[1] + (rng.Float64()-0.5)*spread}, z))
		}
	}
	return out
}

// After any change, every tile whose key is another, for any filter, is among those
// that the renewal names; and the renewal of one filter names its own.
func TestRenewalNamesEveryNewKey(t *testing.T) {
	rounds := 5
	if soaking() {
		rounds = 400
	}
	w := randomTown(t, 31, 120)
	w.withZones()
	w.wait(w.replace(data.DistrictKind("2019"), citytest.Districts("2019", downtown)))
	rng := rand.New(rand.NewPCG(31, 2))
	old := uint8(1 + w.viewer.View().drawnVintages()[0])
	m := citytest.NewMaker(rng, downtown)
	count, aged := newRenewalCount(), 0
	for range rounds {
		before := w.viewer.View()
		w.apply(w.randomChanges(rng, m, 9)...)
		after := w.viewer.View()
		r := Renewed(before, after, w.last)
		anyFilter := r.Dirty(nil)
		var near []orb.Point
		for _, c := range r.Changes() {
			for _, h := range []*data.Hazard{c.Old, c.New} {
				if h != nil {
					near = append(near, h.Label())
				}
			}
		}
		filters := []data.Filter{data.All(), randomFilter(rng, w.profile.Taxonomy), randomFilter(rng, w.profile.Taxonomy)}
		var own []map[data.Layer]*Dirty
		for i := range filters {
			own = append(own, r.Dirty(&filters[i]))
		}
		for _, tile := range tilesToCompare(rng, citytest.Bound, near) {
			for l := range AllLayers.At(uint8(tile.Z)).All() {
				if req := (Request{Tile: tile, Layers: Layers(l), Filter: data.All(), Vintage: old}).canonical(); req.Vintage != 0 {
					was, _ := keyOf(before, req, "p")
					is, _ := keyOf(after, req, "p")
					if was != is && (anyFilter[l] == nil || !anyFilter[l].Has(tile)) {
						t.Fatalf("%s of %v of 2019 has a new key, which the renewal does not name: %+v", l, tile, r.Changes())
					}
					if was != is {
						aged++
					}
				}
				for i, f := range filters {
					req := Request{Tile: tile, Layers: Layers(l), Filter: f}.canonical()
					was, _ := keyOf(before, req, "p")
					is, _ := keyOf(after, req, "p")
					named := own[i][l] != nil && own[i][l].Has(tile)
					if was != is && !named {
						t.Fatalf("%s of %v has a new key, which its filter's renewal does not name: %+v", l, tile, r.Changes())
					}
					if was != is && (anyFilter[l] == nil || !anyFilter[l].Has(tile)) {
						t.Fatalf("%s of %v has a new key, which the renewal does not name: %+v", l, tile, r.Changes())
					}
					count.add(l, tile.Z, was != is, named)
				}
			}
		}
	}
	t.Log("\n" + count.table("named without need"))
	if aged == 0 {
		t.Error("districts of 2019 never had a new key")
	}
	for l := range Layers(data.LayerRisk, data.LayerGrid, data.LayerHazards, data.LayerDistricts).All() {
		if count.new[l] == 0 {
			t.Errorf("%s: no key was ever new", l)
		}
	}
	for l := range Layers(data.LayerRisk, data.LayerGrid, data.LayerHazards, data.LayerLines, data.LayerAreas).All() {
		if share := count.share(l, 0, MaxZoom); share > 0.02 {
			t.Errorf("%s: %.1f %% of the named tiles have their old key", l, 100*share)
		}
	}
}

// renewalCount counts tiles by layer and zoom: how many were renewed, and how many
// of those without need.
type renewalCount struct {
	renewed, needless [data.LayerCount][MaxZoom + 1]int
	new               [data.LayerCount]int
}

func newRenewalCount() *renewalCount { return &renewalCount{} }

func (c *renewalCount) add(l data.Layer, z maptile.Zoom, needed, renewed bool) {
	if needed {
		c.new[l]++
	}
	if renewed {
		c.renewed[l][z]++
		if !needed {
			c.needless[l][z]++
		}
	}
}

// share is the share of a layer's renewals that were needless.
func (c *renewalCount) share(l data.Layer, from, to maptile.Zoom) float64 {
	renewed, needless := 0, 0
	for z := from; z <= to; z++ {
		renewed, needless = renewed+c.renewed[l][z], needless+c.needless[l][z]
	}
	return float64(needless) / float64(max(renewed, 1))
}

// table prints needless / renewed by layer and zoom.
func (c *renewalCount) table(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s", "zoom")
	for l := range AllLayers.All() {
		fmt.Fprintf(&b, "%16s", l)
	}
	fmt.Fprintf(&b, "   (%s / renewed)\n", title)
	for z := maptile.Zoom(4); z <= 18; z++ {
		fmt.Fprintf(&b, "%-12d", z)
		for l := range AllLayers.All() {
			if c.renewed[l][z] == 0 {
				fmt.Fprintf(&b, "%16s", "-")
				continue
			}
			fmt.Fprintf(&b, "%16s", fmt.Sprintf("%d/%d %3.0f%%", c.needless[l][z], c.renewed[l][z], 100*c.share(l, z, z)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// A large change, and a first view, say that any tile may be new.
func TestRenewalOfMuch(t *testing.T) {
	w := randomTown(t, 33, 30)
	before := w.viewer.View()
	if r := Renewed(nil, before, w.last); !r.All() || !r.Dirty(nil)[data.LayerRisk].All {
		t.Error("a first view names few tiles")
	}
	m := citytest.NewMaker(rand.New(rand.NewPCG(33, 2)), downtown)
	var changes []data.Change
	for i := range mostRenewed + 1 {
		h := m.Hazard(data.ID(fmt.Sprint("N-", i)))
		changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
	}
	w.apply(changes...)
	if r := Renewed(before, w.viewer.View(), w.last); !r.All() {
		t.Error("a large change names few tiles")
	}
	before = w.viewer.View()
	w.wait(w.replace(data.PlaceKind, nil))
	d := Renewed(before, w.viewer.View(), w.last).Dirty(nil)
	if len(d) != 1 || d[data.LayerPlaces] == nil || !d[data.LayerPlaces].All {
		t.Errorf("new places renew %v", d)
	}
	before = w.viewer.View()
	w.wait(w.replace(data.CoverageKind, coverageUnits(w.profile.Taxonomy, someCoverage(rand.New(rand.NewPCG(33, 3)), w.profile.Taxonomy))))
	d = Renewed(before, w.viewer.View(), w.last).Dirty(nil)
	if len(d) != 1 || d[data.LayerCoverage] == nil || !d[data.LayerCoverage].All {
		t.Errorf("new coverage renews %v", d)
	}
}

// Ranges hold just the tiles that they are made of.
func TestRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 1))
	for range 200 {
		set, side := map[[2]uint32]struct{}{}, uint32(2+rng.IntN(12))
		for range rng.IntN(80) {
			set[[2]uint32{100 + rng.Uint32N(side), 200 + rng.Uint32N(side)}] = struct{}{}
		}
		d := Dirty{}
		d.Ranges[10] = ranges(set)
		n := 0
		for _, r := range d.Ranges[10] {
			n += int(r.East-r.West+1) * int(r.South-r.North+1)
		}
		for tile := range set {
			if !d.Has(maptile.New(tile[0], tile[1], 10)) {
				t.Fatalf("%v is not in %v", tile, d.Ranges[10])
			}
		}
		if n != len(set) {
			t.Fatalf("%v hold %d tiles, want %d", d.Ranges[10], n, len(set))
		}
	}
}
