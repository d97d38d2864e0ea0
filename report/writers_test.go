package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
)

var writers = map[string]func(io.Writer, *Report, string) error{"html": HTML, "md": Markdown, "xlsx": XLSX, "list": MainListXLSX}

func written(t testing.TB, write func(io.Writer, *Report, string) error, r *Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameReportGivesSameBytes(t *testing.T) {
	one, two := fixture(t, 300), fixture(t, 300)
	for name, write := range writers {
		for _, lang := range []string{"zh", "en"} {
			if !bytes.Equal(written(t, write, one, lang), written(t, write, two, lang)) {
				t.Errorf("%s in %s: the bytes differ", name, lang)
			}
		}
		zh, en := written(t, write, one, "zh"), written(t, write, one, "en")
		if bytes.Equal(zh, en) {
			t.Errorf("%s: both languages give the same bytes", name)
		}
	}
}

func TestWritersRefuseOtherLanguages(t *testing.T) {
	for name, write := range writers {
		var invalid *data.Invalid
		if err := write(io.Discard, &Report{}, "fr"); !errors.As(err, &invalid) || invalid.Field != "lang" || len(invalid.Allowed) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An empty report has nothing to show, but is a report.
func TestEmptyReport(t *testing.T) {
	for _, write := range writers {
		written(t, write, &Report{}, "en")
	}
	wellFormed(t, written(t, HTML, &Report{}, "en"))
}

// full is a writer that takes so many bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, io.ErrShortWrite
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWritersGiveTheErrorOfTheirWriter(t *testing.T) {
	r := fixture(t, 50)
	for name, write := range writers {
		for _, room := range []int{0, 5000} {
			if err := write(&full{room}, r, "zh"); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s with room for %d bytes: %v", name, room, err)
			}
		}
	}
}

// markup is what a page of HTML holds, read as XML.
type markup struct {
	ids   map[string]bool
	links []string
	words strings.Builder
	count map[string]int
}

func wellFormed(t testing.TB, page []byte) *markup {
	t.Helper()
	m := &markup{ids: map[string]bool{}, count: map[string]int{}}
	d := xml.NewDecoder(bytes.NewReader(page))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("at byte %d: %v", d.InputOffset(), err)
		}
		switch k := token.(type) {
		case xml.StartElement:
			m.element(t, k)
		case xml.CharData:
			m.words.Write(k)
		}
	}
	for _, to := range m.links {
		if id, ok := strings.CutPrefix(to, "#"); !ok || !m.ids[id] {
			t.Errorf("a link leads to %q, which is not in the page", to)
		}
	}
	return m
}

func (m *markup) element(t testing.TB, k xml.StartElement) {
	t.Helper()
	name := k.Name.Local
	m.count[name]++
	m.words.WriteByte(' ')
	for _, a := range k.Attr {
		switch {
		case a.Name.Local == "id":
			if m.ids[a.Value] {
				t.Errorf("two elements have the id %q", a.Value)
			}
			m.ids[a.Value] = true
		case a.Name.Local == "href":
			m.links = append(m.links, a.Value)
		case a.Name.Local == "src" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style":
			t.Errorf("<%s> has %s=%q", name, a.Name.Local, a.Value)
		case a.Name.Local == "aria-labelledby" && len(strings.Fields(a.Value)) != 2:
			t.Errorf("a drawing has not both a title and a description: %q", a.Value)
		case a.Name.Local == "scope":
			m.count["scope"]++
		case a.Name.Local == "role" && a.Value == "img":
			m.count["img"]++
		}
	}
}

func TestPageIsOneWellFormedFile(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		page := written(t, HTML, fixture(t, 900), lang)
		m := wellFormed(t, page)
		for _, outside := range []string{"<script", "@import", "url(", "https://", "<link", "<img", "<iframe"} {
			if bytes.Contains(page, []byte(outside)) {
				t.Errorf("the page has %s", outside)
			}
		}
		if strings.Count(string(page), "http://") != strings.Count(string(page), `xmlns="http://www.w3.org/`) {
			t.Error("the page has an address in it that is not a name space")
		}
		if want := map[string]string{"zh": "zh-CN", "en": "en"}[lang]; !bytes.Contains(page[:200], []byte(`lang="`+want+`"`)) {
			t.Error("the page does not say its language")
		}
		if m.count["table"] == 0 || m.count["table"] != m.count["caption"] || m.count["th"] != m.count["scope"] {
			t.Errorf("%d tables have %d captions; %d of %d heads have a scope", m.count["table"], m.count["caption"], m.count["scope"], m.count["th"])
		}
		// One map of the whole, by level, by district, by group and by industry.
		if least := 1 + 4 + 13 + 3 + 35; m.count["img"] < least || m.count["img"] != m.count["desc"] {
			t.Errorf("%d drawings of at least %d, %d descriptions", m.count["img"], least, m.count["desc"])
		}
	}
}

