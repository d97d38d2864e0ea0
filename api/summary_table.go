package api

import (
	"cmp"
	"slices"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// table adds up rows.
type table struct {
	by      string
	tax     *data.Taxonomy
	vintage *data.Vintage
	at      int // the vintage's position
	key     func(c data.Class, regulator string) string
	rows    []tableRow
	index   map[string]int
	total   [5]int
	loss    lossSum
	types   map[accident]string // of scenarios
}

type tableRow struct {
	key, name, nameEn string
	levels            [5]int
	loss              lossSum
}

// accident is an outcome in an industry.
type accident struct {
	industry data.Industry
	outcome  data.Outcome
}

func newTable(tax *data.Taxonomy, vintage *data.Vintage, at int, by string) *table {
	t := &table{by: by, tax: tax, vintage: vintage, at: at, index: map[string]int{}, types: map[accident]string{}}
	switch by {
	case "industry":
		for _, in := range tax.Industries {
			t.add(in.Code, in.Name, in.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return tax.Industries[c.Industry].Code }
	case "group":
		for _, g := range tax.Groups {
			t.add(g.Key, g.Name, g.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return tax.Groups[tax.Industries[c.Industry].Group].Key }
	case "district":
		for _, d := range vintage.Districts {
			t.add(d.Code, d.Name, d.NameEn)
		}
		t.add(outside, "各区之外", "Outside")
		t.key = func(c data.Class, _ string) string { return t.district(c.Districts[at]) }
	case "level":
		for _, l := range levelInfos() {
			t.add(l.code(), l.Name, l.NameEn)
		}
		t.key = func(c data.Class, _ string) string { return levelCode(c.Level) }
	case "accident":
		for _, a := range tax.AccidentTypes {
			t.add(a.Code, a.Name, a.NameEn)
		}
	case "regulator":
		t.key = func(_ data.Class, regulator string) string { return cmp.Or(regulator, "—") }
	}
	return t
}

func (t *table) add(key, name, nameEn string) *tableRow {
	t.index[key] = len(t.rows)
	t.rows = append(t.rows, tableRow{key: key, name: name, nameEn: nameEn})
	return &t.rows[len(t.rows)-1]
}

// row finds a row or makes it.
func (t *table) row(key string) *tableRow {
	if i, ok := t.index[key]; ok {
		return &t.rows[i]
	}
	return t.add(key, key, "")
}

func (t *table) district(at data.District) string {
	if i := int(at) - int(t.vintage.First); i >= 0 && i < len(t.vintage.Districts) {
		return t.vintage.Districts[i].Code
	}
	return outside
}

// accident is the type that a scenario counts as.
func (t *table) accident(in data.Industry, o data.Outcome) string {
	key := accident{in, o}
	code, ok := t.types[key]
	if !ok {
		code = cmp.Or(t.tax.Accident(in, o), "—")
		t.types[key] = code
	}
	return code
}

// count takes in n sources of a class that have these accidents.
func (t *table) count(c data.Class, regulator string, kinds riskgrid.Accidents, n int) {
	t.total[c.Level] += n
	if t.by != "accident" {
		t.row(t.key(c, regulator)).levels[c.Level] += n
		return
	}
	var seen []string
	for o := range kinds.All() {
		if code := t.accident(c.Industry, o); !slices.Contains(seen, code) {
			seen = append(seen, code)
			t.row(code).levels[c.Level] += n
		}
	}
}

// lossKey is the row that a part of the loss counts in.
func (t *table) lossKey(p riskgrid.Part, regulator string) string {
	switch t.by {
	case "district":
		return t.district(p.Region[t.at])
	case "accident":
		return t.accident(p.Class.Industry, p.Outcome)
	}
	return t.key(p.Class, regulator)
}

func (t *table) list() []SummaryRow {
	rows := make([]SummaryRow, len(t.rows))
	for i := range t.rows {
		r := &t.rows[i]
		loss := r.loss.figures(t.loss.all)
		rows[i] = SummaryRow{Key: r.key, Name: r.name, NameEn: r.nameEn, Count: countOf(r.levels), Losses: &loss}
	}
	if t.by == "regulator" {
		slices.SortFunc(rows, func(a, b SummaryRow) int {
			return cmp.Or(cmp.Compare(b.Count.Count, a.Count.Count), cmp.Compare(a.Key, b.Key))
		})
	}
	return rows
}

// assess says of rows that are industries, groups or districts whether their ground
// was looked at.
func (t *table) assess(v *tiles.View, f data.Filter, rows []SummaryRow) {
	for i := range rows {
		var a tiles.Assessed
		switch {
		case t.by == "industry" && i < len(t.tax.Industries):
			a = assessedOver(v, only(f, t.tax, func(in int) bool { return in == i }))
		case t.by == "group" && i < len(t.tax.Groups):
			a = assessedOver(v, only(f, t.tax, func(in int) bool { return t.tax.Industries[in].Group == i }))
		case t.by == "district" && i < len(t.vintage.Districts):
			a = assessedDistrict(v, t.at, t.vintage.First+data.District(i), f)
		default:
			continue
		}
		whole := assessedOf(t.tax, a)
		rows[i].Assessed = &whole
	}
}

// only leaves of a filter the industries that keep selects.
func only(f data.Filter, tax *data.Taxonomy, keep func(in int) bool) data.Filter {
	for in := range tax.Industries {
		if !keep(in) {
			f.Industries &^= 1 << in
		}
	}
	return f
}
