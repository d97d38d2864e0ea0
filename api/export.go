package api

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"riskatlas/data"
	"riskatlas/data/export"
)

// ExportQuery selects what a file holds.
type ExportQuery struct {
	Industry  []string `query:"industry" doc:"Industries, by code or slug." example:"I04,C02"`
	Group     []string `query:"group" doc:"Groups of industries; united with industry."`
	District  []string `query:"district" doc:"Districts of the vintage, by code."`
	Level     []string `query:"level" doc:"Assessed levels: 1 to 4, or low, general, significant, major."`
	Vintage   string   `query:"vintage" doc:"The division into districts that district codes are of; the city's default when left out."`
	Status    []string `query:"status" doc:"active, suspended, closed, planned; all when left out."`
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
	Revisions bool     `query:"revisions" doc:"true: each source with the revision that wrote it. Without, the same sources are the same bytes."`
}

// mostExports is how many files are written at once: each reads the whole store.
const mostExports = 2

// exports declares a route for each format.
func (s *Server) exports(r *router) {
	for _, format := range export.Formats {
		kind, _, _ := strings.Cut(export.MediaTypes[format], ";")
		plain[ExportQuery](r, "/api/v1/export."+format, "export-"+format, kind,
			"All selected sources of one revision as a file that import takes back", func(w http.ResponseWriter, q *http.Request) { s.export(w, q, format) })
	}
}

// export sends the file as it is written. What fails before its first bytes are
// sent is a problem; afterwards the connection is cut, so that nobody takes a part
// for the whole.
func (s *Server) export(w http.ResponseWriter, r *http.Request, format string) {
	filter, revisions, err := exportFilter(r.URL.RawQuery)
	if err != nil {
		fail(w, err)
		return
	}
	v, err := s.view() // while the city is still loading its districts may not be read yet
	if err != nil {
		fail(w, err)
		return
	}
	if _, err := s.regulators(v, filter.Regulators); err != nil {
		fail(w, err)
		return
	}
	keep, err := filter.Keep(v.City.Taxonomy)
	if err != nil {
		fail(w, err)
		return
	}
	select {
	case s.exporting <- struct{}{}:
	default:
		fail(w, retry("the server is writing as many files as it can; ask again in a moment"))
		return
	}
	defer func() { <-s.exporting }()
	out := &download{w: w, format: format}
	out.sum = export.NewSum(&out.head)
	_, err = export.City(r.Context(), out, s.opts.City, keep, export.Options{Format: format, Revisions: revisions}, out.told)
	if err == nil {
		err = out.end()
	}
	switch {
	case err == nil:
	case out.begun:
		if res, ok := w.(*response); ok {
			res.err = err
		}
		panic(http.ErrAbortHandler)
	default:
		fail(w, err)
	}
}

// exportFilter reads the query, which the router has checked.
func exportFilter(raw string) (f export.Filter, revisions bool, err error) {
	v, err := url.ParseQuery(raw)
	if err != nil {
		return f, false, err
	}
	list := func(name string) []string {
		if s := v.Get(name); s != "" {
			return strings.Split(s, ",")
		}
		return nil
	}
	f = export.Filter{Industries: list("industry"), Groups: list("group"), Districts: list("district"), Vintage: v.Get("vintage"),
		Levels: list("level"), Statuses: list("status"), Regulators: list("regulator")}
	return f, v.Get("revisions") == "true", nil
}

// download is a file on its way. Its first bytes are held back: a file that is
// small altogether is sent with its length and digest, a longer one with its
// digest behind it.
type download struct {
	w      http.ResponseWriter
	format string
	sum    *export.Sum
	head   bytes.Buffer
	begun  bool
	moved  time.Time // when the deadlines were moved last
	rev    data.Revision
}

// smallFile is the most bytes that are held back.
const smallFile = 256 << 10

// told is export.City's, before the first byte and after each record: as long as
// records come, the connection may take its time.
func (d *download) told(c *export.Contents) error {
	d.rev = c.Revision
	if time.Since(d.moved) < writeTimeout/6 {
		return nil
	}
	d.moved = time.Now()
	return extend(d.w, writeTimeout)
}

func (d *download) Write(p []byte) (int, error) {
	n, err := d.sum.Write(p) // through which it comes to head
	if err == nil && d.head.Len() > smallFile {
		if !d.begun {
			d.begin()
			d.w.Header().Set("Trailer", digestHeader)
		}
		err = d.flush()
	}
	return n, err
}

// digestHeader says what the whole file hashes to (RFC 9530).
const digestHeader = "Repr-Digest"

func (d *download) digest() string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(d.sum.SHA256()) + ":"
}

func (d *download) begin() {
	d.begun = true
	h := d.w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", export.MediaTypes[d.format])
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "sources."+d.format))
	h.Set("Data-Revision", strconv.FormatUint(uint64(d.rev), 10))
}

func (d *download) flush() error {
	if err := d.told(&export.Contents{Revision: d.rev}); err != nil {
		return err
	}
	_, err := io.Copy(d.w, &d.head)
	d.head.Reset()
	return err
}

// end sends what is left.
func (d *download) end() error {
	whole := !d.begun
	if whole {
		d.begin()
		d.w.Header().Set("Content-Length", strconv.Itoa(d.head.Len()))
		d.w.Header().Set(digestHeader, d.digest())
	}
	if err := d.flush(); err != nil {
		return err
	}
	if !whole {
		d.w.Header().Set(digestHeader, d.digest())
	}
	return nil
}
