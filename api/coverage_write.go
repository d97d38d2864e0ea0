package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/ingest"
	"riskatlas/tiles"
)

// coverageRoutes are the routes of the table of coverage.
func (s *Server) coverageRoutes(r *router) {
	typed(r, "/api/v1/coverage", "coverage", "How far the survey of each industry and district has come", s.coverage,
		media{jsonType, reflect.TypeFor[CoverageTable]()}, media{csvType, nil})
	typed(r, "/api/v1/coverage/{industry}/{district}", "coverage-row", "How far the survey of one industry in one district has come", s.coverageOne)
	written(r, http.MethodPut, "/api/v1/coverage/{industry}/{district}", "coverage-put", "Write a row of the table of coverage", Editor, s.putCoverage, 0,
		media{jsonType, reflect.TypeFor[CoverageGiven]()})
	written(r, http.MethodPost, "/api/v1/coverage", "coverage-post", "Write many rows of the table of coverage, all or none", Editor, s.postCoverage, 8<<20,
		media{jsonType, reflect.TypeFor[CoverageMany]()}, media{csvType, nil})
}

// CoverageRowQuery names a row.
type CoverageRowQuery struct {
	Industry string `path:"industry" doc:"Code or slug." example:"I04"`
	District string `path:"district" doc:"Code in the default vintage." example:"330106"`
}

// row gives the pair; what is not known is a 404.
func (q *CoverageRowQuery) row(tax *data.Taxonomy) (c data.Coverage, err error) {
	if c.Industry, err = tax.Industry(q.Industry); err == nil {
		c.District, err = tax.Vintages[tax.Default].District(q.District)
	}
	if err != nil {
		p := problemOf(err)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return c, p
	}
	return c, nil
}

// CoveragePutQuery names a row to write.
type CoveragePutQuery struct {
	CoverageRowQuery
	Why     string `query:"why" maxLength:"500" doc:"Why, for the history."`
	IfMatch string `header:"If-Match" doc:"The ETag of the row as it was read, or * for any. A row that nobody wrote has one too."`
}

// CoverageGiven is what a row is to say.
type CoverageGiven struct {
	Status   string `json:"status" enum:"not_started,asked,received,verified,none_here"`
	Expected *int   `json:"expected,omitempty" minimum:"0" maximum:"1000000" doc:"Sources that the body says there are."`
	Body     string `json:"body,omitempty" maxLength:"200" doc:"Who was asked."`
	Asked    string `json:"asked,omitempty" doc:"YYYY-MM-DD, as all dates."`
	Received string `json:"received,omitempty"`
	Verified string `json:"verified,omitempty"`
	Due      string `json:"due,omitempty" doc:"Until when it was promised."`
	Note     string `json:"note,omitempty" maxLength:"1000"`
}

// CoverageGivenRow is one of many.
type CoverageGivenRow struct {
	Industry string `json:"industry" doc:"Code or slug."`
	District string `json:"district" doc:"Code in the default vintage."`
	IfMatch  string `json:"if_match,omitempty" doc:"The etag of the row as it was read; left out, the row is written whatever it says."`
	CoverageGiven
}

// CoverageMany is rows to write.
type CoverageMany struct {
	Rows  []CoverageGivenRow `json:"rows"`
	Whole bool               `json:"whole,omitempty" doc:"The rows are the whole table: pairs that they do not have are not started."`
}

// CoverageOne is a row of the table.
type CoverageOne struct {
	Answer
	CoverageRow
	Pending string `json:"pending,omitempty" doc:"The row is written, but the city does not show it yet: why."`
}

// CoverageOneOutput carries a CoverageOne.
type CoverageOneOutput struct {
	ETag string `header:"ETag"`
	Body CoverageOne
}

