package tiles

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/maptile/tilecover"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/tiles/mvtcheck"
)

func districtShapes(units []data.Unit) []DistrictShape {
	var ds []DistrictShape
	for i := range units {
		ds = append(ds, DistrictShape{
			Unit: &units[i], Label: data.LabelPoint(units[i].Shape),
			Level: data.Level(i % 5), Count: i * 100,
		})
	}
	return ds
}

func TestDistricts(t *testing.T) {
	units := citytest.Districts("2021", citytest.Bound)
	units[1].NameEn = "District 2"
	units[2].Props = map[string]string{"schematic": "true"}
	ds := districtShapes(units)
	for z := uint8(4); z <= 18; z++ {
		shown, labels := map[string]bool{}, map[string]int{}
		first, last := tileOf(citytest.Bound.Min, z), tileOf(citytest.Bound.Max, z)
		if z > 12 { // some tiles are enough
			first = tileOf(citytest.Bound.Center(), z)
			last = maptile.New(first.X+1, first.Y-1, first.Z)
		}
		for x := first.X; x <= last.X; x++ {
			for y := last.Y; y <= first.Y; y++ {
				c := newCanvas(maptile.New(x, y, maptile.Zoom(z)), datum.WGS84)
				tile := decode(t, appendLabels(appendDistricts(nil, c, ds), c, ds), buffer)
				checkDistricts(t, tile.Layer("districts"), ds, shown)
				if l := tile.Layer("labels"); l != nil {
					for _, f := range l.Features {
						if p := f.Points[0]; p.X >= 0 && p.Y >= 0 && p.X < extent && p.Y < extent {
							labels[f.Properties["code"].(string)]++
						}
					}
				}
			}
		}
		if z > 12 {
			continue
		}
		for _, d := range ds {
			if !shown[d.Unit.Code] || labels[d.Unit.Code] != 1 {
				t.Errorf("z%d: %s shown %t, with %d labels", z, d.Unit.Code, shown[d.Unit.Code], labels[d.Unit.Code])
			}
		}
	}
}

func checkDistricts(t *testing.T, l *mvtcheck.Layer, ds []DistrictShape, shown map[string]bool) {
	t.Helper()
	if l == nil {
		return
	}
	for _, f := range l.Features {
		if err := multiPolygon(f.Polygons).Validate(); err != nil {
			t.Fatal(err)
		}
		var d DistrictShape
		for _, d = range ds {
			if d.Unit.Code == f.Properties["code"] {
				break
			}
		}
		want := map[string]any{"code": d.Unit.Code, "name": d.Unit.Name, "count": uint64(d.Count)}
		if d.Level > 0 {
			want["level"] = uint64(d.Level)
		}
		if d.Unit.NameEn != "" {
			want["name_en"] = d.Unit.NameEn
		}
		if d.Unit.Props != nil {
			want["schematic"] = true
		}
		if fmt.Sprint(f.Properties) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", f.Properties, want)
		}
		shown[d.Unit.Code] = true
	}
}

// realData is a file of real data beside the repository.
func realData(t testing.TB, name string) []byte {
	t.Helper()
	root := os.Getenv("RISKATLAS_REALDATA")
	if root == "" {
		root = "../../shared/realdata"
	}
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Skipf("no real data: %v (RISKATLAS_REALDATA names its folder)", err)
	}
	return b
}

// realUnits are the polygons of a file whose places are of datum d.
func realUnits(t testing.TB, file string, d datum.Datum) []data.Unit {
	fc := geojson.NewFeatureCollection()
	if err := json.Unmarshal(realData(t, file), fc); err != nil {
		t.Fatal(err)
	}
	var units []data.Unit
	for i, f := range fc.Features {
		units = append(units, data.Unit{
			Code: fmt.Sprint(i), Name: fmt.Sprint("district ", i), Shape: datum.Geometry(f.Geometry, d.ToWGS84),
		})
	}
	return units
}

// realDistricts are the 13 districts of Hangzhou in 2016.
func realDistricts(t testing.TB) []data.Unit {
	return realUnits(t, "hangzhou/hangzhou-counties-2016-gcj02.geojson", datum.GCJ02)
}

// TestRealDistricts draws real boundaries, one of them with a ring that crosses
// itself, on tiles that they meet, from one tile for all to details, and asks
// another program whether each is valid.
func TestRealDistricts(t *testing.T) {
	for file, d := range map[string]datum.Datum{
		"hangzhou/hangzhou-counties-2016-gcj02.geojson": datum.GCJ02, "london/london-boroughs.geojson": datum.WGS84,
	} {
		ds := districtShapes(realUnits(t, file, d))
		drawn := 0
		for z := maptile.Zoom(4); z <= 14; z++ {
			drawn += drawReal(t, ds, z, d)
		}
		if drawn < 100 {
			t.Errorf("%s: %d districts drawn", file, drawn)
		}
	}
}

