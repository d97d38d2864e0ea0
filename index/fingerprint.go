package index

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
)

// Fingerprint is the order-free sum of the layer's digests of the active
// matching hazards that truly reach (risk, grid, diff) or touch (hazards, lines,
// areas) the tile grown by one cell (see the package documentation) on each side; for places
// and for districts, labels see their own rule in the package documentation; for
// zones the sum over their shapes and names alone, without what counts in them; for
// coverage over the districts that meet it, each with the whole table.
// Zooms 5 to 14 read kept sums; others ask the hazards one by one.
func (s *Snapshot) Fingerprint(t maptile.Tile, l data.Layer, f data.Filter) uint64 {
	if g, ok := groupOf(l); ok && t.Z >= minKept && t.Z <= maxKept {
		return s.kept(g, tileKey(uint32(t.Z), t.X, t.Y), s.classes.selection(f))
	}
	return s.fingerprint(uint32(t.Z), l, f, func(share float64) orb.Bound {
		return grownTile(uint32(t.Z), float64(t.X), float64(t.Y), share)
	})
}

// FingerprintOver is Fingerprint for ground that is not a tile of this quadtree,
// such as a tile of a map in another datum: b takes the place of the tile's box
// and is grown in the same way. Where b is wider than a tile of zoom 13 it is the
// fingerprint of the kept tiles, at most four of b's size, that cover it: more
// ground, never less.
func (s *Snapshot) FingerprintOver(b orb.Bound, l data.Layer, f data.Filter) uint64 {
	g, ok := groupOf(l)
	x0, y0 := world(orb.Point{b.Min[0], b.Max[1]})
	x1, y1 := world(orb.Point{b.Max[0], b.Min[1]})
	size := max(x1-x0, y1-y0)
	if !ok || size < math.Exp2(-13) {
		return s.fingerprint(0, l, f, func(share float64) orb.Bound {
			dx, dy := (b.Max[0]-b.Min[0])*share, (b.Max[1]-b.Min[1])*share
			return orb.Bound{Min: orb.Point{b.Min[0] - dx, b.Min[1] - dy}, Max: orb.Point{b.Max[0] + dx, b.Max[1] + dy}}
		})
	}
	// Tiles not smaller than b: their own growing is then no less than b's.
	z := min(max(math.Floor(-math.Log2(size)), minKept), maxKept)
	n := math.Exp2(z)
	tile := func(v float64) uint32 { return uint32(min(max(math.Floor(v*n), 0), n-1)) }
	sel, sum := s.classes.selection(f), uint64(0)
	for x := tile(x0); x <= tile(x1); x++ {
		for y := tile(y0); y <= tile(y1); y++ {
			key := tileKey(uint32(z), x, y)
			if part := s.kept(g, key, sel); part != 0 {
				sum += mix(uint64(key), part)
			}
		}
	}
	return sum
}

func (s *Snapshot) kept(g group, key uint32, sel *selection) (sum uint64) {
	s.prints[g].Ascend(runKey(key, 0), func(run uint64, entries []entry) bool {
		if uint32(run>>32) != key {
			return false
		}
		for _, e := range entries {
			if sel.has(e.class) {
				sum += e.sum
			}
		}
		return true
	})
	return sum
}

// fingerprint asks one by one; grown gives the ground, larger by a share of its
// width on each side, z the zoom of the tile that it is.
func (s *Snapshot) fingerprint(z uint32, l data.Layer, f data.Filter, grown func(share float64) orb.Bound) (sum uint64) {
	switch l {
	case data.LayerRisk, data.LayerGrid, data.LayerDiff:
		box := grown(reachGrow(z, l))
		var gs []ground
		s.search(true, data.PadMetres(box, 2), f, func(h *data.Hazard) bool {
			gs = grounds(gs[:0], h, 0)
			for _, g := range gs {
				if within(g.shape, box, g.metres) {
					sum += h.Digest(l)
					break
				}
			}
			return true
		})
	case data.LayerHazards, data.LayerLines, data.LayerAreas:
		box := grown(drawnGrow(l))
		s.search(false, box, f, func(h *data.Hazard) bool {
			if g := shownIn(h, l); g != nil && within(g, box, 0) {
				sum += h.Digest(l)
			}
			return true
		})
	case data.LayerDistricts, data.LayerLabels:
		return s.districtsPrint(grown(2*cellGrow), f)
	case data.LayerCoverage:
		table, set := s.UnitsDigest(data.CoverageKind), s.units[s.districtKind]
		if table == 0 || set == nil {
			return 0
		}
		set.meeting(grown(shapeGrow), func(u int) { sum += mix(table, set.prints[u]) })
	case data.LayerZones:
		for kind, set := range s.units {
			if _, ok := data.ZoneName(kind); ok {
				of := hash64([]byte(kind))
				set.meeting(grown(shapeGrow), func(u int) { sum += mix(of, set.prints[u]) })
			}
		}
	case data.LayerPlaces:
		if set := s.units[data.PlaceKind]; set != nil {
			box := grown(pointGrow)
			set.meeting(box, func(u int) {
				if box.Contains(data.LabelPoint(set.units[u].Shape)) { // where it is drawn: a road crosses many tiles
					sum += set.prints[u]
				}
			})
		}
	}
	return sum
}

// shownIn is what a layer of hazards draws of a hazard; nil when nothing. The
// hazards layer draws lines and areas as their label point.
func shownIn(h *data.Hazard, l data.Layer) orb.Geometry {
	d := h.Shape.Dimensions()
	switch {
	case l == data.LayerHazards && d == 0, l == data.LayerLines && d == 1, l == data.LayerAreas && d == 2:
		return h.Shape
	case l == data.LayerHazards:
		return h.Label()
	}
	return nil
}

func (s *Snapshot) districtsPrint(box orb.Bound, f data.Filter) (sum uint64) {
	set := s.units[s.districtKind]
	if set == nil {
		return 0
	}
	var counts [data.MaxDistricts]int
	sel := s.classes.selection(f)
	for i := range s.classes.list {
		if sel.has(uint32(i)) {
			counts[s.classes.list[i].Districts[s.vintage]&(data.MaxDistricts-1)] += s.counts[i]
		}
	}
	set.meeting(box, func(u int) {
		n := 0
		if d := set.positions[u]; d != 0 {
			n = counts[d]
		}
		sum += mix(set.prints[u], uint64(n), s.reach[u])
	})
	return sum
}

// mix hashes numbers to one that may be summed.
func mix(vs ...uint64) uint64 {
	b := make([]byte, 0, 32)
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return hash64(b)
}

// hash64 is the head of SHA-256: sums of such hashes do not collide by accident.
func hash64(b []byte) uint64 {
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:8])
}
