package api

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"riskatlas/data"
	"riskatlas/tiles"
)

// Overdue counts active sources by whether the day of their review has passed.
type Overdue struct {
	Count
	Unknown int `json:"unknown" doc:"Active sources of which nobody knows when they are to be reviewed: they state neither next_review nor assessed_at."`
}

// reviewed is when a source is to be reviewed, as one revision of it says.
type reviewed struct {
	id  data.ID
	rev data.Revision
	due string // YYYY-MM-DD; "": nobody knows
}

// reviewList is that of all active sources of a view, by id. Immutable.
type reviewList struct {
	of   *tiles.View
	list []reviewed
}

func (l *reviewList) find(id data.ID) (reviewed, bool) {
	i, ok := slices.BinarySearchFunc(l.list, id, func(r reviewed, id data.ID) int { return strings.Compare(string(r.id), string(id)) })
	if !ok {
		return reviewed{}, false
	}
	return l.list[i], true
}

// reviews holds when the sources of the newest view that was asked for are to be
// reviewed: records say it, which are not held. Safe for concurrent use.
type reviews struct {
	newest atomic.Pointer[reviewList]
	turn   chan struct{} // one place: whose turn it is to read
}

// reviewAtOnce is how many records are read at once.
const reviewAtOnce = 512

// reviewsOf gives the list of a view: of what is known, and of the records that
// have changed since.
func (s *Server) reviewsOf(ctx context.Context, v *tiles.View) (*reviewList, error) {
	if l := s.reviews.newest.Load(); l != nil && l.of == v {
		return l, nil
	}
	select {
	case s.reviews.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.reviews.turn }()
	known := s.reviews.newest.Load()
	if known != nil && known.of == v {
		return known, nil
	}
	out := &reviewList{of: v}
	var missing []data.ID
	for h := range v.All(data.All(), "") {
		if h.Status != data.Active {
			continue
		}
		if known != nil {
			_, supposed := v.Supposed(h.ID)
			if r, ok := known.find(h.ID); ok && r.rev == h.Rev && !supposed {
				out.list = append(out.list, r)
				continue
			}
		}
		out.list = append(out.list, reviewed{id: h.ID, rev: h.Rev})
		missing = append(missing, h.ID)
	}
	at := 0
	for chunk := range slices.Chunk(missing, reviewAtOnce) {
		records, err := s.details(ctx, v, chunk...)
		if err != nil {
			return nil, err
		}
		for i, r := range records {
			for out.list[at].id != chunk[i] {
				at++
			}
			if r != nil {
				out.list[at].due = r.ReviewDue()
			}
		}
	}
	if _, past := v.Past(); !past && !v.Partial() && v.Base() == nil {
		s.reviews.newest.Store(out)
	}
	return out, nil
}

// overdueIn gives the test for sources whose review is overdue in a view, on the
// local day that it is now; known is false where nobody knows.
func (s *Server) overdueIn(ctx context.Context, v *tiles.View) (func(*data.Hazard) (overdue, known bool), error) {
	list, err := s.reviewsOf(ctx, v)
	if err != nil {
		return nil, err
	}
	today := s.midnight(s.now()).Format(data.DateForm)
	return func(h *data.Hazard) (overdue, known bool) {
		if h.Status != data.Active {
			return false, true
		}
		r, ok := list.find(h.ID)
		return ok && r.due != "" && r.due < today, ok && r.due != ""
	}, nil
}

// overdueCounts counts a summary's overdue sources: all, and by row.
func (s *Server) overdueCounts(ctx context.Context, v *tiles.View, t *table, f data.Filter, answers func(string) bool) (total Overdue, rows map[string]Overdue, err error) {
	late, err := s.overdueIn(ctx, v)
	if err != nil {
		return total, nil, err
	}
	type counts struct {
		late    [5]int
		unknown int
	}
	var all counts
	by := map[string]*counts{}
	for h := range v.All(f, "") {
		if h.Status != data.Active || !answers(h.Regulator) {
			continue
		}
		overdue, known := late(h)
		if known && !overdue {
			continue
		}
		into := []*counts{&all}
		if t.key != nil {
			key := t.key(h.Class, h.Regulator)
			if by[key] == nil {
				by[key] = new(counts)
			}
			into = append(into, by[key])
		}
		for _, c := range into {
			if overdue {
				c.late[h.Level]++
			} else {
				c.unknown++
			}
		}
	}
	rows = map[string]Overdue{}
	for key, c := range by {
		rows[key] = Overdue{countOf(c.late), c.unknown}
	}
	return Overdue{countOf(all.late), all.unknown}, rows, ctx.Err()
}
