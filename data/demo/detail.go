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

var firstSurvey = time.Date(2019, 10, 10, 0, 0, 0, 0, time.UTC)

// detail fills what is read by id. Names are visibly made up; there are no
// telephone numbers, since any number could be somebody's.
func (m *maker) detail(i int, info *data.IndustryInfo, k kind, level data.Level) data.Detail {
	measures := words[min(info.Group, len(words)-1)]
	day := int(float64(k.people) * (0.4 + 1.2*m.rng.Float64()))
	night := int(float64(day) * k.sleep)
	assessed := firstSurvey.AddDate(0, 0, m.rng.IntN(75))
	review := assessed.AddDate(3, 0, 0)
	control := "enterprise"
	switch level {
	case data.Major:
		control, review = "city", assessed.AddDate(1, 0, 0)
	case data.Significant:
		control, review = "district", assessed.AddDate(2, 0, 0)
	case data.General:
		control = "street"
	}
	d := data.Detail{
		Kind:          map[byte]string{'P': "site", 'L': "line", 'A': "area"}[k.form],
		LevelMethod:   "expert",
		AccidentTypes: info.Accidents,
		ExposedDay:    &day, ExposedNight: &night,
		Measures:       &measures,
		Enterprise:     fmt.Sprintf("演示单位 %06d (synthetic)", i+1),
		Responsible:    "演示负责人 (synthetic)",
		LevelOfControl: control,
		AssessedAt:     assessed.Format(time.DateOnly),
		NextReview:     review.Format(time.DateOnly),
		DataSource:     Source,
		Synthetic:      true,
	}
	m.size(&d, info, day, night)
	return d
}
