package index

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// The zooms whose tiles' sums are kept. The highest holds a tile of about 2 km at
// Hangzhou; above it few enough hazards reach a tile to ask them one by one.
const (
	minKept = 5
	maxKept = 14
)

// How far beyond a tile its layers look, in widths of the tile: one cell, which
// is also the buffer of a layer, and the units of the 4096 by which rounding or
// simplification may move what is drawn.
const (
	cellGrow  = 1.0 / 64
	pointGrow = cellGrow + 1.0/4096
	shapeGrow = cellGrow + 4.0/4096
)

// finestCell is the zoom of the finest cells: a tile past finestCell - 6 has fewer
// than 64 a side.
const finestCell = 22

// reachGrow is how far beyond a tile what reaches it counts, in its widths: one
// cell, since bands are drawn to the middles of the ring of cells around it. Where
// tiles are asked one by one, the grid counts its own cells alone.
func reachGrow(z uint32, l data.Layer) float64 {
	switch {
	case z > maxKept && l == data.LayerGrid:
		return 0
	case z > finestCell-6:
		return math.Exp2(float64(z) - finestCell)
	}
	return cellGrow
}

// drawnGrow is how far beyond a tile what is drawn in it may lie.
func drawnGrow(l data.Layer) float64 {
	if l == data.LayerHazards {
		return pointGrow
	}
	return shapeGrow
}

// tileKey packs a kept tile: 4 bits of zoom, 14 each of x and y.
func tileKey(z, x, y uint32) uint32 { return (z-minKept)<<28 | x<<14 | y }

// grownTile is the tile's box in lon/lat, larger by a share of its width on each
// side. x and y may be outside of the world.
func grownTile(z uint32, x, y, grow float64) orb.Bound {
	n := float64(uint32(1) << z)
	return orb.Bound{
		Min: orb.Point{(x-grow)/n*360 - 180, latitude((y + 1 + grow) / n)},
		Max: orb.Point{(x+1+grow)/n*360 - 180, latitude((y - grow) / n)},
	}
}

// latitude and world are the Web Mercator projection (EPSG:3857) to a world of
// width 1 with y downwards.
func latitude(y float64) float64 {
	return math.Atan(math.Sinh(math.Pi*(1-2*y))) * (180 / math.Pi)
}

func world(p orb.Point) (x, y float64) {
	return p[0]/360 + 0.5, 0.5 - math.Asinh(math.Tan(p[1]*math.Pi/180))/(2*math.Pi)
}

// cover finds the kept tiles near pieces of ground. It descends the quadtree and
// takes along only the edges that are near, so a long line costs what its tiles
// see of it. The zero value is ready; it is scratch space for one goroutine.
type cover struct {
	keys []uint32 // what was found, once each after tiles

	stack          []edge
	shape          orb.Geometry
	metres, grow   float64
	x0, y0, x1, y1 float64 // the ground's box, grown by metres, in the world of width 1
	point          bool    // the ground is one point, at px, py of that world
	px, py         float64

	rows [3][(maxKept - minKept + 1) * rowsKept]row // by growing
}

// row is what tiles of one row have in common: many hazards in turn ask for the
// same few.
type row struct {
	y            float64
	known        bool
	south, north float64    // latitudes of the grown tiles
	cos          [2]float64 // of them
}

const rowsKept = 8 // of each zoom

// row is that of a growing by cellGrow, pointGrow or shapeGrow.
func (c *cover) row(z uint32, y, grow float64) *row {
	of := 0
	switch grow {
	case pointGrow:
		of = 1
	case shapeGrow:
		of = 2
	}
	r := &c.rows[of][(z-minKept)*rowsKept+uint32(y)%rowsKept]
	if r.y != y || !r.known {
		b := grownTile(z, 0, y, grow)
		*r = row{y: y, known: true, south: b.Min[1], north: b.Max[1],
			cos: [2]float64{math.Cos(b.Min[1] * math.Pi / 180), math.Cos(b.Max[1] * math.Pi / 180)}}
	}
	return r
}

