package tiles

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/index"
)

// Range is the tiles of one zoom from west to east and from north to south, its
// ends included.
type Range struct{ West, North, East, South uint32 }

// Dirty is a set of tiles of one layer, at the zooms of the layer.
type Dirty struct {
	All    bool                 // every tile; Ranges has none
	Ranges [MaxZoom + 1][]Range // by zoom, no order; they may overlap

	layer  data.Layer
	single [MaxZoom + 1]map[[2]uint32]struct{} // of the zoom, until finish
}

// The limits of a set: of the tiles in which one hazard is followed at a zoom, and
// of the ranges of a zoom. Past either it is the tiles below those of the zoom
// above.
const (
	mostFollowedTiles = 1024
	mostRanges        = 48
)

func newDirty(l data.Layer) *Dirty { return &Dirty{layer: l} }

// Has reports whether the tile is in the set.
func (d *Dirty) Has(t maptile.Tile) bool {
	if d.All {
		return true
	}
	return slices.ContainsFunc(d.Ranges[t.Z], func(r Range) bool {
		return t.X >= r.West && t.X <= r.East && t.Y >= r.North && t.Y <= r.South
	})
}

// Empty reports whether no tile is in the set.
func (d *Dirty) Empty() bool {
	return !d.All && !slices.ContainsFunc(d.Ranges[:], func(r []Range) bool { return len(r) > 0 })
}

// add adds the tiles that a hazard has a part in.
func (d *Dirty) add(covers *index.Covers, h *data.Hazard) {
	var last [][2]uint32 // of the deepest zoom so far
	zoom := maptile.Zoom(0)
	deepest := covers.Of(h, d.layer, mostFollowedTiles, func(t maptile.Tile) {
		if t.Z != zoom {
			last, zoom = last[:0], t.Z
		}
		last = append(last, [2]uint32{t.X, t.Y})
		if d.single[t.Z] == nil {
			d.single[t.Z] = map[[2]uint32]struct{}{}
		}
		d.single[t.Z][[2]uint32{t.X, t.Y}] = struct{}{}
	})
	for z := deepest + 1; z <= maptile.Zoom(data.Layers[d.layer].MaxZoom); z++ {
		for _, t := range last {
			d.Ranges[z] = append(d.Ranges[z], Range{t[0], t[1], t[0], t[1]}.below(z-deepest))
		}
	}
}

// below is the same ground so many zooms deeper.
func (r Range) below(deeper maptile.Zoom) Range {
	return Range{r.West << deeper, r.North << deeper, (r.East+1)<<deeper - 1, (r.South+1)<<deeper - 1}
}

// bound adds the tiles of every zoom that, with their buffer, meet a box.
func (d *Dirty) bound(b orb.Bound) {
	info := data.Layers[d.layer]
	for z := info.MinZoom; z <= info.MaxZoom; z++ {
		d.Ranges[z] = append(d.Ranges[z], tilesMeeting(b, maptile.Zoom(z)))
	}
}

// tilesMeeting are the tiles that meet a box with their buffer, one that a rounding
// may hide included.
func tilesMeeting(b orb.Bound, z maptile.Zoom) Range {
	const margin = (buffer + 0.01) / extent
	n := float64(uint32(1) << z)
	x0, y0 := mercator(orb.Point{b.Min[0], b.Max[1]})
	x1, y1 := mercator(orb.Point{b.Max[0], b.Min[1]})
	tile := func(v float64) uint32 { return uint32(min(max(v, 0), n-1)) }
	return Range{tile(x0*n - margin), tile(y0*n - margin), tile(x1*n + margin), tile(y1*n + margin)}
}

// finish makes ranges of single tiles and keeps them few.
func (d *Dirty) finish() {
	info := data.Layers[d.layer]
	for z := range d.Ranges {
		if z < int(info.MinZoom) || d.All {
			d.Ranges[z], d.single[z] = nil, nil
			continue
		}
		d.Ranges[z] = distinct(append(d.Ranges[z], ranges(d.single[z])...))
		d.single[z] = nil
		switch {
		case len(d.Ranges[z]) <= mostRanges:
		case len(d.Ranges[z-1]) > 0:
			d.Ranges[z] = slices.Clone(d.Ranges[z-1])
			for i := range d.Ranges[z] {
				d.Ranges[z][i] = d.Ranges[z][i].below(1)
			}
		default:
			d.Ranges[z] = []Range{hull(d.Ranges[z])}
		}
	}
}

// hull is the least range that holds all.
func hull(rs []Range) Range {
	all := rs[0]
	for _, r := range rs[1:] {
		all = Range{min(all.West, r.West), min(all.North, r.North), max(all.East, r.East), max(all.South, r.South)}
	}
	return all
}

// distinct sorts ranges and leaves each once.
func distinct(rs []Range) []Range {
	slices.SortFunc(rs, func(a, b Range) int {
		return cmp.Or(cmp.Compare(a.North, b.North), cmp.Compare(a.West, b.West), cmp.Compare(a.South, b.South), cmp.Compare(a.East, b.East))
	})
	return slices.Compact(rs)
}

// ranges gathers single tiles: runs of each row, then runs of like rows.
func ranges(set map[[2]uint32]struct{}) []Range {
	tiles := make([][2]uint32, 0, len(set))
	for t := range set {
		tiles = append(tiles, t)
	}
	slices.SortFunc(tiles, func(a, b [2]uint32) int { return cmp.Or(cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0])) })
	var rows []Range
	for _, t := range tiles {
		if n := len(rows); n > 0 && rows[n-1].North == t[1] && rows[n-1].East+1 == t[0] {
			rows[n-1].East = t[0]
			continue
		}
		rows = append(rows, Range{t[0], t[1], t[0], t[1]})
	}
	open := map[[2]uint32]int{} // by west and east: the last range of these columns
	var out []Range
	for _, r := range rows {
		columns := [2]uint32{r.West, r.East}
		if i, ok := open[columns]; ok && out[i].South+1 == r.North {
			out[i].South = r.South
			continue
		}
		open[columns] = len(out)
		out = append(out, r)
	}
	return out
}
