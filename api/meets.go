package api

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"riskatlas/data"
)

// meets reports whether a shape and a closed box have a point in common.
func meets(shape orb.Geometry, b orb.Bound) bool {
	switch g := shape.(type) {
	case orb.Point:
		return b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if b.Contains(p) {
				return true
			}
		}
	case orb.LineString:
		return lineMeets(g, b)
	case orb.MultiLineString:
		for _, l := range g {
			if lineMeets(l, b) {
				return true
			}
		}
	case orb.Polygon:
		return polygonMeets(g, b)
	case orb.MultiPolygon:
		for _, p := range g {
			if polygonMeets(p, b) {
				return true
			}
		}
	}
	return false
}

func lineMeets(l orb.LineString, b orb.Bound) bool {
	for _, p := range l {
		if b.Contains(p) {
			return true
		}
	}
	return b.Intersects(l.Bound()) && len(clip.LineString(b, l)) > 0
}

// polygonMeets: an edge of the polygon meets the box, or the box lies inside.
func polygonMeets(p orb.Polygon, b orb.Bound) bool {
	if !b.Intersects(p.Bound()) {
		return false
	}
	for _, ring := range p {
		if lineMeets(orb.LineString(ring), b) {
			return true
		}
	}
	return data.Contains(p, b.Min)
}