// nearness is newNearness of a grown tile.
func (c *cover) nearness(z uint32, x, y, grow, metres float64) nearness {
	r, n := c.row(z, y, grow), float64(uint32(1)<<z)
	near := nearness{metres: metres, cos: r.cos, box: orb.Bound{
		Min: orb.Point{(x-grow)/n*360 - 180, r.south},
		Max: orb.Point{(x+1+grow)/n*360 - 180, r.north},
	}}
	near.pad = near.box
	if metres > 0 {
		near.pad = data.PadMetres(near.box, metres)
	}
	return near
}

// tiles sets keys to the kept tiles that, grown by a share of their width, lie
// within each ground's metres of it.
func (c *cover) tiles(grow float64, gs ...ground) {
	c.keys = c.keys[:0]
	c.grow = grow
	for _, g := range gs {
		c.add(g)
	}
	if len(gs) > 1 {
		slices.Sort(c.keys)
		c.keys = slices.Compact(c.keys)
	}
}

func (c *cover) add(g ground) {
	c.shape, c.metres = g.shape, g.metres
	box := g.bound
	if g.metres > 0 {
		box = data.PadMetres(box, g.metres)
	}
	c.x0, c.y0 = world(orb.Point{box.Min[0], box.Max[1]})
	c.x1, c.y1 = world(orb.Point{box.Max[0], box.Min[1]})
	var p orb.Point
	if p, c.point = g.shape.(orb.Point); c.point {
		c.px, c.py = world(p)
	}
	c.stack = c.stack[:0]
	edges(g.shape, func(a, b orb.Point) bool {
		c.stack = append(c.stack, edge{a, b})
		return true
	})
	all := c.stack
	for z := uint32(minKept); z <= maxKept; z++ {
		x, y, w, h := c.near(z)
		if w == 1 && h == 1 && c.x0 > 0 && c.y0 > 0 && c.x1 < 1 && c.y1 < 1 {
			c.keys = append(c.keys, tileKey(z, x, y)) // no other tile is near
			continue
		}
		for i := range w * h {
			c.descend(z, x+i%w, y+i/w, all)
		}
		return
	}
}

// near gives the tiles of a zoom that may be near the box: the first and how
// many there are in each direction.
func (c *cover) near(z uint32) (x, y, w, h uint32) {
	n := float64(uint32(1) << z)
	tile := func(v float64) uint32 { return uint32(min(max(v, 0), n-1)) }
	x, y = tile(math.Ceil(c.x0*n-c.grow-1)), tile(math.Ceil(c.y0*n-c.grow-1))
	return x, y, tile(math.Floor(c.x1*n+c.grow)) - x + 1, tile(math.Floor(c.y1*n+c.grow)) - y + 1
}

// descend takes the tile and its descendants as far as they are near. parent has
// all edges that can be near any of them.
func (c *cover) descend(z, x, y uint32, parent []edge) {
	n, fx, fy := float64(uint32(1)<<z), float64(x), float64(y)
	if c.x1*n < fx-c.grow || c.x0*n > fx+1+c.grow || c.y1*n < fy-c.grow || c.y0*n > fy+1+c.grow {
		return
	}
	if c.point && c.px*n >= fx && c.px*n <= fx+1 && c.py*n >= fy && c.py*n <= fy+1 {
		c.note(z, x, y, parent) // most points need no measuring at all
		return
	}
	near := c.nearness(z, fx, fy, c.grow, c.metres)
	start := len(c.stack)
	for _, e := range parent {
		if near.edge(e.a, e.b) {
			c.stack = append(c.stack, e)
		}
	}
	if mine := c.stack[start:]; len(mine) > 0 {
		c.note(z, x, y, mine)
	} else if areaHolds(c.shape, near.box.Center()) {
		c.inside(z, x, y)
	}
	c.stack = c.stack[:start]
}

// note takes a tile and goes on to its children.
func (c *cover) note(z, x, y uint32, near []edge) {
	c.keys = append(c.keys, tileKey(z, x, y))
	if z < maxKept {
		for i := range uint32(4) {
			c.descend(z+1, 2*x+i&1, 2*y+i>>1, near)
		}
	}
}

// inside takes a tile without any edge near and all its descendants.
func (c *cover) inside(z, x, y uint32) {
	c.keys = append(c.keys, tileKey(z, x, y))
	if z < maxKept {
		for i := range uint32(4) {
			c.inside(z+1, 2*x+i&1, 2*y+i>>1)
		}
	}
}
