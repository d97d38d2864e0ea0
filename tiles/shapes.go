package tiles

import (
	"iter"

	"riskatlas/data"
)

// appendLines appends the layer lines: the line-shaped ones of the hazards,
// clipped to the tile and its buffer. Hazards of other shapes are passed over;
// the sequence may come in any order.
func appendLines(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	return dst
}

// appendAreas is the same for the layer areas.
func appendAreas(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	return dst
}
