package tiles

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// mostShapeBytes bounds a layer of lines or of areas, before compression: what
// is least severe, then smallest, is left out past it. Hazards so left out are
// still points of the layer hazards. On a tight canvas there is room for less.
const (
	mostShapeBytes  = 420_000
	tightShapeBytes = 100_000
)

// smallestZoom is the zoom from which a shape of less than a unit is still
// drawn, a unit long or wide.
const smallestZoom = 13

// appendLines appends the layer lines: the line-shaped ones of the hazards,
// clipped to the tile and its buffer and simplified to one unit. Hazards of
// other shapes are passed over; the sequence may come in any order. The worst
// come last, drawn over others.
func appendLines(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	return appendShapes(dst, c, data.LayerLines, seq, tax)
}

// appendAreas is the same for the layer areas. Its polygons are valid: rings
// simple, holes inside their ring, polygons apart.
func appendAreas(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	return appendShapes(dst, c, data.LayerAreas, seq, tax)
}

func appendShapes(dst []byte, c *canvas, layer data.Layer, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	w := newLayer(hazardKeys)
	d := newDrawer(c, w)
	defer d.release()
	for h := range seq {
		isLine, isArea := dimension(h.Shape)
		if (layer == data.LayerLines && isLine || layer == data.LayerAreas && isArea) &&
			h.Bound().Intersects(c.bounds) && !d.vanishes(h.Bound()) {
			d.hazards = append(d.hazards, h)
		}
	}
	slices.SortFunc(d.hazards, worstFirst)
	most := mostShapeBytes
	if c.tight {
		most = tightShapeBytes
	}
	for _, h := range d.hazards {
		w.feature(featureID(h.ID))
		kind := lineGeometry
		if layer == data.LayerLines {
			if !d.lines(h.Shape) && !d.speck(h, kind) {
				continue
			}
		} else {
			kind = polygonGeometry
			if !d.areas(h.Shape) && !d.speck(h, kind) {
				continue
			}
		}
		describe(w, h, tax)
		d.starts = append(d.starts, len(w.features))
		w.end(kind)
		if len(w.features)+len(w.values.bytes) > most {
			break
		}
	}
	d.features = w.reverse(d.starts, d.features)
	return w.finish(dst, layer)
}

// vanishes reports whether a shape with this box is under half a unit and not to
// be drawn for that: most are on a tile of the whole country, and are not even
// looked at.
func (d *shapeDrawer) vanishes(b orb.Bound) bool {
	if d.c.tile.Z >= smallestZoom {
		return false
	}
	unit := 360 / d.c.world // in degrees of longitude
	return b.Max[0]-b.Min[0] < unit/2 && (b.Max[1]-b.Min[1]) < unit/2*math.Cos(b.Min[1]*math.Pi/180)
}

func dimension(g orb.Geometry) (isLine, isArea bool) {
	switch g.(type) {
	case orb.LineString, orb.MultiLineString:
		return true, false
	case orb.Polygon, orb.MultiPolygon:
		return false, true
	}
	return false, false
}

// worstFirst orders hazards by level, then by the size of their box, then by id.
func worstFirst(a, b *data.Hazard) int {
	if a.Level != b.Level {
		return int(b.Level) - int(a.Level)
	}
	if c := cmp.Compare(size(b.Bound()), size(a.Bound())); c != 0 {
		return c
	}
	return strings.Compare(string(a.ID), string(b.ID))
}

func size(b orb.Bound) float64 { return b.Max[0] - b.Min[0] + b.Max[1] - b.Min[1] }

// speck draws a unit's line or square at the hazard's label point, where that
// falls in the tile or its buffer: for a shape that rounding left without
// length or area. Below smallestZoom it draws nothing.
func (d *shapeDrawer) speck(h *data.Hazard, kind geometryType) bool {
	at := d.c.round(h.Label())
	if d.c.tile.Z < smallestZoom || at.x < -buffer || at.y < -buffer || at.x >= extent+buffer || at.y >= extent+buffer {
		return false
	}
	speck := [4]vertex{at, {at.x + 1, at.y}, {at.x + 1, at.y + 1}, {at.x, at.y + 1}}
	if kind == lineGeometry {
		d.w.line(speck[:2])
	} else {
		d.w.ring(speck[:])
	}
	return true
}
