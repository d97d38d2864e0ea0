package api

import (
	"context"
	"errors"
	"net/http"

	"riskatlas/data"
)

// RemoveQuery names the source that is to go, likewise.
type RemoveQuery struct {
	ID string `path:"id" doc:"The source's id." example:"HZ-I04-000123"`
	KeyQuery
	IfMatch string `header:"If-Match" doc:"The ETag of the source as it was read, or * for any."`
}

// RemoveOutput answers that a source is gone.
type RemoveOutput struct {
	Status       int
	DataRevision uint64 `header:"Data-Revision"`
	Body         Removed
}

// Removed says which source is gone.
type Removed struct {
	Answer
	Removed data.ID `json:"removed" doc:"The id. The history keeps the source; PUT with If-None-Match: * brings it back."`
	Pending string  `json:"pending,omitempty" doc:"Why the city does not show the change yet, with status 202. It is stored all the same."`
}

// ContentType is JSON's media type.
func (Removed) ContentType(string) string { return jsonType }

// removeHazard takes a source out of the present; the history keeps it.
func (s *Server) removeHazard(ctx context.Context, q *RemoveQuery) (*RemoveOutput, error) {
	x := exchangeOf(ctx)
	c, err := readConditions(x.r)
	if err != nil {
		return nil, err
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	id := data.ID(q.ID)
	answer := func(rev data.Revision, pending string) (*RemoveOutput, error) {
		o := &RemoveOutput{Status: http.StatusOK, DataRevision: uint64(rev), Body: Removed{Answer: s.answer(v), Removed: id, Pending: pending}}
		if o.Body.DataRevision = uint64(rev); pending != "" {
			o.Status = http.StatusAccepted
		}
		return o, nil
	}
	again := func(b data.Batch) (*RemoveOutput, error) { return answer(b.Revision, s.published(ctx, b.Revision)) }
	return once(ctx, s, &q.KeyQuery, nil, again, func(note data.Note) (*RemoveOutput, error) {
		was, err := s.existing(ctx, v, &c, id, false)
		if err != nil {
			return nil, err
		}
		out, err := s.apply(ctx, v, note, []edit{{change: data.Change{ID: id, If: was.Hazard.Rev}, was: was.Hazard.Rev}})
		if errors.Is(err, data.ErrConflict) {
			return nil, s.overtaken(ctx, v, &c, id)
		}
		if err != nil {
			return nil, err
		}
		return answer(out.revision, out.pending)
	})
}
