package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// hostile is a name that breaks writers that do not escape.
const hostile = `丙<烷> & "Söhne" | *A_1* 'x' =1+1`

// fixture is a report put together by hand over n sources of the demonstration
// city: simple losses by level, so that every writer has all parts to write.
func fixture(t testing.TB, n int) *Report {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{t: t, p: p, r: &Report{City: Title{"hangzhou", "杭州市", "Hangzhou"}, Revision: 12, View: "public", LeftOut: 37,
		Synthetic: true, Criterion: "in-service", Map: &Map{}}}
	b.chapters()
	var all []Source
	i := 0
	for rec := range demo.Hazards(p, n, 7) {
		all = append(all, b.source(i, rec))
		i++
	}
	b.sums(all)
	b.ground()
	b.words()
	return b.r
}

type builder struct {
	t testing.TB
	p *city.Profile
	r *Report
}

func (b *builder) chapters() {
	tax := b.p.Taxonomy
	for _, g := range tax.Groups {
		b.r.Groups = append(b.r.Groups, Chapter{Title: Title{g.Key, g.Name, g.NameEn}, Survey: "surveyed"})
	}
	for i, in := range tax.Industries {
		ch := Chapter{Title: Title{in.Code, in.Name, in.NameEn}, Group: tax.Groups[in.Group].Key, Regulator: in.Regulator, Assistant: in.Assistant,
			Method: in.Method, Survey: "surveyed", Measures: []Tally{{"每日巡检", 40 - i}, {"可燃气体报警 | 联锁", 12}}}
		for k, code := range in.Accidents {
			ch.Types = append(ch.Types, Number{Title{code, "事故" + code, "Accident " + code}, float64(90 - 7*k - i)})
		}
		b.r.Industries = append(b.r.Industries, ch)
	}
	for _, u := range b.p.Outlines("2021") {
		title := Title{u.Code, u.Name, u.NameEn}
		var shape orb.MultiPolygon
		switch s := u.Shape.(type) {
		case orb.Polygon:
			shape = orb.MultiPolygon{s}
		case orb.MultiPolygon:
			shape = s
		}
		b.r.Districts = append(b.r.Districts, Chapter{Title: title, Survey: "surveyed"})
		b.r.Map.Districts = append(b.r.Map.Districts, Outline{title, shape, data.LabelPoint(shape), data.General})
		b.r.Map.Bound = b.r.Map.Bound.Union(shape.Bound())
		if len(b.r.Map.Districts) == 1 {
			b.r.Map.Bound = shape.Bound()
		}
	}
}

func (b *builder) source(i int, rec *data.Record) Source {
	h := rec.Hazard
	in := b.r.Industries[h.Class.Industry]
	l := h.Class.Level
	pll := []float64{0, 2e-5, 3e-4, 0.0041, 0.0262}[l] * (1 + float64(i%97)/50)
	s := Source{ID: h.ID, Name: h.Name, NameEn: h.NameEn, Industry: in.Key, Level: l, PLL: pll, Deaths: float64(int(l)*int(l)*3+i%5) + 0.25, Severity: "comparatively_serious",
		Regulator: in.Regulator, At: h.Label(), Assessed: "2019-11-04", Review: "2020-11-04", Control: "district", Accidents: []string{"FIRE", "EXPL"}, Measures: []string{"每日巡检", "联锁"}}
	if i == 0 {
		s.Name, s.NameEn, s.Level, s.PLL = hostile, hostile, data.Major, 0.5
	}
	if l == data.Major {
		s.Grade = 1 + i%4
		b.r.Overall.MajorHazard[s.Grade]++
	}
	dot := Dot{At: s.At, Industry: h.Class.Industry, Level: s.Level}
	for j, d := range b.r.Map.Districts {
		if d.Shape.Bound().Contains(s.At) && planar.MultiPolygonContains(d.Shape, s.At) {
			s.District = d.Key
			dot.District = data.District(j + 1)
			break
		}
	}
	b.r.Map.Sources = append(b.r.Map.Sources, dot)
	return s
}

