package api

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/grading"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// ground is an AdviceBody as a client writes it.
type ground struct {
	Polygon json.RawMessage `json:"polygon"`
	Target  string          `json:"target,omitempty"`
	Use     string          `json:"use,omitempty"`
	Sizes   map[string]any  `json:"sizes,omitempty"`
}

// plot is a random polygon of some tens to hundreds of metres, now and then one
// that holds no cell's centre, one with a hole, or one of two parts.
func randomGround(rng *rand.Rand, i int) orb.Geometry {
	around := func(c orb.Point, metres float64, n int) orb.Ring {
		var r orb.Ring
		for k := range n {
			a := (float64(k) + 0.8*rng.Float64()) / float64(n) * 2 * math.Pi
			d := metres * (0.5 + rng.Float64()) / data.MetresPerDegree
			r = append(r, orb.Point{c[0] + d*math.Cos(a), c[1] + d*math.Sin(a)})
		}
		return append(r, r[0])
	}
	c := orb.Point{120.10 + 0.11*rng.Float64(), 30.22 + 0.11*rng.Float64()}
	size := 60 * math.Pow(4, rng.Float64())
	switch i % 10 {
	case 0:
		return orb.Polygon{around(c, 3, 5)}
	case 1:
		return orb.Polygon{around(c, size*2, 9), around(c, size/3, 5)}
	case 2:
		return orb.MultiPolygon{{around(c, size, 6)}, {around(orb.Point{c[0] + 0.005, c[1]}, size, 4)}}
	}
	return orb.Polygon{around(c, size, 3+rng.IntN(8))}
}

// worstByScan looks at every base cell around the ground by itself.
func worstByScan(v *tiles.View, shape orb.Geometry) (worst riskgrid.Risk, cells int) {
	parts, ok := shape.(orb.MultiPolygon)
	if !ok {
		parts = orb.MultiPolygon{shape.(orb.Polygon)}
	}
	look := func(c riskgrid.Cell) {
		cells++
		r, _ := riskgrid.AtCell(c, v.Reaching(c.Bound(), data.All()))
		worst = max(worst, r)
	}
	b := shape.Bound()
	nw, se := riskgrid.CellAt(orb.Point{b.Min[0], b.Max[1]}, riskgrid.BaseZoom), riskgrid.CellAt(orb.Point{b.Max[0], b.Min[1]}, riskgrid.BaseZoom)
	for y := nw.Y; y <= se.Y; y++ {
		for x := nw.X; x <= se.X; x++ {
			c := riskgrid.Cell{X: x, Y: y, Zoom: riskgrid.BaseZoom}
			for _, p := range parts {
				if data.Contains(p, c.Centre()) {
					look(c)
					break
				}
			}
		}
	}
	if cells == 0 {
		look(riskgrid.CellAt(data.LabelPoint(shape), riskgrid.BaseZoom))
	}
	return worst, cells
}

// Advice on random ground is what a scan over all its cells finds, for every
// class and both criteria; without the sources that it names, the answer turns.
func TestAdviceEqualsAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	w := newWorld(t, city.InternalView, town(t, 120, 13), nil)
	v := w.viewer.View()
	rules, err := grading.Load()
	if err != nil {
		t.Fatal(err)
	}
	answers, turned, most := map[string]int{}, 0, 0
	for i := range 200 {
		shape := randomGround(rng, i)
		worst, cells := worstByScan(v, shape)
		for class := data.HighSensitive; class <= data.General3; class++ {
			body := ground{Polygon: data.AppendGeometry(nil, shape), Target: class.String()}
			got := asked[Advice](w, "/api/v1/advice", body)
			if got.Cells != cells || got.Target != class.String() || len(got.Criteria) != 2 {
				t.Fatalf("%d: %+v, want %d cells", i, got, cells)
			}
			for k, newBuild := range []bool{true, false} {
				c := got.Criteria[k]
				limit := rules.Limit(class, newBuild)
				if allowed := rules.Allowed(class, newBuild, worst.PerYear()); c.Allowed != allowed || c.IR != worst.PerYear() || c.Limit != limit ||
					c.Deciding == allowed || (c.OverCells == 0) != allowed {
					t.Fatalf("%d %s: %+v; the scan finds %v against %v", i, class, c, worst.PerYear(), limit)
				}
				answers[fmt.Sprint(c.Criterion, c.Allowed)]++
				if !c.Allowed && (i+int(class))%3 == k { // a third of them: each makes a what-if
					w.turns(t, body, c, k)
					turned++
					most = max(most, len(c.Sources))
				}
			}
		}
	}
	if len(answers) != 4 || turned < 50 || most < 3 {
		t.Errorf("%v, %d turned, at most %d sources: little was tested", answers, turned, most)
	}
}

