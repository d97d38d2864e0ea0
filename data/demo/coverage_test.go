package demo

import (
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The demonstration's table has a row for every pair, none of which contradicts
// itself or the sources; most of the city is assessed, and some of it is not.
func TestCoverage(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	tax := p.Taxonomy
	found := func(in data.Industry, d data.District) int { return int(in) * int(d) % 5 }
	rows := Coverage(p, found, 1)
	v := &tax.Vintages[tax.Default]
	if len(rows) != len(tax.Industries)*len(v.Districts) {
		t.Fatalf("%d rows", len(rows))
	}
	var units []data.Unit
	counts := map[data.CoverageStatus]int{}
	for i := range rows {
		c := &rows[i]
		if err := c.Check(); err != nil {
			t.Fatalf("%s: %v", tax.CoverageCode(c.Industry, c.District), err)
		}
		n := found(c.Industry, c.District)
		if c.Status == data.NoneHere && n > 0 || c.Status == data.NotStarted && n > 0 || c.Status == data.Verified && *c.Expected != n {
			t.Errorf("%s is %s with %d sources", tax.CoverageCode(c.Industry, c.District), c.Status, n)
		}
		counts[c.Status]++
		units = append(units, tax.CoverageUnit(c, p.Centre))
	}
	for s := data.NotStarted; s <= data.NoneHere; s++ {
		if counts[s] == 0 {
			t.Errorf("no row is %s", s)
		}
	}
	if counts[data.Verified] < len(rows)/2 {
		t.Errorf("%d of %d rows are verified", counts[data.Verified], len(rows))
	}
	table := data.NewCoverageTable(tax, units)
	for i, d := range v.Districts {
		whole := tax.Asked(data.All())&^table.Done(v.First+data.District(i)) == 0
		if whole == late[d.Code] {
			t.Errorf("%s is assessed: %v", d.Code, whole)
		}
	}
	again := Coverage(p, found, 1)
	for i := range rows {
		if !rows[i].Equal(&again[i]) {
			t.Fatal("the same seed gives another table")
		}
	}
}

// Every visit of the calendar is to a body of the profile or of the plan, on a day
// of the plan.
func TestCalendar(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, in := range p.Taxonomy.Industries {
		if _, ok := cityVisits[in.Regulator]; ok {
			met++
		}
	}
	if met < len(p.Taxonomy.Industries)*2/3 {
		t.Errorf("%d of %d industries have a body that was visited", met, len(p.Taxonomy.Industries))
	}
	days := append(append([]data.Date{byLetter}, rounds[0]...), append(rounds[1], checks...)...)
	for _, d := range cityVisits {
		days = append(days, d)
	}
	for _, d := range days {
		if read, err := data.ReadDate("day", d.String()); err != nil || read != d || d < 20191010 || d > 20191231 {
			t.Errorf("%d: %v", d, err)
		}
	}
}
