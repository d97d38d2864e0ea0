package data

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// CoverageKind is the kind of units that say how far the survey has come: one for
// each industry and district of which anything is known.
const CoverageKind = "coverage"

// CoverageStatus is how far the survey of one industry in one district has come.
type CoverageStatus uint8

// The statuses. The zero value is that of every pair that nobody speaks of.
const (
	NotStarted CoverageStatus = iota
	Asked                     // the body was asked for its list
	Received                  // the list is here
	Verified                  // and was checked
	NoneHere                  // the district has no source of the industry
)

// CoverageKeys are the interchange names, by status.
var CoverageKeys = [...]string{"not_started", "asked", "received", "verified", "none_here"}

func (s CoverageStatus) String() string { return key(CoverageKeys[:], int(s)) }

// Done reports whether ground of that status is assessed.
func (s CoverageStatus) Done() bool { return s == Received || s == Verified || s == NoneHere }

// ParseCoverageStatus reads an interchange name; the empty string is none of them.
func ParseCoverageStatus(s string) (CoverageStatus, error) {
	for i, k := range CoverageKeys {
		if k == s {
			return CoverageStatus(i), nil
		}
	}
	return 0, &Invalid{Field: "status", Value: s, Want: "one of", Allowed: CoverageKeys[:]}
}

// Date is a date as 10000 × year + 100 × month + day: days compare as dates do. 0
// is no date.
type Date int32

// ReadDate reads YYYY-MM-DD of the years 1990 to 2199; the empty string is no date.
func ReadDate(field, s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1990 || t.Year() > 2199 {
		return 0, &Invalid{Field: field, Value: s, Want: "a date as YYYY-MM-DD, 1990 to 2199"}
	}
	return Date(t.Year()*10000 + int(t.Month())*100 + t.Day()), nil
}

// String is YYYY-MM-DD, or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100)
}

// Coverage is one row of the table of coverage: how far the survey of an industry
// in a district of the default vintage has come.
type Coverage struct {
	Industry Industry
	District District
	Status   CoverageStatus
	Expected *int   // sources that the body says there are; nil: not known
	Body     string // who was asked
	Asked    Date   // each 0 where not known
	Received Date
	Verified Date
	Due      Date // until when the body promised it
	Note     string
}

// Bounds of a row's texts, in characters, and of its number.
const (
	mostBody     = 200
	mostNote     = 1000
	mostExpected = 1_000_000
)

// Bare reports whether the row says no more than a missing one.
func (c *Coverage) Bare() bool {
	return c.Status == NotStarted && c.Expected == nil && c.Body == "" && c.Note == "" && c.Asked|c.Received|c.Verified|c.Due == 0
}

// Equal reports whether two rows say the same of one pair.
func (c *Coverage) Equal(o *Coverage) bool {
	a, b := *c, *o
	a.Expected, b.Expected = nil, nil
	same := c.Expected == o.Expected || c.Expected != nil && o.Expected != nil && *c.Expected == *o.Expected
	return same && a == b
}

// AsOf is the date as of which the row's status holds: the latest of those that it
// has. 0 where it has none.
func (c *Coverage) AsOf() Date { return max(c.Asked, c.Received, c.Verified) }

// Check refuses a row that contradicts itself: a date later than its status
// allows, dates in another order than asked, received, verified, sources that are
// expected where there are none. The error is an *Invalid.
func (c *Coverage) Check() error {
	if c.Expected != nil && (*c.Expected < 0 || *c.Expected > mostExpected) {
		return &Invalid{Field: "expected", Value: strconv.Itoa(*c.Expected), Want: "a whole number, 0 to " + strconv.Itoa(mostExpected)}
	}
	if c.Status == NoneHere && c.Expected != nil && *c.Expected > 0 {
		return &Invalid{Field: "expected", Value: strconv.Itoa(*c.Expected), Want: "0 or none where the status is none_here"}
	}
	for _, t := range []struct {
		field, text string
		most        int
	}{{"body", c.Body, mostBody}, {"note", c.Note, mostNote}} {
		if !utf8.ValidString(t.text) || utf8.RuneCountInString(t.text) > t.most || strings.ContainsFunc(t.text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return &Invalid{Field: t.field, Value: shorten(t.text), Want: fmt.Sprintf("at most %d printing characters", t.most)}
		}
	}
	return c.checkDays()
}

