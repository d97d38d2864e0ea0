package tiles

import (
	"iter"

	"riskatlas/data"
)

// appendHazards appends the layer hazards: the label points of the hazards that
// fall in the tile or its buffer, or clusters of them. The sequence may hold
// hazards that fall elsewhere and may come in any order.
func appendHazards(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	return dst
}
