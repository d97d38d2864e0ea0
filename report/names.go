package report

import (
	"cmp"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// outcomeNames are the names of the kinds of accident, by outcome.
var outcomeNames = [len(data.Outcomes)][2]string{{"池火", "Pool fire"}, {"喷射火", "Jet fire"}, {"闪火", "Flash fire"},
	{"火球", "Fireball"}, {"蒸气云爆炸", "Vapour cloud explosion"}, {"凝聚相爆炸", "Condensed-phase explosion"},
	{"粉尘爆炸", "Dust explosion"}, {"中毒", "Toxic release"}, {"坍塌", "Collapse"}, {"人群事故", "Crowd accident"},
	{"洪水", "Flood"}, {"按评定等级折算", "Equivalent of the assessed level"}}

func outcomeTitle(o data.Outcome) Title {
	return Title{o.String(), outcomeNames[o][0], outcomeNames[o][1]}
}

var basisNames = [len(data.BasisKeys)][2]string{{"定量风险评估", "Quantitative risk assessment"}, {"按评定等级折算", "Equivalent of the assessed level"}}

func basisTitle(b data.Basis) Title {
	return Title{data.BasisKeys[b], basisNames[b][0], basisNames[b][1]}
}

// placeNames are the names of the usual kinds of emergency place, by kind.
var placeNames = map[string][2]string{"shelter": {"避难场所", "Shelters"}, "fire_station": {"消防站", "Fire stations"},
	"hospital": {"医院", "Hospitals"}, "rescue_team": {"救援队伍", "Rescue teams"}, "material": {"物资库", "Stores of material"},
	"duty_room": {"值班室", "Duty rooms"}, "road": {"道路", "Roads"}, "place": {"地点", "Places"}}

func placeTitle(kind string) Title {
	if n, ok := placeNames[kind]; ok {
		return Title{kind, n[0], n[1]}
	}
	return Title{kind, kind, kind}
}

// methodNames are the names of the methods of assessment, by level_method.
var methodNames = map[string][2]string{"R": {"重大危险源分级 R 值", "Major hazard R"}, "QRA": {"定量风险评估", "Quantitative risk assessment"},
	"consequence": {"事故后果评估", "Consequence assessment"}, "LEC": {"作业条件危险性评价 LEC", "LEC"}, "LS": {"风险矩阵 LS", "Risk matrix LS"},
	"key_unit": {"重点单位辨识", "Key unit"}, "expert": {"专家评定", "Expert judgement"}, "condition_class": {"状况等级", "Condition class"},
	"": {"未说明", "Not stated"}}

func methodTitle(m string) Title {
	if n, ok := methodNames[m]; ok {
		return Title{m, n[0], n[1]}
	}
	return Title{m, m, m}
}

// fieldNames are the fields that a survey asks for, in the report's order.
var fieldNames = []Title{{"enterprise", "单位名称", "Enterprise"}, {"address", "地址", "Address"}, {"regulator", "监管部门", "Regulator"},
	{"responsible", "责任人", "Responsible person"}, {"level_of_control", "管控层级", "Level of control"},
	{"level_method", "评估方法", "Method of assessment"}, {"level_inputs", "评估参数", "Inputs of the assessment"},
	{"scenarios", "事故情景", "Scenarios of its own"}, {"accident_types", "事故类型", "Accident types"}, {"measures", "管控措施", "Measures"},
	{"exposed", "暴露人数", "People exposed"}, {"assessed_at", "评估日期", "Date of assessment"}, {"next_review", "复评日期", "Date of review"}}

// gapNames are what records lack, in the report's order.
var gapNames = []Title{{"measures", "较大及以上风险源未填管控措施", "Sources of level 3 and 4 without measures"},
	{"emergency_plan", "较大及以上风险源无应急预案和应急措施", "Sources of level 3 and 4 without emergency plan or measures"},
	{"review", "较大及以上风险源未定复评日期", "Sources of level 3 and 4 without a date of review"},
	{"method", "较大及以上风险源未说明方法或仅由专家评定", "Sources of level 3 and 4 without a method or by judgement alone"},
	{"late_review", "复评日期晚于规定周期", "Sources whose review is later than their level allows"},
	{"hidden_dangers", "未整改的隐患", "Hidden dangers still open"}}

// en is the name in English, or the only one that there is.
func (t Title) en() string { return cmp.Or(t.NameEn, t.Name, t.Key) }

func (g *gatherer) industryTitle(i int) Title {
	in := &g.tax.Industries[i]
	return Title{in.Code, in.Name, in.NameEn}
}

func (g *gatherer) districtTitle(d data.District) Title {
	if _, info, ok := g.tax.DistrictInfo(d); ok {
		return Title{info.Code, info.Name, info.NameEn}
	}
	return Title{outside, "各区之外", "Outside the districts"}
}

// accidentTitle names an accident type that a record states.
func (g *gatherer) accidentTitle(code string) Title {
	for _, a := range g.tax.AccidentTypes {
		if a.Code == code {
			return Title{a.Code, a.Name, a.NameEn}
		}
	}
	return Title{code, code, code}
}

// together is the ground of all units.
func together(units []data.Unit) orb.MultiPolygon {
	var out orb.MultiPolygon
	for i := range units {
		out = append(out, polygons(units[i].Shape)...)
	}
	return out
}
