package ingest

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// twins lists the places that another body reports too: in one industry, within
// MatchMetres, with names that are alike.
func (b *Batch) twins(s *stock) {
	if len(s.others) == 0 {
		return
	}
	var tree rtree.RTreeG[*holding]
	for _, h := range s.others {
		tree.Insert(h.place, h.place, h)
	}
	for _, rec := range b.Records {
		h := rec.Hazard
		name, place := plainName(h.Name), h.Label()
		box := data.PadMetres(orb.Bound{Min: place, Max: place}, MatchMetres)
		tree.Search(box.Min, box.Max, func(_, _ [2]float64, other *holding) bool {
			d, like := data.Distance(place, other.place), likeness(name, other.name)
			if other.industry != h.Industry || other.id == h.ID || d > MatchMetres || like < alike {
				return true
			}
			if len(b.Report.Duplicates) >= mostRows {
				b.Report.NotListed["duplicates"]++
				return true
			}
			b.Report.Duplicates = append(b.Report.Duplicates, Duplicate{ID: string(h.ID), Name: shorten(h.Name), Other: string(other.id),
				OtherName: shorten(other.shown), OtherSource: shorten(other.source), Metres: math.Round(d*10) / 10, Likeness: math.Round(like*100) / 100})
			return true
		})
	}
	slices.SortStableFunc(b.Report.Duplicates, func(a, c Duplicate) int {
		return cmp.Or(cmp.Compare(a.ID, c.ID), cmp.Compare(a.Metres, c.Metres), cmp.Compare(a.Other, c.Other))
	})
}

// found says how the pair was found.
func (p pair) found() string {
	if p.like == 1 {
		return fmt.Sprintf("by name and place, %.1f m", p.metres)
	}
	return fmt.Sprintf("by place and a name that is alike, %.1f m: %s", p.metres, shorten(p.held.shown))
}