func (b *builder) sums(all []Source) {
	r := b.r
	total := 0.0
	for _, s := range all {
		total += s.PLL
	}
	for i := range all {
		all[i].Share = all[i].PLL / total
	}
	slices.SortFunc(all, func(a, c Source) int { return cmp.Or(cmp.Compare(c.PLL, a.PLL), cmp.Compare(a.ID, c.ID)) })
	add := func(ch *Chapter, s Source) {
		ch.Counts[s.Level]++
		ch.PLL += s.PLL
		ch.Share += s.Share
		if len(ch.Top) < 5 {
			ch.Top = append(ch.Top, s)
		}
	}
	for _, s := range all {
		r.Overall.Counts[s.Level]++
		for i := range r.Industries {
			in := &r.Industries[i]
			if in.Key != s.Industry {
				continue
			}
			add(in, s)
			tally(&in.ByDistrict, b.name(s.District), s.Level)
			for j := range r.Groups {
				if r.Groups[j].Key == in.Group {
					add(&r.Groups[j], s)
					tally(&r.Groups[j].ByDistrict, b.name(s.District), s.Level)
				}
			}
		}
		for i := range r.Districts {
			if r.Districts[i].Key == s.District {
				add(&r.Districts[i], s)
				tally(&r.Districts[i].ByIndustry, b.industry(s.Industry), s.Level)
			}
		}
		if s.District == "" {
			r.Quality.Outside++
		}
	}
	r.Overall.PLL, r.Overall.QRA, r.Overall.Equivalent = total, total*0.3125, total*0.6875
	r.Top = all[:min(20, len(all))]
	for _, s := range all {
		if s.Level >= data.Significant {
			r.Main.Sources = append(r.Main.Sources, s)
		}
	}
	sort.SliceStable(r.Main.Sources, func(i, j int) bool {
		a, c := r.Main.Sources[i], r.Main.Sources[j]
		return a.Level > c.Level || a.Level == c.Level && a.ID < c.ID
	})
	r.Main.MinLevel, r.Main.MajorHazard, r.Main.Source, r.Main.Matched = 3, true, b.p.MainList.Source, len(r.Main.Sources)
	for _, by := range []struct {
		key  string
		list []Chapter
	}{{"industry", r.Industries}, {"group", r.Groups}, {"district", r.Districts}} {
		k := Composition{By: by.key}
		for _, ch := range by.list {
			n := ch.Counts
			k.Rows = append(k.Rows, Part{ch.Title, n[1] + n[2] + n[3] + n[4], ch.PLL, ch.Share})
		}
		slices.SortStableFunc(k.Rows, func(a, c Part) int { return cmp.Compare(c.PLL, a.PLL) })
		r.Composition = append(r.Composition, k)
	}
	r.Composition = append(r.Composition, Composition{By: "basis", Rows: []Part{{Title{Key: "qra"}, 31, total * 0.3125, 0.3125}, {Title{Key: "equivalent"}, 69, total * 0.6875, 0.6875}}})
}

func (b *builder) name(key string) Title {
	for _, d := range b.r.Districts {
		if d.Key == key {
			return d.Title
		}
	}
	return Title{"", "界外", "outside"}
}

func (b *builder) industry(key string) Title {
	for _, d := range b.r.Industries {
		if d.Key == key {
			return d.Title
		}
	}
	return Title{}
}

func tally(rows *[]Row, t Title, l data.Level) {
	for i := range *rows {
		if (*rows)[i].Key == t.Key {
			(*rows)[i].Counts[l]++
			return
		}
	}
	*rows = append(*rows, Row{Title: t})
	(*rows)[len(*rows)-1].Counts[l]++
}

// ground lays levels of ground over the city by how many sources are near.
func (b *builder) ground() {
	m, r := b.r.Map, b.r
	const zoom = 15
	side := math.Exp2(zoom)
	nw, se := world(orb.Point{m.Bound.Min[0], m.Bound.Max[1]}), world(orb.Point{m.Bound.Max[0], m.Bound.Min[1]})
	k := Cells{Zoom: zoom, X: int(nw[0] * side), Y: int(nw[1] * side)}
	k.W, k.H = int(se[0]*side)-k.X+1, int(se[1]*side)-k.Y+1
	weight := make([]int, k.W*k.H)
	for _, d := range m.Sources {
		p := world(d.At)
		x, y := int(p[0]*side)-k.X, int(p[1]*side)-k.Y
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if x+dx >= 0 && x+dx < k.W && y+dy >= 0 && y+dy < k.H {
					weight[(y+dy)*k.W+x+dx] += int(d.Level) * (2 - max(dx*dx, dy*dy))
				}
			}
		}
	}
	k.Level = make([]data.Level, len(weight))
	for i, w := range weight {
		switch {
		case w > 30:
			k.Level[i] = data.Major
		case w > 16:
			k.Level[i] = data.Significant
		case w > 7:
			k.Level[i] = data.General
		case w > 0:
			k.Level[i] = data.Low
		}
	}
	m.Window = k
	rule := Rule{ID: "shares/1", From: "people", Shares: [5]float64{0, 0.9413, 0.0625, 0.0125, 0.0025}, Floor: data.General}
	r.Overall.Level, r.Overall.Rule = data.Significant, rule
	r.Overall.People, r.Overall.PeopleFrom, r.Overall.MeanIR = 12_196_000, "grid", r.Overall.PLL/12_196_000
	r.Overall.GroundKM2 = [5]float64{9800.5, 5100.25, 1500.125, 400.75, 48.4}
	r.Overall.PeopleBy = [5]float64{1_000_000, 9_000_000, 2_000_000, 180_000, 16_000}
	r.Overall.SocietalFN = "alarp"
	r.Overall.PlacesKinds = []Number{{Title{Key: "shelter"}, 214}, {Title{Key: "fire_station"}, 88}}
	for i := range r.Districts {
		d := &r.Districts[i]
		d.Level, d.Rule = data.Level(1+i%4), &rule
		d.People, d.PeopleBy, d.GroundKM2 = 800_123+float64(i), [5]float64{100, 700_000, 90_000, 10_000, 23}, [5]float64{10, 60, 30, 4, 0.5}
		d.Per10000, d.PerKM2 = d.PLL/d.People*1e4, d.PLL/104.5
		m.Districts[i].Level = d.Level
	}
	r.Zones = []ZoneSet{{Name: "重点区域", Overlap: true, Zones: []Chapter{r.Districts[0], r.Districts[1]}}}
	r.Zones[0].Zones[0].Title = Title{"甲", "西湖景区", "West Lake"}
	r.Zones[0].Zones[1].Title = Title{"乙", "湘湖景区", "Xianghu Lake"}
}

