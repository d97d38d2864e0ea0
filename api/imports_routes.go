package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"riskatlas/data/ingest"
)

// importHow is how an import is to be done.
type importHow struct {
	options ingest.Options
	dryRun  bool
	strict  bool
	why     string
}

// note is the reason that history keeps.
func (h *importHow) note(files []*given) string {
	if h.why != "" {
		return h.why
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.name
	}
	return "import of " + strings.Join(names, ", ")
}

// importRoutes are those of imports.
func (s *Server) importRoutes(r *router) {
	takes := []media{{multipartType, nil}}
	for _, kind := range rawTypes {
		takes = append(takes, media{kind, nil})
	}
	written(r, http.MethodPost, "/api/v1/imports", "import", "Import files of sources, as a job", Editor, s.startImport, s.opts.Imports.opts.MaxBytes+1<<20, takes...)
	written(r, http.MethodGet, "/api/v1/imports", "imports", "The imports of this server, the newest first", Editor, s.listImports, 0)
	written(r, http.MethodGet, "/api/v1/imports/{id}", "import-status", "How far an import is, and its report", Editor, s.importStatus, 0)
	written(r, http.MethodGet, "/api/v1/imports/{id}/report.xlsx", "import-report", "The report of an import as a workbook", Editor, s.importWorkbook, 0)
	written(r, http.MethodDelete, "/api/v1/imports/{id}", "import-cancel", "Cancel an import, or forget one that has ended", Editor, s.cancelImport, 0)
}

// ImportInput is how files are to be imported; the parameters are the command's
// flags.
type ImportInput struct {
	Name     string   `query:"name" maxLength:"120" doc:"Name of the file, where the body is the file itself."`
	Datum    string   `query:"datum" maxLength:"40" doc:"What coordinates are: wgs84, cgcs2000, gcj02, bd09 or epsg:CODE. Default: what the file says, else wgs84."`
	Encoding string   `query:"encoding" maxLength:"40" doc:"Encoding of a text, such as gb18030. Default: found by content."`
	Sheet    []string `query:"sheet" doc:"Sheets or layers that are read. Default: all that name their columns."`
	Map      []string `query:"map" doc:"field=column: the column that gives a field."`
	Set      []string `query:"set" doc:"field=value: the value of a field in every row."`
	Source   string   `query:"source" maxLength:"200" doc:"The body whose delivery it is."`
	Key      string   `query:"key" maxLength:"200" doc:"The column with the body's own key."`
	Complete bool     `query:"complete" doc:"The files are all that the body has: what they lack is suspended."`
	Confirm  bool     `query:"confirm" doc:"Take the likeliest match by name and place where there is a doubt."`
	DryRun   bool     `query:"dry_run" doc:"Check and report, write nothing."`
	Strict   bool     `query:"strict" doc:"Say with strict_failed when a row was kept out. Good rows are written all the same."`
	Why      string   `query:"why" maxLength:"500" doc:"The reason that history keeps. Default: the names of the files."`
}

// how reads the parameters.
func (in *ImportInput) how() (*importHow, error) {
	h := &importHow{dryRun: in.DryRun, strict: in.Strict, why: in.Why}
	h.options.Datum, h.options.Encoding, h.options.Sheets = in.Datum, in.Encoding, in.Sheet
	var err error
	if h.options.Map, err = pairsOf("map", in.Map, "field=column"); err != nil {
		return nil, err
	}
	if h.options.Set, err = pairsOf("set", in.Set, "field=value"); err != nil {
		return nil, err
	}
	switch {
	case in.Source != "":
		h.options.Delivery = &ingest.Delivery{Source: in.Source, Key: in.Key, Complete: in.Complete, Confirm: in.Confirm}
	case in.Key != "" || in.Complete || in.Confirm:
		return nil, badValue("source", "", "the body whose delivery it is: key, complete and confirm are of a delivery")
	}
	return h, nil
}

func pairsOf(parameter string, list []string, want string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range list {
		field, value, ok := strings.Cut(pair, "=")
		if _, twice := out[field]; !ok || field == "" || twice {
			return nil, badValue(parameter, pair, want+", each field once")
		}
		out[field] = value
	}
	return out, nil
}

// ImportStatus says how far an import is.
type ImportStatus struct {
	ID           string        `json:"id"`
	State        string        `json:"state" enum:"queued,running,done,failed,cancelled"`
	Stage        string        `json:"stage,omitempty" doc:"What it is at: reading FILE, comparing, writing, publishing."`
	Who          string        `json:"who" doc:"Who sent it."`
	Files        []string      `json:"files"`
	DryRun       bool          `json:"dry_run,omitempty"`
	Bytes        int64         `json:"bytes" doc:"Bytes that are read."`
	TotalBytes   int64         `json:"total_bytes"`
	Rows         int           `json:"rows" doc:"Rows that are read."`
	Created      time.Time     `json:"created"`
	Started      *time.Time    `json:"started,omitempty"`
	Ended        *time.Time    `json:"ended,omitempty"`
	Totals       string        `json:"totals,omitempty" doc:"read N accepted A rejected R quarantined Q"`
	Revision     uint64        `json:"revision,omitempty" doc:"What it wrote; none where nothing changed."`
	StrictFailed bool          `json:"strict_failed,omitempty" doc:"With strict: a row was kept out."`
	Report       *ImportReport `json:"report,omitempty" doc:"Every row: only in the answer about one import."`
	Problem      *Problem      `json:"problem,omitempty" doc:"Why it failed; nothing was written."`
}

// ImportReport is a report as the command writes it.
type ImportReport struct{ *ingest.Report }

