package api

import (
	"iter"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// spot is a place whose level is listened to.
type spot struct {
	place     orb.Point
	radius    float64 // metres
	zoom      uint8   // of the map whose cell there it is; 0: the place itself
	stat      tiles.Stat
	criterion riskgrid.Criterion
	cuts      riskgrid.Cuts
	everyIR   bool // told when its ir changes, not only its level
}

// PlaceState is the risk at a place, as /api/v1/risk answers it.
type PlaceState struct {
	Level data.Level `json:"level" doc:"0 none, 1 low (blue) to 4 major (red)."`
	IR    float64    `json:"ir" doc:"Individual risk, 1/yr; of a cell below map zoom 14 that of its worst base cell."`
}

// LevelEvent says that the level at a place is another.
type LevelEvent struct {
	DataRevision uint64     `json:"data_revision"`
	Lon          float64    `json:"lon"`
	Lat          float64    `json:"lat"`
	Zoom         int        `json:"zoom,omitempty"`
	Was          PlaceState `json:"was"`
	Is           PlaceState `json:"is"`
}

// ground is the box in which sources must reach to count at the spot.
func (p *spot) ground() orb.Bound {
	if p.zoom == 0 {
		return orb.Bound{Min: p.place, Max: p.place}
	}
	return cellOf(p.place, p.zoom).Bound()
}

// felt reports whether a source may add to the risk at the spot.
func (p *spot) felt(h *data.Hazard) bool {
	return h.Status == data.Active && h.Extent().Intersects(p.ground())
}

// differs reports whether two states are to be told apart.
func (p *spot) differs(a, b PlaceState) bool {
	return a.Level != b.Level || p.everyIR && a.IR != b.IR
}

// touched reports whether any change can be felt at the spot under the filter.
func (s *subscription) touched(r *revised) bool {
	if r.vast {
		return true
	}
	for _, c := range r.renewal.Changes() {
		for _, h := range [2]*data.Hazard{c.Old, c.New} {
			if h != nil && (s.filter == nil || s.filter.Match(h)) && s.at.felt(h) {
				return true
			}
		}
	}
	return false
}

// undone is the sources that later revisions changed as they were before them; nil
// for one that was not there.
type undone map[data.ID]*data.Hazard

// undo gives what takes a view back to before the revisions, oldest first. It
// reports false where one of them is not remembered change by change.
func undo(later []*revised) (undone, bool) {
	was := undone{}
	for i := len(later) - 1; i >= 0; i-- {
		if later[i].vast {
			return nil, false
		}
		for _, c := range later[i].renewal.Changes() {
			was[idOf(c)] = c.Old
		}
	}
	return was, true
}

// state is the risk at the subscription's spot in a view, with what was undone.
func (s *subscription) state(v *tiles.View, was undone) PlaceState {
	f := data.All()
	if s.filter != nil {
		f = *s.filter
	}
	p := s.at
	reaching := func(b orb.Bound) iter.Seq[*data.Hazard] { return v.Reaching(b, f) }
	if len(was) > 0 {
		reaching = func(b orb.Bound) iter.Seq[*data.Hazard] { return was.reaching(v, b, f) }
	}
	if p.zoom == 0 {
		whole, _ := riskgrid.Most(p.place, reaching(p.ground()), 0)
		return PlaceState{p.cuts.Level(whole.Risk), whole.Risk.PerYear()}
	}
	var found foundCell
	if len(was) == 0 {
		found = findCell(v, p.place, f, p.zoom, p.criterion)
	} else {
		found = findAmong(reaching, p.place, p.zoom, p.cuts)
	}
	whole, _ := riskgrid.MostOfCell(found.worst, reaching(found.worst.Bound()), 0)
	out := PlaceState{p.cuts.Level(whole.Risk), whole.Risk.PerYear()}
	if found.pooled != nil && p.stat == tiles.Share {
		out.Level = v.ShareLevel(found.pooled, found.cell.Zoom)
	}
	return out
}

// reaching is Reaching of the view with what was undone.
func (was undone) reaching(v *tiles.View, b orb.Bound, f data.Filter) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		for h := range v.Reaching(b, f) {
			if _, changed := was[h.ID]; !changed && !yield(h) {
				return
			}
		}
		for _, h := range was {
			if h != nil && h.Status == data.Active && f.Match(h) && h.Extent().Intersects(b) && !yield(h) {
				return
			}
		}
	}
}
