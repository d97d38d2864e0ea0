package tiles

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

// DistrictShape is a district as the layers districts and labels show it.
type DistrictShape struct {
	Unit  *data.Unit
	Label orb.Point  // data.LabelPoint of the shape
	Level data.Level // by the district rule; LevelNone leaves the property out
	Count int        // sources that count in it
}

const (
	districtCode = iota
	districtName
	districtNameEn
	districtLevel
	districtCount
	districtSchematic
)

var districtKeys = []string{"code", "name", "name_en", "level", "count", "schematic"}

// appendDistricts appends the layer districts: the ground of each that meets the
// tile or its buffer, in the order given. A district whose outline is a sketch
// (Props["schematic"] = "true") says so.
func appendDistricts(dst []byte, c *canvas, ds []DistrictShape) []byte {
	w := newLayer(districtKeys)
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
	return w.finish(dst, data.LayerDistricts)
}

// appendLabels appends the layer labels: the same properties at label points.
func appendLabels(dst []byte, c *canvas, ds []DistrictShape) []byte {
	w := newLayer(districtKeys)
	for i := range ds {
		at := c.round(ds[i].Label)
		if at.x < -buffer || at.y < -buffer || at.x >= extent+buffer || at.y >= extent+buffer {
			continue
		}
		w.feature(featureID(ds[i].Unit.Code))
		ds[i].describe(w)
		w.point(at)
		w.end(pointGeometry)
	}
	return w.finish(dst, data.LayerLabels)
}

// describe gives the feature in hand the district's properties.
func (s *DistrictShape) describe(w *layerWriter) {
	w.text(districtCode, s.Unit.Code)
	if s.Unit.Name != "" {
		w.text(districtName, s.Unit.Name)
	}
	if s.Unit.NameEn != "" {
		w.text(districtNameEn, s.Unit.NameEn)
	}
	if s.Level != data.LevelNone {
		w.number(districtLevel, uint64(s.Level))
	}
	w.number(districtCount, uint64(max(s.Count, 0)))
	if s.Unit.Props["schematic"] == "true" {
		w.yes(districtSchematic)
	}
}
