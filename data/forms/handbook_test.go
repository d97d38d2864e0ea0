package forms

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	nethtml "golang.org/x/net/html"
)

var keyOf = regexp.MustCompile(`<code>([^<]*)</code>`)

// The handbook explains every field that the form of an industry has, in both
// languages and with its source, and nothing else.
func TestHandbookExplainsEveryField(t *testing.T) {
	_, b := load(t, "hangzhou")
	for _, lang := range []string{"zh", "en"} {
		var page, sheets bytes.Buffer
		if err := b.HandbookHTML(&page, lang); err != nil {
			t.Fatal(err)
		}
		if _, err := nethtml.Parse(bytes.NewReader(page.Bytes())); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page.String(), "ZgotmplZ") || strings.Contains(page.String(), "http") {
			t.Error("the page holds what is no text, or asks for something else")
		}
		if err := b.HandbookXLSX(&sheets, lang); err != nil {
			t.Fatal(err)
		}
		rows := map[string][]string{}
		for _, r := range workbookRows(t, sheets.Bytes()) {
			code, _, _ := strings.Cut(r[0], " ")
			rows[code+" "+r[3]] = r
		}
		for _, f := range b.Forms() {
			_, chapter, found := strings.Cut(page.String(), `<section id="`+f.Industry.Code+`"`)
			chapter, _, _ = strings.Cut(chapter, "</section>")
			if !found {
				t.Fatalf("no chapter %s", f.Industry.Code)
			}
			shown := html.UnescapeString(chapter)
			var want, got []string
			for _, key := range indicatorKeys(t, f, lang) {
				want = append(want, key)
				x, _ := f.Indicator(key)
				for _, text := range []string{x.Name, x.NameEn, x.Meaning, x.MeaningEn} {
					if !strings.Contains(shown, text) {
						t.Errorf("%s: %s lacks %q", f.Industry.Code, key, text)
					}
				}
				r := rows[f.Industry.Code+" "+key]
				if r == nil || !slices.Contains(r, x.Name) || !slices.Contains(r, x.NameEn) || !slices.Contains(r, x.Meaning) || !slices.Contains(r, x.MeaningEn) ||
					r[12] != x.Source || r[5] != ShowUnit(x.Unit, lang) || r[9] == "" {
					t.Errorf("%s: the workbook's row of %s is %v", f.Industry.Code, key, r)
				}
			}
			for _, m := range keyOf.FindAllStringSubmatch(chapter, -1) {
				got = append(got, m[1])
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s", f.Industry.Code, d)
			}
		}
	}
	if err := b.HandbookHTML(&bytes.Buffer{}, "fr"); err == nil {
		t.Error("a language that there is none of")
	}
}

// indicatorKeys are those of the form as its schema has them, in order.
func indicatorKeys(t *testing.T, f *Form, lang string) []string {
	t.Helper()
	raw, err := f.Schema(lang)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Indicators struct {
				Properties map[string]any `json:"properties"`
			} `json:"indicators"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range f.Indicators {
		if key := f.Indicators[i].Key; schema.Properties.Indicators.Properties[key] != nil {
			out = append(out, key)
		}
	}
	if len(out) != len(schema.Properties.Indicators.Properties) || len(out) == 0 {
		t.Fatalf("%s: the schema has %d indicators, the form %d", f.Industry.Code, len(schema.Properties.Indicators.Properties), len(out))
	}
	return out
}

func workbookRows(t *testing.T, book []byte) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rows[1:]...)
	}
	return out
}

// The same form gives the same bytes.
func TestWorkbooksAreTheSameAgain(t *testing.T) {
	_, b := load(t, "hangzhou")
	for _, write := range []func(*bytes.Buffer) error{
		func(w *bytes.Buffer) error { return b.Form(3).Template(w, "zh") },
		func(w *bytes.Buffer) error { return b.HandbookXLSX(w, "en") },
	} {
		var one, two bytes.Buffer
		if err := write(&one); err != nil {
			t.Fatal(err)
		}
		if err := write(&two); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Error(err, one.Len(), two.Len())
		}
	}
}