func TestNamesAreEscaped(t *testing.T) {
	r := fixture(t, 120)
	r.Overall.Rule.ID = "<rule\x0b\xff>"
	page := written(t, HTML, r, "zh")
	if !strings.Contains(wellFormed(t, page).words.String(), hostile) {
		t.Error("the name is not in the page as it is")
	}
	text := string(written(t, Markdown, r, "zh"))
	if strings.Contains(text, "丙<烷>") || !strings.Contains(text, `丙&lt;烷&gt; &amp; "Söhne" \| \*A\_1\* 'x' =1+1`) {
		t.Error("the name is not escaped in Markdown")
	}
	cells := regexp.MustCompile(`(?:[^\\])\|`)
	for _, table := range strings.Split(text, "\n\n") {
		rows := strings.Split(strings.TrimSpace(table), "\n")
		if !strings.HasPrefix(rows[0], "| ") {
			continue
		}
		for _, row := range rows {
			if len(cells.FindAllString(" "+row, -1)) != len(cells.FindAllString(" "+rows[0], -1)) {
				t.Fatalf("rows of a table differ in their cells:\n%s\n%s", rows[0], row)
			}
		}
	}
}

// saidBy gives the numbers of a report that a reader has to find, as written.
func saidBy(r *Report, lang string) []string {
	l, _ := parseLanguage(lang)
	var out []string
	o := &r.Overall
	out = append(out, loss(o.PLL), loss(o.QRA), loss(o.Equivalent), whole(o.People), power(o.MeanIR), whole(float64(r.LeftOut)), whole(float64(o.Counts.Sum())))
	for i := 1; i <= 4; i++ {
		out = append(out, whole(float64(o.Counts[i])), area(o.GroundKM2[i]), whole(o.PeopleBy[i]), share(o.Rule.Shares[i]), l.level(data.Level(i)))
	}
	for _, k := range r.Composition {
		for _, p := range k.Rows {
			out = append(out, l.name(p.Title), loss(p.PLL), share(p.Share), whole(float64(p.Count)))
		}
	}
	for _, list := range [][]Chapter{r.Districts, r.Groups, r.Industries} {
		for _, ch := range list {
			out = append(out, l.name(ch.Title), loss(ch.PLL), share(ch.Share), whole(float64(ch.Counts.Sum())))
			if ch.People > 0 {
				out = append(out, whole(ch.People), loss(ch.Per10000), loss(ch.PerKM2))
			}
		}
	}
	for _, s := range append(r.Top[:len(r.Top):len(r.Top)], r.Main.Sources...) {
		out = append(out, string(s.ID), loss(s.PLL))
	}
	for _, p := range someOf(r.Curve.Points) {
		out = append(out, round(p.N), power(p.F))
	}
	for _, h := range r.Suggestions {
		for _, s := range h.Suggestions {
			c := &composer{language: l}
			out = append(out, s.Finding, cell{kind: c.unitKind(s.Unit), value: s.Number}.write(l), s.Query+" → "+s.Member, l.say(s.Text, s.TextEn))
		}
	}
	for _, m := range r.Methods {
		out = append(out, m.Source, l.name(m.Title))
	}
	for _, n := range r.Quality.Complete {
		out = append(out, share(n.Value))
	}
	return append(out, r.Quality.Placeholders...)
}

func TestEveryNumberIsShown(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		r := fixture(t, 500)
		everyNumberIsShown(t, r, lang)
	}
}

func everyNumberIsShown(t *testing.T, r *Report, lang string) {
	t.Helper()
	words := wellFormed(t, written(t, HTML, r, lang)).words.String()
	text := string(written(t, Markdown, r, lang))
	for _, want := range saidBy(r, lang) {
		if !strings.Contains(words, want) {
			t.Errorf("the page in %s does not say %q", lang, want)
		}
		if !strings.Contains(text, escapeMarkdown(want)) && !strings.Contains(text, want) {
			t.Errorf("the text in %s does not say %q", lang, want)
		}
	}
}

