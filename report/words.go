package report

import "riskatlas/data"

// language is the language of a report.
type language uint8

const (
	chinese language = iota
	english
)

// parseLanguage reads zh or en.
func parseLanguage(s string) (language, error) {
	switch s {
	case "zh":
		return chinese, nil
	case "en":
		return english, nil
	}
	return 0, &data.Invalid{Field: "lang", Value: s, Want: "one of", Allowed: []string{"zh", "en"}}
}

// tag is the language's tag in HTML.
func (l language) tag() string { return l.say("zh-CN", "en") }

// say chooses the words of the language.
func (l language) say(zh, en string) string {
	if l == english {
		return en
	}
	return zh
}

// name gives a title's name, in English the Chinese one where there is no
// other, and the words for its key where it has no name at all.
func (l language) name(t Title) string {
	switch {
	case l == english && t.NameEn != "":
		return t.NameEn
	case t.Name != "":
		return t.Name
	}
	return l.word(t.Key)
}

// word gives the words for a key, or the key itself.
func (l language) word(key string) string {
	if w, ok := keyWords[key]; ok {
		return w[l]
	}
	return key
}

// levelWords are the levels' names, by level: long, and the single mark that
// stands on a colour.
var levelWords = [5][2]string{
	{"未达低风险", "below low"}, {"低风险", "Low"}, {"一般风险", "General"}, {"较大风险", "Significant"}, {"重大风险", "Major"},
}

var (
	levelMarks   = [5][2]string{{"–", "–"}, {"低", "L"}, {"一", "G"}, {"较", "S"}, {"重", "M"}}
	levelColours = [5][2]string{{"无色", "no colour"}, {"蓝", "blue"}, {"黄", "yellow"}, {"橙", "orange"}, {"红", "red"}}
)

// level is the level's name; LevelNone has none.
func (l language) level(v data.Level) string { return levelWords[inside(v)][l] }

func (l language) mark(v data.Level) string { return levelMarks[inside(v)][l] }

func (l language) colour(v data.Level) string { return levelColours[inside(v)][l] }

func inside(v data.Level) data.Level {
	if v > data.Major {
		return data.LevelNone
	}
	return v
}

// grade is the name of a major hazard installation's grade, 1 the worst
// (GB 18218-2018).
func (l language) grade(g int) string {
	if g < 1 || g > 4 {
		return unknown
	}
	return [5][2]string{{}, {"一级", "Grade 1"}, {"二级", "Grade 2"}, {"三级", "Grade 3"}, {"四级", "Grade 4"}}[g][l]
}

// keyWords are the words for the keys that a report may hold without a name.
var keyWords = map[string][2]string{
	"public": {"公开", "public"}, "internal": {"内部", "internal"}, "secret": {"涉密", "secret"},
	"in-service": {"在役标准", "targets and plants in service"}, "new-build": {"新建、改建、扩建标准", "new, rebuilt and extended plants"},

	"industry": {"行业领域", "industry"}, "group": {"评估单元", "unit"}, "district": {"区、县（市）", "district"},
	"outcome": {"事故后果类型", "outcome"}, "accident": {"事故类型", "accident type"}, "accident_type": {"事故类型", "accident type"},
	"basis": {"依据", "basis"}, "qra": {"定量风险评估", "quantitative assessment"}, "equivalent": {"按评估等级折算", "equivalent of the assessed level"},
	"level": {"等级", "level"}, "method": {"方法", "method"},

	"pool_fire": {"池火", "pool fire"}, "jet_fire": {"喷射火", "jet fire"}, "flash_fire": {"闪火", "flash fire"},
	"fireball": {"火球", "fireball"}, "vce": {"蒸气云爆炸", "vapour-cloud explosion"}, "condensed_explosion": {"凝聚相爆炸", "condensed-phase explosion"},
	"dust_explosion": {"粉尘爆炸", "dust explosion"}, "toxic": {"中毒", "toxic release"}, "collapse": {"坍塌", "collapse"},
	"crowd": {"拥挤踩踏", "crowd accident"}, "flood": {"洪水", "flood"}, "index": {"指数折算", "index"},

	"unacceptable": {"不可容许区", "intolerable"}, "intolerable": {"不可容许区", "intolerable"},
	"alarp":      {"尽可能降低区", "ALARP (as low as reasonably practicable)"},
	"acceptable": {"可容许区", "acceptable"}, "tolerable": {"可容许区", "acceptable"},

	"people": {"人口", "people"}, "area": {"面积", "area"}, "grid": {"人口网格", "a population grid"},
	"source exposure": {"风险源登记的受影响人数", "the people that sources state as exposed"}, "exposure": {"风险源登记的受影响人数", "the people that sources state as exposed"},

	"surveyed": {"已调查", "surveyed"}, "none": {"已调查，无在用风险源", "surveyed: none at work"},
	"not_surveyed": {"尚未调查", "not surveyed"}, "not_shown": {"本版本不予显示", "not shown in this view"},

	"particularly_serious": {"特别重大事故", "particularly serious"}, "serious": {"重大事故", "serious"},
	"comparatively_serious": {"较大事故", "comparatively serious"}, "ordinary": {"一般事故", "ordinary"},

	"share of the city's PLL": {"占全市 PLL", "share of the city's PLL"}, "1/yr": {"次/年", "1/yr"}, "km2": {"km²", "km²"},
	"active sources": {"个在用风险源", "active sources"}, "sources": {"个风险源", "sources"}, "industries": {"个行业领域", "industries"},
	"installations": {"处装置", "installations"}, "expected deaths per year per 10,000 people": {"人/年·万人", "expected deaths per year per 10,000 people"},

	"city": {"市级", "city"}, "street": {"街道（乡镇）级", "street"}, "enterprise": {"企业级", "enterprise"},

	"shelter": {"避难场所", "shelters"}, "fire_station": {"消防站", "fire stations"}, "hospital": {"医院", "hospitals"},
	"rescue_team": {"应急救援队伍", "rescue teams"}, "material": {"应急物资库", "stores of emergency material"},
	"duty_room": {"应急值守点", "duty rooms"}, "road": {"道路", "roads"}, "place": {"其他场所", "other places"},
}
