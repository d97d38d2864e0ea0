package tiles

import (
	"encoding/binary"
	"math"
	"strings"

	"riskatlas/data"
)

const (
	coverageCode = iota
	coverageName
	coverageNameEn
	coverageShare
	coverageMissing
	coverageMore
	coverageOldest
	coverageSchematic
)

var coverageKeys = []string{"code", "name", "name_en", "share", "missing", "more", "oldest", "schematic"}

// appendCoverage appends the layer coverage: the ground of each district that meets
// the tile or its buffer, drawn as the layer districts draws it, so that both have
// the same borders.
func appendCoverage(dst []byte, c *canvas, ds []CoverageShape) []byte {
	w := newLayer(coverageKeys)
	d := newDrawer(c, w)
	defer d.release()
	for i := range ds {
		if !ds[i].Unit.Shape.Bound().Intersects(c.bounds) {
			continue
		}
		w.feature(featureID(ds[i].Unit.Code))
		if d.areas(ds[i].Unit.Shape) {
			ds[i].describe(w)
			w.end(polygonGeometry)
		}
	}
	return w.finish(dst, data.LayerCoverage)
}

// describe gives the feature in hand its properties.
func (s *CoverageShape) describe(w *layerWriter) {
	w.text(coverageCode, s.Unit.Code)
	if s.Unit.Name != "" {
		w.text(coverageName, s.Unit.Name)
	}
	if s.Unit.NameEn != "" {
		w.text(coverageNameEn, s.Unit.NameEn)
	}
	w.double(coverageShare, s.Share)
	if len(s.Missing) > 0 {
		w.text(coverageMissing, strings.Join(s.Missing, ","))
	}
	if s.More > 0 {
		w.number(coverageMore, uint64(s.More))
	}
	if s.Oldest != 0 {
		w.text(coverageOldest, s.Oldest.String())
	}
	if s.Unit.Props["schematic"] == "true" {
		w.yes(coverageSchematic)
	}
}

// appendCoverageKey adds what the tile shows of coverage, and reports whether it
// shows any.
func (v *View) appendCoverageKey(b []byte, r Request) ([]byte, bool) {
	shown := v.shownCoverage(newCanvas(r.Tile, r.Datum).bound(), r.Filter)
	if len(shown) > 0 {
		b = binary.LittleEndian.AppendUint64(b, v.UnitsDigest(v.districtKind()))
	}
	for i := range shown {
		s := &shown[i]
		b = appendText(b, s.Unit.Code)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.Share))
		b = appendText(b, strings.Join(s.Missing, ","))
		b = binary.AppendUvarint(b, uint64(s.More))
		b = binary.LittleEndian.AppendUint32(b, uint32(s.Oldest))
	}
	return b, len(shown) > 0
}
