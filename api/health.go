package api

import (
	"context"
)

// Health says that the process is alive.
type Health struct {
	Status string `json:"status" example:"ok"`
}

// HealthOutput carries a Health.
type HealthOutput struct{ Body Health }

func (s *Server) healthz(context.Context, *struct{}) (*HealthOutput, error) {
	return &HealthOutput{Health{"ok"}}, nil
}

// Ready says that the server answers, and from which revision.
type Ready struct {
	Status string `json:"status" example:"ready"`
	Answer
	Hazards int `json:"hazards" doc:"Sources of every status that the view holds."`
}

// ReadyOutput carries a Ready.
type ReadyOutput struct{ Body Ready }

func (s *Server) readyz(context.Context, *struct{}) (*ReadyOutput, error) {
	if s.draining.Load() {
		return nil, retry("the server is stopping")
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	return &ReadyOutput{Ready{"ready", s.answer(v), v.Len()}}, nil
}
