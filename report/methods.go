package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"riskatlas/riskgrid"
)

// methods are what the numbers rest on: how risk adds up, the rules with the
// city's own constants, and where every constant comes from.
func (g *gatherer) methods() []Method {
	p := g.View.City
	cuts := p.Cuts
	source := p.Sources["cuts"]
	if g.Criterion == riskgrid.NewBuild {
		cuts, source = p.NewBuild, p.Sources["new_build"]
	}
	out := []Method{
		{Title{"individual-risk", "个人风险叠加", "Superposed individual risk"},
			"某地个人风险为各风险源各情景的频率与该处致死概率之积的总和（每年）。",
			"Individual risk at a place is the sum over sources and scenarios of frequency times lethality there, per year.",
			"AQ/T 3046-2013; GB/T 37243-2019"},
		{Title{"cuts", "地面风险分级", "Levels of ground"},
			fmt.Sprintf("超过 %g 为低风险，达到 %g 为一般，%g 为较大，%g 为重大（每年）。", cuts[0], cuts[1], cuts[2], cuts[3]),
			fmt.Sprintf("Low over %g, general from %g, significant from %g, major from %g per year.", cuts[0], cuts[1], cuts[2], cuts[3]), source},
		g.peopleMethod(),
		{Title{"district-rule", "区域分级规则", "District rule"},
			fmt.Sprintf("重大风险份额达到 %g 为红；较大及以上达到 %g 为橙；一般及以上达到 %g 为黄；其余为蓝。有 3 个及以上重大风险源的不低于橙，有 1 个的不低于黄。", p.Shares.Major, p.Shares.Significant, p.Shares.General),
			fmt.Sprintf("Red from a share of %g at level 4, orange from %g at level 3 and up, yellow from %g at level 2 and up, else blue; not under orange with 3 sources of level 4, not under yellow with one.", p.Shares.Major, p.Shares.Significant, p.Shares.General),
			p.Sources["shares"]},
		{Title{"equivalent", "等级折算", "Equivalent of a level"},
			fmt.Sprintf("没有定量情景的风险源按等级折算频率：低 %g，一般 %g，较大 %g，重大 %g（每年），可单独列出。", p.Equivalent[1], p.Equivalent[2], p.Equivalent[3], p.Equivalent[4]),
			fmt.Sprintf("A source without a quantitative scenario counts by its level: %g, %g, %g, %g per year for low to major; reported apart.", p.Equivalent[1], p.Equivalent[2], p.Equivalent[3], p.Equivalent[4]),
			p.Sources["equivalent"]},
		{Title{"societal", "社会风险曲线", "F-N curve"},
			"F(N) 为死亡人数不少于 N 的情景频率之和；准则线针对单个装置，用于全市时仅供参照。",
			"F(N) is the sum of the frequencies of scenarios with N deaths or more; the lines are written for one installation and are a reference for a city.",
			"CCPS CHEF p. 267; GB 36894-2018 figure 1"},
		{Title{"source-level", "风险源等级", "Levels of sources"},
			"风险源等级为评定结果，不由地图重算。", "A source's level is as assessed and never recomputed from the map.", "安委办〔2016〕11号"},
	}
	for _, key := range slices.Sorted(maps.Keys(p.Sources)) {
		if s := p.Sources[key]; s != "" {
			out = append(out, Method{Title: Title{"profile." + key, "城市参数：" + key, "Profile: " + strings.ReplaceAll(key, "_", " ")}, Source: s})
		}
	}
	for _, s := range g.Rules.Sources() {
		out = append(out, Method{Title: Title{"grading." + s.Table, "分级规则：" + s.Table, "Rules: " + strings.ReplaceAll(s.Table, "_", " ")}, Source: s.Source})
	}
	for _, model := range slices.Sorted(maps.Keys(g.details.models)) {
		used := g.details.models[model]
		out = append(out, Method{Title{"model." + model, "后果模型：" + model, "Model: " + strings.ReplaceAll(model, "_", " ")},
			fmt.Sprintf("%d个情景由该模型推算。", used.scenarios), fmt.Sprintf("%d scenarios are derived by it.", used.scenarios),
			strings.Join(slices.Sorted(maps.Keys(used.sources)), "; ")})
	}
	return out
}

func (g *gatherer) peopleMethod() Method {
	m := Method{Title{"pll", "潜在生命损失", "Potential loss of life"},
		"潜在生命损失为各格网人数与个人风险之积的总和（人/年），按居住地计入各区。",
		"Potential loss of life is the sum over cells of people times individual risk, deaths per year; it counts in the district where people live.",
		"AQ/T 3046-2013"}
	if !g.totals.Grid() {
		m.Text = "未掌握人口分布：潜在生命损失按风险源记录的暴露人数计算（人/年），计入风险源所在区。"
		m.TextEn = "Where people live is not known: potential loss of life is frequency times the people that a source exposes by its own record, deaths per year; it counts in the source's district."
		m.Source = "convention of this project"
	}
	return m
}
