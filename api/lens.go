package api

import "riskatlas/tiles"

// LensQuery says what the city is looked at through. It goes with every
// question that takes a filter.
type LensQuery struct{}

// through gives the view that a question is answered from: the newest one, seen
// through the question's lens.
func (s *Server) through(_ *LensQuery) (*tiles.View, error) { return s.view() }
