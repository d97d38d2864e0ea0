package report

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"riskatlas/data"
)

func (f *findings) layout() (out []Suggestion) {
	if p, ok := f.largest("industry"); ok {
		out = append(out, say("largest-industry", p.Share, "share of the city's PLL", summaryBy("industry", ""), "rows[key="+p.Key+"].pll_share",
			fmt.Sprintf("%s占全市潜在生命损失的%s，居各行业之首，建议优先安排该行业的布局调整、搬迁改造和安全间距核查。", p.Name, percent(p.Share)),
			fmt.Sprintf("%s has %s of the city's expected loss, the most of all industries: plan its relocation, rebuilding and distances first.", p.en(), percent(p.Share))))
	}
	if c, ok := worst(f.r.Districts, func(c *Chapter) float64 { return c.Per10000 }); ok {
		out = append(out, say("densest-district", c.Per10000, "expected deaths per year per 10,000 people", summaryBy("district", ""), "rows[key="+c.Key+"].pll_per_10000_people",
			fmt.Sprintf("%s每万人潜在生命损失%.3g人/年，为各区最高，建议在国土空间规划中控制该区人口稠密处的新增风险源。", c.Name, c.Per10000),
			fmt.Sprintf("%s has the highest expected loss per 10,000 people, %.3g deaths per year: keep new sources away from its dense quarters.", c.en(), c.Per10000)))
	} else if c, ok := worst(f.r.Districts, func(c *Chapter) float64 { return c.PLL }); ok {
		out = append(out, say("heaviest-district", c.Share, "share of the city's PLL", summaryBy("district", ""), "rows[key="+c.Key+"].pll_share",
			fmt.Sprintf("%s的风险源占全市潜在生命损失的%s，为各区最高，建议严控该区新增风险源。", c.Name, percent(c.Share)),
			fmt.Sprintf("The sources of %s have %s of the city's expected loss, the most of all districts: hold back new ones there.", c.en(), percent(c.Share))))
	}
	if c, ok := worst(f.r.Districts, func(c *Chapter) float64 { return c.GroundKM2[data.Major] }); ok {
		km2 := c.GroundKM2[data.Major]
		query := "/api/v1/districts/" + c.Key
		if f.r.Criterion != "in-service" {
			query += "?cuts=" + f.r.Criterion
		}
		out = append(out, say("red-ground", km2, "km2", query, "properties.ground_km2.4",
			fmt.Sprintf("%s的重大风险（红色）地面达%.3g平方公里，为各区最大，建议在红色范围内不再新建住宅、学校和医院。", c.Name, km2),
			fmt.Sprintf("%s has the most red ground, %.3g km2: build no more homes, schools or hospitals on it.", c.en(), km2)))
	}
	for _, set := range f.r.Zones {
		if c, ok := worst(set.Zones, func(c *Chapter) float64 {
			if c.Level < data.Significant {
				return 0
			}
			return c.PLL
		}); ok && !strings.ContainsAny(set.Name+c.Key, "[]/") { // which neither a path nor a member's place can hold
			query, member := "/api/v1/zones/"+url.PathEscape(set.Name)+"/"+url.PathEscape(c.Key), "properties.pll"
			if !f.g.totals.Grid() || f.r.WhatIf { // of which that route does not know
				query, member = f.part("zones"), "zones[name="+set.Name+"].zones[key="+c.Key+"].pll"
			}
			out = append(out, say("zone-"+set.Name, c.PLL, "expected deaths per year", query, member,
				fmt.Sprintf("片区“%s”风险等级不低于较大，潜在生命损失%.3g人/年，建议编制片区整体安全规划。", c.Name, c.PLL),
				fmt.Sprintf("Zone %s is at level 3 or more with an expected loss of %.3g deaths per year: make a safety plan for it as a whole.", c.Key, c.PLL)))
		}
	}
	return out
}

func (f *findings) entry() (out []Suggestion) {
	if t := f.r.Targets; t != nil && t.Over > 0 && t.Worst != nil {
		at := t.Worst.At
		query := "/api/v1/risk?lon=" + coordinate(at[0]) + "&lat=" + coordinate(at[1]) + "&group=" + industrial
		out = append(out, say("targets-over-new-build", t.IR, "1/yr", query, "ir",
			fmt.Sprintf("有%d处高敏感防护目标（学校、医院、养老机构等）所在地的工业个人风险超过新建限值%g/年，最高的“%s”为%.3g/年，建议周边不再批准新增危险源，并核查外部安全防护距离。", t.Over, t.Limit, t.Worst.Name, t.IR),
			fmt.Sprintf("%d high-sensitive targets (schools, hospitals, homes) stand where industrial risk is over the limit for what is new, %g per year; %s has the most, %.3g per year: permit no further source near them.", t.Over, t.Limit, t.Worst.ID, t.IR)))
	}
	if c, n := f.mostIndustrial(); n > 0 {
		out = append(out, say("industrial-entry", float64(n), "active sources", summaryBy("district", "&group="+industrial+"&level=3,4"), "rows[key="+c.Key+"].count",
			fmt.Sprintf("%s的较大及以上工业风险源最多，共%d处，建议对进入该区的新、改、扩建项目先作定量风险评估再予准入。", c.Name, n),
			fmt.Sprintf("%s has most industrial sources of level 3 and 4, %d: let nothing new enter it without a quantitative assessment.", c.en(), n)))
	}
	worstGrade := f.r.Overall.MajorHazard[1] + f.r.Overall.MajorHazard[2]
	if n := f.r.Overall.MajorHazard[1]; n > 0 {
		out = append(out, say("first-grade-hazards", float64(n), "installations", f.part("overall"), "overall.major_hazard[1]",
			fmt.Sprintf("全市有一级重大危险源%d处（一、二级共%d处），建议不再批准新增一级重大危险源。", n, worstGrade),
			fmt.Sprintf("There are %d major hazard installations of the first grade (%d of the first two): permit no more of the first.", n, worstGrade)))
	}
	if n := f.gap("method"); n > 0 {
		out = append(out, say("levels-by-judgement", n, "active sources", f.part("quality"), "quality.gaps[key=method].value",
			fmt.Sprintf("有%d处较大及以上风险源的等级未说明方法或仅由专家评定，建议把定量评估报告作为同类新项目准入的要件。", int(n)),
			fmt.Sprintf("%d sources of level 3 and 4 have their level by judgement alone or by no method: ask new ones of their kind for a quantitative assessment.", int(n))))
	}
	return out
}

// coordinate is a coordinate as a question takes it, to the bit.
func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (f *findings) gap(key string) float64 {
	for _, g := range f.r.Quality.Gaps {
		if g.Key == key {
			return g.Value
		}
	}
	return 0
}

// mostIndustrial is the district with most industrial sources of level 3 and 4.
func (f *findings) mostIndustrial() (*Chapter, int) {
	group, err := f.g.tax.Group(industrial)
	if err != nil {
		return nil, 0
	}
	c, ok := worst(f.r.Districts, func(c *Chapter) float64 { return float64(f.industrialIn(group, c.Key)) })
	if !ok {
		return nil, 0
	}
	return c, f.industrialIn(group, c.Key)
}

func (f *findings) industrialIn(group int, district string) int {
	return f.g.book.count(func(l lot) bool {
		return f.g.groupOf(l) == group && f.g.tax.DistrictCode(l.district) == district
	}).AtLeast(data.Significant)
}
