package report

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"

	"riskatlas/data"
)

// heads are the plan's five heads of suggestions.
var heads = [...]Title{
	{"institutions", "安全生产机制体制建设", "Institutions of work safety"},
	{"layout", "优化产业布局", "Layout of industry"},
	{"entry", "严格源头准入", "Entry at the source"},
	{"control", "加强过程管控", "Control in operation"},
	{"lowering", "降低城市风险", "Lowering the city's risk"},
}

// suggest derives suggestions from findings: each only where its finding holds,
// with the number that it rests on and the question that answers it again.
func suggest(r *Report, g *gatherer) []Heading {
	f := &findings{r: r, g: g}
	out := make([]Heading, len(heads))
	for i, find := range [...]func() []Suggestion{f.institutions, f.layout, f.entry, f.control, f.lowering} {
		out[i] = Heading{heads[i], find()}
		for j := range out[i].Suggestions {
			out[i].Suggestions[j].Draft = true
		}
	}
	return out
}

type findings struct {
	r *Report
	g *gatherer
}

// part is the question for a part of the report itself, for what no other route
// tells.
func (f *findings) part(name string) string {
	q := url.Values{"part": {name}}
	if f.r.Criterion != "in-service" {
		q.Set("cuts", f.r.Criterion)
	}
	return "/api/v1/report?" + q.Encode()
}

func summaryBy(by, more string) string { return "/api/v1/summary?by=" + by + more }

// say makes a suggestion of a finding.
func say(finding string, number float64, unit, query, member, zh, en string) Suggestion {
	return Suggestion{Finding: finding, Number: number, Unit: unit, Query: query, Member: member, Text: zh, TextEn: en}
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + "%" }

func (f *findings) institutions() (out []Suggestion) {
	if n := len(f.r.Quality.NotSurveyed); n > 0 {
		first := f.r.Quality.NotSurveyed[0]
		out = append(out, say("industries-not-surveyed", float64(n), "industries", f.part("quality"), "quality.not_surveyed.length",
			fmt.Sprintf("有%d个行业领域没有任何记录（如%s），建议明确其主管部门的普查责任和期限，补齐风险源底数。", n, first.Name),
			fmt.Sprintf("%d industries have no record at all (%s for one): name the body that has to survey each, and by when.", n, first.en())))
	}
	if body, n := f.busiest(); n > 0 {
		out = append(out, say("busiest-regulator", float64(n), "active sources", summaryBy("regulator", "&level=3,4"), "rows[0].count",
			fmt.Sprintf("较大及以上风险源以%s主管的最多，共%d处，建议由其牵头建立分级管控联席机制，逐处明确市、区、街道责任。", body, n),
			fmt.Sprintf("%s answers for most sources of level 3 and 4, %d: let it lead the joint control of such sources, with a person named for each.", body, n)))
	}
	if n := f.r.Main.Matched; n > 0 {
		query, member := f.part("main_list"), "main_list.number_matched"
		least := data.Level(f.r.Main.MinLevel)
		if f.r.Overall.Counts.AtLeast(least) == n {
			query, member = "/api/v1/hazards?limit=1&status=active&level="+levelsFrom(least), "number_matched"
		}
		out = append(out, say("main-list", float64(n), "sources", query, member,
			fmt.Sprintf("城市主要风险源清单现有%d处，建议由安委会办公室统一管理，定期公布、动态增减，并纳入考核。", n),
			fmt.Sprintf("The list of main sources has %d entries: let the safety commission's office keep it, publish it and judge by it.", n)))
	}
	if pll := f.r.Overall.Equivalent; pll > 0 {
		share := percent(f.row("basis", "equivalent").Share)
		out = append(out, say("levels-without-assessment", pll, "expected deaths per year", summaryBy("industry", ""), "total.by_basis.equivalent",
			fmt.Sprintf("全市潜在生命损失中有%.3g人/年（%s）由评定等级折算而来，建议建立定量评估的常态机制，逐年降低这一比例。", pll, share),
			fmt.Sprintf("%.3g deaths per year (%s) of the city's expected loss are read off assessed levels: make quantitative assessment a standing duty and bring this share down.", pll, share)))
	}
	return out
}

func levelsFrom(l data.Level) string {
	s := ""
	for ; l <= data.Major; l++ {
		s += "," + strconv.Itoa(int(l))
	}
	return s[1:]
}

// busiest is the body that answers for most sources of level 3 and up.
func (f *findings) busiest() (body string, n int) {
	count := map[string]int{}
	for i := range f.g.facts {
		if h := f.g.facts[i].hazard; h.Level >= data.Significant {
			count[cmp.Or(h.Regulator, "—")]++
		}
	}
	for b, c := range count {
		if c > n || c == n && b < body {
			body, n = b, c
		}
	}
	return body, n
}

// row is a row of a composition.
func (f *findings) row(by, key string) Part {
	for _, c := range f.r.Composition {
		if c.By == by {
			for _, p := range c.Rows {
				if p.Key == key {
					return p
				}
			}
		}
	}
	return Part{}
}

// largest is the row of a composition with the greatest share; the first of equal
// ones. False when there is no loss.
func (f *findings) largest(by string) (Part, bool) {
	var best Part
	for _, c := range f.r.Composition {
		if c.By == by {
			for _, p := range c.Rows {
				if p.Share > best.Share {
					best = p
				}
			}
		}
	}
	return best, best.Share > 0
}

// worst is the chapter with the greatest number; the first of equal ones. False
// when all are 0.
func worst(cs []Chapter, of func(*Chapter) float64) (*Chapter, bool) {
	var best *Chapter
	most := 0.0
	for i := range cs {
		if n := of(&cs[i]); n > most && cs[i].Key != outside {
			best, most = &cs[i], n
		}
	}
	return best, best != nil
}
