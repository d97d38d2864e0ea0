package datum

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestGeometryCopies(t *testing.T) {
	ring := func(x float64) orb.Ring { return orb.Ring{{x, 0}, {x + 1, 0}, {x, 1}, {x, 0}} }
	// A shift that turns too, so that a bound's corners change places.
	turn := func(p orb.Point) orb.Point { return orb.Point{-p[1] + 10, p[0] + 20} }
	turned := func(x float64) orb.Ring { return orb.Ring{{10, x + 20}, {10, x + 21}, {9, x + 20}, {10, x + 20}} }
	line, points := orb.LineString{{1, 2}, {3, 4}}, orb.MultiPoint{{1, 2}, {3, 4}}
	all := orb.Collection{
		orb.Point{1, 2}, points, line, orb.MultiLineString{line, {{5, 6}}}, ring(0),
		orb.Polygon{ring(0), ring(5)}, orb.MultiPolygon{{ring(0)}, {ring(5), ring(7)}},
		orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{2, 1}},
		orb.Collection{orb.Point{1, 2}, nil, orb.Collection{}},
	}
	want := orb.Collection{
		orb.Point{8, 21}, orb.MultiPoint{{8, 21}, {6, 23}}, orb.LineString{{8, 21}, {6, 23}},
		orb.MultiLineString{{{8, 21}, {6, 23}}, {{4, 25}}}, turned(0),
		orb.Polygon{turned(0), turned(5)}, orb.MultiPolygon{{turned(0)}, {turned(5), turned(7)}},
		orb.Bound{Min: orb.Point{9, 20}, Max: orb.Point{10, 22}},
		orb.Collection{orb.Point{8, 21}, nil, orb.Collection{}},
	}
	before := orb.Clone(all)
	got := Geometry(all, turn)
	if !orb.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if !orb.Equal(all, before) {
		t.Errorf("changed its argument to %v", all)
	}
	for i, g := range all {
		if one := Geometry(g, turn); !orb.Equal(one, want[i]) || one.GeoJSONType() != g.GeoJSONType() {
			t.Errorf("%T: got %v, want %v", g, one, want[i])
		}
	}
	got.(orb.Collection)[2].(orb.LineString)[0][0] = 99
	if line[0][0] != 1 {
		t.Error("the copy shares its vertices with the original")
	}
}

func TestGeometryTakesEveryType(t *testing.T) {
	for _, g := range orb.AllGeometries {
		got := Geometry(g, GCJ02.FromWGS84)
		if got != nil && got.GeoJSONType() != g.GeoJSONType() {
			t.Errorf("%T became %T", g, got)
		}
	}
	empty := orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}
	if got := Geometry(empty, GCJ02.FromWGS84); got != orb.Geometry(empty) {
		t.Errorf("empty bound became %v", got)
	}
}