// drawReal draws up to 10 of the tiles of a zoom, on maps of WGS 84 and d.
func drawReal(t *testing.T, ds []DistrictShape, z maptile.Zoom, d datum.Datum) (drawn int) {
	tiles := map[maptile.Tile]bool{}
	for _, s := range ds {
		cover, err := tilecover.Geometry(s.Unit.Shape, min(z, 10))
		if err != nil {
			t.Fatal(err)
		}
		for tile := range cover {
			for tile.Z < z { // a corner of it
				tile = maptile.New(2*tile.X+tile.Y%2, 2*tile.Y, tile.Z+1)
			}
			tiles[tile] = true
		}
	}
	sorted := slices.SortedFunc(maps.Keys(tiles), func(a, b maptile.Tile) int {
		return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
	})
	for i, tile := range sorted {
		if i%(1+len(sorted)/10) != 0 {
			continue
		}
		for _, on := range []datum.Datum{datum.WGS84, d} {
			l := decode(t, appendDistricts(nil, newCanvas(tile, on), ds), buffer).Layer("districts")
			if l == nil {
				continue
			}
			for _, f := range l.Features {
				drawn++
				if err := multiPolygon(f.Polygons).Validate(); err != nil {
					t.Fatalf("%v: %v: %v", tile, f.Properties, err)
				}
			}
		}
	}
	return drawn
}

func TestPlaces(t *testing.T) {
	at := orb.Point{120.2, 30.25}
	units := []data.Unit{
		{Code: "H-1", Name: "医院一", Class: "hospital", Shape: at},
		{Code: "S-1", Class: "shelter", Shape: orb.Polygon{{at, {120.2001, 30.25}, {120.2001, 30.2501}, at}}},
		{Code: "F-1", Name: "Far", Class: "fire_station", Shape: orb.Point{121, 31}},
	}
	c := newCanvas(tileOf(at, 14), datum.WGS84)
	l := decode(t, appendPlaces(nil, c, units), buffer).Layer("places")
	if len(l.Features) != 2 {
		t.Fatalf("%d places", len(l.Features))
	}
	if f := l.Features[0]; fmt.Sprint(f.Properties) != fmt.Sprint(map[string]any{"id": "H-1", "kind": "hospital", "name": "医院一"}) || f.ID != featureID("H-1") {
		t.Errorf("%v", f)
	}
	if f := l.Features[1]; fmt.Sprint(f.Properties) != fmt.Sprint(map[string]any{"id": "S-1", "kind": "shelter"}) {
		t.Errorf("%v", f)
	}
}

// A road is drawn as a point at the middle of its length, in that tile alone
// though it crosses others.
func TestRoadsAmongPlaces(t *testing.T) {
	road := orb.LineString{{120.10, 30.25}, {120.2, 30.25}, {120.30, 30.25}}
	both := orb.MultiLineString{{{120.10, 30.30}, {120.11, 30.30}}, {{120.10, 30.35}, {120.30, 30.35}}}
	units := []data.Unit{{Code: "R-1", Name: "路", Class: "road", Shape: road}, {Code: "R-2", Class: "road", Shape: both}}
	for _, d := range []datum.Datum{datum.WGS84, datum.GCJ02} {
		for i, label := range []orb.Point{{120.2, 30.25}, {120.2, 30.35}} {
			at := d.FromWGS84(label)
			c := newCanvas(tileOf(at, 14), d)
			l := decode(t, appendPlaces(nil, c, units), buffer).Layer("places")
			if l == nil || len(l.Features) != 1 || l.Features[0].Properties["id"] != units[i].Code || l.Features[0].Properties["kind"] != "road" {
				t.Fatalf("%v: the tile of the middle of %s shows %v", d, units[i].Code, l)
			}
			want := c.round(label)
			if p := l.Features[0].Points[0]; int32(p.X) != want.x || int32(p.Y) != want.y {
				t.Errorf("%v: %s at %v, want %v", d, units[i].Code, p, want)
			}
		}
		if b := appendPlaces(nil, newCanvas(tileOf(d.FromWGS84(road[0]), 14), d), units); len(b) != 0 {
			t.Errorf("%v: the tile of a road's end shows it", d)
		}
	}
}
