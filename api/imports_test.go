package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"

	"riskatlas/data"
	"riskatlas/data/city"
)

// importWorld is a server that takes imports.
func importWorld(t *testing.T, view city.View, records []*data.Record, with ...func(*Options, *ImportOptions)) (*world, *Imports) {
	t.Helper()
	var m *Imports
	w := newWorld(t, view, records, nil, func(o *Options) {
		io := ImportOptions{Profile: hangzhou(t), View: view, Published: o.Published}
		for _, f := range with {
			f(o, &io)
		}
		m = NewImports(io)
		o.Imports = m
	})
	m.opts.Store, m.opts.Units = w.store, w.store
	if m.opts.Published == nil {
		m.opts.Published = w.viewer.Reached
	}
	t.Cleanup(m.Close)
	return w, m
}

// send asks for an import of one file.
func (w *world) send(query, text string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.ask(http.MethodPost, "/api/v1/imports?"+query, text, "127.0.0.1:9", "localhost", append([]string{"Content-Type", csvType}, header...)...)
}

func statusOf(t *testing.T, rec *httptest.ResponseRecorder, want int) ImportStatus {
	t.Helper()
	var s ImportStatus
	if rec.Code != want || json.Unmarshal(rec.Body.Bytes(), &s) != nil {
		t.Fatalf("%d %s, want %d", rec.Code, rec.Body, want)
	}
	return s
}

