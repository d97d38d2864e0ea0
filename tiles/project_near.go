package tiles

import (
	"math"

	"github.com/paulmach/orb"
)

// nearMercator rounds places near a tile to its units as canvas.round does, but
// takes the ordinate from the projection's Taylor series at the tile's middle:
// with L the latitude and s = 1/cos L, t = tan L,
//
//	d ln tan(π/4 + L/2) = s·dL + s·t/2·dL² + s·(1 + 2t²)/6·dL³ + s·t·(5 + 6t²)/24·dL⁴ + …
//
// Where that is within doubt of the border between two units it asks the canvas.
type nearMercator struct {
	usable bool
	lat    float64 // of the middle, in degrees
	most   float64 // degrees from it to which the series is used
	y0     float64 // of the middle, in units of the tile
	c      [4]float64
}

// doubt is the distance from a border between units within which the series does
// not decide. The first term left out is under 1e-6 units in a tile of nearestZoom
// (the middle 8e-4 radians away, s and t under 4), and so is the arithmetic's error
// of both ways.
const doubt = 1e-4

// The tiles for which the series is good enough.
const (
	nearestZoom  = 13
	nearLatitude = 75 // degrees
)

func newNearMercator(c *canvas) nearMercator {
	var n nearMercator
	if c.offset || c.tile.Z < nearestZoom {
		return n
	}
	n.lat = lonLat(0, (c.y0+extent/2)/c.world)[1]
	_, y := c.at(orb.Point{0, n.lat})
	n.usable, n.y0 = math.Abs(n.lat) < nearLatitude, y
	n.most = 360 / math.Ldexp(1, int(c.tile.Z)) // a tile is no higher than wide
	rad := n.lat * math.Pi / 180
	sec, tan := 1/math.Cos(rad), math.Tan(rad)
	unit := -c.world / (2 * math.Pi)
	step := math.Pi / 180
	n.c = [4]float64{
		unit * sec * step,
		unit * sec * tan / 2 * step * step,
		unit * sec * (1 + 2*tan*tan) / 6 * step * step * step,
		unit * sec * tan * (5 + 6*tan*tan) / 24 * step * step * step * step,
	}
	return n
}

// round is c.round of the canvas it was made for.
func (n *nearMercator) round(c *canvas, p orb.Point) vertex {
	d := p[1] - n.lat
	if !n.usable || !(math.Abs(d) <= n.most) {
		return c.round(p)
	}
	y := n.y0 + d*(n.c[0]+d*(n.c[1]+d*(n.c[2]+d*n.c[3]))) + 0.5
	whole := math.Floor(y)
	if rest := y - whole; rest < doubt || rest > 1-doubt {
		return c.round(p)
	}
	return vertex{int32(math.Floor((p[0]+180)/360*c.world+0.5) - c.x0), int32(whole)}
}
