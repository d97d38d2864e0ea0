package api

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/export"
)

// fileOf is the file of the stored records that match, by a scan of all of them.
func fileOf(t *testing.T, w *world, format string, match func(*data.Hazard) bool) []byte {
	t.Helper()
	var ids []data.ID
	for h := range w.viewer.View().All(data.All(), "") {
		if match(h) {
			ids = append(ids, h.ID)
		}
	}
	records, err := w.store.Detail(t.Context(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err = export.Write(&out, w.city.Profile().Taxonomy, func(yield func(*data.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}, export.Options{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func digestOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func TestExportsEqualALinearScan(t *testing.T) {
	w, _ := theTown(t)
	rng := rand.New(rand.NewPCG(21, 22))
	questions := []question{{"", func(*data.Hazard) bool { return true }}, {"status=active", func(h *data.Hazard) bool { return h.Status == data.Active }}}
	for range 8 {
		questions = append(questions, randomQuestion(rng, w.city.Profile().Taxonomy))
	}
	for i, q := range questions {
		format := export.Formats[i%len(export.Formats)]
		rec := w.get("/api/v1/export." + format + "?" + q.query)
		if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != export.MediaTypes[format] {
			t.Fatalf("%s: %d %v", q.query, rec.Code, rec.Header())
		}
		if want := fileOf(t, w, format, q.match); !bytes.Equal(rec.Body.Bytes(), want) {
			t.Errorf("%s?%s: %d bytes, want the %d of the records that match", format, q.query, rec.Body.Len(), len(want))
		}
		if rec.Header().Get("Data-Revision") == "" || rec.Header().Get("Content-Disposition") != `attachment; filename="sources.`+format+`"` {
			t.Errorf("%v", rec.Header())
		}
	}
}

// A small file comes with its length and digest, a long one in pieces with its
// digest behind it.
func TestExportsCarryTheirDigest(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.15, 30.27})}, nil)
	web := httptest.NewServer(w.server.Handler())
	defer web.Close()
	ask := func(path string) (*http.Response, []byte) {
		resp, err := http.Get(web.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatal(resp.StatusCode, err, string(body))
		}
		return resp, body
	}
	for _, format := range export.Formats {
		resp, body := ask("/api/v1/export." + format)
		if resp.Header.Get(digestHeader) != digestOf(body) || resp.ContentLength != int64(len(body)) {
			t.Errorf("%s: %d bytes, %v", format, len(body), resp.Header)
		}
	}
	records := town(t, 900, 3)
	for i, r := range records {
		r.Detail.Address = strings.Repeat("address ", 60)
		records[i] = r
	}
	w.apply(puts(records...)...)
	for _, format := range []string{"csv", "geojson", "gpkg"} {
		resp, body := ask("/api/v1/export." + format)
		if len(body) <= smallFile || resp.ContentLength >= 0 || resp.Trailer.Get(digestHeader) != digestOf(body) {
			t.Errorf("%s: %d bytes, %v, %v", format, len(body), resp.ContentLength, resp.Trailer)
		}
	}
}

func TestExportsAreRefusedClearly(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.15, 30.27})}, nil)
	for query, parameter := range map[string]string{"colour=red": "colour", "level=9": "level", "industry=X": "industry", "district=1": "district",
		"status=x": "status", "regulator=none": "regulator", "revisions=maybe": "revisions", "vintage=1999": "vintage"} {
		if p := w.problem("/api/v1/export.csv?"+query, http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v", query, p)
		}
	}
	w.problem("/api/v1/export.pdf", http.StatusNotFound)
	for range mostExports {
		w.server.exporting <- struct{}{}
	}
	if rec := w.get("/api/v1/export.csv"); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || rec.Header().Get("Content-Disposition") != "" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	<-w.server.exporting
	if rec := w.get("/api/v1/export.csv"); rec.Code != http.StatusOK {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// What the public view hides is in no file, and no personal field.
func TestPublicExportsHide(t *testing.T) {
	open := source(t, "open-1", "I04", data.General, orb.Point{120.152, 30.271})
	open.Detail = data.Detail{Responsible: canary, DutyPhone: canary, RegulatorContact: canary, GridOfficer: canary, Assessor: canary, Enterprise: "seen"}
	records := []*data.Record{open, hiddenRecord(t, 1, data.Internal, "I04"), hiddenRecord(t, 2, data.Secret, "I04"), hiddenRecord(t, 3, data.Unstated, "I06")}
	for _, view := range []city.View{city.PublicView, city.InternalView} {
		w := newWorld(t, view, records, nil)
		for _, format := range export.Formats {
			body := w.get("/api/v1/export." + format).Body.Bytes()
			if format == "xlsx" {
				body = unzipped(t, body)
			}
			if bytes.Contains(body, []byte(canary)) != (view == city.InternalView) || !bytes.Contains(body, []byte("seen")) {
				t.Errorf("%s view, %s: the canary is where it should not be, or nothing is where it should", view, format)
			}
		}
	}
}

func unzipped(t *testing.T, file []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	if !slices.ContainsFunc(in.File, func(f *zip.File) bool { return strings.HasSuffix(f.Name, "sheet1.xml") }) {
		t.Error("no sheet")
	}
	return out.Bytes()
}
