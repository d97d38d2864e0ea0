package api

import (
	"cmp"
	"context"
	"slices"

	"riskatlas/data"
	"riskatlas/tiles"
)

// SummaryQuery asks for numbers of active sources.
type SummaryQuery struct {
	By string `query:"by" default:"industry" doc:"What the rows are: industry, group, district, level, regulator, or zone:SET for the zones of a set."`
	FilterQuery
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
}

// Count is a number of sources, whole and by assessed level.
type Count struct {
	Count  int    `json:"count"`
	Levels Levels `json:"levels"`
}

// Levels are numbers of sources by assessed level.
type Levels struct {
	Low         int `json:"1" doc:"Low, blue."`
	General     int `json:"2" doc:"General, yellow."`
	Significant int `json:"3" doc:"Significant, orange."`
	Major       int `json:"4" doc:"Major, red."`
}

func countOf(n [5]int) Count {
	return Count{n[1] + n[2] + n[3] + n[4], Levels{n[1], n[2], n[3], n[4]}}
}

// SummaryRow is the numbers of one industry, group, district, level or body.
type SummaryRow struct {
	Key    string `json:"key" doc:"Code, key or name; outside for sources in no district."`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
	Count
	Meeting *Count `json:"meeting,omitempty" doc:"With by=zone:SET: sources any part of which lies in the zone, its border included."`
}

// Summary answers SummaryQuery. The rows sum to the total, those of zones that do
// not overlap too.
type Summary struct {
	Answer
	By      string       `json:"by"`
	Vintage string       `json:"vintage,omitempty" doc:"With by=district: the division that the rows are of."`
	Unit    string       `json:"unit" doc:"Of every count."`
	Total   Count        `json:"total"`
	Rows    []SummaryRow `json:"rows" doc:"All there are, those without a source too; bodies only with one."`
	Zones   *ZoneNote    `json:"zones,omitempty" doc:"With by=zone:SET: how the rows add up."`
}

// SummaryOutput carries a Summary.
type SummaryOutput struct{ Body Summary }

const outside = "outside"

func (s *Server) summary(ctx context.Context, q *SummaryQuery) (*SummaryOutput, error) {
	v, err := s.through(&q.LensQuery)
	if err != nil {
		return nil, err
	}
	tax := v.City.Taxonomy
	f, err := q.filter(tax)
	if err != nil {
		return nil, err
	}
	answers, err := s.regulators(v, q.Regulator)
	if err != nil {
		return nil, err
	}
	vintage, at, err := vintageOf(tax, q.Vintage)
	if err != nil {
		return nil, err
	}
	if err := checkBy(v, q.By); err != nil {
		return nil, err
	}
	if set, ok := data.ZoneName(q.By); ok {
		out := s.zoneSummary(ctx, v, set, f, q.Regulator, answers)
		return &SummaryOutput{out}, ctx.Err()
	}
	t := newTable(tax, vintage, at, q.By)
	if len(q.Regulator) == 0 && q.By != "regulator" {
		for class, n := range v.Classes() {
			if f.MatchClass(class) {
				t.add(class, "", n)
			}
		}
	} else {
		t.scan(ctx, v, f, answers)
	}
	out := Summary{Answer: s.answer(v), By: q.By, Unit: "active sources", Total: countOf(t.total), Rows: t.list()}
	if q.By == "district" {
		out.Vintage = vintage.Name
	}
	return &SummaryOutput{out}, ctx.Err()
}

func vintageOf(tax *data.Taxonomy, name string) (*data.Vintage, int, error) {
	v, err := tax.Vintage(name)
	for i := range tax.Vintages {
		if v == &tax.Vintages[i] {
			return v, i, nil
		}
	}
	return nil, 0, err
}

// table adds up rows.
type table struct {
	by     string
	key    func(c data.Class, regulator string) string
	rows   []SummaryRow
	counts map[string]*[5]int
	total  [5]int
}

func newTable(tax *data.Taxonomy, vintage *data.Vintage, at int, by string) *table {
	t := &table{by: by, counts: map[string]*[5]int{}}
	switch by {
	case "industry":
		for _, in := range tax.Industries {
			t.row(in.Code, in.Name, in.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return tax.Industries[c.Industry].Code }
	case "group":
		for _, g := range tax.Groups {
			t.row(g.Key, g.Name, g.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return tax.Groups[tax.Industries[c.Industry].Group].Key }
	case "district":
		for _, d := range vintage.Districts {
			t.row(d.Code, d.Name, d.NameEn)
		}
		t.row(outside, "各区之外", "Outside")
		t.key = func(c data.Class, _ string) string {
			if code := tax.DistrictCode(c.Districts[at]); code != "" {
				return code
			}
			return outside
		}
	case "level":
		for _, l := range levelInfos() {
			t.row(l.code(), l.Name, l.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return levelCode(c.Level) }
	case "regulator":
		t.key = func(_ data.Class, regulator string) string { return cmp.Or(regulator, "—") }
	}
	return t
}

func (t *table) row(key, name, nameEn string) {
	t.rows = append(t.rows, SummaryRow{Key: key, Name: name, NameEn: nameEn})
	t.counts[key] = &[5]int{}
}

func (t *table) add(c data.Class, regulator string, n int) {
	key := t.key(c, regulator)
	if t.counts[key] == nil {
		t.row(key, key, "")
	}
	t.counts[key][c.Level] += n
	t.total[c.Level] += n
}

// scan counts source by source: classes do not know who answers for a source.
func (t *table) scan(ctx context.Context, v *tiles.View, f data.Filter, answers func(string) bool) {
	seen := 0
	for h := range v.All(f, "") {
		if seen++; seen&0xfff == 0 && ctx.Err() != nil {
			return
		}
		if h.Status == data.Active && answers(h.Regulator) {
			t.add(h.Class, h.Regulator, 1)
		}
	}
}

func (t *table) list() []SummaryRow {
	rows := make([]SummaryRow, len(t.rows))
	for i, r := range t.rows {
		r.Count = countOf(*t.counts[r.Key])
		rows[i] = r
	}
	if t.by == "regulator" {
		slices.SortFunc(rows, func(a, b SummaryRow) int {
			return cmp.Or(cmp.Compare(b.Count.Count, a.Count.Count), cmp.Compare(a.Key, b.Key))
		})
	}
	return rows
}
