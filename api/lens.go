package api

import "riskatlas/tiles"

// LensQuery says what the city is looked at through. It goes with every
// question that takes a filter.
type LensQuery struct {
	Zone []string `query:"zone" doc:"Only sources whose label point lies in any of these zones, each SET:CODE; /api/v1/zones lists the sets." example:"streets:330106001"`
}

// through gives the view that a question is answered from: the newest one, seen
// through the question's lens.
func (s *Server) through(q *LensQuery) (*tiles.View, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	return s.inZones(v, q.Zone)
}

// checkLens refuses what through would refuse, without looking through it.
func checkLens(v *tiles.View, q *LensQuery) error {
	_, err := zonesOf(v, q.Zone)
	return err
}
