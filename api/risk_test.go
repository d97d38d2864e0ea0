package api

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

// town is random sources of every shape and simple footprint, close together.
func town(t testing.TB, n int, seed uint64) []*data.Record {
	rng := rand.New(rand.NewPCG(seed, 1))
	industries := []string{"I01", "I04", "I14", "C02", "C09", "P03", "P07"}
	regulators := []string{"", "市应急局", "市商务局"}
	var out []*data.Record
	for i := range n {
		p := orb.Point{120.10 + 0.1*rng.Float64(), 30.22 + 0.1*rng.Float64()}
		var shape orb.Geometry = p
		q := orb.Point{p[0] + 0.01*rng.Float64(), p[1] + 0.01*rng.Float64()}
		switch i % 5 {
		case 1:
			shape = orb.LineString{p, q}
		case 2:
			shape = orb.Polygon{{p, {q[0], p[1]}, q, {p[0], q[1]}, p}}
		}
		f := data.Footprint{Kind: data.FootprintKind(rng.IntN(3)), V0: 1, R1: 50 + 300*rng.Float64()}
		switch f.Kind {
		case data.Step:
			f.R2 = f.R1
		case data.Linear:
			f.R2 = f.R1 + 500*rng.Float64()
		case data.Table:
			f = data.Footprint{Kind: data.Table, Metres: []float64{0, f.R1, f.R1 * 2}, Lethality: []float64{1, 0.4, 0}}
		}
		var more []func(*data.Hazard)
		if i%7 != 0 { // the rest have their level's equivalent scenario
			more = append(more, scenario(t, math.Pow(10, -7+2*rng.Float64()), f))
		}
		if i%3 == 0 {
			more = append(more, scenario(t, 1e-6*rng.Float64()+1e-9, step(200), func(s *data.Scenario) { s.Basis = data.Equivalent }))
		}
		body := regulators[rng.IntN(len(regulators))]
		more = append(more, func(h *data.Hazard) { h.Regulator = body; h.Status = data.Status(max(0, rng.IntN(8)-4)) })
		r := source(t, fmt.Sprintf("T%04d", i), industries[rng.IntN(len(industries))], data.Level(1+rng.IntN(4)), shape, more...)
		r.Detail = data.Detail{Enterprise: fmt.Sprint("enterprise ", i), Measures: &data.Measures{Engineering: []string{fmt.Sprint("wall ", i)}}}
		out = append(out, r)
	}
	return out
}

// shared is one town for the tests that change nothing.
var shared struct {
	once    sync.Once
	world   *world
	records []*data.Record
}

func theTown(t *testing.T) (*world, []*data.Record) {
	shared.once.Do(func() {
		shared.records = town(t, 300, 7)
		shared.world = newWorld(keeper{t}, city.InternalView, shared.records, nil)
	})
	shared.world.t = t // tests of this package run one after the other
	return shared.world, shared.records
}

// keeper lets a fixture outlive the test that made it: what it would clean up
// ends with the process.
type keeper struct{ *testing.T }

func (keeper) Cleanup(func()) {}

// micro reads a JSON number of 1e-15 per year exactly.
func micro(t *testing.T, n json.Number) int64 {
	t.Helper()
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		t.Fatalf("%q is no number", n)
	}
	r.Mul(r, big.NewRat(1_000_000_000_000_000, 1))
	if !r.IsInt() {
		t.Fatalf("%s is no whole number of 1e-15", n)
	}
	return r.Num().Int64()
}

// exactSum is a Sum with its numbers as they are written.
type exactSum struct {
	IR      json.Number
	Level   data.Level
	ByBasis struct{ QRA, Equivalent json.Number } `json:"by_basis"`

	Contributions []struct {
		ID      string
		IR      json.Number
		ByBasis struct{ QRA, Equivalent json.Number } `json:"by_basis"`
	}
	Others *struct {
		Count int
		IR    json.Number
	}
}

