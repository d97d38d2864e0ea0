package data_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func day(t testing.TB, s string) data.Date {
	t.Helper()
	d, err := data.ReadDate("day", s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCoverageRefuses(t *testing.T) {
	n := func(v int) *int { return &v }
	for name, c := range map[string]struct {
		row   data.Coverage
		field string // "": it is taken
	}{
		"nothing":                      {data.Coverage{}, ""},
		"asked":                        {data.Coverage{Status: data.Asked, Asked: day(t, "2019-10-10"), Due: day(t, "2019-10-10"), Expected: n(0)}, ""},
		"all dates on one day":         {data.Coverage{Status: data.Verified, Asked: day(t, "2019-10-10"), Received: day(t, "2019-10-10"), Verified: day(t, "2019-10-10")}, ""},
		"received without being asked": {data.Coverage{Status: data.Received, Received: day(t, "2019-10-10")}, ""},
		"none here":                    {data.Coverage{Status: data.NoneHere, Received: day(t, "2019-10-10"), Expected: n(0)}, ""},
		"most":                         {data.Coverage{Expected: n(1_000_000), Note: strings.Repeat("注", 1000), Body: strings.Repeat("市", 200)}, ""},
		"asked before it started":      {data.Coverage{Asked: day(t, "2019-10-10")}, "asked"},
		"received while asked":         {data.Coverage{Status: data.Asked, Received: day(t, "2019-10-10")}, "received"},
		"verified while received":      {data.Coverage{Status: data.Received, Verified: day(t, "2019-10-10")}, "verified"},
		"received before asked":        {data.Coverage{Status: data.Received, Asked: day(t, "2019-10-11"), Received: day(t, "2019-10-10")}, "received"},
		"verified before received":     {data.Coverage{Status: data.Verified, Received: day(t, "2019-10-11"), Verified: day(t, "2019-10-10")}, "verified"},
		"verified before asked":        {data.Coverage{Status: data.Verified, Asked: day(t, "2019-10-11"), Verified: day(t, "2019-10-10")}, "verified"},
		"due before asked":             {data.Coverage{Status: data.Asked, Asked: day(t, "2019-10-11"), Due: day(t, "2019-10-10")}, "due"},
		"some of none":                 {data.Coverage{Status: data.NoneHere, Expected: n(1)}, "expected"},
		"fewer than none":              {data.Coverage{Expected: n(-1)}, "expected"},
		"too many":                     {data.Coverage{Expected: n(1_000_001)}, "expected"},
		"a long note":                  {data.Coverage{Note: strings.Repeat("注", 1001)}, "note"},
		"a long body":                  {data.Coverage{Body: strings.Repeat("市", 201)}, "body"},
		"a line break":                 {data.Coverage{Note: "a\nb"}, "note"},
		"no text":                      {data.Coverage{Body: "\xff"}, "body"},
	} {
		err := c.row.Check()
		var invalid *data.Invalid
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (!errors.As(err, &invalid) || invalid.Field != c.field):
			t.Errorf("%s: %v, want a refusal of %s", name, err, c.field)
		}
	}
}

func TestDay(t *testing.T) {
	for _, s := range []string{"1990-01-01", "2020-02-29", "2199-12-31", ""} {
		if d, err := data.ReadDate("x", s); err != nil || d.String() != s {
			t.Errorf("%q: %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"1989-12-31", "2200-01-01", "2019-02-29", "2019-1-1", "2019/01/01", "20190101", "2019-13-01", " 2019-01-01", "0000-00-00"} {
		if d, err := data.ReadDate("x", s); err == nil {
			t.Errorf("%q is %v", s, d)
		}
	}
	if !(day(t, "2019-12-31") < day(t, "2020-01-01") && day(t, "2019-09-30") < day(t, "2019-10-01")) {
		t.Error("days do not compare as dates do")
	}
}

// A row comes back from its unit as it was, and a unit that is changed in any of
// its parts is read as changed or refused.
func TestCoverageUnit(t *testing.T) {
	tax := citytest.Taxonomy()
	v := &tax.Vintages[tax.Default]
	rapid.Check(t, func(t *rapid.T) {
		c := data.Coverage{
			Industry: data.Industry(rapid.IntRange(0, len(tax.Industries)-1).Draw(t, "industry")),
			District: v.First + data.District(rapid.IntRange(0, len(v.Districts)-1).Draw(t, "district")),
			Status:   data.CoverageStatus(rapid.IntRange(0, 4).Draw(t, "status")),
			Body:     rapid.StringMatching(`[市局a-z =,"]{0,20}`).Draw(t, "body"), Note: rapid.StringMatching(`[注 a-z;\\]{0,20}`).Draw(t, "note"),
		}
		if rapid.Bool().Draw(t, "expected") && c.Status != data.NoneHere {
			n := rapid.IntRange(0, 1000).Draw(t, "n")
			c.Expected = &n
		}
		at := 20191001
		for _, step := range []struct {
			from data.CoverageStatus
			to   *data.Date
		}{{data.Asked, &c.Asked}, {data.Received, &c.Received}, {data.Verified, &c.Verified}, {data.NotStarted, &c.Due}} {
			if c.Status >= step.from && rapid.Bool().Draw(t, "dated") {
				*step.to = data.Date(at)
			}
			at++
		}
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		u := tax.CoverageUnit(&c, orb.Point{120, 30})
		got, err := tax.ParseCoverage(&u)
		if err != nil || !reflect.DeepEqual(got, c) || !got.Equal(&c) {
			t.Fatalf("%+v, %v, want %+v", got, err, c)
		}
		if c.Bare() != (got == data.Coverage{Industry: c.Industry, District: c.District}) {
			t.Fatalf("%+v is bare: %v", c, c.Bare())
		}
	})
}

func TestCoverageUnitRefuses(t *testing.T) {
	tax := citytest.Taxonomy()
	v := &tax.Vintages[tax.Default]
	row := data.Coverage{Industry: 2, District: v.First + 1, Status: data.Verified, Verified: day(t, "2019-12-01")}
	for field, spoil := range map[string]func(u *data.Unit){
		"vintage":  func(u *data.Unit) { u.Props["vintage"] = tax.Vintages[0].Name },
		"industry": func(u *data.Unit) { u.Props["industry"] = "Z9" },
		"district": func(u *data.Unit) { u.Props["district"] = tax.Vintages[0].Districts[0].Code },
		"code":     func(u *data.Unit) { u.Code = "T01:D2021-2" },
		"status":   func(u *data.Unit) { u.Class = "done" },
		"expected": func(u *data.Unit) { u.Props["expected"] = "many" },
		"received": func(u *data.Unit) { u.Props["received"] = "2019-12-02" },
		"due":      func(u *data.Unit) { u.Props["due"] = "soon" },
	} {
		u := tax.CoverageUnit(&row, orb.Point{120, 30})
		spoil(&u)
		var invalid *data.Invalid
		if _, err := tax.ParseCoverage(&u); !errors.As(err, &invalid) || field != "received" && invalid.Field != field {
			t.Errorf("a spoilt %s: %v", field, err)
		}
		table := data.NewCoverageTable(tax, []data.Unit{u})
		if table.Done(row.District) != 0 || table.Wrong() != 1 {
			t.Errorf("a spoilt %s is done: %v, %d wrong", field, table.Done(row.District), table.Wrong())
		}
	}
	good := tax.CoverageUnit(&row, orb.Point{120, 30})
	table := data.NewCoverageTable(tax, []data.Unit{good})
	if table.Done(row.District) != 1<<2 || table.Wrong() != 0 || table.Done(0) != 0 || table.Done(v.Outside()) != 0 || table.Done(v.First) != 0 {
		t.Errorf("done %v", table.Done(row.District))
	}
	if data.NewCoverageTable(tax, nil) != nil {
		t.Error("a table of nothing")
	}
}
