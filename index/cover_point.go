package index

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// spot is a point as the quadtree sees it, prepared for several distances.
type spot struct {
	p      orb.Point
	px, py float64 // in the world of width 1
	cos    float64 // of its latitude
}

func spotAt(p orb.Point) spot {
	s := spot{p: p}
	s.px, s.py = world(p)
	s.cos = math.Cos(p[1] * (math.Pi / 180))
	return s
}

// worldMetres is the equator's length.
const worldMetres = 360 * data.MetresPerDegree

// spotTiles sets keys to the kept tiles that, grown by a share of their width, lie
// within the metres of a point: those that tiles finds. A distance in metres is
// one in the world of width 1 times the equator and the cosine of some latitude
// on the way, which is between two bounds; only between them nearness decides.
func (c *cover) spotTiles(grow float64, s *spot, metres float64) {
	c.keys = c.keys[:0]
	// No latitude on the way is further from p's than the search reaches.
	turn := (metres + 1) / data.EarthRadiusMetres * 1.001
	least, most := max(s.cos-turn, 1e-3), min(s.cos+turn, 1)
	outer := (metres*(1+1e-9) + 1e-6) / (worldMetres * least)
	inner := (metres*(1-1e-9) - 1e-6) / (worldMetres * most)
	for z := uint32(minKept); z <= maxKept; z++ {
		n := float64(uint32(1) << z)
		c.spotZoom(z, grow, s, metres, inner*n, outer*n)
	}
}

// spotZoom is spotTiles at one zoom; inner and outer are in widths of its tiles.
// Below inner all is near enough, beyond outer nothing is.
func (c *cover) spotZoom(z uint32, grow float64, s *spot, metres, inner, outer float64) {
	n := float64(uint32(1) << z)
	x, y, far := s.px*n, s.py*n, outer+grow+1e-7
	x0, x1 := max(math.Floor(x-far), 0), min(math.Floor(x+far), n-1)
	y0, y1 := max(math.Floor(y-far), 0), min(math.Floor(y+far), n-1)
	for ty := y0; ty <= y1; ty++ {
		dy := gap(y, ty-grow, ty+1+grow)
		for tx := x0; tx <= x1; tx++ {
			dx := gap(x, tx-grow, tx+1+grow)
			var near bool
			switch d := dx*dx + dy*dy; {
			case max(dx, dy) < -1e-7: // well inside
				near = true
			case min(dx, dy) < 0: // beside one side
				d = max(dx, dy)
				near = d <= inner-1e-7 || d <= outer+1e-7 && c.exactly(z, tx, ty, grow, s, metres)
			case d > outer*outer*(1+1e-9)+1e-13:
			default:
				near = inner > 0 && d < inner*inner*(1-1e-9) || c.exactly(z, tx, ty, grow, s, metres)
			}
			if near {
				c.keys = append(c.keys, tileKey(z, uint32(tx), uint32(ty)))
			}
		}
	}
}

// gap is how far v lies outside of a range, less than zero inside.
func gap(v, from, to float64) float64 {
	if v < (from+to)/2 {
		return from - v
	}
	return v - to
}

// exactly asks of one tile what descend does.
func (c *cover) exactly(z uint32, x, y, grow float64, s *spot, metres float64) bool {
	if n := float64(uint32(1) << z); metres == 0 && (s.px*n < x-grow || s.px*n > x+1+grow || s.py*n < y-grow || s.py*n > y+1+grow) {
		return false
	}
	near := c.nearness(z, x, y, grow, metres)
	return near.point(s.p)
}

// reached sets keys to the kept tiles that a hazard's grounds reach; label is
// where its label point is.
func (c *cover) reached(h *data.Hazard, gs []ground, label *spot) {
	if _, point := h.Shape.(orb.Point); point && len(gs) == 1 && gs[0].bound.Min == label.p && gs[0].bound.Max == label.p {
		c.spotTiles(cellGrow, label, gs[0].metres)
		return
	}
	c.tiles(cellGrow, gs...)
}

// marked sets keys to the kept tiles that show a hazard on the layer hazards.
func (c *cover) marked(h *data.Hazard, label *spot) {
	if _, many := h.Shape.(orb.MultiPoint); many {
		c.tiles(pointGrow, ground{shape: h.Shape, bound: h.Bound()})
		return
	}
	c.spotTiles(pointGrow, label, 0)
}
