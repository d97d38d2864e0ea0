package api

import (
	"net/http"

	"riskatlas/data"
	"riskatlas/tiles"
)

// WhatIfQuery names a what-if that is looked at in the place of the city.
type WhatIfQuery struct {
	AsOfQuery
	WhatIf string `query:"whatif" maxLength:"64" doc:"The id of a what-if: answers as the city would with its changes made. 404 when it is unknown or has expired."`
}

// LensQuery says what the city is looked at through. It goes with every
// question that takes a filter.
type LensQuery struct {
	WhatIfQuery
	Zone []string `query:"zone" doc:"Only sources whose label point lies in any of these zones, each SET:CODE; /api/v1/zones lists the sets." example:"streets:330106001"`
}

// through gives the view that a question is answered from: the newest one, seen
// through the question's lens.
func (s *Server) through(q *LensQuery) (*tiles.View, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	return s.inZones(v, q.Zone)
}

// asked gives the view and the filter that a question is answered with.
func (s *Server) asked(q *FilterQuery) (*tiles.View, data.Filter, error) {
	v, err := s.through(&q.LensQuery)
	if err != nil {
		return nil, data.Filter{}, err
	}
	f, err := q.filter(v.City.Taxonomy)
	return v, f, err
}

// checkLens refuses what through would refuse of zones, without looking through
// it.
func checkLens(v *tiles.View, q *LensQuery) error {
	_, err := zonesOf(v, q.Zone)
	return err
}

// supposing gives the newest view, or that of the what-if or of another time.
func (s *Server) supposing(q *WhatIfQuery) (*tiles.View, error) {
	if q.AsOf != "" {
		return s.asOf(q)
	}
	v, err := s.view()
	if err != nil || q.WhatIf == "" {
		return v, err
	}
	w, ok := s.whatIfs.get(q.WhatIf)
	if !ok {
		return nil, noSuchWhatIf()
	}
	return s.whatIfs.view(w, v)
}

// drawn is through for what a map shows, which an archive has of the city as it
// was baked alone.
func (s *Server) drawn(q *MapQuery) (*tiles.View, error) {
	if s.opts.Archive {
		for name, word := range map[string]string{"whatif": q.WhatIf, "as_of": q.AsOf, "since": q.Since} {
			if word != "" {
				return nil, notFound("this server serves a frozen map, which is of one time and cannot be changed in thought: leave " + name + " out")
			}
		}
	}
	v, err := s.through(&q.LensQuery)
	if err != nil || q.Since == "" {
		return v, err
	}
	return s.comparedSince(v, q)
}

func noSuchWhatIf() *Problem {
	p := newProblem(http.StatusNotFound, "whatif: there is no what-if with this id, or it has expired: make one by POST /api/v1/whatif")
	p.Parameter = "whatif"
	return p
}