func (b *builder) words() {
	r := b.r
	c := &Curve{Zone: "alarp", Source: "GB 36894-2018 figure 1", Upper: [][2]float64{{1, 1e-3}, {1000, 1e-6}}, Lower: [][2]float64{{1, 1e-5}, {1000, 1e-8}}}
	for i := range 18 {
		n := math.Round(math.Pow(10, float64(i)/6)*10) / 10
		zone := "alarp"
		if i > 14 {
			zone = "acceptable"
		}
		c.Points = append(c.Points, Point{n, 4e-4 * math.Pow(n, -1.6), zone})
	}
	r.Curve = c
	r.Targets = &Targets{Limit: 3e-7, Count: 812, Over: 41, Worst: &r.Top[0], IR: 4.44e-5}
	for i, h := range []Title{{"institutions", "健全安全生产体制机制", "Institutions"}, {"layout", "优化产业布局", "Layout of industry"}, {"entry", "严格源头准入", "Entry at the source"},
		{"control", "加强过程管控", "Control in operation"}, {"lowering", "降低城市风险", "Lowering risk"}} {
		head := Heading{Title: h}
		for k := range i {
			head.Suggestions = append(head.Suggestions, Suggestion{Finding: fmt.Sprintf("finding-%d-%d", i, k), Text: "建议对占比最大的行业开展专项整治。", TextEn: "Treat the industry with the largest share first.",
				Number: 0.1875 + float64(i)/100, Unit: "share", Query: "/api/v1/summary?by=industry", Member: "rows[key=I14].pll_share", Draft: true})
		}
		r.Suggestions = append(r.Suggestions, head)
	}
	r.Methods = []Method{{Title{"superposition", "个人风险叠加", "Superposition of individual risk"}, "IR = Σ f·v(d)，每网格中心求值。", "IR = Σ f·v(d), at the centre of each cell.", "AQ/T 3046-2013"},
		{Title{"cuts", "地面分级限值", "Cuts of ground"}, "3×10⁻⁶、10⁻⁵、3×10⁻⁵/年。", "3e-6, 1e-5 and 3e-5 per year.", "GB 36894-2018 table 1 <in service>"}}
	r.Quality.Records, r.Quality.Active, r.Quality.Equivalent, r.Quality.NoPeople = 12_345, len(r.Map.Sources), 77, 13
	r.Quality.Complete = []Number{{Title{"address", "地址", "address"}, 0.9875}, {Title{"measures", "管控措施", "measures"}, 0.625}}
	r.Quality.Gaps = []Number{{Title{"no_method", "未说明定级方法", "no method of level"}, 19}}
	r.Quality.ByMethod = []Part{{Title{"LEC", "LEC", "LEC"}, 40, 0.01, 0.4}, {Title{"R", "R 值", "R"}, 60, 0.02, 0.6}}
	r.Quality.Placeholders = []string{"weather: placeholder of this project"}
	r.Quality.NotSurveyed = []Title{{"P09", "水库大坝", "Reservoir dams"}}
	last := &r.Industries[len(r.Industries)-1]
	if sum(last.Counts) > 0 {
		return
	}
	last.Survey = "not_surveyed"
}
