package demo

import (
	"fmt"
	"time"

	"riskatlas/data"
)

// words are the measures that a demonstration source names, by group of
// industries (the last one serves any further group).
var words = [...]data.Measures{
	{Engineering: []string{"可燃有毒气体报警与联锁 (gas detection and interlock)", "防火堤和喷淋 (bund and sprinkler)"},
		Management: []string{"双重预防机制 (double prevention mechanism)", "特殊作业票证 (permits to work)"},
		Emergency:  []string{"专项应急预案，每半年演练 (drill every half year)"}, Monitoring: []string{"接入市级在线监测 (on-line monitoring)"}},
	{Engineering: []string{"自动喷水灭火和火灾报警 (sprinklers and fire alarm)", "疏散通道和应急照明 (escape routes and lighting)"},
		Management: []string{"消防安全责任人 (fire-safety officer)", "高峰限流 (crowd limit at peaks)"},
		Emergency:  []string{"微型消防站 (own fire post)"}, Monitoring: []string{"视频和客流监测 (video and crowd counting)"}},
	{Engineering: []string{"结构监测和加固 (structural monitoring)", "警示与防护设施 (signs and guards)"},
		Management: []string{"定期巡检 (regular inspection)"},
		Emergency:  []string{"应急抢修队伍 (repair team)"}, Monitoring: []string{"传感器在线监测 (sensors on line)"}},
}

// recordKinds are the kinds of record, by the form of a kind of industry.
var recordKinds = map[byte]string{'P': "site", 'L': "line", 'A': "area"}

var firstSurvey = time.Date(2019, 10, 10, 0, 0, 0, 0, time.UTC)

// surveyDays is how many days the survey took.
const surveyDays = 75

// surveyDates are the days of the survey, and each a year later, two and three:
// years*surveyDays + day.
func surveyDates() []string {
	out := make([]string, 0, 4*surveyDays)
	for years := range 4 {
		for day := range surveyDays {
			out = append(out, firstSurvey.AddDate(0, 0, day).AddDate(years, 0, 0).Format(time.DateOnly))
		}
	}
	return out
}

// detail fills what is read by id. Names are visibly made up; there are no
// telephone numbers, since any number could be somebody's.
func (m *maker) detail(f *draft, info *data.IndustryInfo, k kind) data.Detail {
	people := &[2]int{f.day, int(float64(f.day) * k.sleep)}
	control, years := "enterprise", 3
	switch f.level {
	case data.Major:
		control, years = "city", 1
	case data.Significant:
		control, years = "district", 2
	case data.General:
		control = "street"
	}
	d := data.Detail{
		Kind:          recordKinds[k.form],
		LevelMethod:   "expert",
		AccidentTypes: info.Accidents,
		ExposedDay:    &people[0], ExposedNight: &people[1],
		Measures:       &m.measures[min(info.Group, len(m.measures)-1)],
		Enterprise:     fmt.Sprintf("演示单位 %06d (synthetic)", f.i+1),
		Responsible:    "演示负责人 (synthetic)",
		LevelOfControl: control,
		AssessedAt:     m.dates[f.surveyed],
		NextReview:     m.dates[years*surveyDays+f.surveyed],
		DataSource:     Source,
		Synthetic:      true,
	}
	size(&d, info, people[0], people[1], f.jitter)
	return d
}
