package tiles

import (
	"iter"

	"riskatlas/data"
	"riskatlas/index"
)

// The limits past which points are clustered from clusterZoom on, where they are
// on a tight canvas anyway.
const (
	mostPoints = 8000    // in a tile with its buffer
	mostText   = 640_000 // bytes of their ids and names
)

const (
	hazardID = iota
	hazardName
	hazardIndustry
	hazardDistrict
	hazardLevel
	hazardCount
	hazardN1 // n2 to n4 follow
)

var hazardKeys = []string{"id", "name", "industry", "district", "level", "count", "n1", "n2", "n3", "n4"}

// appendHazards appends the layer hazards: the label points of the hazards that
// fall in the tile or its buffer; below z13, and where they are more than 8,000
// (or their ids and names more than 640 kB), clusters of those that fall in the tile
// itself, 0 <= x, y < 4096, by squares of a sixteenth of it. A cluster stands at
// its worst member (the first by id of several) and has its feature id; whoever
// is alone in a square stays as he is. The worst come last, drawn over others.
// The sequence may hold hazards that fall elsewhere and may come in any order.
func appendHazards(dst []byte, c *canvas, seq iter.Seq[*data.Hazard], tax *data.Taxonomy) []byte {
	s := newPointSet(c)
	defer s.release()
	for h := range seq {
		s.points = append(s.points, hazardPoint{h: h})
	}
	s.place()
	w := newLayer(hazardKeys)
	if c.tight || c.tile.Z < clusterZoom || len(s.points) > mostPoints || s.text > mostText {
		all := clusterSets.Get().(*index.Clusters)
		defer clusterSets.Put(all)
		s.clusters(all)
		s.writeClusters(w, all, tax)
		clear(all[:]) // no hazard is held by the pool
	} else {
		s.plain(w, tax)
	}
	return w.finish(dst, data.LayerHazards)
}

// describe gives the feature in hand the properties of a hazard.
func describe(w *layerWriter, h *data.Hazard, tax *data.Taxonomy) {
	w.text(hazardID, string(h.ID))
	if h.Name != "" {
		w.text(hazardName, h.Name)
	}
	w.text(hazardIndustry, tax.Industries[h.Industry].Code)
	if code := tax.DistrictCode(h.Districts[tax.Default]); code != "" {
		w.text(hazardDistrict, code)
	}
	w.number(hazardLevel, uint64(h.Level))
}
