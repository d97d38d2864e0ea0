package demo

import (
	"math/rand/v2"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The calendar of the city's work plan of 2019: when the bodies of the city were
// visited (annex 2), and when the districts were, in two rounds (annex 3). Bodies
// that it does not name were asked by letter in the days after.
var (
	cityVisits = map[string]data.Date{
		"市应急局": 20191010, "市消防救援支队": 20191010, "市交通运输局": 20191010,
		"市商务局": 20191011, "市公安交警局": 20191011,
		"市建委": 20191012, "市文化广电旅游局": 20191012, "市生态环境局": 20191012,
		"市发改委": 20191014, "市卫健委": 20191014, "市城管局": 20191014,
		"市委军民融合办": 20191015, "市民族宗教局": 20191015, "市林水局": 20191015,
		"市地铁集团": 20191016, "市体育局": 20191016, "市气象局": 20191016,
		"市规划和自然资源局": 20191017, "市公安局": 20191017, "市住保房管局": 20191017,
		"市市场监管局": 20191021, "市民政局": 20191021, "供电公司": 20191021,
		"市人防办": 20191022, "市教育局": 20191022, "市城投集团": 20191022,
	}
	byLetter = data.Date(20191023)

	rounds = [2][]data.Date{
		{20191111, 20191112, 20191113, 20191114, 20191115, 20191118, 20191119, 20191120, 20191121, 20191122},
		{20191125, 20191126, 20191127, 20191128, 20191129, 20191202, 20191203, 20191204, 20191205, 20191206},
	}
	// Drafting began in December 2019: what had come was checked in these days.
	checks = []data.Date{20191209, 20191210, 20191211, 20191212, 20191213, 20191216, 20191217, 20191218, 20191219, 20191220}

	// Districts of the second round, by code of 2021. 余杭's visit was to what is
	// 余杭 and 临平 since; all others were visited in the first one.
	secondRound = map[string]bool{"330109": true, "330110": true, "330111": true, "330112": true, "330113": true, "330122": true, "330127": true, "330182": true}
	// Those of them that still owed lists when the drafting began.
	late = map[string]bool{"330112": true, "330122": true, "330127": true, "330182": true}
)

// Coverage gives the synthetic table of coverage of a city whose active sources
// are counted by pair: who was asked follows the plan's calendar, as of the end of
// 2019. Most rows are verified; four districts of the second round owe some lists,
// so that their ground is not assessed for every industry. What is expected is what
// the city has, where a list came.
func Coverage(p *city.Profile, found func(data.Industry, data.District) int, seed uint64) []data.Coverage {
	tax := p.Taxonomy
	v := &tax.Vintages[tax.Default]
	rng := rand.New(rand.NewPCG(seed, 0xc0be9a6e))
	var rows []data.Coverage
	for in := range tax.Industries {
		for d, info := range v.Districts {
			c := data.Coverage{Industry: data.Industry(in), District: v.First + data.District(d), Body: tax.Industries[in].Regulator}
			n := found(c.Industry, c.District)
			days := rounds[0]
			if secondRound[info.Code] {
				days = rounds[1]
			}
			c.Asked, c.Due = byLetter, 20191206
			if visit, ok := cityVisits[c.Body]; ok {
				c.Asked = visit
			}
			came, checked, luck := days[rng.IntN(len(days))], checks[rng.IntN(len(checks))], rng.IntN(100)
			if late[info.Code] {
				luck -= 12
			}
			settle(&c, n, luck, came, checked)
			rows = append(rows, c)
		}
	}
	return rows
}

// settle decides how far a row has come. Luck below 0 is a list that is owed:
// nobody has asked yet where the city knows no source.
func settle(c *data.Coverage, n, luck int, came, checked data.Date) {
	switch {
	case luck < -6 && n == 0:
		*c = data.Coverage{Industry: c.Industry, District: c.District, Body: c.Body, Note: "演示数据：尚未发函 (synthetic: not asked yet)"}
		return
	case luck < 0:
		c.Status, c.Note = data.Asked, "演示数据：已催办 (synthetic: reminded)"
		return
	case luck < 8:
		c.Status, c.Received, c.Note = data.Received, came, "演示数据：待核实 (synthetic: to be checked)"
		c.Expected = &n
		return
	}
	c.Received, c.Verified, c.Note = came, checked, "演示数据 (synthetic)"
	c.Status, c.Expected = data.Verified, &n
	if n == 0 {
		c.Status = data.NoneHere
	}
}
