package mvtcheck

import "fmt"

// Tile is a decoded tile.
type Tile struct{ Layers []Layer }

// Layer finds a layer by name; nil when the tile has none of this name.
func (t *Tile) Layer(name string) *Layer {
	for i := range t.Layers {
		if t.Layers[i].Name == name {
			return &t.Layers[i]
		}
	}
	return nil
}

// Layer is one layer with its tables.
type Layer struct {
	Name      string
	Version   uint32 // 1 or 2
	Extent    uint32
	HasExtent bool // false: the schema's default of 4096
	Keys      []string
	Values    []any // string, float32, float64, int64, uint64, Sint or bool
	Features  []Feature

	versionFirst bool
}

// Sint is a value of the type sint64, kept apart from int64.
type Sint int64

// Feature is one feature. By its type it has points, lines or polygons.
type Feature struct {
	ID         uint64
	HasID      bool
	Type       Type
	Properties map[string]any
	Tags       []uint32 // as encoded: pairs of positions in the layer's tables
	Points     []Point
	Lines      [][]Point
	Polygons   []Polygon
}

// Point is a place in tile units: X to the east, Y to the south.
type Point struct{ X, Y int64 }

// Ring is a closed ring, its first point not repeated at the end.
type Ring []Point

// Polygon is an exterior ring and the holes in it.
type Polygon []Ring

// Type is a feature's GeomType.
type Type uint8

// The types of geometry.
const (
	Unknown Type = iota
	Points
	Lines
	Polygons
)

func (t Type) String() string {
	return [...]string{"UNKNOWN", "POINT", "LINESTRING", "POLYGON"}[min(t, Polygons)]
}

// Area is twice the ring's area by the surveyor's formula: over zero for an
// exterior ring.
func (r Ring) Area() int64 {
	var sum int64
	for i, a := range r {
		b := r[(i+1)%len(r)]
		// From the first point, so that what is summed stays small.
		sum += (a.X-r[0].X)*(b.Y-r[0].Y) - (b.X-r[0].X)*(a.Y-r[0].Y)
	}
	return sum
}

// Error is a rule that a tile breaks.
type Error struct {
	Layer   string // name, or its number when it has none
	Feature int    // number in the layer, from 0; -1 for the layer or the tile
	Rule    string // the specification's section, or "protobuf"
	What    string
}

func (e *Error) Error() string {
	where := "tile"
	if e.Layer != "" {
		where = fmt.Sprintf("layer %q", e.Layer)
	}
	if e.Feature >= 0 {
		where += fmt.Sprintf(", feature %d", e.Feature)
	}
	return fmt.Sprintf("%s: %s (MVT 2.1, %s)", where, e.What, e.Rule)
}
