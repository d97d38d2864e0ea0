package data

// Layer is one layer of a tile.
type Layer uint8

// The layers of the tile contract, in the order in which tiles carry them.
const (
	LayerRisk Layer = iota
	LayerGrid
	LayerHazards
	LayerLines
	LayerAreas
	LayerDistricts
	LayerLabels
	LayerPlaces
	LayerZones
	LayerDiff     // what a what-if changes; a city by itself has none
	LayerCoverage // how far the survey of each district has come
	LayerCount    // how many there are; not a layer
)

// LayerInfo is a layer's name and the zooms at which it exists.
type LayerInfo struct {
	Name             string
	MinZoom, MaxZoom uint8
}

// Layers describes the layers, by Layer.
var Layers = [LayerCount]LayerInfo{
	LayerRisk:      {"risk", 5, 18},
	LayerGrid:      {"grid", 12, 18},
	LayerHazards:   {"hazards", 5, 18},
	LayerLines:     {"lines", 8, 18},
	LayerAreas:     {"areas", 8, 18},
	LayerDistricts: {"districts", 4, 18},
	LayerLabels:    {"labels", 4, 18},
	LayerPlaces:    {"places", 9, 18},
	LayerZones:     {"zones", 4, 18},
	LayerDiff:      {"diff", 5, 18},
	LayerCoverage:  {"coverage", 4, 14},
}

func (l Layer) String() string {
	if l < LayerCount {
		return Layers[l].Name
	}
	return "invalid"
}

// ParseLayer finds a layer by name.
func ParseLayer(name string) (Layer, error) {
	allowed := make([]string, LayerCount)
	for l := range LayerCount {
		if Layers[l].Name == name {
			return l, nil
		}
		allowed[l] = Layers[l].Name
	}
	return 0, &Invalid{Field: "layer", Value: name, Want: "one of", Allowed: allowed}
}
