package city

import (
	"bytes"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"riskatlas/data"
	"riskatlas/data/datum"
)

func drawing(t testing.TB) *Drawing {
	t.Helper()
	d, err := part[Drawing](profiles(), "pieces", FileOrInline(`"hangzhou-pieces.json"`))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func totalArea(u []data.Unit) float64 {
	sum := 0.0
	for _, x := range u {
		sum += planar.Area(x.Shape)
	}
	return sum
}

// The pieces tile: every arc is either on the city's border or between two
// pieces, once in each direction; the border is one ring; all areas add up to
// the border's. Then no two overlap and nothing is left out between them.
func TestPiecesTile(t *testing.T) {
	d := drawing(t)
	uses := map[string]int{}
	sum := 0.0
	for i := range d.Pieces {
		p := &d.Pieces[i]
		shape, err := d.union([]*Piece{p})
		if err != nil {
			t.Fatal(p.Name, err)
		}
		poly, ok := shape.(orb.Polygon)
		if !ok || len(poly) != 1 {
			t.Fatalf("%s is not one ring", p.Name)
		}
		if n := len(poly[0]) - 1; n < 12 || n > 60 {
			t.Errorf("%s has %d vertices", p.Name, n)
		}
		simple(t, p.Name, poly[0])
		sum += planar.Area(poly)
		for _, arc := range p.Ring {
			uses[arc]++
		}
	}
	for name := range d.Arcs {
		there, back := uses[name], uses["-"+name]
		if border := len(name) > 7 && name[:7] == "border-"; there > 1 || back > 1 || !border && there+back != 2 || border && there+back != 1 {
			t.Errorf("arc %s: used %d times, backwards %d", name, there, back)
		}
	}
	var all []*Piece
	for i := range d.Pieces {
		all = append(all, &d.Pieces[i])
	}
	whole, err := d.union(all)
	if err != nil {
		t.Fatal(err)
	}
	border, ok := whole.(orb.Polygon)
	if !ok {
		t.Fatalf("the city is a %T", whole)
	}
	simple(t, "the city", border[0])
	if got := planar.Area(border); math.Abs(got-sum) > 1e-9*got {
		t.Errorf("pieces %v, their union %v square degrees", sum, got)
	}
	for _, vintage := range []string{"2019", "2021"} {
		if got := totalArea(hangzhou(t).Outlines(vintage)); math.Abs(got-sum) > 1e-9*sum {
			t.Errorf("districts of %s cover %v of %v square degrees", vintage, got, sum)
		}
	}
}

// simple fails when two edges of the ring cross.
func simple(t *testing.T, name string, r orb.Ring) {
	side := func(a, b, c orb.Point) float64 {
		return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	}
	for i := 1; i < len(r); i++ {
		for j := i + 2; j < len(r); j++ {
			a, b, c, d := r[i-1], r[i], r[j-1], r[j]
			if side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0 {
				t.Errorf("%s crosses itself near %v", name, b)
			}
		}
	}
}

func TestOneDistrictHoldsEachPlace(t *testing.T) {
	p := hangzhou(t)
	rng := rand.New(rand.NewPCG(1, 2))
	held := map[string]int{}
	for range 5000 {
		at := orb.Point{p.Bound.Min[0] + rng.Float64()*2.5, p.Bound.Min[1] + rng.Float64()*1.5}
		var n [2]int
		for i, vintage := range []string{"2019", "2021"} {
			for _, u := range p.Outlines(vintage) {
				if poly, ok := u.Shape.(orb.Polygon); ok && data.Contains(poly, at) {
					n[i]++
					held[vintage+u.Code]++
				}
			}
		}
		if n[0] > 1 || n[0] != n[1] {
			t.Fatalf("%v is in %d districts of 2019 and %d of 2021", at, n[0], n[1])
		}
	}
	if len(held) < 24 { // the smallest have a few points only
		t.Errorf("only %d districts were met", len(held))
	}
}

// Seats of districts and landmarks, degrees WGS 84 to about 0.01.
var places = []struct {
	name       string
	at         orb.Point
	old, after string
}{
	{"吴山广场", orb.Point{120.165, 30.241}, "330102", "330102"},
	{"武林广场", orb.Point{120.163, 30.272}, "330103", "330105"},
	{"杭州东站", orb.Point{120.208, 30.290}, "330104", "330102"},
	{"钱江新城", orb.Point{120.211, 30.246}, "330104", "330102"},
	{"九堡", orb.Point{120.270, 30.312}, "330104", "330102"},
	{"下沙", orb.Point{120.345, 30.305}, "330104", "330114"},
	{"拱宸桥", orb.Point{120.136, 30.318}, "330105", "330105"},
	{"半山", orb.Point{120.187, 30.362}, "330105", "330105"},
	{"浙江大学玉泉校区", orb.Point{120.120, 30.264}, "330106", "330106"},
	{"雷峰塔", orb.Point{120.145, 30.232}, "330106", "330106"},
	{"三墩", orb.Point{120.080, 30.335}, "330106", "330106"},
	{"滨江区政府", orb.Point{120.207, 30.207}, "330108", "330108"},
	{"萧山区政府", orb.Point{120.264, 30.184}, "330109", "330109"},
	{"萧山国际机场", orb.Point{120.434, 30.232}, "330109", "330109"},
	{"河庄", orb.Point{120.470, 30.310}, "330109", "330114"},
	{"临平", orb.Point{120.300, 30.420}, "330110", "330113"},
	{"塘栖", orb.Point{120.187, 30.480}, "330110", "330113"},
	{"余杭街道", orb.Point{119.935, 30.275}, "330110", "330110"},
	{"良渚", orb.Point{120.040, 30.375}, "330110", "330110"},
	{"富阳", orb.Point{119.955, 30.048}, "330111", "330111"},
	{"临安", orb.Point{119.720, 30.233}, "330112", "330112"},
	{"桐庐", orb.Point{119.685, 29.797}, "330122", "330122"},
	{"淳安", orb.Point{119.040, 29.610}, "330127", "330127"},
	{"建德", orb.Point{119.280, 29.475}, "330182", "330182"},
	{"海宁", orb.Point{120.680, 30.510}, "", ""},
	{"绍兴", orb.Point{120.580, 30.000}, "", ""},
}

func TestKnownPlaces(t *testing.T) {
	p := hangzhou(t)
	old, after := NewLocator(p.Outlines("2019")), NewLocator(p.Outlines("2021"))
	for _, c := range places {
		a, _ := old.Locate(c.at)
		b, _ := after.Locate(c.at)
		if a != c.old || b != c.after {
			t.Errorf("%s: %s in 2019, %s in 2021; want %s, %s", c.name, a, b, c.old, c.after)
		}
	}
}

// The functional areas lie over the districts: the new area is the district
// that came of it, the scenic area a part of 西湖.
func TestFunctionalAreasAreZones(t *testing.T) {
	p := hangzhou(t)
	zones := p.outlines[data.ZoneKind("functional-2019")]
	if len(zones) != 2 || zones[0].Code != "X3301QT" || zones[1].Code != "X3301XH" || zones[0].Name != "钱塘新区" {
		t.Fatalf("%+v", zones)
	}
	for _, u := range p.Outlines("2021") {
		if u.Code == "330114" && planar.Area(u.Shape) != planar.Area(zones[0].Shape) {
			t.Error("钱塘新区 is not the ground of 钱塘区")
		}
		if u.Props["schematic"] != "true" || u.Name == "" || u.NameEn == "" {
			t.Errorf("%+v", u)
		}
	}
	if code, _ := NewLocator(zones).Locate(orb.Point{120.145, 30.232}); code != "X3301XH" {
		t.Errorf("the pagoda is in %q", code)
	}
}

// Borders of neighbours have the same vertices.
func TestNeighboursShareVertices(t *testing.T) {
	p := hangzhou(t)
	for _, vintage := range []string{"2019", "2021"} {
		type side struct{ a, b orb.Point }
		sides := map[side]int{}
		for _, u := range p.Outlines(vintage) {
			ring := u.Shape.(orb.Polygon)[0]
			for i := 1; i < len(ring); i++ {
				sides[side{ring[i-1], ring[i]}]++
			}
		}
		alone := 0
		for s, n := range sides {
			if n != 1 {
				t.Fatalf("%s: %v twice in one direction", vintage, s)
			}
			if sides[side{s.b, s.a}] == 0 {
				alone++
			}
		}
		if alone < 50 || alone > 120 { // the city's own border has about 100
			t.Errorf("%s: %d sides without a neighbour", vintage, alone)
		}
	}
}

// The seats of counties, towns and streets in a public list of divisions fall
// into their districts of 2019: as good a drawing as a schematic one can be.
func TestTownsFallRight(t *testing.T) {
	root := os.Getenv("RISKATLAS_REALDATA")
	if root == "" {
		root = "../../../shared/realdata"
	}
	raw, err := os.ReadFile(filepath.Join(root, "hangzhou", "hangzhou-divisions-2016-gcj02.csv"))
	if err != nil {
		t.Skip("the list of divisions with their places is not here (RISKATLAS_REALDATA): ", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	l := NewLocator(hangzhou(t).Outlines("2019"))
	right, all := 0, 0
	for _, r := range rows[1:] { // code, parent, name, level, adcode, ur_code, longitude, latitude, …
		lon, errLon := strconv.ParseFloat(r[6], 64)
		lat, errLat := strconv.ParseFloat(r[7], 64)
		if r[3] == "village" || errLon != nil || errLat != nil {
			continue
		}
		want := strings.Replace(r[0][:6], "330185", "330112", 1) // 临安 became a district in 2017
		all++
		if got, _ := l.Locate(datum.GCJ02.ToWGS84(orb.Point{lon, lat})); got == want {
			right++
		} else {
			t.Logf("%s of %s is drawn in %s", r[2], want, got)
		}
	}
	if t.Logf("%d of %d", right, all); right < 190 || all != 198 {
		t.Errorf("%d of %d places fall right", right, all)
	}
}
