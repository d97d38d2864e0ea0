package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"riskatlas/data"
	"riskatlas/data/ingest"
	"riskatlas/tiles"
)

// Bounds of a batch.
const (
	mostBatch      = 10_000
	mostBatchBytes = 64 << 20
	mostFaults     = 100 // that a problem lists
	batchesAtOnce  = 4
)

// BatchBody is changes of sources that are made together, or not at all.
type BatchBody struct {
	Changes []BatchChange `json:"changes" minItems:"1" maxItems:"10000" doc:"Each source at most once."`
}

// BatchChange is one change of a batch.
type BatchChange struct {
	Op      string       `json:"op" enum:"create,replace,change,remove" doc:"create: a new source. replace: a source whole. change: a merge patch. remove: out of the present."`
	ID      data.ID      `json:"id,omitempty" doc:"The source's id; a created one may have none, or one in its feature."`
	If      *uint64      `json:"if,omitempty" doc:"The rev of the source as it was read; of all but create."`
	Feature GivenFeature `json:"feature,omitempty" doc:"Of create and replace."`
	Patch   GivenPatch   `json:"patch,omitempty" doc:"Of change."`
}

// BatchAnswer says what a batch did.
type BatchAnswer struct {
	Answer
	Created  []data.ID      `json:"created" doc:"In the order of ids; ids that were given rise in the order of the changes."`
	Replaced []data.ID      `json:"replaced" doc:"Replaced or changed, in the order of ids."`
	Removed  []data.ID      `json:"removed" doc:"In the order of ids."`
	Rev      uint64         `json:"rev" doc:"The rev of every source that was created, replaced or changed."`
	Warnings []BatchFinding `json:"warnings" doc:"The first 1000."`
	Pending  string         `json:"pending,omitempty" doc:"Why the city does not show the changes yet, with status 202. They are stored all the same."`
}

// BatchFinding is what is odd about one source of a batch.
type BatchFinding struct {
	Index int `json:"index" doc:"The change, counted from 0."`
	ingest.Finding
}

// ContentType is JSON's media type.
func (BatchAnswer) ContentType(string) string { return jsonType }

// BatchOutput carries a BatchAnswer.
type BatchOutput struct {
	Status       int
	DataRevision uint64 `header:"Data-Revision"`
	Body         BatchAnswer
}

// mostBatchFindings bounds the warnings of an answer.
const mostBatchFindings = 1000

func (s *Server) writeBatch(ctx context.Context, q *KeyQuery) (*BatchOutput, error) {
	select {
	case s.batches <- struct{}{}:
		defer func() { <-s.batches }()
	default:
		return nil, retry("the server takes in as many batches as it can; send it again in a moment")
	}
	raw, err := readAll(exchangeOf(ctx).r)
	if err != nil {
		return nil, err
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	again := func(b data.Batch) (*BatchOutput, error) {
		return s.answerBatch(v, b.Revision, b.Changes, nil, s.published(ctx, b.Revision)), nil
	}
	return once(ctx, s, q, raw, again, func(note data.Note) (*BatchOutput, error) {
		var body BatchBody
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&body); err != nil {
			return nil, bodyProblem(err, typeOf[BatchBody]())
		}
		if n := len(body.Changes); n == 0 || n > mostBatch {
			return nil, badValue("changes", fmt.Sprint(n), fmt.Sprintf("1 to %d changes", mostBatch))
		}
		edits, faults, err := s.settleBatch(ctx, v, body.Changes)
		if err != nil {
			return nil, err
		}
		if len(faults) > 0 {
			return nil, batchProblem(faults)
		}
		out, err := s.apply(ctx, v, note, edits)
		if errors.Is(err, data.ErrConflict) { // another came between
			if _, faults, again := s.settleBatch(ctx, v, body.Changes); again == nil && len(faults) > 0 {
				return nil, batchProblem(faults)
			}
			return nil, newProblem(http.StatusPreconditionFailed, "a source was changed by another meanwhile; nothing of the batch was stored")
		}
		if err != nil {
			return nil, err
		}
		changes := make([]data.Change, len(edits))
		for i := range edits {
			changes[i] = edits[i].change
		}
		return s.answerBatch(v, out.revision, changes, edits, out.pending), nil
	})
}

