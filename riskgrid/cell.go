package riskgrid

import (
	"math"

	"github.com/paulmach/orb"
)

// Cell is a node of the Web Mercator quadtree.
type Cell struct {
	X, Y uint32
	Zoom uint8
}

// BaseZoom is the zoom of the city grid's cells: 33 m at Hangzhou.
const BaseZoom = 20

// edgeLon is the longitude of the meridian at x cells from the west; exact.
func edgeLon(x float64, zoom uint8) float64 {
	return float64(x*360)*power(zoom) - 180
}

// power is 1 over 2 to the zoom, exactly.
func power(zoom uint8) float64 { return math.Float64frombits((1023 - uint64(zoom)) << 52) }

// edgeLat is the latitude of the parallel at y cells from the north. Parents and
// children share edges bit for bit, since y/2^zoom is the same number.
func edgeLat(y float64, zoom uint8) float64 {
	return math.Atan(math.Sinh(math.Pi*(1-math.Ldexp(y*2, -int(zoom))))) * 180 / math.Pi
}

// eastEdge is edgeLon, but the world's last meridian belongs to its last column.
func eastEdge(x float64, zoom uint8) float64 {
	if x == math.Ldexp(1, int(zoom)) {
		return math.Nextafter(180, 181)
	}
	return edgeLon(x, zoom)
}

// CellAt is the half-open cell that holds a point: it has its west and north
// edge and not its east and south one, except that longitude 180 belongs to the
// last column. Places past the world's edge get the nearest cell.
func CellAt(p orb.Point, zoom uint8) Cell {
	n := math.Ldexp(1, int(zoom))
	// The estimates may be off by rounding; the edges decide.
	y := math.Floor(math.Ldexp((1-math.Asinh(math.Tan(p[1]*(math.Pi/180)))/math.Pi)/2, int(zoom)))
	y = math.Max(0, math.Min(y, n-1))
	for y > 0 && p[1] > edgeLat(y, zoom) {
		y--
	}
	for y < n-1 && p[1] <= edgeLat(y+1, zoom) {
		y++
	}
	return Cell{columnAt(p[0], zoom), uint32(y), zoom}
}

// columnAt is the column of the cell that holds a longitude.
func columnAt(lon float64, zoom uint8) uint32 {
	n := math.Ldexp(1, int(zoom))
	x := math.Floor(math.Ldexp((lon+180)/360, int(zoom)))
	x = math.Max(0, math.Min(x, n-1))
	for x > 0 && lon < edgeLon(x, zoom) {
		x--
	}
	for x < n-1 && lon >= eastEdge(x+1, zoom) {
		x++
	}
	return uint32(x)
}

// Bound is the cell's box in lon/lat.
func (c Cell) Bound() orb.Bound { return c.window().Bound() }

// Centre is the cell's centre in the Web Mercator plane, in lon/lat.
func (c Cell) Centre() orb.Point {
	return orb.Point{edgeLon(float64(c.X)+0.5, c.Zoom), edgeLat(float64(c.Y)+0.5, c.Zoom)}
}

func (c Cell) window() Window { return Window{X: int(c.X), Y: int(c.Y), W: 1, H: 1, Zoom: c.Zoom} }

// Window is a rectangle of W × H cells of one zoom, north-west corner at cell
// X, Y. It may hang over the edge of the world; cells there have no risk.
type Window struct {
	X, Y, W, H int
	Zoom       uint8
}

// finestTileZoom is the zoom of the cells of the deepest tiles: past z16 a tile
// shows fewer cells, not finer ones.
const finestTileZoom = 22

// TileWindow is the window of the tile's 64 × 64 cells of zoom z+6 (z17 and z18
// have 32² and 16² cells of zoom 22) with ring more cells on each side.
func TileWindow(z uint8, x, y uint32, ring int) Window {
	deeper := max(z, min(z+6, finestTileZoom)) - z
	n := 1 << deeper
	return Window{X: int(x)<<deeper - ring, Y: int(y)<<deeper - ring, W: n + 2*ring, H: n + 2*ring, Zoom: z + deeper}
}

// Bound is the window's box in lon/lat.
func (w Window) Bound() orb.Bound {
	return orb.Bound{
		Min: orb.Point{edgeLon(float64(w.X), w.Zoom), edgeLat(float64(w.Y+w.H), w.Zoom)},
		Max: orb.Point{edgeLon(float64(w.X+w.W), w.Zoom), edgeLat(float64(w.Y), w.Zoom)},
	}
}

// at is the window of finer cells that covers the same ground.
func (w Window) at(zoom uint8) Window {
	k := zoom - w.Zoom
	return Window{X: w.X << k, Y: w.Y << k, W: w.W << k, H: w.H << k, Zoom: zoom}
}

// inside is the part of the window that lies in the world.
func (w Window) inside() Window { return w.meet(Window{W: 1 << w.Zoom, H: 1 << w.Zoom, Zoom: w.Zoom}) }

// meet is what two windows of one zoom have in common; W and H are 0 if nothing.
func (w Window) meet(v Window) Window {
	x, y := max(w.X, v.X), max(w.Y, v.Y)
	return Window{X: x, Y: y, W: max(0, min(w.X+w.W, v.X+v.W)-x), H: max(0, min(w.Y+w.H, v.Y+v.H)-y), Zoom: w.Zoom}
}