func (s *exactSum) check(t *testing.T, where string) {
	t.Helper()
	sum, qra, equivalent, last := int64(0), int64(0), int64(0), int64(math.MaxInt64)
	for _, c := range s.Contributions {
		part := micro(t, c.IR)
		if part > last {
			t.Errorf("%s: %s is not in order", where, c.ID)
		}
		if part != micro(t, c.ByBasis.QRA)+micro(t, c.ByBasis.Equivalent) {
			t.Errorf("%s: %s: the bases do not sum to %s", where, c.ID, c.IR)
		}
		last = part
		sum += part
		qra += micro(t, c.ByBasis.QRA)
		equivalent += micro(t, c.ByBasis.Equivalent)
	}
	if s.Others != nil {
		sum += micro(t, s.Others.IR)
	} else if qra != micro(t, s.ByBasis.QRA) || equivalent != micro(t, s.ByBasis.Equivalent) {
		t.Errorf("%s: bases %+v, contributions sum to %d and %d", where, s.ByBasis, qra, equivalent)
	}
	if sum != micro(t, s.IR) || micro(t, s.ByBasis.QRA)+micro(t, s.ByBasis.Equivalent) != sum {
		t.Errorf("%s: contributions sum to %d, ir is %s", where, sum, s.IR)
	}
}

func TestContributionsSumExactlyAndMatchBruteForce(t *testing.T) {
	w, records := theTown(t)
	rng := rand.New(rand.NewPCG(3, 4))
	profile := w.city.Profile()
	cut := false
	for range 60 {
		p := orb.Point{120.10 + 0.11*rng.Float64(), 30.22 + 0.11*rng.Float64()}
		for _, limit := range []string{"", "&limit=1", "&limit=2"} {
			got := read[exactSum](w, "/api/v1/risk?"+at(p)+limit)
			got.check(t, fmt.Sprint(p, limit))
			cut = cut || got.Others != nil
			want, scenarios := 0.0, 0
			for _, r := range records {
				h := r.Hazard
				list := h.Scenarios
				if len(list) == 0 {
					list = profile.Derived(h.Industry, h.Level)
				}
				_, metres := data.Nearest(h.Shape, p)
				if h.Status == data.Active {
					for _, s := range list {
						want += s.PerYear * s.Footprint.At(metres, 0)
						scenarios++
					}
				}
			}
			if ir, err := got.IR.Float64(); err != nil || math.Abs(ir-want) > float64(scenarios)*1e-15+1e-4*want {
				t.Errorf("%v: ir %v, brute force %v", p, ir, want)
			}
		}
	}
	if !cut {
		t.Error("no list was cut: the remainder is untested")
	}
}

// The cell that /risk explains is the one on the map: its ir and level are those
// of the grid layer's square at the place, and its contributions sum to them.
func TestCellIsTheOneOnTheMap(t *testing.T) {
	w, _ := theTown(t)
	rng := rand.New(rand.NewPCG(5, 6))
	queries := []string{"", "&group=industrial", "&stat=share", "&stat=share&group=public", "&level=3,4"}
	for i, query := range queries {
		for zoom := 5; zoom <= 18; zoom++ {
			if zoom < 12 && zoom%len(queries) != i {
				continue // these have no grid layer to compare with, and take the longest
			}
			p := orb.Point{120.11 + 0.08*rng.Float64(), 30.23 + 0.08*rng.Float64()}
			where := fmt.Sprintf("zoom %d at %v %s", zoom, p, query)
			exact := read[struct{ Cell exactSum }](w, fmt.Sprintf("/api/v1/risk?%s&zoom=%d%s", at(p), zoom, query))
			exact.Cell.check(t, where)
			got := read[Risk](w, fmt.Sprintf("/api/v1/risk?%s&zoom=%d%s", at(p), zoom, query))
			b := orb.Bound{Min: orb.Point{got.Cell.Bounds[0], got.Cell.Bounds[1]}, Max: orb.Point{got.Cell.Bounds[2], got.Cell.Bounds[3]}}
			if !b.Contains(p) || !b.Contains(orb.Point{got.Cell.Worst[0], got.Cell.Worst[1]}) {
				t.Errorf("%s: cell %v, worst at %v", where, b, got.Cell.Worst)
			}
			if (got.Cell.Stat == "share") != (zoom < 14 && strings.Contains(query, "share")) {
				t.Errorf("%s: stat %q", where, got.Cell.Stat)
			}
			if zoom >= 12 {
				ir, level := w.gridSquare(p, zoom, query)
				if ir != got.Cell.IR || level != got.Cell.Level {
					t.Errorf("%s: the map shows %v level %d, /risk says %v level %d", where, ir, level, got.Cell.IR, got.Cell.Level)
				}
			}
		}
	}
}

