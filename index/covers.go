package index

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
)

// Covers finds the tiles in whose fingerprints a hazard has a part. The zero value
// is ready; it is scratch space for one goroutine.
type Covers struct {
	cover   cover
	grounds []ground
	near    [2][]maptile.Tile
}

// Of calls f with every tile of the zooms from 5 to the deepest whose fingerprint
// of the layer the hazard has a part in, once each; one that is not active has a
// part in none. It goes no deeper than the zoom past which there are more than most
// tiles: of the children of its tiles, and only of those, any may have such a part.
// The layer is risk, grid, diff, hazards, lines or areas.
func (c *Covers) Of(h *data.Hazard, l data.Layer, most int, f func(maptile.Tile)) (deepest maptile.Zoom) {
	last := maptile.Zoom(data.Layers[l].MaxZoom)
	if h.Status != data.Active || !c.keep(h, l) {
		return last
	}
	near, next := c.near[0][:0], c.near[1][:0]
	for _, key := range c.cover.keys {
		t := keyTile(key)
		if f(t); t.Z == maxKept {
			near = append(near, t)
		}
	}
	for deepest = maxKept; deepest < last; deepest++ {
		next = next[:0]
		for _, t := range near {
			for _, child := range t.Children() {
				if c.meets(child, l) {
					next = append(next, child)
				}
			}
		}
		if len(next) > most {
			break
		}
		for _, t := range next {
			f(t)
		}
		near, next = next, near
	}
	c.near = [2][]maptile.Tile{near, next}
	return deepest
}

// keep sets the cover's keys to the kept tiles, and grounds to what finer ones are
// asked of. It reports whether the layer shows anything of the hazard.
func (c *Covers) keep(h *data.Hazard, l data.Layer) bool {
	label := spotAt(h.Label())
	g, _ := groupOf(l)
	if g == groupRisk {
		c.grounds = grounds(c.grounds[:0], h, 0)
		c.cover.reached(h, c.grounds, &label)
		return len(c.grounds) > 0
	}
	shown := shownIn(h, l)
	if shown == nil {
		return false
	}
	c.grounds = append(c.grounds[:0], ground{shape: shown, bound: shown.Bound()})
	if g == groupPoints {
		c.cover.marked(h, &label)
	} else {
		c.cover.tiles(shapeGrow, c.grounds...)
	}
	return true
}

// meets asks of a finer tile what fingerprint does.
func (c *Covers) meets(t maptile.Tile, l data.Layer) bool {
	share := drawnGrow(l)
	if g, _ := groupOf(l); g == groupRisk {
		share = reachGrow(uint32(t.Z), l)
	}
	box := grownTile(uint32(t.Z), float64(t.X), float64(t.Y), share)
	return slices.ContainsFunc(c.grounds, func(g ground) bool { return within(g.shape, box, g.metres) })
}

// keyTile is the tile of a tileKey.
func keyTile(key uint32) maptile.Tile {
	return maptile.New(key>>14&(1<<14-1), key&(1<<14-1), maptile.Zoom(key>>28+minKept))
}

// Reaches reports whether an active hazard can add to the risk of a place within
// the metres of p, or has any place of its shape there.
func Reaches(h *data.Hazard, p orb.Point, metres float64) bool {
	if h.Status != data.Active {
		return false
	}
	within := func(shape orb.Geometry, reach float64) bool {
		_, d := data.Nearest(shape, p)
		return d <= (metres+reach)*(1+1e-6)
	}
	for i := range h.Scenarios {
		f := h.Scenarios[i].Footprint
		for _, z := range f.Zones {
			if within(z.Shape, f.Reach()) {
				return true
			}
		}
	}
	return within(h.Shape, h.Reach())
}
