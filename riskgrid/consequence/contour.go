package consequence

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// contour is the closed line of a concentration about a release point, for a
// plume that runs along a bearing. It is false where the concentration is nowhere
// reached.
func (c *cloud) contour(at orb.Point, axis, lethality, mgPerM3 float64) (Contour, bool) {
	from, to, ok := c.span(mgPerM3)
	if !ok || !(to > from) {
		return Contour{}, false
	}
	const steps = 48
	left, right := make(orb.Ring, 0, 2*steps+2), make([]orb.Point, 0, steps+1)
	k := Contour{Lethality: lethality, MgPerM3: mgPerM3, LengthMetres: to}
	for i := range steps + 1 {
		// Points crowd at both ends, where the line turns.
		x := from + (to-from)*(1-math.Cos(math.Pi*float64(i)/steps))/2
		y := c.half(x, mgPerM3)
		if i == steps && to < data.MaxReachMetres {
			y = 0
		}
		k.WidthMetres = max(k.WidthMetres, 2*y)
		left = append(left, place(at, axis, x, -y))
		if y > 0 {
			right = append(right, place(at, axis, x, y))
		}
	}
	// Left out and right back runs clockwise seen from above: turn it round.
	slices.Reverse(right)
	ring := append(left, right...)
	if ring[len(ring)-1] != ring[0] {
		ring = append(ring, ring[0])
	}
	if ring.Orientation() == orb.CW {
		ring.Reverse()
	}
	k.Shape = orb.Polygon{ring}
	return k, true
}

// place is the point that lies metres along a bearing from a point and metres to
// the right of it, by data.Distance's plane.
func place(at orb.Point, bearing, along, right float64) orb.Point {
	sin, cos := math.Sincos(bearing * (math.Pi / 180))
	east, north := along*sin+right*cos, along*cos-right*sin
	lat := at[1] + north/data.MetresPerDegree
	return orb.Point{at[0] + east/(data.MetresPerDegree*math.Cos((at[1]+lat)*(math.Pi/360))), lat}
}