// CoverageDone is what writing many rows did.
type CoverageDone struct {
	Answer
	Revision  uint64 `json:"revision" doc:"That the table is of; where nothing was written, the one that there was."`
	Added     int    `json:"added"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Removed   int    `json:"removed" doc:"Rows that say no more than a missing one."`
	Pending   string `json:"pending,omitempty" doc:"The rows are written, but the city does not show them yet: why."`
}

// CoverageDoneOutput carries a CoverageDone.
type CoverageDoneOutput struct{ Body CoverageDone }

func (s *Server) coverageOne(_ context.Context, q *CoverageRowQuery) (*CoverageOneOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	c, err := q.row(v.City.Taxonomy)
	if err != nil {
		return nil, err
	}
	return s.oneRow(v, c, ""), nil
}

// oneRow answers with the row that the view has of a pair.
func (s *Server) oneRow(v *tiles.View, c data.Coverage, pending string) *CoverageOneOutput {
	if row, ok := v.Coverage().Row(c.Industry, c.District); ok {
		c = row
	}
	row := coverageRow(v, newFoundSources(v), &c)
	return &CoverageOneOutput{ETag: row.ETag, Body: CoverageOne{Answer: s.answer(v), CoverageRow: row, Pending: pending}}
}

func (s *Server) putCoverage(ctx context.Context, q *CoveragePutQuery) (*CoverageOneOutput, error) {
	v, err := s.coverageWritable()
	if err != nil {
		return nil, err
	}
	tax := v.City.Taxonomy
	row, err := q.row(tax)
	if err != nil {
		return nil, err
	}
	if q.IfMatch == "" {
		p := newProblem(http.StatusPreconditionRequired, "this needs If-Match with the ETag of the row as it was read, or * for any")
		p.Parameter = "If-Match"
		return nil, p
	}
	given, err := readBody[CoverageGiven](exchangeOf(ctx).r)
	if err != nil {
		return nil, err
	}
	if err := given.into(&row); err != nil {
		return nil, err
	}
	what := city.Covering{Rows: []data.Coverage{row}, Hold: func(row, held *data.Coverage) error { return matchRow(tax, q.IfMatch, held) }}
	_, v, pending, err := s.cover(ctx, v, q.Why, what)
	if err != nil {
		return nil, err
	}
	if pending != "" { // the view has the row as it was: say what is written
		r := coverageRow(v, newFoundSources(v), &row)
		return &CoverageOneOutput{ETag: r.ETag, Body: CoverageOne{Answer: s.answer(v), CoverageRow: r, Pending: pending}}, nil
	}
	return s.oneRow(v, row, ""), nil
}

// CoveragePostQuery is what is said beside many rows.
type CoveragePostQuery struct {
	Why string `query:"why" maxLength:"500" doc:"Why, for the history."`
}

func (s *Server) postCoverage(ctx context.Context, q *CoveragePostQuery) (*CoverageDoneOutput, error) {
	v, err := s.coverageWritable()
	if err != nil {
		return nil, err
	}
	what, err := s.coverageBody(ctx, v)
	if err != nil {
		return nil, err
	}
	did, v, pending, err := s.cover(ctx, v, q.Why, what)
	if err != nil {
		return nil, err
	}
	return &CoverageDoneOutput{CoverageDone{Answer: s.answer(v), Revision: uint64(did.Revision), Added: did.Added, Changed: did.Changed,
		Unchanged: did.Unchanged, Removed: did.Removed, Pending: pending}}, nil
}

// coverageWritable is the view of a server that may write the table. The public
// view hides a part of every row, which who writes through it would lose.
func (s *Server) coverageWritable() (*tiles.View, error) {
	v, err := s.view()
	if err == nil && v.Who != city.InternalView {
		return nil, newProblem(http.StatusForbidden, "the public view hides a part of the table of coverage: write it through a server of the internal view")
	}
	return v, err
}

// cover writes rows and waits until the city shows them.
func (s *Server) cover(ctx context.Context, v *tiles.View, why string, what city.Covering) (city.Covered, *tiles.View, string, error) {
	note := data.Note{Who: whoOf(ctx), Why: strings.TrimSpace(why)}
	did, err := s.opts.City.Cover(ctx, note, what)
	if err != nil {
		if errors.Is(err, errors.ErrUnsupported) {
			return did, v, "", newProblem(http.StatusNotImplemented, "the store of this server keeps no table of coverage")
		}
		return did, v, "", err
	}
	s.opts.Log.LogAttrs(ctx, slog.LevelInfo, "write", slog.String("who", note.Who), slog.Int("rows", len(what.Rows)), slog.Uint64("revision", uint64(did.Revision)))
	pending := ""
	if s.opts.Published != nil {
		wait, cancel := context.WithTimeout(ctx, shownWithin)
		defer cancel()
		if err := s.opts.Published(wait, did.Revision); err != nil {
			pending = err.Error()
		}
	}
	if now := s.opts.View(); now != nil {
		v = now
	}
	return did, v, pending, nil
}

// shownWithin bounds how long an answer waits until what it wrote is shown.
const shownWithin = 10 * time.Second

// matchRow refuses a row that is not as the caller read it.
func matchRow(tax *data.Taxonomy, ifMatch string, held *data.Coverage) error {
	tag := coverageTag(tax, held)
	for part := range strings.SplitSeq(ifMatch, ",") {
		if part = strings.TrimSpace(part); part == "*" || part == tag {
			return nil
		}
	}
	p := newProblem(http.StatusPreconditionFailed, fmt.Sprintf("the row %s was changed since it was read: it is %s now, its ETag %s",
		tax.CoverageCode(held.Industry, held.District), held.Status, tag))
	p.Parameter, p.Value = "If-Match", shorten(ifMatch)
	return p
}

// into writes what is given into a row, checked.
func (g *CoverageGiven) into(c *data.Coverage) (err error) {
	if c.Status, err = data.ParseCoverageStatus(g.Status); err != nil {
		return err
	}
	for _, d := range []struct {
		name, text string
		to         *data.Date
	}{{"asked", g.Asked, &c.Asked}, {"received", g.Received, &c.Received}, {"verified", g.Verified, &c.Verified}, {"due", g.Due, &c.Due}} {
		if *d.to, err = data.ReadDate(d.name, d.text); err != nil {
			return err
		}
	}
	c.Expected, c.Body, c.Note = g.Expected, strings.TrimSpace(g.Body), strings.TrimSpace(g.Note)
	return c.Check()
}

// coverageBody reads many rows: JSON or CSV.
func (s *Server) coverageBody(ctx context.Context, v *tiles.View) (what city.Covering, err error) {
	r := exchangeOf(ctx).r
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // the route has checked it
	if kind == csvType {
		return coverageCSV(ctx, r, v)
	}
	many, err := readBody[CoverageMany](r)
	if err != nil {
		return what, err
	}
	tax := v.City.Taxonomy
	tags := map[[2]int]string{}
	what.Whole = many.Whole
	for i := range many.Rows {
		g := &many.Rows[i]
		row, err := (&CoverageRowQuery{g.Industry, g.District}).row(tax)
		if err == nil {
			err = g.into(&row)
		}
		if err != nil {
			p := problemOf(err)
			if p.Status == http.StatusNotFound {
				p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
			}
			p.Parameter = "rows[" + strconv.Itoa(i) + "]." + p.Parameter
			p.Detail = "rows[" + strconv.Itoa(i) + "]." + p.Detail
			return what, p
		}
		if g.IfMatch != "" {
			tags[[2]int{int(row.Industry), int(row.District)}] = g.IfMatch
		}
		what.Rows = append(what.Rows, row)
	}
	what.Hold = func(row, held *data.Coverage) error {
		if tag, asked := tags[[2]int{int(row.Industry), int(row.District)}]; asked {
			return matchRow(tax, tag, held)
		}
		return nil
	}
	return what, nil
}

// coverageCSV reads rows of CSV, and refuses all of them for one that is wrong.
func coverageCSV(ctx context.Context, r *http.Request, v *tiles.View) (what city.Covering, err error) {
	raw, err := readAll(r)
	if err != nil {
		return what, err
	}
	got, err := ingest.ReadCoverage(ctx, "body.csv", bytes.NewReader(raw), v.City)
	var invalid *data.Invalid
	switch {
	case errors.As(err, &invalid):
		return what, err
	case err != nil:
		return what, badValue("body", "", "a table of coverage as CSV: "+err.Error())
	case got.Report.Rejected == 0:
		return city.Covering{Rows: got.Rows}, nil
	}
	first := got.Report.Problems[0]
	p := badValue("line "+strconv.Itoa(first.Line)+": "+first.Field, first.Value, first.Want)
	p.Parameter = first.Field
	p.Detail += fmt.Sprintf(" (%d of %d rows are wrong; nothing was written)", got.Report.Rejected, got.Report.Read)
	return what, p
}
