package report

import (
	"fmt"

	"riskatlas/data"
	"riskatlas/data/grading"
)

func (f *findings) control() (out []Suggestion) {
	for _, c := range []struct {
		key    string
		zh, en string
	}{
		{"measures", "有%d处较大及以上风险源没有记录管控措施，建议限期补报并现场核查。", "%d sources of level 3 and 4 have no measure on record: have them reported by a date and checked on site."},
		{"emergency_plan", "有%d处较大及以上风险源没有应急预案或应急措施，建议限期编制并演练。", "%d sources of level 3 and 4 have neither emergency plan nor emergency measures: have them written and drilled."},
		{"review", "有%d处较大及以上风险源未定复评日期，建议逐处确定。", "%d sources of level 3 and 4 have no date of review: set one for each."},
		{"late_review", "有%d处风险源的复评日期晚于其等级要求（重大1年、较大2年、其他3年），建议提前。", "%d sources are to be reviewed later than their level allows (1 year for major, 2 for significant, 3 for others): bring it forward."},
		{"hidden_dangers", "尚有%d项隐患未整改，建议挂账销号。", "%d hidden dangers are open: list them and strike them off one by one."},
	} {
		if n := f.gap(c.key); n > 0 {
			out = append(out, say("gap-"+c.key, n, "records", f.part("quality"), "quality.gaps[key="+c.key+"].value", fmt.Sprintf(c.zh, int(n)), fmt.Sprintf(c.en, int(n))))
		}
	}
	if w := f.r.Curve.Worst; w != nil && w.Zone != grading.Acceptable.String() {
		zh, en := "尽可能降低区", "the zone of as low as reasonably practicable"
		if w.Zone == grading.Unacceptable.String() {
			zh, en = "不可容许区", "the unacceptable zone"
		}
		out = append(out, say("societal", w.F, "1/yr", "/api/v1/fn", "at.f",
			fmt.Sprintf("社会风险曲线在死亡%.3g人处的频率为%.3g/年，落入%s，建议对造成该段的情景逐一采取预防和减缓措施。", w.N, w.F, zh),
			fmt.Sprintf("The F-N curve reaches %[2]s: %.3[3]g per year of %.3[1]g deaths or more; act on the scenarios that make this part of it.", w.N, en, w.F)))
	}
	if n := f.r.Overall.Counts[data.Significant]; n > 0 {
		out = append(out, say("orange-sources", float64(n), "active sources", summaryBy("level", ""), "rows[key=3].count",
			fmt.Sprintf("较大风险（橙色）源共%d处，建议由区级挂牌督办，每季度巡查一次。", n),
			fmt.Sprintf("There are %d sources of significant risk (orange): let the districts supervise them and inspect each every quarter.", n)))
	}
	return out
}

func (f *findings) lowering() (out []Suggestion) {
	if n := f.r.Overall.Counts[data.Major]; n > 0 {
		out = append(out, say("red-sources", float64(n), "active sources", summaryBy("level", ""), "rows[key=4].count",
			fmt.Sprintf("重大风险（红色）源共%d处，建议一源一策，由市级领导包保，限期降级。", n),
			fmt.Sprintf("There are %d sources of major risk (red): one plan for each, a leader of the city named for it, and a date to bring it down.", n)))
	}
	if c, ok := worst(f.r.Districts, func(c *Chapter) float64 { return float64(c.Counts[data.Major]) }); ok {
		n := c.Counts[data.Major]
		out = append(out, say("red-sources-district", float64(n), "active sources", summaryBy("district", "&level=4"), "rows[key="+c.Key+"].count",
			fmt.Sprintf("%s的重大风险源最多，共%d处，建议列为降险工作的重点区域。", c.Name, n),
			fmt.Sprintf("%s has most sources of major risk, %d: begin there.", c.en(), n)))
	}
	if len(f.r.Top) > 0 && f.r.Top[0].Share > 0 {
		s := &f.r.Top[0]
		out = append(out, say("top-source", s.Share, "share of the city's PLL", f.part("top_sources"), "top_sources[0].share",
			fmt.Sprintf("“%s”一处即占全市潜在生命损失的%s，建议优先采取减量、替代或搬迁措施。", s.Name, percent(s.Share)),
			fmt.Sprintf("%s alone has %s of the city's expected loss: lessen what it holds, replace it or move it first.", s.ID, percent(s.Share))))
	}
	if p, ok := f.largest("accident"); ok {
		out = append(out, say("largest-accident", p.Share, "share of the city's PLL", summaryBy("accident", ""), "rows[key="+p.Key+"].pll_share",
			fmt.Sprintf("按事故类型，%s造成的潜在生命损失最大，占全市的%s，建议开展专项治理。", p.Name, percent(p.Share)),
			fmt.Sprintf("Of the types of accident %s costs most, %s of the city's expected loss: make it the subject of a campaign.", p.en(), percent(p.Share))))
	}
	return out
}
