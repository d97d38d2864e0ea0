package tiles

import (
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// Renewal is what one revision may have given new keys: of which tiles, for which
// filters. Immutable, safe for concurrent use.
type Renewal struct {
	changes []index.Change
	pieces  []piece
	all     LayerSet // of these any tile may have a new key
}

// piece is a district or zone that may look different since.
type piece struct {
	layers LayerSet
	bound  orb.Bound
	level  bool       // its level may differ, which maps without a filter show
	count  [2]counted // who is no longer counted in it, and who is since
	any    bool       // of a part of the city, by a set of zones, it may be counted otherwise
}

// counted is a hazard that counts in a piece; none where h is nil.
type counted struct{ h *data.Hazard }

func (c counted) in(f data.Filter) bool { return c.h != nil && f.Match(c.h) }

// mostRenewed is how many changes of hazards at once are looked at one by one: past
// them every tile may be new.
const mostRenewed = 512

// Renewed compares the view of a revision with the one before (nil: none).
func Renewed(before, after *View, u index.Update) *Renewal {
	r := &Renewal{changes: u.Changes}
	if before == nil || u.Full || len(u.Changes) > mostRenewed {
		return &Renewal{all: AllLayers}
	}
	for _, kind := range u.Kinds {
		r.all |= after.layersOf(kind)
	}
	r.districts(before, after)
	r.otherDistricts(after)
	r.zones(after)
	return r
}

// layersOf are the layers that a kind of units may change anywhere.
func (v *View) layersOf(kind string) LayerSet {
	switch kind {
	case data.PlaceKind:
		return Layers(data.LayerPlaces)
	case data.CoverageKind:
		return coverageLayers
	case data.PeopleKind: // they give districts and zones their level, and the grid its losses
		return districtLayers | zoneLayers | Layers(data.LayerGrid)
	case v.districtKind():
		return districtLayers | zoneLayers | coverageLayers | Layers(data.LayerGrid)
	}
	for i := range v.City.Taxonomy.Vintages {
		if kind == data.DistrictKind(v.City.Taxonomy.Vintages[i].Name) {
			return districtLayers // of that vintage; whoever it places elsewhere is a change of its own
		}
	}
	return AllLayers // a zone may choose the sources of any layer
}

// Changes are the hazards that changed; none where every tile may be new. Shared,
// not to be changed.
func (r *Renewal) Changes() []index.Change { return r.changes }

// districts finds the districts that may look different.
func (r *Renewal) districts(before, after *View) {
	if r.all&districtLayers == districtLayers {
		return
	}
	if !sameUnits(before.Units(before.districtKind()), after.Units(after.districtKind())) {
		r.all |= districtLayers
		return
	}
	at, zoned := after.City.Taxonomy.Default, len(after.ZoneNames()) > 0
	for i := range after.districts {
		d := &after.districts[i]
		p := piece{layers: districtLayers, bound: d.bound}
		if p.level = d.level != before.districts[i].level; p.level {
			r.pieces = append(r.pieces, p)
		}
		p.level = false
		for _, c := range r.changes {
			was, is := atWork(c.Old), atWork(c.New)
			if was != nil && was.Districts[at] != d.at {
				was = nil
			}
			if is != nil && is.Districts[at] != d.at {
				is = nil
			}
			p.count, p.any = [2]counted{{was}, {is}}, zoned && movedOn(was, is)
			if p.counts() {
				r.pieces = append(r.pieces, p)
			}
		}
	}
}

// otherDistricts names the tiles of districts of other vintages that the changes
// may touch. Those are looked at seldom, so that their levels are not found here.
func (r *Renewal) otherDistricts(after *View) {
	if r.all&districtLayers == districtLayers {
		return
	}
	for _, vintage := range after.drawnVintages() {
		units := after.Units(data.DistrictKind(after.City.Taxonomy.Vintages[vintage].Name))
		for i := range units {
			bound := units[i].Shape.Bound()
			at, err := after.City.Taxonomy.Vintages[vintage].District(units[i].Code)
			for _, c := range r.changes {
				if touchesDistrict(c, bound, vintage, at, err == nil) {
					r.pieces = append(r.pieces, piece{layers: districtLayers, bound: bound, level: true})
					break
				}
			}
		}
	}
}

// touchesDistrict reports whether a change may alter a district's level or count.
func touchesDistrict(c index.Change, bound orb.Bound, vintage int, at data.District, known bool) bool {
	for _, h := range [2]*data.Hazard{atWork(c.Old), atWork(c.New)} {
		if h != nil && (known && h.Districts[vintage] == at || h.Extent().Intersects(bound)) {
			return true
		}
	}
	return false
}

// zones finds the zones that may look different. Whether their level differs is
// not asked, since it is found only for zones that are looked at.
func (r *Renewal) zones(after *View) {
	if r.all&zoneLayers == zoneLayers {
		return
	}
	for _, name := range after.ZoneNames() {
		z := after.Zoning(data.ZoneKind(name))
		for _, c := range r.changes {
			in := map[int]*[2]counted{}
			for side, h := range [2]*data.Hazard{atWork(c.Old), atWork(c.New)} {
				if h == nil {
					continue
				}
				z.Of(h, func(unit int, holds, _ bool) {
					if !holds {
						return
					}
					if in[unit] == nil {
						in[unit] = new([2]counted)
					}
					in[unit][side] = counted{h}
				})
			}
			units := z.Units()
			for unit, count := range in {
				p := piece{layers: zoneLayers, bound: units[unit].Shape.Bound(), count: *count, any: movedOn(count[0].h, count[1].h)}
				if p.counts() {
					r.pieces = append(r.pieces, p)
				}
			}
			for _, s := range riskSwaps([]index.Change{c}) {
				r.touched(units, s)
			}
		}
	}
}

// touched adds the zones whose ground a swap may have changed.
func (r *Renewal) touched(units []data.Unit, s riskgrid.Swap) {
	for i := range units {
		if b := units[i].Shape.Bound(); touches(b, []riskgrid.Swap{s}) {
			r.pieces = append(r.pieces, piece{layers: zoneLayers, bound: b, level: true})
		}
	}
}

// movedOn reports whether a source stands elsewhere, or one is new or gone.
func movedOn(was, is *data.Hazard) bool {
	return (was == nil) != (is == nil) || was != nil && was.Label() != is.Label()
}

// counts reports whether the piece's count may differ for any filter.
func (p *piece) counts() bool {
	was, is := p.count[0].h, p.count[1].h
	return p.any || (was == nil) != (is == nil) || was != nil && was.Class != is.Class
}

// differs reports whether maps with the filter, or with any (nil), may show the
// piece otherwise.
func (p *piece) differs(f *data.Filter) bool {
	if f == nil {
		return p.level || p.counts()
	}
	return p.level && *f == data.All() || p.count[0].in(*f) != p.count[1].in(*f)
}

// renews gives what of a hazard was and is in the keys of a layer of ground or
// sources under the filter, or under any (nil), where that makes a difference.
func renews(c index.Change, l data.Layer, f *data.Filter) (was, is *data.Hazard) {
	was, is = atWork(c.Old), atWork(c.New)
	if f != nil {
		if was != nil && !f.Match(was) {
			was = nil
		}
		if is != nil && !f.Match(is) {
			is = nil
		}
	}
	if was != nil && is != nil && was.Digest(l) == is.Digest(l) && (f != nil || was.Class == is.Class) {
		return nil, nil
	}
	return was, is
}

// Dirty gives the tiles of each layer that may have another key than in the
// revision before, for maps with the filter or with any (nil), on the map of
// WGS 84: all of them, and few others. Layers without any have no entry.
func (r *Renewal) Dirty(f *data.Filter) map[data.Layer]*Dirty {
	out := map[data.Layer]*Dirty{}
	var covers index.Covers
	for l := range AllLayers.All() {
		d := newDirty(l)
		switch {
		case r.all.Has(l):
			d.All = true
		case (groundLayers | sourceLayers).Has(l):
			for _, c := range r.changes {
				was, is := renews(c, l, f)
				d.cover(&covers, was, is)
			}
		default:
			for _, p := range r.pieces {
				if p.layers.Has(l) && p.differs(f) {
					d.bound(p.bound)
				}
			}
		}
		if d.finish(); !d.Empty() {
			out[l] = d
		}
	}
	return out
}

// cover adds the tiles that a hazard was and is seen in.
func (d *Dirty) cover(covers *index.Covers, hazards ...*data.Hazard) {
	for _, h := range hazards {
		if h != nil {
			d.add(covers, h)
		}
	}
}

// All reports whether any tile of any layer may be new.
func (r *Renewal) All() bool { return r.all == AllLayers }
