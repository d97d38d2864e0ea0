package api

import (
	"net/http"
	"strconv"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

// AsOfQuery names a time of the city.
type AsOfQuery struct {
	AsOf string `query:"as_of" maxLength:"40" doc:"Answers as the city was: a revision, an instant (RFC 3339, with its zone) that has passed, or a date (YYYY-MM-DD: at the end of that day where the city is). Not together with whatif." example:"2026-03-01"`
}

// SinceQuery names the time that layer diff compares the city with.
type SinceQuery struct {
	Since string `query:"since" maxLength:"40" doc:"What layer diff compares the city with: the city at another time, in the forms of as_of." example:"2026-03-01"`
}

// AsOf is the time that an answer is of.
type AsOf struct {
	Revision uint64 `json:"revision"`
	At       string `json:"at,omitempty" doc:"RFC 3339, where the city is: when the revision was written. None of revision 0, which is before the first."`
}

// moment is a time of the city as it was asked for: a revision, or an instant.
type moment struct {
	revision data.Revision
	instant  time.Time // zero: by revision
}

// settled is how long after an instant no revision of another machine, whose
// clock may be late, is taken to be before it any more.
const settled = time.Minute

// parseMoment reads a revision, an instant or a local date. One in the future is
// refused, but for today, which ends in it.
func parseMoment(name, text string, zone *time.Location, now time.Time) (moment, error) {
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		return moment{revision: data.Revision(n)}, nil
	}
	want := "a revision, an instant as RFC 3339 with its zone (2026-03-01T12:00:00Z; a + is %2B in a URL) or a date (2026-03-01)"
	at, err := time.Parse(time.RFC3339, text)
	if err == nil && at.After(now) {
		return moment{}, badValue(name, text, "a time that has passed")
	}
	if err == nil {
		return moment{instant: at}, nil
	}
	day, err := data.ParseDate(name, text, zone)
	if err != nil {
		return moment{}, badValue(name, text, want)
	}
	if day.After(now) {
		return moment{}, badValue(name, text, "a day that has begun")
	}
	return moment{instant: endOfDay(day)}, nil
}

// endOfDay is the last millisecond, as revisions are stamped, of the local day that
// begins at midnight.
func endOfDay(midnight time.Time) time.Time { return midnight.AddDate(0, 0, 1).Add(-time.Millisecond) }

// fixed reports whether what is shown can change no more.
func (q *MapQuery) fixed(zone *time.Location) bool {
	if q.AsOf == "" {
		return false
	}
	now := time.Now()
	for _, text := range []string{q.AsOf, q.Since} {
		if text == "" {
			continue
		}
		m, err := parseMoment("as_of", text, zone, now)
		if err != nil || !m.instant.IsZero() && m.instant.After(now.Add(-settled)) {
			return false
		}
	}
	return true
}

// revisionOf finds the revision of a moment.
func (s *Server) revisionOf(name, text string) (data.Revision, error) {
	m, err := parseMoment(name, text, s.opts.City.Profile().Zone, time.Now())
	if err != nil {
		return 0, err
	}
	if !s.opts.City.Remembers() {
		return 0, notFound("this server's store keeps no history")
	}
	ctx, cancel := pastContext()
	defer cancel()
	if !m.instant.IsZero() {
		return s.opts.City.RevisionAt(ctx, m.instant)
	}
	// One past the newest is refused by the store, which knows it.
	for _, err := range s.opts.City.Heads(ctx, m.revision, 0) {
		if err != nil {
			return 0, named(name, err)
		}
		break
	}
	return m.revision, nil
}

// asOf gives the view of the time that is asked for.
func (s *Server) asOf(q *WhatIfQuery) (*tiles.View, error) {
	if q.WhatIf != "" {
		return nil, badValue("as_of", q.AsOf, "as_of without whatif: a what-if changes the city as it is")
	}
	return s.viewOf("as_of", q.AsOf)
}

// viewOf gives the view of a moment that a parameter names.
func (s *Server) viewOf(name, text string) (*tiles.View, error) {
	if _, err := s.view(); err != nil {
		return nil, err
	}
	rev, err := s.revisionOf(name, text)
	if err != nil {
		return nil, err
	}
	return s.pasts.view(rev)
}

// comparedSince gives the view with that of another time, seen through the same
// zones, which layer diff compares it with.
func (s *Server) comparedSince(v *tiles.View, q *MapQuery) (*tiles.View, error) {
	if q.WhatIf != "" {
		return nil, badValue("since", q.Since, "since without whatif: layer diff compares with one of them")
	}
	then, err := s.viewOf("since", q.Since)
	if err == nil {
		then, err = s.inZones(then, q.Zone)
	}
	if err != nil {
		return nil, err
	}
	return v.Against(then), nil
}

// cityOf is where the records of a view are read.
func (s *Server) cityOf(v *tiles.View) *city.City {
	if p, ok := v.Past(); ok {
		return p.Records
	}
	return s.opts.City
}

// ofThePast says in an answer which time it is of.
func (s *Server) ofThePast(a *Answer, v *tiles.View, p tiles.Past) {
	a.AsOf = &AsOf{Revision: uint64(v.Revision()), At: s.local(p.At)}
	if a.View != nil {
		a.View.LeftOut = p.LeftOut
	}
}

// local is an instant as the city's clocks show it; "" of none.
func (s *Server) local(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(s.opts.City.Profile().Zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// named puts the parameter's name into an error that is about a revision.
func named(name string, err error) error {
	p := problemOf(err)
	if p.Parameter == "revision" {
		return badValue(name, p.Value, p.want+", or a time")
	}
	return err
}

// forgotten is the problem of a time of which something was not kept.
func forgotten(err error) *Problem {
	return newProblem(http.StatusGone, "the city of that time cannot be shown: "+err.Error())
}
