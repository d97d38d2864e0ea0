package archive

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// ownMember is the member of the metadata that says how the map was asked for
// when it was baked.
const ownMember = "riskatlas"

// held is which map a file holds.
type held struct {
	layers tiles.LayerSet
	filter string // fingerprint of the filter's bits; "" is not known
	stat   string
	datum  string
}

// heldJSON is its form in the metadata.
type heldJSON struct {
	Layers string `json:"layers"`
	Filter string `json:"filter"`
	Stat   string `json:"stat"`
	Datum  string `json:"datum"`
}

func (o *Options) held() heldJSON {
	return heldJSON{Layers: o.Layers.String(), Filter: filterText(o.Filter), Stat: o.Stat.String(), Datum: o.Datum.String()}
}

// filterText spells a filter's bits, which mean the same wherever the same
// profile is used.
func filterText(f data.Filter) string {
	if f == data.All() {
		return "all"
	}
	var b []byte
	for _, word := range append([]uint64{uint64(f.Industries), uint64(f.Levels)}, f.Districts[:]...) {
		for i := range 8 {
			b = append(b, byte(word>>(8*i)))
		}
	}
	return hex.EncodeToString(b)
}

// read takes the member from a file's metadata. A file of another maker has
// none: it may hold any layer, and nothing is said of its filter.
func (h *held) read(metadata map[string]any) error {
	h.layers = tiles.AllLayers
	own, ok := metadata[ownMember]
	if !ok {
		return nil
	}
	raw, err := json.Marshal(own)
	if err != nil {
		return fmt.Errorf("metadata.%s: %w", ownMember, err)
	}
	var j heldJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return fmt.Errorf("metadata.%s: %w", ownMember, err)
	}
	if h.layers, err = tiles.ParseLayers(j.Layers); err != nil {
		return fmt.Errorf("metadata.%s: %w", ownMember, err)
	}
	h.filter, h.stat, h.datum = j.Filter, j.Stat, j.Datum
	return nil
}

// holds reports whether a request asks for the held map, or for less of it.
func (h *held) holds(r tiles.Request) error {
	if missing := r.Layers &^ h.layers; missing != 0 {
		return fmt.Errorf("layer %s: %w: it has %s", missing, tiles.ErrNotHeld, h.layers)
	}
	if r.Filter != data.All() && filterText(r.Filter) != h.filter {
		return fmt.Errorf("this filter: %w: a frozen map has the one that it was baked with", tiles.ErrNotHeld)
	}
	if r.View != nil && r.View.Partial() {
		return fmt.Errorf("a part of the city: %w: a frozen map has the whole", tiles.ErrNotHeld)
	}
	if r.Picture.Asked() {
		return fmt.Errorf("a picture: %w: a frozen map has vector tiles", tiles.ErrNotHeld)
	}
	if r.Criterion != riskgrid.InService {
		return fmt.Errorf("cuts %s: %w: it has %s", r.Criterion, tiles.ErrNotHeld, riskgrid.InService)
	}
	if r.Vintage != 0 && (r.Layers.Has(data.LayerDistricts) || r.Layers.Has(data.LayerLabels)) {
		return fmt.Errorf("districts of another vintage: %w: it has the default's", tiles.ErrNotHeld)
	}
	if h.stat != "" && r.Stat != tiles.Worst && r.Stat.String() != h.stat {
		return fmt.Errorf("stat %s: %w: it has %s", r.Stat, tiles.ErrNotHeld, h.stat)
	}
	asked, has := canonicalDatum(r.Datum), datum.WGS84.String()
	if h.datum != "" {
		has = h.datum
	}
	if asked != has {
		return fmt.Errorf("crs %s: %w: it has %s", r.Datum, tiles.ErrNotHeld, has)
	}
	return nil
}

// canonicalDatum takes CGCS2000 as WGS 84, which it is to 3 cm.
func canonicalDatum(d datum.Datum) string {
	if d == datum.CGCS2000 {
		d = datum.WGS84
	}
	return d.String()
}
