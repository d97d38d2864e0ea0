package index

import (
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/tidwall/btree"

	"riskatlas/data"
)

// The zooms of tiles whose clusters are kept. A tile of the next is drawn from
// its hazards one by one.
const (
	MinClustered = 5
	MaxClustered = 12
)

// ClusterGrid is the number of squares along a tile's side.
const ClusterGrid = 16

// Cluster is what stands in one square of a tile.
type Cluster struct {
	First *data.Hazard           // the worst; of several the first by id; nil: nobody is here
	Count [data.Major + 1]uint32 // by level; [0] is not used
}

// Clusters are the squares of a tile, row by row from the north-west.
type Clusters [ClusterGrid * ClusterGrid]Cluster

// Clusters fills out with the active hazards that match, each in the square that
// holds its label point by Mercator when this is rounded to the nearest of the
// tile's 4096 units, halves to the south and east. It reports false, and leaves
// out as it is, for a zoom whose clusters are not kept. The cost grows with the classes in
// the squares, not with the hazards.
func (s *Snapshot) Clusters(t maptile.Tile, f data.Filter, out *Clusters) bool {
	if t.Z < MinClustered || t.Z > MaxClustered || s.clusters == nil {
		return false
	}
	clear(out[:])
	tile, ok := s.clusters.Get(tileKey(uint32(t.Z), t.X, t.Y))
	if !ok {
		return true
	}
	sel := s.classes.selection(f)
	for y, row := range tile {
		for _, square := range row {
			c := &out[y*ClusterGrid+int(square.x)]
			for i := range square.members {
				m := &square.members[i]
				if !sel.has(m.class) {
					continue
				}
				if c.First == nil {
					c.First = m.first
				}
				c.Count[s.classes.list[m.class].Level] += m.count
			}
		}
	}
	return true
}

// Mercator gives the place in the square world of Web Mercator, 0 to 1 from its
// north-west corner. A latitude beyond the square's edge is put on the edge.
func Mercator(p orb.Point) (x, y float64) {
	lat := math.Max(-maxLatitude, math.Min(maxLatitude, p[1]))
	sin := math.Sin(lat * (math.Pi / 180))
	return (p[0] + 180) / 360, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
}

// maxLatitude is where the square world of Web Mercator ends: atan(sinh(π)).
const maxLatitude = 85.0511287798066

// clusters has for each tile of the kept zooms that is not empty its squares.
// Tiles, rows and squares are never written to once they are in a snapshot.
type clusters = btree.Map[uint32, *clusterTile]

// clusterTile is the rows of a tile, from the north; each its squares that are
// not empty, from the west.
type clusterTile [ClusterGrid][]square

type square struct {
	x       uint8
	members []member // the worst first, then by the id of their first
}

// member is the hazards of one class in a square.
type member struct {
	first *data.Hazard // by id
	class uint32
	count uint32
}

func (m member) compare(o member) int {
	if m.first.Level != o.first.Level {
		return int(o.first.Level) - int(m.first.Level)
	}
	return strings.Compare(string(m.first.ID), string(o.first.ID))
}

// squareAt names a square of a zoom: its column and row in the whole world.
type squareAt struct{ x, y int32 }

// squareOf gives the square of a zoom that holds the place; false beyond the world.
func squareOf(fx, fy float64, zoom uint8) (squareAt, bool) {
	size := math.Ldexp(4096, int(zoom))
	x, y := math.Floor(float64(fx*size)+0.5), math.Floor(float64(fy*size)+0.5)
	if !(x >= 0 && y >= 0 && x < size && y < size) {
		return squareAt{}, false
	}
	const side = 4096 / ClusterGrid
	return squareAt{int32(x) / side, int32(y) / side}, true
}

func (a squareAt) tile(zoom uint8) uint32 {
	return tileKey(uint32(zoom), uint32(a.x)/ClusterGrid, uint32(a.y)/ClusterGrid)
}
