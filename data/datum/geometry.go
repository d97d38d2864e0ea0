package datum

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

// Geometry returns a deep copy of g with every vertex replaced by f of it; g is
// never changed. All types of orb are handled; nil, and a nil slice of a
// geometry type, give nil. A bound becomes the bound of its four corners'
// images. A collection is walked to its full depth, which whoever decoded it
// has bounded.
func Geometry(g orb.Geometry, f func(orb.Point) orb.Point) orb.Geometry {
	switch g := g.(type) {
	case orb.Collection:
		if g == nil {
			return nil
		}
		c := make(orb.Collection, len(g))
		for i := range g {
			c[i] = Geometry(g[i], f)
		}
		return c
	case orb.Bound:
		if g.IsEmpty() {
			return g
		}
		corners := orb.MultiPoint{g.Min, g.Max, {g.Min[0], g.Max[1]}, {g.Max[0], g.Min[1]}}
		return project.MultiPoint(corners, f).Bound()
	}
	// orb/project writes into the slices it is given.
	return project.Geometry(orb.Clone(g), f)
}
