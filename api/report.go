package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"riskatlas/report"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// ReportQuery asks for the assessment report, or a part of it.
type ReportQuery struct {
	Format string `query:"format" enum:"json,html,md,xlsx" default:"json" doc:"Form of the answer."`
	Lang   string `query:"lang" enum:"zh,en" default:"zh" doc:"Language of html, md and xlsx; json has both."`
	Part   string `query:"part" enum:"overall,composition,fn,top_sources,districts,zones,groups,industries,main_list,targets,suggestions,methods,quality" doc:"json: only this member of the report. xlsx: main_list, the list of main sources alone."`
	Cuts   string `query:"cuts" enum:"in-service,new-build" default:"in-service" doc:"The limits by which ground is judged."`
	WhatIfQuery
}

// reportPolicy lets the report's own styles in and nothing else: it is one page
// without script or link.
var reportPolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}

// reportTimeout bounds the making of a report: that of a million sources takes
// longer than other answers may.
const reportTimeout = 5 * time.Minute

// report sends the report in the asked form.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	if err := extend(w, reportTimeout); err != nil {
		fail(w, err)
		return
	}
	body, f, name, err := s.writeReport(r)
	if err != nil {
		fail(w, err)
		return
	}
	if err := extend(w, writeTimeout); err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", f.kind)
	h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", f.disposition, name))
	if f.kind == htmlForm {
		h["Content-Security-Policy"] = reportPolicy
	}
	w.Write(body)
}

// extend moves the connection's deadlines. The reading one counts too: past it
// the request's context ends as if the client had left.
func extend(w http.ResponseWriter, by time.Duration) error {
	control, at := http.NewResponseController(w), time.Now().Add(by)
	for _, move := range []func(time.Time) error{control.SetReadDeadline, control.SetWriteDeadline} {
		// A writer without deadlines, as a test's, has none to move.
		if err := move(at); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return fmt.Errorf("moving the deadline: %w", err)
		}
	}
	return nil
}

const htmlForm = htmlType + "; charset=utf-8"

// form is how a report is sent.
type form struct {
	kind, disposition, ending string
	write                     func(w io.Writer, r *report.Report, lang string) error
}

func (s *Server) writeReport(r *http.Request) (body []byte, f form, name string, err error) {
	q, err := url.ParseQuery(r.URL.RawQuery) // the router has checked it
	if err != nil {
		return nil, f, "", err
	}
	lang, part := q.Get("lang"), q.Get("part")
	if lang == "" {
		lang = "zh"
	}
	if f, err = s.form(q.Get("format"), part); err != nil {
		return nil, f, "", err
	}
	criterion, err := riskgrid.ParseCriterion(q.Get("cuts"))
	if err != nil {
		return nil, f, "", err
	}
	v, err := s.supposing(&WhatIfQuery{AsOfQuery{q.Get("as_of")}, q.Get("whatif")})
	if err != nil {
		return nil, f, "", err
	}
	made, err := s.reports.of(r.Context(), v, criterion, func(ctx context.Context) (*report.Report, error) {
		release, err := s.hold(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		return report.Gather(ctx, report.Input{View: v, City: s.cityOf(v), Rules: s.rules, Criterion: criterion, Synthetic: s.opts.Synthetic})
	})
	if err != nil {
		return nil, f, "", err
	}
	release, err := s.hold(r.Context())
	if err != nil {
		return nil, f, "", err
	}
	defer release()
	var out bytes.Buffer
	if err := f.write(&out, made, lang); err != nil {
		return nil, f, "", fmt.Errorf("writing the report: %w", err)
	}
	return out.Bytes(), f, report.FileName(made, part, lang, f.ending), nil
}

// form finds the writer of a format and part.
func (s *Server) form(format, part string) (form, error) {
	forms := map[string]form{
		"":     {jsonType, "inline", "json", func(w io.Writer, r *report.Report, _ string) error { return s.reportJSON(w, r, part) }},
		"html": {htmlForm, "inline", "html", report.HTML},
		"md":   {markdownType + "; charset=utf-8", "attachment", "md", report.Markdown},
		"xlsx": {xlsxType, "attachment", "xlsx", report.XLSX},
	}
	if format == "json" {
		format = ""
	}
	f := forms[format]
	switch {
	case part == "" || format == "":
	case format == "xlsx" && part == report.MainListPart:
		f.write = report.MainListXLSX
	default:
		return f, badValue("part", part, "none with this format: parts are json, and main_list is xlsx too")
	}
	return f, nil
}

// reportJSON writes the report, or one part of it beside what every answer says
// of itself.
func (s *Server) reportJSON(w io.Writer, r *report.Report, part string) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if part != "" {
		var all map[string]json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			return err
		}
		head := map[string]json.RawMessage{}
		for _, name := range []string{"city", "data_revision", "view", "synthetic", "whatif", "cuts", part} {
			if member, ok := all[name]; ok {
				head[name] = member
			}
		}
		if raw, err = json.Marshal(head); err != nil {
			return err
		}
	}
	if s.stale.Load() {
		raw = append(raw[:len(raw)-1], `,"stale":true}`...)
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

// reportCache keeps the newest report by each criterion. One is made at a time:
// the others wait, and find it made or make it themselves when the first has left.
// turn has one place.
type reportCache struct {
	turn chan struct{}
	kept [riskgrid.CriteriaCount]struct {
		of     *tiles.View
		report *report.Report
	}
}

func (c *reportCache) of(ctx context.Context, v *tiles.View, by riskgrid.Criterion, gather func(context.Context) (*report.Report, error)) (*report.Report, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.turn }()
	k := &c.kept[by]
	if k.of == v {
		return k.report, nil
	}
	r, err := gather(ctx)
	if err != nil {
		return nil, err
	}
	k.of, k.report = v, r
	return r, nil
}