// The reader of a report of demonstration data cannot miss what it is.
func TestNotices(t *testing.T) {
	r := fixture(t, 60)
	for lang, want := range map[string][]string{
		"zh": {"演示数据", "未列入 37 个", "GB 36894 针对单个", "不作为合规判定依据", "筛查值", "不是疏散命令", "草稿"},
		"en": {"Synthetic demonstration data", "leaves out 37 sources", "GB 36894 is written for single plants; a city's sum is compared for colour, not for law", "screening value", "draft for a person to edit"},
	} {
		words := wellFormed(t, written(t, HTML, r, lang)).words.String()
		for _, w := range want {
			if !strings.Contains(words, w) {
				t.Errorf("the page in %s does not say %q", lang, w)
			}
		}
	}
	r.WhatIf = true
	for name, write := range map[string]func(io.Writer, *Report, string) error{"page": HTML, "text": Markdown} {
		if !strings.Contains(string(written(t, write, r, "zh")), "假设情景") {
			t.Errorf("the %s of a what-if does not say that it is one", name)
		}
	}
	r.Synthetic, r.LeftOut, r.WhatIf = false, 0, false
	if words := string(written(t, HTML, r, "zh")); strings.Contains(words, "演示数据：") || strings.Contains(words, "未列入") || strings.Contains(words, "假设情景") {
		t.Error("a report of real data, whole, has notices of others")
	}
}

// An industry without sources says whether there are none or none was surveyed.
func TestIndustryWithoutSources(t *testing.T) {
	for survey, want := range map[string]string{"not_surveyed": "尚未调查，不能认为没有风险", "none": "目前没有在用风险源", "not_shown": "没有本版本可以显示的记录"} {
		r := fixture(t, 60)
		r.Industries[3].Counts, r.Industries[3].Survey = Counts{}, survey
		if words := wellFormed(t, written(t, HTML, r, "zh")).words.String(); !strings.Contains(words, want) {
			t.Errorf("%s: the page does not say %q", survey, want)
		}
	}
}

func TestDemonstrationIsWritten(t *testing.T) {
	for _, c := range []riskgrid.Criterion{riskgrid.InService, riskgrid.NewBuild} {
		r := newTown(t, city.PublicView, demoRecords(t, 400), demoUnits(t)).report(t, c)
		for _, lang := range []string{"zh", "en"} {
			everyNumberIsShown(t, r, lang)
			for name, write := range writers {
				if n := len(written(t, write, r, lang)); n < 10_000 || n > 6_000_000 {
					t.Errorf("%s in %s has %d bytes", name, lang, n)
				}
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, row := range []struct{ got, want string }{
		{power(2.07e-5), "2.07×10⁻⁵"}, {power(1), "1.00×10⁰"}, {power(0), "0"}, {power(9.999e-7), "1.00×10⁻⁶"}, {power(1.5e10), "1.50×10¹⁰"},
		{loss(0), "0"}, {loss(14.23), "14.2"}, {loss(0.0123456), "0.0123"}, {loss(1234.4), "1,234"}, {loss(99.96), "100"}, {loss(3.2e-7), "3.20×10⁻⁷"},
		{share(0.12345), "12.3%"}, {share(0.00123), "0.12%"}, {share(1e-7), "<0.01%"}, {share(0), "0%"}, {share(1), "100.0%"},
		{area(16850), "16,850.0"}, {area(4.625), "4.62"}, {area(0.001), "<0.01"}, {area(0), "0"},
		{whole(12_196_000), "12,196,000"}, {whole(0.2), "<1"}, {whole(0), "0"}, {whole(-1234), "-1,234"}, {whole(999), "999"},
		{round(0.1875), "0.1875"}, {round(812), "812"}, {round(1e-6), "1.00×10⁻⁶"}, {round(12345.67), "12,345.7"},
	} {
		if row.got != row.want {
			t.Errorf("%s, want %s", row.got, row.want)
		}
	}
	nan := 0.0
	nan /= nan
	for _, got := range []string{power(nan), loss(nan), whole(nan), round(nan)} {
		if got != unknown {
			t.Errorf("not a number is written %s", got)
		}
	}
	if got := fmt.Sprint(share(nan), area(nan)); !strings.Contains(got, unknown) {
		t.Error(got)
	}
}