func (c *Coverage) checkDays() error {
	for _, d := range []struct {
		field string
		day   Date
		from  CoverageStatus // the first status that may have it
	}{{"asked", c.Asked, Asked}, {"received", c.Received, Received}, {"verified", c.Verified, Verified}} {
		if d.day != 0 && c.Status < d.from {
			return &Invalid{Field: d.field, Value: d.day.String(), Want: "no such date while the status is " + c.Status.String()}
		}
	}
	steps := []struct {
		field string
		day   Date
	}{{"asked", c.Asked}, {"received", c.Received}, {"verified", c.Verified}}
	last := steps[0]
	for _, s := range steps[1:] {
		if s.day != 0 && s.day < last.day {
			return &Invalid{Field: s.field, Value: s.day.String(), Want: "a date not before " + last.field + ", " + last.day.String()}
		}
		if s.day != 0 {
			last = s
		}
	}
	if c.Due != 0 && c.Due < c.Asked {
		return &Invalid{Field: "due", Value: c.Due.String(), Want: "a date not before asked, " + c.Asked.String()}
	}
	return nil
}

// CoverageCode is the code of a pair's unit, as I04:330106.
func (t *Taxonomy) CoverageCode(in Industry, d District) string {
	return t.Industries[in].Code + ":" + t.DistrictCode(d)
}

// CoverageUnit is the row as the store keeps it, at a point of its district. The
// row must pass Check.
func (t *Taxonomy) CoverageUnit(c *Coverage, at orb.Point) Unit {
	in := &t.Industries[c.Industry]
	vintage, district, _ := t.DistrictInfo(c.District)
	u := Unit{Code: t.CoverageCode(c.Industry, c.District), Name: in.Name + " · " + district.Name, Class: c.Status.String(), Shape: at,
		Props: map[string]string{"industry": in.Code, "district": district.Code, "vintage": vintage.Name}}
	if in.NameEn != "" && district.NameEn != "" {
		u.NameEn = in.NameEn + " · " + district.NameEn
	}
	if c.Expected != nil {
		u.Props["expected"] = strconv.Itoa(*c.Expected)
	}
	for name, text := range map[string]string{"body": c.Body, "asked": c.Asked.String(), "received": c.Received.String(),
		"verified": c.Verified.String(), "due": c.Due.String(), "note": c.Note} {
		if text != "" {
			u.Props[name] = text
		}
	}
	return u
}

// ParseCoverage reads a unit of CoverageKind. The error is an *Invalid: also for a
// row of another vintage than the default one, whose codes may stand for other
// ground.
func (t *Taxonomy) ParseCoverage(u *Unit) (c Coverage, err error) {
	v := &t.Vintages[t.Default]
	if name := u.Props["vintage"]; name != v.Name {
		return c, &Invalid{Field: "vintage", Value: name, Want: "the default vintage", Allowed: []string{v.Name}}
	}
	if c.Industry, err = t.Industry(u.Props["industry"]); err != nil {
		return c, err
	}
	if c.District, err = v.District(u.Props["district"]); err != nil {
		return c, err
	}
	if code := t.CoverageCode(c.Industry, c.District); code != u.Code {
		return c, &Invalid{Field: "code", Value: u.Code, Want: "the industry and the district of the row, " + code}
	}
	if c.Status, err = ParseCoverageStatus(u.Class); err != nil {
		return c, err
	}
	if text := u.Props["expected"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return c, &Invalid{Field: "expected", Value: text, Want: "a whole number"}
		}
		c.Expected = &n
	}
	for _, d := range []struct {
		name string
		to   *Date
	}{{"asked", &c.Asked}, {"received", &c.Received}, {"verified", &c.Verified}, {"due", &c.Due}} {
		if *d.to, err = ReadDate(d.name, u.Props[d.name]); err != nil {
			return c, err
		}
	}
	c.Body, c.Note = u.Props["body"], u.Props["note"]
	return c, c.Check()
}
