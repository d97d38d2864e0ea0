package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"riskatlas/data/city"
)

func TestForms(t *testing.T) {
	w := newWorld(t, city.PublicView, nil, nil)
	list := read[FormList](w, "/api/v1/forms")
	if len(list.Forms) != 39 {
		t.Fatalf("%d forms", len(list.Forms))
	}
	for _, f := range list.Forms {
		for _, lang := range []string{"zh", "en"} {
			rec := w.get(f.Schema + "?lang=" + lang)
			var schema struct {
				Schema     string         `json:"$schema"`
				Title      string         `json:"title"`
				Properties map[string]any `json:"properties"`
			}
			if rec.Code != 200 || json.Unmarshal(rec.Body.Bytes(), &schema) != nil || schema.Schema != list.Dialect ||
				schema.Title != map[string]string{"zh": f.Name, "en": f.NameEn}[lang] || rec.Header().Get("Content-Type") != schemaForm {
				t.Fatalf("%s %s: %d %s", f.Schema, lang, rec.Code, rec.Body)
			}
			inner := schema.Properties["indicators"].(map[string]any)["properties"].(map[string]any)
			if len(inner) != f.Indicators {
				t.Errorf("%s: %d indicators, listed as %d", f.Industry, len(inner), f.Indicators)
			}
		}
	}
	if zh, slug := w.get("/api/v1/forms/I04").Body.String(), w.get("/api/v1/forms/petrol-station?lang=zh").Body.String(); zh != slug {
		t.Error("code and slug give different forms")
	}
}

func TestFormsAreAskedForOnce(t *testing.T) {
	w := newWorld(t, city.PublicView, nil, nil)
	for _, target := range []string{"/api/v1/forms/I04", "/api/v1/forms/I04/template.xlsx", "/api/v1/forms/I04/template.xlsx?lang=en", "/api/v1/handbook", "/api/v1/handbook?lang=en", "/api/v1/handbook?format=xlsx"} {
		rec := w.get(target)
		tag := rec.Header().Get("ETag")
		if rec.Code != 200 || !strings.HasPrefix(tag, `W/"`) || rec.Header().Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: %d %v", target, rec.Code, rec.Header())
		}
		for _, known := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
			if again := w.get(target, "If-None-Match", known); again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
				t.Errorf("%s with %s: %d", target, known, again.Code)
			}
		}
		if other := w.get(target, "If-None-Match", `W/"x"`); other.Code != 200 || !bytes.Equal(other.Body.Bytes(), rec.Body.Bytes()) {
			t.Errorf("%s: not the same when made again", target)
		}
		if strings.Contains(target, "xlsx") {
			f, err := excelize.OpenReader(bytes.NewReader(rec.Body.Bytes()))
			if err != nil {
				t.Fatal(target, err)
			}
			f.Close()
			if !strings.HasPrefix(rec.Header().Get("Content-Disposition"), `attachment; filename="hangzhou-`) {
				t.Error(target, rec.Header())
			}
		}
	}
	if w.get("/api/v1/handbook").Header().Get("Content-Security-Policy") != reportPolicy[0] {
		t.Error("the handbook may load more than its own styles")
	}
}

func TestFormsRefuse(t *testing.T) {
	w := newWorld(t, city.PublicView, nil, nil)
	for target, parameter := range map[string]string{"/api/v1/forms/X99": "industry", "/api/v1/forms/X99/template.xlsx": "industry", "/api/v1/forms/I04?lang=fr": "lang",
		"/api/v1/forms/I04/template.xlsx?language=en": "language", "/api/v1/handbook?format=pdf": "format", "/api/v1/forms?lang=zh": "lang"} {
		if p := w.problem(target, http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v", target, p)
		}
	}
}
