package citytest

import (
	"fmt"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Bound is a box of about 29 by 28 km around the middle of Hangzhou that tests
// may use for their city.
var Bound = orb.Bound{Min: orb.Point{120.05, 30.15}, Max: orb.Point{120.35, 30.40}}

// Taxonomy is the test city's: eight industries in three groups and two vintages
// of districts, "2019" with 2 × 2 and the default "2021" with 3 × 3 of them.
func Taxonomy() *data.Taxonomy {
	t := data.Taxonomy{
		Groups:  []data.GroupInfo{{Key: "industrial"}, {Key: "crowded"}, {Key: "public"}},
		Default: 1,
	}
	for i := range industries {
		t.Industries = append(t.Industries, data.IndustryInfo{
			Code: fmt.Sprintf("T%02d", i+1), Slug: fmt.Sprintf("test-%d", i+1),
			Name: fmt.Sprintf("测试%d", i+1), NameEn: fmt.Sprintf("Test %d", i+1),
			Group: i % 3, R1: 50, R2: 200, Sensitivity: data.Public, Regulator: "Test office",
		})
	}
	for _, name := range vintages {
		v := data.Vintage{Name: name}
		for i := range side(name) * side(name) {
			v.Districts = append(v.Districts, data.DistrictInfo{
				Code: code(name, i), Name: fmt.Sprintf("%s区%d", name, i+1), NameEn: fmt.Sprintf("District %d of %s", i+1, name)})
		}
		t.Vintages = append(t.Vintages, v)
	}
	tax, err := data.NewTaxonomy(t)
	if err != nil {
		panic(err) // the lists above are constants
	}
	return tax
}

const industries = 8

var vintages = [...]string{"2019", "2021"}

func side(vintage string) int {
	if vintage == vintages[0] {
		return 2
	}
	return 3
}

func code(vintage string, i int) string { return fmt.Sprintf("D%s-%d", vintage, i+1) }

// Districts gives the polygons of a vintage of Taxonomy over the bound: quadrangles
// with slanted borders that leave no gap and fill the bound but for slivers at
// its edge, so that some places lie outside of all of them.
func Districts(vintage string, bound orb.Bound) []data.Unit {
	n := side(vintage)
	var units []data.Unit
	for i := range n * n {
		x, y := i%n, i/n
		ring := orb.Ring{corner(bound, n, x, y), corner(bound, n, x+1, y), corner(bound, n, x+1, y+1), corner(bound, n, x, y+1)}
		units = append(units, data.Unit{
			Code: code(vintage, i), Name: fmt.Sprintf("%s区%d", vintage, i+1),
			Shape: orb.Polygon{append(ring, ring[0])},
		})
	}
	return units
}

// corner is a knot of the net of borders, moved from its even place by a fixed
// amount so that borders slant.
func corner(b orb.Bound, n, x, y int) orb.Point {
	fx := (float64(x) + 0.05 + 0.08*float64((x*3+y*5)%4)) / (float64(n) + 0.4)
	fy := (float64(y) + 0.05 + 0.08*float64((x*5+y*2)%4)) / (float64(n) + 0.4)
	return orb.Point{b.Min[0] + fx*(b.Max[0]-b.Min[0]), b.Min[1] + fy*(b.Max[1]-b.Min[1])}
}

// Placer places hazards in the districts of every vintage of Taxonomy.
type Placer struct {
	tax   *data.Taxonomy
	units [len(vintages)][]data.Unit
}

// NewPlacer makes a placer for districts over the bound.
func NewPlacer(bound orb.Bound) *Placer {
	p := &Placer{tax: Taxonomy()}
	for i, v := range vintages {
		p.units[i] = Districts(v, bound)
	}
	return p
}

// Districts gives the positions for Class.Districts of a hazard with this label
// point; entries past the last vintage repeat the first.
func (p *Placer) Districts(label orb.Point) (ds [data.MaxVintages]data.District) {
	for i := range vintages {
		v := &p.tax.Vintages[i]
		ds[i] = v.Outside()
		for k, u := range p.units[i] {
			if data.Contains(u.Shape.(orb.Polygon), label) {
				ds[i] = v.First + data.District(k)
				break
			}
		}
	}
	for i := len(vintages); i < len(ds); i++ {
		ds[i] = ds[0]
	}
	return ds
}