// MarshalJSON writes the report.
func (r ImportReport) MarshalJSON() ([]byte, error) { return json.Marshal(r.Report) }

// Schema describes the report for the OpenAPI document.
func (ImportReport) Schema(huma.Registry) *huma.Schema {
	whole, list := &huma.Schema{Type: huma.TypeInteger}, &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}
	object := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true,
		Description: "Every row: read is the sum of accepted, rejected and quarantined; accepted the sum of added, changed, unchanged and same.",
		Properties: map[string]*huma.Schema{"read": whole, "accepted": whole, "rejected": whole, "quarantined": whole, "added": whole, "changed": whole,
			"unchanged": whole, "same": whole, "revision": whole, "files": list, "problems": list, "rows": list, "kept": list, "duplicates": list,
			"kinds": object, "delivery": object}}
}

// ImportOutput answers about one import.
type ImportOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     ImportStatus
}

// ImportsOutput lists imports.
type ImportsOutput struct {
	Body struct {
		Imports []ImportStatus `json:"imports"`
	}
}

// ImportID names an import.
type ImportID struct {
	ID string `path:"id" maxLength:"64"`
}

// atOnce bounds the dry runs whose report is waited for, and how long.
const (
	atOnceBytes = 1 << 20
	atOnceWait  = 5 * time.Second
)

func (s *Server) startImport(ctx context.Context, in *ImportInput) (*ImportOutput, error) {
	m := s.opts.Imports
	how, err := in.how()
	if err != nil {
		return nil, err
	}
	if err := m.reserve(); err != nil {
		return nil, importsBusy()
	}
	defer m.leave()
	files, err := m.receive(exchangeOf(ctx).r, in.Name, how)
	if err != nil {
		return nil, err
	}
	j, err := m.add(whoOf(ctx), files, *how)
	if err != nil {
		return nil, importsBusy()
	}
	out := &ImportOutput{Status: http.StatusAccepted, Location: "/api/v1/imports/" + j.id}
	if j.how.dryRun && j.total <= atOnceBytes {
		wait, cancel := context.WithTimeout(ctx, atOnceWait)
		defer cancel()
		select {
		case <-j.ended:
			out.Status = http.StatusOK
		case <-wait.Done():
		}
	}
	out.Body = m.status(j, out.Status == http.StatusOK)
	if out.Status == http.StatusOK && out.Body.Problem != nil {
		return nil, out.Body.Problem
	}
	return out, nil
}

func importsBusy() *Problem {
	p := retry("as many imports wait as this server takes; send it again in a while")
	p.retryAfter = 10
	return p
}

// status describes an import, with its report where that is wanted.
func (m *Imports) status(j *importJob, whole bool) ImportStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := ImportStatus{ID: j.id, State: j.state, Stage: j.stage, Who: j.who, DryRun: j.how.dryRun, Bytes: j.bytes, TotalBytes: j.total,
		Rows: j.rows, Created: j.created.UTC(), Problem: j.problem}
	for _, f := range j.files {
		s.Files = append(s.Files, f.name)
	}
	if !j.started.IsZero() {
		started := j.started.UTC()
		s.Started = &started
	}
	if !j.end.IsZero() {
		end := j.end.UTC()
		s.Ended = &end
	}
	if r := j.report; r != nil {
		s.Totals, s.Revision = r.Totals(), uint64(r.Revision)
		s.StrictFailed = j.how.strict && r.Rejected+r.Quarantined > 0
		if whole {
			s.Report = &ImportReport{r}
		}
	}
	return s
}

// job finds an import.
func (m *Imports) job(id string) (*importJob, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	if j := m.byID[id]; j != nil {
		return j, nil
	}
	return nil, noImport()
}

func noImport() error {
	return notFound("there is no such import on this server: it keeps the latest ones for a time")
}

func (s *Server) importStatus(_ context.Context, in *ImportID) (*ImportOutput, error) {
	j, err := s.opts.Imports.job(in.ID)
	if err != nil {
		return nil, err
	}
	return &ImportOutput{Status: http.StatusOK, Body: s.opts.Imports.status(j, true)}, nil
}

func (s *Server) listImports(context.Context, *struct{}) (*ImportsOutput, error) {
	m := s.opts.Imports
	m.mu.Lock()
	m.forget()
	jobs := slices.Clone(m.order)
	m.mu.Unlock()
	out := &ImportsOutput{}
	out.Body.Imports = []ImportStatus{}
	for _, j := range slices.Backward(jobs) {
		out.Body.Imports = append(out.Body.Imports, m.status(j, false))
	}
	return out, nil
}

func (s *Server) cancelImport(_ context.Context, in *ImportID) (*struct{}, error) {
	if !s.opts.Imports.remove(in.ID) {
		return nil, noImport()
	}
	return nil, nil
}

// WorkbookOutput is a workbook.
type WorkbookOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *Server) importWorkbook(_ context.Context, in *ImportID) (*WorkbookOutput, error) {
	j, err := s.opts.Imports.job(in.ID)
	if err != nil {
		return nil, err
	}
	status := s.opts.Imports.status(j, true)
	if status.Report == nil {
		return nil, notFound(fmt.Sprintf("the import is %s and has no report", status.State))
	}
	var book bytes.Buffer
	if err := status.Report.WriteXLSX(&book); err != nil {
		return nil, err
	}
	return &WorkbookOutput{ContentType: xlsxType, ContentDisposition: `attachment; filename="import-` + j.id[:8] + `.xlsx"`, Body: book.Bytes()}, nil
}
