package tiles

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
)

const (
	placeID = iota
	placeKind
	placeName
)

var placeKeys = []string{"id", "kind", "name"}

// appendPlaces appends the layer places, in the order given: emergency resources
// that fall in the tile or its buffer, at their label point. id is the unit's
// code, kind its class.
func appendPlaces(dst []byte, c *canvas, places []data.Unit) []byte {
	w := newLayer(placeKeys)
	box := c.bound()
	box = box.Pad((box.Max[0] - box.Min[0]) / extent) // what is rounded into the buffer
	for i := range places {
		u := &places[i]
		if _, point := u.Shape.(orb.Point); !point && !box.Intersects(u.Shape.Bound()) {
			continue // the middle of a long road takes a while to find
		}
		at := c.round(data.LabelPoint(u.Shape))
		if at.x < -buffer || at.y < -buffer || at.x >= extent+buffer || at.y >= extent+buffer {
			continue
		}
		w.feature(featureID(u.Code))
		w.text(placeID, u.Code)
		if u.Class != "" {
			w.text(placeKind, u.Class)
		}
		if u.Name != "" {
			w.text(placeName, u.Name)
		}
		w.point(at)
		w.end(pointGeometry)
	}
	return w.finish(dst, data.LayerPlaces)
}
