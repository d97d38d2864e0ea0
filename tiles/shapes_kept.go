package tiles

import (
	"fmt"

	"github.com/maypok86/otter/v2"
	"github.com/paulmach/orb"

	"riskatlas/data/datum"
)

// Long lines and rings are simplified once per zoom and kept: a district's outline
// is asked for by every tile that it meets.
const (
	longShape      = 64       // points from which that is worth a look into the cache
	mostKeptShapes = 16 << 20 // bytes
)

// outline names a line or a ring, which never changes, as one zoom shows it.
type outline struct {
	first *orb.Point
	zoom  uint8
	datum datum.Datum
}

// outlines keeps simplified lines and rings, in units of the zoom's world from its
// north-west corner. Safe for concurrent use; nil keeps none.
type outlines struct {
	*otter.Cache[outline, []spot]
}

func newOutlines() (*outlines, error) {
	c, err := otter.New(&otter.Options[outline, []spot]{
		MaximumWeight: mostKeptShapes,
		Weigher:       func(_ outline, s []spot) uint32 { return uint32(len(s)*16 + entryOverhead) },
	})
	if err != nil {
		return nil, fmt.Errorf("cache of outlines: %w", err)
	}
	return &outlines{c}, nil
}

// outline fills spots with the points on the tile as its zoom shows them:
// projected, and below simplifyZoom simplified. Both subtract the tile's corner
// from whole units and 2^-26ths of them, exactly, and the rest is differences, so
// that a shape is simplified alike on every tile.
func (d *shapeDrawer) outline(ps []orb.Point) {
	c := d.c
	if c.tile.Z >= simplifyZoom {
		d.project(ps)
		return
	}
	if c.kept == nil || len(ps) < longShape {
		d.project(ps)
		d.simplify()
		return
	}
	name := outline{&ps[0], uint8(c.tile.Z), c.datum}
	if kept, ok := c.kept.GetIfPresent(name); ok {
		d.spots = d.spots[:0]
		for _, s := range kept {
			d.spots = append(d.spots, spot{s.x - c.x0, s.y - c.y0})
		}
		return
	}
	d.project(ps)
	d.simplify()
	kept := make([]spot, len(d.spots))
	for i, s := range d.spots {
		kept[i] = spot{s.x + c.x0, s.y + c.y0}
	}
	c.kept.Set(name, kept)
}
