package tiles

import (
	"iter"
	"strings"

	"riskatlas/data"
)

// LayerSet is a set of data.Layer, one bit each.
type LayerSet uint16

// Layers makes the set of the given layers.
func Layers(layers ...data.Layer) LayerSet {
	var s LayerSet
	for _, l := range layers {
		s |= 1 << l
	}
	return s
}

// AllLayers is the set of every layer that a city has by itself: of the tile
// contract's, diff is none of them, since it compares a what-if with the city.
const AllLayers LayerSet = (1<<data.LayerCount - 1) &^ (1 << data.LayerDiff)

// the layers that are colours of the ground, and those that a filter touches
const (
	groundLayers   LayerSet = 1<<data.LayerRisk | 1<<data.LayerGrid | 1<<data.LayerDiff
	sourceLayers   LayerSet = 1<<data.LayerHazards | 1<<data.LayerLines | 1<<data.LayerAreas
	districtLayers LayerSet = 1<<data.LayerDistricts | 1<<data.LayerLabels
	zoneLayers     LayerSet = 1 << data.LayerZones
	coverageLayers LayerSet = 1 << data.LayerCoverage
	filteredLayers          = groundLayers | sourceLayers | districtLayers | zoneLayers | coverageLayers
)

// ParseLayers reads a comma-joined list of layer names, in any order; a name
// that comes twice counts once. The error is an *data.Invalid that lists the
// layers.
func ParseLayers(s string) (LayerSet, error) {
	var set LayerSet
	for name := range strings.SplitSeq(s, ",") {
		l, err := data.ParseLayer(name)
		if err != nil {
			return 0, err
		}
		set |= 1 << l
	}
	return set, nil
}

// Has reports whether the layer is in the set.
func (s LayerSet) Has(l data.Layer) bool { return s>>l&1 != 0 }

// All gives the layers of the set in the order in which tiles carry them.
func (s LayerSet) All() iter.Seq[data.Layer] {
	return func(yield func(data.Layer) bool) {
		for l := range data.LayerCount {
			if s.Has(l) && !yield(l) {
				return
			}
		}
	}
}

// At keeps the layers that exist at the zoom.
func (s LayerSet) At(zoom uint8) LayerSet {
	for l := range s.All() {
		if info := data.Layers[l]; zoom < info.MinZoom || zoom > info.MaxZoom {
			s &^= 1 << l
		}
	}
	return s
}

// String is the list that ParseLayers reads.
func (s LayerSet) String() string {
	var names []string
	for l := range s.All() {
		names = append(names, l.String())
	}
	return strings.Join(names, ",")
}
