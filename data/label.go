package data

import "github.com/paulmach/orb"

// LabelPoint is the point that stands for a shape that CheckShape takes: the
// point itself, the middle of a line's length, a point inside an area.
func LabelPoint(g orb.Geometry) orb.Point { return labelPoint(g) }
