package tiles

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data/datum"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// The tile's own units: the square of a tile is extent wide, and geometry is
// drawn to buffer units beyond it.
const (
	extent = 4096
	buffer = 64
)

// canvas is one tile being drawn: it turns WGS 84 longitude and latitude, and
// cells of the Web Mercator quadtree, into integer coordinates of a tile of the
// datum's map, x to the east and y to the south from the north-west corner. It
// is not written to while it is drawn on, and then safe for concurrent use.
type canvas struct {
	tile   maptile.Tile
	datum  datum.Datum
	offset bool      // the datum's map is not the WGS 84 map
	world  float64   // width of the world in tile units
	x0, y0 float64   // the tile's corner, in tile units from the world's
	bounds orb.Bound // in WGS 84, of every place that falls in the tile or its buffer
	kept   *outlines // of shapes that other tiles have drawn; nil: none
	tight  bool      // the layers together were too large: points are clustered, shapes have less room
}

// newCanvas makes the canvas of a tile that addresses the map of datum d.
func newCanvas(t maptile.Tile, d datum.Datum) *canvas {
	c := &canvas{
		tile: t, datum: d,
		offset: d == datum.GCJ02 || d == datum.BD09,
		world:  math.Ldexp(extent, int(t.Z)),
		x0:     float64(t.X) * extent,
		y0:     float64(t.Y) * extent,
	}
	c.bounds = c.reach()
	return c
}

// at gives the place of a WGS 84 longitude and latitude in units of the tile,
// not rounded. A latitude beyond the square world's edge is drawn at the edge.
func (c *canvas) at(p orb.Point) (x, y float64) {
	if c.offset {
		p = c.datum.FromWGS84(p)
	}
	x, y = mercator(p)
	return x*c.world - c.x0, y*c.world - c.y0
}

// round is at to whole units. Rounding is done from the world's corner, so that
// one place has the same rounding in all tiles of a zoom.
func (c *canvas) round(p orb.Point) vertex {
	if c.offset {
		p = c.datum.FromWGS84(p)
	}
	fx, fy := mercator(p)
	return vertex{int32(math.Floor(fx*c.world+0.5) - c.x0), int32(math.Floor(fy*c.world+0.5) - c.y0)}
}

// mercator is index.Mercator: clusters are counted by the places that points are
// drawn at.
func mercator(p orb.Point) (x, y float64) { return index.Mercator(p) }

// lonLat is the inverse of mercator.
func lonLat(x, y float64) orb.Point {
	return orb.Point{x*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi}
}

// cellSize is the width of a cell of a zoom on the WGS 84 map, in tile units.
func (c *canvas) cellSize(zoom uint8) int32 { return extent >> (zoom - uint8(c.tile.Z)) }

// cellCorner is the north-west corner of the cell with these indices, in units of
// the WGS 84 tile of the canvas's address; moved takes it to the datum's map.
func (c *canvas) cellCorner(zoom uint8, x, y int) vertex {
	size := int(c.cellSize(zoom))
	return vertex{int32(x*size - int(c.tile.X)*extent), int32(y*size - int(c.tile.Y)*extent)}
}

// moved takes a place from the tile's units on the WGS 84 map to those on the
// datum's map.
func (c *canvas) moved(p vertex) vertex {
	if !c.offset {
		return p
	}
	return c.round(lonLat((c.x0+float64(p.x))/c.world, (c.y0+float64(p.y))/c.world))
}

// window is the smallest window of cells that covers the tile, with ring more
// cells on each side: riskgrid.TileWindow, except that a tile of an offset
// datum lies askew over the WGS 84 cells.
func (c *canvas) window(ring int) riskgrid.Window {
	w := riskgrid.TileWindow(uint8(c.tile.Z), c.tile.X, c.tile.Y, ring)
	if !c.offset {
		return w
	}
	// The offset varies smoothly, so the tile's outline holds its extremes.
	const steps = 16
	box := orb.Bound{Min: orb.Point{2, 2}, Max: orb.Point{-1, -1}}
	for i := range steps {
		t := float64(i) / steps
		for _, e := range [4][2]float64{{t, 0}, {1, t}, {1 - t, 1}, {0, 1 - t}} {
			p := lonLat((c.x0+e[0]*extent)/c.world, (c.y0+e[1]*extent)/c.world)
			x, y := mercator(c.datum.ToWGS84(p))
			box = box.Extend(orb.Point{x, y})
		}
	}
	n := math.Ldexp(1, int(w.Zoom))
	w.X, w.Y = int(math.Floor(box.Min[0]*n))-ring, int(math.Floor(box.Min[1]*n))-ring
	w.W = int(math.Ceil(box.Max[0]*n)) + ring - w.X
	w.H = int(math.Ceil(box.Max[1]*n)) + ring - w.Y
	return w
}

// bound is a box in WGS 84 that holds every place that falls in the tile or its
// buffer.
func (c *canvas) bound() orb.Bound { return c.bounds }

// reach computes bounds.
func (c *canvas) reach() orb.Bound {
	const margin = float64(buffer) / extent
	place := func(x, y float64) orb.Point {
		p := lonLat((c.x0+x*extent)/c.world, (c.y0+y*extent)/c.world)
		if c.offset {
			p = c.datum.ToWGS84(p)
		}
		return p
	}
	b := place(-margin, -margin).Bound().Extend(place(1+margin, 1+margin))
	if !c.offset {
		return b
	}
	const steps = 16
	for i := range steps {
		t := (1+2*margin)*float64(i)/steps - margin
		b = b.Extend(place(t, -margin)).Extend(place(1+margin, t)).Extend(place(1-t, 1+margin)).Extend(place(-margin, 1-t))
	}
	return b.Pad((b.Max[0] - b.Min[0]) / 256) // for what bends out between two steps
}
