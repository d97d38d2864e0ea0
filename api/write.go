package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/ingest"
	"riskatlas/tiles"
)

// publishWait bounds how long an answer waits until what it wrote is shown.
const publishWait = 10 * time.Second

// edit is one change of the city as somebody asks for it, settled.
type edit struct {
	change data.Change
	vetted ingest.Vetted // of what is new; zero where the record goes
	was    data.Revision // of the record before; 0: it is new
}

// outcome is what a write came to.
type outcome struct {
	revision data.Revision
	records  []*data.Record // as the view shows them, by edit; nil: gone, or not for this view
	pending  string         // why the city does not show it yet; "" when it does
}

// places are the districts as the view has them, for the vetter.
func places(v *tiles.View) ingest.Places {
	state := ""
	for i := range v.City.Taxonomy.Vintages {
		state += fmt.Sprintf("%x ", v.UnitsDigest(data.DistrictKind(v.City.Taxonomy.Vintages[i].Name)))
	}
	return ingest.Places{Units: viewUnits{v}, State: state}
}

// apply makes the edits durable as one revision, or none of them, and waits until
// the city shows them. The error wraps data.ErrConflict when one of the records is
// not as its edit expects.
func (s *Server) apply(ctx context.Context, v *tiles.View, note data.Note, edits []edit) (out outcome, err error) {
	changes, shown := make([]data.Change, len(edits)), make([]data.Change, len(edits))
	tax := v.City.Taxonomy
	for i := range edits {
		changes[i] = edits[i].change
		shown[i] = data.Change{ID: changes[i].ID}
		if changes[i].New == nil {
			continue
		}
		stored, err := tax.Stored(&changes[i], 0)
		if err != nil {
			return out, err
		}
		changes[i].New = stored
		if shown[i].New, err = s.opts.City.Shown(ctx, stored); err != nil {
			return out, err
		}
	}
	// A city that could not be shown afterwards would stand still for everybody.
	if err := v.Holds(shown...); err != nil {
		return out, err
	}
	if out.revision, err = s.opts.City.Apply(ctx, note, changes...); err != nil {
		return out, err
	}
	// From here on it is done, whatever becomes of the client.
	s.opts.Log.LogAttrs(ctx, slog.LevelInfo, "write", slog.String("who", note.Who), slog.Int("ids", len(edits)), slog.Uint64("revision", uint64(out.revision)))
	for i := range shown {
		if r := shown[i].New; r != nil {
			h := *r.Hazard
			h.Rev = out.revision
			shown[i].New = &data.Record{Hazard: &h, Detail: r.Detail}
		}
		out.records = append(out.records, shown[i].New)
	}
	out.pending = s.published(ctx, out.revision)
	return out, nil
}

// published waits until the city shows a revision, and says why it does not.
func (s *Server) published(ctx context.Context, r data.Revision) string {
	if s.opts.Published == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	err := s.opts.Published(ctx, r)
	if err == nil {
		return ""
	}
	s.opts.Log.LogAttrs(ctx, slog.LevelWarn, "a write is durable and not shown", slog.Uint64("revision", uint64(r)), slog.String("err", err.Error()))
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "the change is stored; the city has not shown it yet"
	}
	return "the change is stored; the city cannot be shown with it and stands at the revision before"
}

// WriteOutput carries a source as it was written.
type WriteOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	Location     string `header:"Location"`
	ETag         string `header:"ETag"`
	DataRevision uint64 `header:"Data-Revision"`
	Body         []byte
}

// Written is what an answer to a write says beside the source.
type Written struct {
	Answer
	CRS          string           `json:"datum" enum:"wgs84"`
	Warnings     []ingest.Finding `json:"warnings" doc:"What is odd or missing about the source; it is stored all the same."`
	Completeness float64          `json:"completeness" minimum:"0" maximum:"1" doc:"The share of the form's fields that say something, of those that a source of its level is asked for."`
	Missing      []string         `json:"missing" doc:"The fields that say nothing."`
	Hidden       bool             `json:"hidden,omitempty" doc:"True when the source is stored and this view does not show it: there is no feature then."`
	Pending      string           `json:"pending,omitempty" doc:"Why the city does not show the change yet, with status 202. It is stored all the same."`
}

// writtenFeature documents the answer to a write.
type writtenFeature struct {
	Feature[HazardProperties]
	Written
}

// judged is what a write says of a record beside the record.
func (s *Server) judged(v *tiles.View, rev data.Revision, vetted ingest.Vetted) Written {
	w := Written{Answer: s.answer(v), CRS: "wgs84", Warnings: vetted.Findings, Missing: []string{}}
	w.DataRevision = uint64(rev)
	if w.Warnings == nil {
		w.Warnings = []ingest.Finding{}
	}
	share, missing := ingest.Completeness(vetted.Record, vetted.Named, s.opts.City.View() == city.InternalView)
	w.Completeness, w.Missing = share, append(w.Missing, missing...)
	return w
}