// gridSquare reads the grid layer's square at a place.
func (w *world) gridSquare(p orb.Point, zoom int, query string) (ir float64, level data.Level) {
	w.t.Helper()
	tile := maptile.At(p, maptile.Zoom(zoom))
	rec := w.get(fmt.Sprintf("/tiles/grid/%d/%d/%d.mvt?%s", zoom, tile.X, tile.Y, strings.TrimPrefix(query, "&")), "Accept-Encoding", "gzip")
	if rec.Code == 204 {
		return 0, 0
	}
	r, err := gzip.NewReader(rec.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var raw strings.Builder
	if _, err := r.WriteTo(&raw); err != nil {
		w.t.Fatal(err)
	}
	decoded, err := mvtcheck.Decode([]byte(raw.String()))
	if err != nil {
		w.t.Fatal(err)
	}
	x, y := maptile.Fraction(p, maptile.Zoom(zoom))[0], maptile.Fraction(p, maptile.Zoom(zoom))[1]
	spot := mvtcheck.Point{X: int64((x - float64(tile.X)) * 4096), Y: int64((y - float64(tile.Y)) * 4096)}
	for _, f := range decoded.Layer("grid").Features {
		for _, polygon := range f.Polygons {
			low, high := polygon[0][0], polygon[0][0]
			for _, corner := range polygon[0] {
				low = mvtcheck.Point{X: min(low.X, corner.X), Y: min(low.Y, corner.Y)}
				high = mvtcheck.Point{X: max(high.X, corner.X), Y: max(high.Y, corner.Y)}
			}
			if low.X <= spot.X && spot.X < high.X && low.Y <= spot.Y && spot.Y < high.Y {
				level, err := strconv.Atoi(fmt.Sprint(f.Properties["level"]))
				if err != nil {
					w.t.Fatal(err)
				}
				return f.Properties["ir"].(float64), data.Level(level)
			}
		}
	}
	return 0, 0
}

func TestWorstBaseCellIsFoundAlikeWithAndWithoutAFilter(t *testing.T) {
	w, _ := theTown(t)
	v := w.viewer.View()
	all := data.All()
	same := all
	same.Levels &^= 1 // says nothing, but is another value: the other way to the cell
	rng := rand.New(rand.NewPCG(8, 9))
	for zoom := uint8(5); zoom < directZoom; zoom++ {
		p := orb.Point{120.10 + 0.1*rng.Float64(), 30.22 + 0.1*rng.Float64()}
		a, b := findCell(v, p, all, zoom, riskgrid.InService), findCell(v, p, same, zoom, riskgrid.InService)
		if a.cell != b.cell || a.pooled.Max != b.pooled.Max || a.pooled.Counts != b.pooled.Counts || a.pooled.Sum != b.pooled.Sum {
			t.Errorf("zoom %d at %v: %+v %+v and %+v %+v", zoom, p, a.cell, *a.pooled, b.cell, *b.pooled)
		}
		for _, c := range []foundCell{a, b} {
			if ir, _ := riskgrid.AtCell(c.worst, v.Reaching(c.worst.Bound(), all)); ir != c.pooled.Max {
				t.Errorf("zoom %d: the worst base cell has %d, the cell %d", zoom, ir, c.pooled.Max)
			}
		}
	}
}
