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

// appendDistricts appends the layer districts, in the order given.
func appendDistricts(dst []byte, c *canvas, ds []DistrictShape) []byte { return dst }

// appendLabels appends the layer labels: the same properties at label points.
func appendLabels(dst []byte, c *canvas, ds []DistrictShape) []byte { return dst }