// turns wants that the criterion is met without its deciding sources.
func (w *world) turns(t *testing.T, body ground, c AdviceCriterion, k int) {
	t.Helper()
	var ids []string
	for _, s := range c.Sources {
		ids = append(ids, string(s.ID))
	}
	after := asked[Advice](w, "/api/v1/advice?whatif="+w.whatIf(thought{Remove: ids}), body)
	if !after.Criteria[k].Allowed || !after.WhatIf {
		t.Fatalf("without %v: %+v", ids, after.Criteria[k])
	}
}

func TestAdviceSaysWhatItIsOf(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	records := []*data.Record{
		source(t, "big", "I04", 3, p, scenario(t, 2e-5, step(300))),
		source(t, "small", "I04", 3, p, scenario(t, 1e-6, step(300))),
		source(t, "hidden", "I04", 3, p, scenario(t, 1e-3, step(300)), func(h *data.Hazard) { h.Sensitivity = data.Internal })}
	w := newWorld(t, city.PublicView, records, nil)
	square := func(d float64) json.RawMessage {
		return data.AppendGeometry(nil, orb.Polygon{{{p[0] - d, p[1] - d}, {p[0] + d, p[1] - d}, {p[0] + d, p[1] + d}, {p[0] - d, p[1] + d}, {p[0] - d, p[1] - d}}})
	}
	got := asked[Advice](w, "/api/v1/advice", ground{Polygon: square(0.001), Use: "office", Sizes: map[string]any{"people": 20}})
	fresh, standing := got.Criteria[0], got.Criteria[1]
	if got.Target != "general_2" || got.View == nil || !strings.Contains(got.Note, "public view only") || fresh.Criterion != "new-build" || standing.Criterion != "in-service" {
		t.Errorf("%+v", got)
	}
	if fresh.Allowed || fresh.Limit != 3e-6 || fresh.IR != 2.1e-5 || len(fresh.Sources) != 1 || fresh.Sources[0].ID != "big" || fresh.Sources[0].IR != 2e-5 {
		t.Errorf("%+v", fresh)
	}
	if ok := asked[Advice](w, "/api/v1/advice", ground{Polygon: square(0.001), Target: "general_3"}).Criteria[1]; !ok.Allowed || ok.Deciding || len(ok.Sources) != 2 {
		t.Errorf("%+v", ok)
	}
	shifted := asked[Advice](w, "/api/v1/advice?crs=gcj02", ground{Polygon: square(0.0005), Target: "general_3"})
	if at := (orb.Point{shifted.Criteria[1].At[0], shifted.Criteria[1].At[1]}); !near(at, p, 100) || shifted.Criteria[1].IR != 0 {
		t.Errorf("on a shifted map the ground lies 500 m off the sources: %+v", shifted.Criteria[1])
	}

	many := orb.Ring{}
	for i := range 5001 {
		a := float64(i) / 5001 * 2 * math.Pi
		many = append(many, orb.Point{p[0] + 0.01*math.Cos(a), p[1] + 0.01*math.Sin(a)})
	}
	many = append(many, many[0])
	for _, c := range []struct {
		body      ground
		parameter string
	}{
		{ground{Polygon: square(0.001)}, "target"},
		{ground{Polygon: square(0.001), Target: "general_4"}, "target"},
		{ground{Polygon: square(0.001), Target: "general_1", Use: "office"}, "target"},
		{ground{Polygon: square(0.001), Use: "castle"}, "use"},
		{ground{Polygon: square(0.001), Use: "office"}, "indicators"},
		{ground{Polygon: square(0.2), Target: "general_1"}, "polygon"},
		{ground{Polygon: square(0.08), Target: "general_1"}, "polygon"},
		{ground{Polygon: data.AppendGeometry(nil, p), Target: "general_1"}, "polygon"},
		{ground{Polygon: data.AppendGeometry(nil, orb.Polygon{many}), Target: "general_1"}, "polygon"},
		{ground{Polygon: json.RawMessage(`{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}`), Target: "general_1"}, "polygon.geometry"},
		{ground{Polygon: json.RawMessage(`null`), Target: "general_1"}, "polygon.geometry"},
	} {
		if p := checkProblem(t, c.parameter, w.give(http.MethodPost, "/api/v1/advice", c.body), http.StatusBadRequest); p.Parameter != c.parameter {
			t.Errorf("%+v, want %s", p, c.parameter)
		}
	}
}