// settleBatch turns changes into edits, or says of each what is wrong with it.
func (s *Server) settleBatch(ctx context.Context, v *tiles.View, changes []BatchChange) ([]edit, []Fault, error) {
	edits, seen := make([]edit, len(changes)), map[data.ID]int{}
	var faults []Fault
	for i := range changes {
		c := &changes[i]
		e, refused, err := s.settle(ctx, v, c)
		if err != nil && ctx.Err() != nil {
			return nil, nil, err
		}
		if err != nil {
			refused = append(refused, err)
		}
		id := e.change.ID
		if before, twice := seen[id]; twice && id != "" {
			refused = append(refused, badValue("id", string(id), fmt.Sprintf("a source once: change %d is of it too", before)))
		}
		seen[id] = i
		for _, err := range refused {
			p := problemOf(err)
			if p.Status >= 500 {
				return nil, nil, err
			}
			f := faultOf(err)
			f.Index, f.ID, f.Status, f.Rev = &i, string(id), p.Status, uint64(p.rev)
			faults = append(faults, f)
		}
		edits[i] = e
	}
	return edits, faults, nil
}

// settle turns one change into an edit.
func (s *Server) settle(ctx context.Context, v *tiles.View, c *BatchChange) (e edit, refused []error, err error) {
	e.change.ID = c.ID
	raw := []byte(c.Feature)
	switch {
	case c.Op == "create" && c.If != nil:
		return e, nil, badValue("if", fmt.Sprint(*c.If), "nothing: what is created has no rev yet")
	case c.Op == "create":
		if c.ID != "" {
			if raw, err = withOwnID(raw, c.ID); err != nil {
				return e, nil, err
			}
		}
		if e.change.ID, raw, err = s.withID(ctx, v, raw, false); err != nil {
			return e, nil, err
		}
	case c.Op != "replace" && c.Op != "change" && c.Op != "remove":
		return e, nil, badValue("op", c.Op, "one of", "create", "replace", "change", "remove")
	case c.If == nil:
		p := newProblem(http.StatusPreconditionRequired, "if is missing: want the rev of the source as it was read")
		p.Parameter = "if"
		return e, nil, p
	}
	was, err := s.recordOf(ctx, e.change.ID)
	if err != nil {
		return e, nil, err
	}
	if err := expected(c, was); err != nil {
		return e, nil, err
	}
	if was != nil {
		e.was, e.change.If = was.Hazard.Rev, was.Hazard.Rev
	}
	switch c.Op {
	case "remove":
		return e, nil, nil
	case "replace":
		raw, err = withOwnID(raw, c.ID)
	case "change":
		raw, err = patched(v.City.Taxonomy, was, []byte(c.Patch))
	}
	if err != nil {
		return e, nil, err
	}
	if e.vetted, refused, err = s.vetter.Vet(ctx, raw, places(v)); err != nil || len(refused) > 0 {
		return e, refused, err
	}
	if e.change.New = e.vetted.Record; was != nil {
		e.change.New, err = unstated(v, was, e.vetted.Record)
	}
	return e, nil, err
}

// expected refuses a change of a record that is not as it was read.
func expected(c *BatchChange, was *data.Record) error {
	switch {
	case c.Op == "create" && was == nil:
		return nil
	case c.Op == "create":
		p := newProblem(http.StatusConflict, "want an id that no source has, or none")
		p.rev = was.Hazard.Rev
		return p
	case was == nil:
		return notFound("there is no source with this id")
	case uint64(was.Hazard.Rev) != *c.If:
		p := newProblem(http.StatusPreconditionFailed, "the source was changed by another since it was read")
		p.rev = was.Hazard.Rev
		return p
	}
	return nil
}

// batchProblem is the problem of a batch of which nothing was stored. Its status
// is that of the first fault.
func batchProblem(faults []Fault) error {
	p := newProblem(faults[0].Status, fmt.Sprintf("nothing was stored: %d of the changes' faults are in errors; the first, of change %d: %s",
		min(len(faults), mostFaults), *faults[0].Index, faults[0].Want))
	p.Errors = faults[:min(len(faults), mostFaults)]
	return p
}

func (s *Server) answerBatch(v *tiles.View, rev data.Revision, changes []data.Change, edits []edit, pending string) *BatchOutput {
	a := BatchAnswer{Answer: s.answer(v), Created: []data.ID{}, Replaced: []data.ID{}, Removed: []data.ID{}, Rev: uint64(rev), Warnings: []BatchFinding{}, Pending: pending}
	a.DataRevision = uint64(rev)
	for _, c := range changes {
		switch {
		case c.If == 0:
			a.Created = append(a.Created, c.ID)
		case c.New == nil:
			a.Removed = append(a.Removed, c.ID)
		default:
			a.Replaced = append(a.Replaced, c.ID)
		}
	}
	for _, list := range [][]data.ID{a.Created, a.Replaced, a.Removed} {
		slices.Sort(list)
	}
	for i := range edits {
		for _, f := range edits[i].vetted.Findings {
			if len(a.Warnings) < mostBatchFindings {
				a.Warnings = append(a.Warnings, BatchFinding{i, f})
			}
		}
	}
	o := &BatchOutput{Status: http.StatusOK, DataRevision: uint64(rev), Body: a}
	if pending != "" {
		o.Status = http.StatusAccepted
	}
	return o
}