// answerWritten answers with the one record that was written.
func (s *Server) answerWritten(v *tiles.View, out outcome, e *edit, created bool) (*WriteOutput, error) {
	w := s.judged(v, out.revision, e.vetted)
	record := out.records[0]
	w.Pending, w.Hidden = out.pending, record == nil
	body, err := openJSON(w)
	if err != nil {
		return nil, err
	}
	if record != nil {
		feature, err := v.City.Taxonomy.AppendFeature(nil, record)
		if err != nil {
			return nil, err
		}
		body = append(append(body, ','), feature[1:]...)
	} else {
		body = append(body, '}')
	}
	o := &WriteOutput{Status: http.StatusOK, ContentType: geoJSONType, ETag: recordTag(out.revision), DataRevision: uint64(out.revision), Body: append(body, '\n')}
	if created {
		o.Status, o.Location = http.StatusCreated, "/api/v1/hazards/"+string(e.change.ID)
	}
	if out.pending != "" {
		o.Status = http.StatusAccepted
	}
	return o, nil
}

// Judgement is what a write would come to, by dry_run.
type Judgement struct {
	Answer
	Refused      []Fault          `json:"refused" doc:"Why the source would not be stored; none: it would."`
	Warnings     []ingest.Finding `json:"warnings"`
	Completeness float64          `json:"completeness" minimum:"0" maximum:"1"`
	Missing      []string         `json:"missing"`
}

// answerDry answers what a write would come to.
func (s *Server) answerDry(v *tiles.View, vetted ingest.Vetted, refused []error) (*WriteOutput, error) {
	j := Judgement{Answer: s.answer(v), Refused: []Fault{}, Warnings: append([]ingest.Finding{}, vetted.Findings...), Missing: []string{}}
	for _, err := range refused {
		j.Refused = append(j.Refused, faultOf(err))
	}
	if vetted.Record != nil {
		w := s.judged(v, v.Revision(), vetted)
		j.Completeness, j.Missing = w.Completeness, w.Missing
	}
	body, err := openJSON(j)
	return &WriteOutput{Status: http.StatusOK, ContentType: jsonType, DataRevision: uint64(v.Revision()), Body: append(body, "}\n"...)}, err
}

// Fault is one thing for which a write is refused.
type Fault struct {
	Index   *int     `json:"index,omitempty" doc:"Of a batch: the change at fault, counted from 0."`
	ID      string   `json:"id,omitempty"`
	Status  int      `json:"status,omitempty" doc:"Of a batch: the status that the change alone would have had."`
	Field   string   `json:"field,omitempty"`
	Value   string   `json:"value,omitempty"`
	Want    string   `json:"want"`
	Allowed []string `json:"allowed,omitempty"`
	Rev     uint64   `json:"rev,omitempty" doc:"Of a change of a record that another has changed: the revision that it is at."`
}

func faultOf(err error) Fault {
	p := problemOf(err)
	f := Fault{Field: p.Parameter, Value: p.Value, Want: p.Detail, Allowed: p.Allowed}
	if invalid := (*data.Invalid)(nil); errors.As(err, &invalid) {
		f.Want = invalid.Want
	}
	return f
}

// refusal is the problem of a record that may not be stored.
func refusal(refused []error) error {
	if len(refused) == 1 {
		return refused[0]
	}
	p := problemOf(refused[0])
	for _, err := range refused {
		p.Errors = append(p.Errors, faultOf(err))
	}
	p.Detail += fmt.Sprintf(" (and %d more in errors)", len(refused)-1)
	return p
}

// conflict is the problem of a condition that does not hold, with the record as
// it is now; nil: there is none.
func conflict(v *tiles.View, status int, now *data.Record, detail string) error {
	p := newProblem(status, detail)
	if now == nil {
		return p
	}
	feature, err := v.City.Taxonomy.AppendFeature(nil, now)
	if err != nil {
		return err
	}
	p.Current, p.etag = feature, recordTag(now.Hazard.Rev)
	return p
}

// recordOf reads a record as the view shows it now; nil: there is none, or none
// for this view.
func (s *Server) recordOf(ctx context.Context, id data.ID) (*data.Record, error) {
	if err := id.Validate(); err != nil {
		return nil, err
	}
	records, err := s.opts.City.Detail(ctx, id)
	if err != nil {
		return nil, err
	}
	return records[0], nil
}

// isDefaultName reports whether a record's name is the one that it was given for
// want of one.
func isDefaultName(tax *data.Taxonomy, h *data.Hazard) bool {
	return strings.TrimSpace(h.Name) == tax.Industries[h.Industry].Name+" "+string(h.ID)
}