// after waits until an import has ended and asks about it.
func (w *world) after(m *Imports, s ImportStatus) ImportStatus {
	w.t.Helper()
	m.mu.Lock()
	j := m.byID[s.ID]
	m.mu.Unlock()
	<-j.ended
	var out ImportStatus
	rec := w.local(http.MethodGet, "/api/v1/imports/"+s.ID, "")
	if rec.Code != 200 || json.Unmarshal(rec.Body.Bytes(), &out) != nil {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return out
}

const importList = "id,name,industry,level,lon,lat\nA,one,I04,2,120.1551,30.2741\nB,two,加油加气站,2,120.1552,30.2742\nC,three,C09,9,120.1553,30.2743\n"

// An import is a job that ends when the city shows it: its report accounts for
// every row, as JSON and as a workbook, and a second one changes nothing.
func TestImportsAreJobs(t *testing.T) {
	w, m := importWorld(t, city.InternalView, nil)
	rec := w.send("name=list.csv&why=the+first", importList)
	s := statusOf(t, rec, http.StatusAccepted)
	if loc := rec.Header().Get("Location"); loc != "/api/v1/imports/"+s.ID || len(s.ID) != 32 || s.Who != "local" {
		t.Errorf("%q %+v", loc, s)
	}
	s = w.after(m, s)
	if s.State != importDone || s.Totals != "read 3 accepted 1 rejected 1 quarantined 1" || s.Revision != 1 || s.Report == nil || len(s.Report.Kept) != 2 || s.Rows != 3 || s.Bytes != s.TotalBytes {
		t.Fatalf("%+v", s)
	}
	if v := w.viewer.View(); v.Revision() != 1 || v.Len() != 1 {
		t.Errorf("the city shows revision %d with %d sources", v.Revision(), v.Len())
	}
	book := w.local(http.MethodGet, "/api/v1/imports/"+s.ID+"/report.xlsx", "")
	f, err := excelize.OpenReader(bytes.NewReader(book.Body.Bytes()))
	if err != nil || book.Header().Get("Content-Type") != xlsxType {
		t.Fatalf("%v %q", err, book.Header())
	}
	if rows, err := f.GetRows("quarantined"); err != nil || len(rows) != 2 || !strings.Contains(rows[1][2], "I04 加油站") {
		t.Errorf("%v %v", rows, err)
	}
	// The same again, in two files of a form, tried at once and then done.
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for name, text := range map[string]string{`C:\lists\list.csv`: importList, "d.csv": "id,industry,level,lon,lat\nD,bank,1,120.2,30.2\n"} {
		part, _ := parts.CreateFormFile("file", name)
		fmt.Fprint(part, text)
	}
	table, _ := parts.CreateFormFile("values.industry", "t.csv")
	fmt.Fprint(table, "bank,C09\nI04,I04\n")
	parts.Close()
	for _, query := range []string{"dry_run=true&strict=true", "strict=true"} {
		code := map[bool]int{true: 200, false: 202}[strings.HasPrefix(query, "dry")]
		rec := w.ask(http.MethodPost, "/api/v1/imports?"+query, form.String(), "127.0.0.1:9", "localhost", "Content-Type", parts.FormDataContentType())
		s := w.after(m, statusOf(t, rec, code))
		if s.State != importDone || s.Report.Added != 1 || s.Report.Unchanged != 1 || s.Report.Quarantined != 2 || !s.StrictFailed || len(s.Files) != 2 || strings.Contains(fmt.Sprint(s.Files), "lists") {
			t.Errorf("%s: %+v %+v", query, s, s.Report)
		}
		if code == 200 && s.Revision != 0 || code == 202 && s.Revision != 2 {
			t.Errorf("%s: revision %d", query, s.Revision)
		}
	}
	var list struct{ Imports []ImportStatus }
	if rec := w.local(http.MethodGet, "/api/v1/imports", ""); json.Unmarshal(rec.Body.Bytes(), &list) != nil || len(list.Imports) != 3 || list.Imports[2].ID != s.ID || list.Imports[0].Report != nil {
		t.Errorf("%s", rec.Body)
	}
	// What has ended is forgotten on demand.
	if rec := w.local(http.MethodDelete, "/api/v1/imports/"+s.ID, ""); rec.Code != 204 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := w.local(http.MethodGet, "/api/v1/imports/"+s.ID, ""); rec.Code != 404 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "riskatlas-import-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestImportsAreRefusedClearly(t *testing.T) {
	w, m := importWorld(t, city.InternalView, nil, func(_ *Options, o *ImportOptions) { o.MaxBytes = 1000 })
	for _, c := range []struct {
		query, text, kind string
		status            int
		want              string
	}{
		{"", importList, csvType, 400, "name"},
		{"name=list.csv", importList, "text/plain", 415, csvType},
		{"name=list.csv", "", csvType, 400, "not empty"},
		{"name=list.csv", strings.Repeat("x", 1001), csvType, 413, "1000 bytes"},
		{"name=list.csv&map=name", importList, csvType, 400, "field=column"},
		{"name=list.csv&complete=true", importList, csvType, 400, "source"},
		{"name=list.csv&colour=red", importList, csvType, 400, "allowed are"},
		{"name=list.csv&dry_run=true&datum=mars", importList, csvType, 400, "gcj02"},
		{"name=list.csv&dry_run=true&source=%20", importList, csvType, 400, "body"},
		{"dry_run=true&name=list.csv", "a,b\n1,2\n", csvType, 400, "columns for lon and lat"},
		{"name=list.csv", importList, "multipart/form-data; boundary=x", 400, "parts"},
		{"", "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\ny\r\n--x--\r\n", "multipart/form-data; boundary=x", 400, "values.FIELD"},
		{"", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\ny", "multipart/form-data; boundary=x", 400, "end"},
	} {
		rec := w.ask(http.MethodPost, "/api/v1/imports?"+c.query, c.text, "127.0.0.1:9", "localhost", "Content-Type", c.kind)
		if p := checkProblem(t, c.query, rec, c.status); !strings.Contains(p.Detail, c.want) {
			t.Errorf("%s: %s, want %q", c.query, p.Detail, c.want)
		}
	}
	if rev, _ := w.store.Load(context.Background()); rev != 0 {
		t.Errorf("revision %d was written", rev)
	}
	if m.coming != 0 {
		t.Errorf("%d places in the queue are lost", m.coming)
	}
}

// holdingStore is a store whose writes wait to be let through.
type holdingStore struct {
	data.Store
	entered, pass chan struct{}
}

func (s *holdingStore) Apply(ctx context.Context, n data.Note, cs ...data.Change) (data.Revision, error) {
	s.entered <- struct{}{}
	select {
	case <-s.pass:
		return s.Store.Apply(ctx, n, cs...)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// One import runs, a few wait, the next is told to come again; what is cancelled
// writes nothing, whether it runs or waits.
func TestImportsWaitInABoundedQueue(t *testing.T) {
	w, m := importWorld(t, city.InternalView, nil, func(_ *Options, o *ImportOptions) { o.Waiting = 2 })
	held := &holdingStore{w.store, make(chan struct{}), make(chan struct{})}
	m.opts.Store = held
	list := func(id string) string {
		return "id,name,industry,level,lon,lat\n" + id + ",n,I04,2,120.1551,30.2741\n"
	}
	first := statusOf(t, w.send("name=a.csv", list("A")), 202)
	<-held.entered
	second := statusOf(t, w.send("name=b.csv", list("B")), 202)
	third := statusOf(t, w.send("name=c.csv", list("C")), 202)
	rec := w.send("name=d.csv", list("D"))
	if p := checkProblem(t, "a full queue", rec, 503); rec.Header().Get("Retry-After") != "10" || !strings.Contains(p.Detail, "again") {
		t.Errorf("%q %+v", rec.Header(), p)
	}
	if s := statusOf(t, w.local(http.MethodGet, "/api/v1/imports/"+first.ID, ""), 200); s.State != importRunning || s.Stage != "writing" {
		t.Errorf("%+v", s)
	}
	for _, s := range []ImportStatus{second, first} { // one waits, one runs
		if rec := w.local(http.MethodDelete, "/api/v1/imports/"+s.ID, ""); rec.Code != 204 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		if s = w.after(m, s); s.State != importCancelled || s.Report != nil || s.Revision != 0 {
			t.Errorf("%+v", s)
		}
	}
	<-held.entered
	held.pass <- struct{}{}
	if s := w.after(m, third); s.State != importDone || s.Revision != 1 {
		t.Errorf("%+v", s)
	}
	if records, err := w.store.Detail(context.Background(), "A", "B", "C"); err != nil || records[0] != nil || records[1] != nil || records[2] == nil {
		t.Errorf("%v %v", records, err)
	}
	// Closing cancels what runs and takes no more.
	last := statusOf(t, w.send("name=e.csv", list("E")), 202)
	<-held.entered
	m.Close()
	if s := w.after(m, last); s.State != importCancelled {
		t.Errorf("%+v", s)
	}
	checkProblem(t, "a closed holder", w.send("name=f.csv", list("F")), 503)
}

// What fails on the way is said, written nowhere, and does not end the server.
func TestImportsThatFail(t *testing.T) {
	w, m := importWorld(t, city.InternalView, nil)
	for err, want := range map[error]int{fmt.Errorf("x: %w", data.ErrConflict): 409, errors.New("/secret/path broke"): 500} {
		m.opts.Store = &failingStore{w.store, err}
		s := w.after(m, statusOf(t, w.send("name=a.csv", importList), 202))
		if s.State != importFailed || s.Problem == nil || s.Problem.Status != want || strings.Contains(s.Problem.Detail, "secret") || s.Report != nil {
			t.Errorf("%v: %+v %+v", err, s, s.Problem)
		}
	}
	m.opts.Store, m.opts.Derive = w.store, func(*data.Record) ([]string, error) { panic("derive") }
	if s := w.after(m, statusOf(t, w.send("name=a.csv", importList), 202)); s.State != importFailed || s.Problem.Status != 500 {
		t.Errorf("%+v", s)
	}
	m.opts.Derive = nil
	if s := w.after(m, statusOf(t, w.send("name=a.csv", importList), 202)); s.State != importDone {
		t.Errorf("after a panic: %+v", s)
	}
}

type failingStore struct {
	data.Store
	err error
}

func (s *failingStore) Apply(context.Context, data.Note, ...data.Change) (data.Revision, error) {
	return 0, s.err
}

// Only editors reach any of the routes.
func TestImportsAreForEditors(t *testing.T) {
	tokens, known := team(t, map[string]Role{"wang": Editor, "li": Reader})
	w, m := importWorld(t, city.PublicView, nil, func(o *Options, _ *ImportOptions) { o.Tokens = known })
	s := w.after2(m, w.send("name=a.csv", importList, "Authorization", "Bearer "+tokens["wang"]), tokens["wang"])
	if s.State != importDone || s.Who != "wang" {
		t.Fatalf("%+v", s)
	}
	for _, route := range [][2]string{{"POST", "/api/v1/imports?name=b.csv"}, {"GET", "/api/v1/imports"}, {"GET", "/api/v1/imports/" + s.ID},
		{"GET", "/api/v1/imports/" + s.ID + "/report.xlsx"}, {"DELETE", "/api/v1/imports/" + s.ID}} {
		for token, want := range map[string]int{"": 401, "Bearer " + tokens["li"]: 403, "Bearer wrong": 401} {
			header := []string{"Content-Type", csvType}
			if token != "" {
				header = append(header, "Authorization", token)
			}
			if rec := w.ask(route[0], route[1], importList, "127.0.0.1:9", "localhost", header...); rec.Code != want {
				t.Errorf("%s with %.9s: %d, want %d", route, token, rec.Code, want)
			}
		}
	}
}

// after2 is after with a token.
func (w *world) after2(m *Imports, rec *httptest.ResponseRecorder, token string) ImportStatus {
	w.t.Helper()
	var s ImportStatus
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil || rec.Code >= 300 {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	m.mu.Lock()
	j := m.byID[s.ID]
	m.mu.Unlock()
	<-j.ended
	s = ImportStatus{}
	rec = w.local(http.MethodGet, "/api/v1/imports/"+j.id, "", "Authorization", "Bearer "+token)
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return s
}

// In the public view a report says nothing of what the store held: not of what is
// changed, not of what is gone, not of another body's like it.
func TestImportReportsOfThePublicViewHoldBack(t *testing.T) {
	const canary = "CANARY-7f3a"
	hidden := func(id, body, name string, lon float64) *data.Record {
		r := source(t, id, "I04", 2, orb.Point{lon, 30.2741}, func(h *data.Hazard) { h.Sensitivity = data.Internal; h.Name = name })
		r.Detail = data.Detail{DataSource: body, Address: canary, Responsible: canary}
		return r
	}
	records := []*data.Record{hidden("X1", "body", "one "+canary, 120.1551), hidden("X2", "body", canary, 120.17), hidden("X3", canary, "one", 120.1551)}
	w, m := importWorld(t, city.PublicView, records)
	text := "id,name,industry,level,lon,lat,address,责任人\nX1,one,I04,2,120.1551,30.2741,a new one,a person\nX3,two,I04,2,120.16,30.28,,\n"
	rec := w.send("name=a.csv&source=body&complete=true", text)
	s := w.after(m, statusOf(t, rec, 202))
	if s.State != importDone || s.Report.Changed != 1 || s.Report.Delivery.Gone != 1 || s.Report.Quarantined != 1 {
		t.Fatalf("%+v %+v", s, s.Report)
	}
	whole, _ := json.Marshal(s)
	if strings.Contains(string(whole), canary) || strings.Contains(string(whole), "X2") {
		t.Errorf("the report holds what the view hides: %s", whole)
	}
	if logs := w.logs.String(); strings.Contains(logs, canary) {
		t.Errorf("the log holds it")
	}
	book := w.local(http.MethodGet, "/api/v1/imports/"+s.ID+"/report.xlsx", "")
	f, err := excelize.OpenReader(bytes.NewReader(book.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range f.GetSheetList() {
		if rows, err := f.GetRows(name); err != nil || strings.Contains(fmt.Sprint(rows), canary) || strings.Contains(fmt.Sprint(rows), "X2") {
			t.Errorf("%s: %v %v", name, rows, err)
		}
	}
}
