package tiles

import "riskatlas/data"

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
	for i := range places {
		u := &places[i]
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
