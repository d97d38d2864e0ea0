package api

import (
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/tiles"
)

// Assessed says how far the ground that an answer is about was looked at. What
// nobody looked at is unknown, which is not low.
type Assessed struct {
	Recorded    bool     `json:"recorded" doc:"Whether the city keeps a table of coverage. If not, nobody knows what was looked at: share is null."`
	Share       *float64 `json:"share" doc:"Part of the ground of the districts that the answer covers where every asked industry is received, verified or none_here, 0 to 1; null where it is not known: no table, or a place in no district."`
	PeopleShare *float64 `json:"people_share" doc:"The same of the people who live there; null where it is not known."`
	Missing     []string `json:"missing" doc:"Codes of asked industries that are not done in at least one of the districts."`
	Oldest      *string  `json:"oldest" doc:"Date of the oldest row of the table that counts, YYYY-MM-DD; null where none has a date."`
}

// assessedOf is an answer of the table of coverage as the API gives it.
func assessedOf(tax *data.Taxonomy, a tiles.Assessed) Assessed {
	out := Assessed{Recorded: a.Recorded, Missing: tax.Codes(a.Missing)}
	if a.Districts > 0 {
		out.Share = &a.Share
	}
	if a.Districts > 0 && a.PeopleShare >= 0 {
		out.PeopleShare = &a.PeopleShare
	}
	if a.Oldest != 0 {
		day := a.Oldest.String()
		out.Oldest = &day
	}
	return out
}

// appendAssessed writes an answer of the table as an Assessed.
func appendAssessed(b []byte, tax *data.Taxonomy, a *tiles.Assessed) []byte {
	b = strconv.AppendBool(append(b, `{"recorded":`...), a.Recorded)
	b = append(b, `,"share":`...)
	if a.Districts > 0 {
		b = appendNumber(b, a.Share)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"people_share":`...)
	if a.Districts > 0 && a.PeopleShare >= 0 {
		b = appendNumber(b, a.PeopleShare)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"missing":[`...)
	for i, n := 0, 0; i < len(tax.Industries); i++ {
		if !a.Missing.Has(uint8(i)) {
			continue
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = appendText(b, tax.Industries[i].Code)
	}
	b = append(b, `],"oldest":`...)
	if a.Oldest == 0 {
		return append(b, "null}"...)
	}
	return append(appendDay(append(b, '"'), a.Oldest), `"}`...)
}

// appendDay writes YYYY-MM-DD.
func appendDay(b []byte, d data.Date) []byte {
	two := func(b []byte, n data.Date) []byte { return append(b, byte('0'+n/10%10), byte('0'+n%10)) }
	b = two(two(b, d/1_000_000), d/10_000)
	b = two(append(b, '-'), d/100)
	return two(append(b, '-'), d)
}

// unknown is the word where a level is none or low because nobody looked.
const unknown = "unknown"

// levelText is the word for a level of ground. Ground that is not assessed as a
// whole is never none or low: what was found there may be the least of it.
func levelText(l data.Level, a *tiles.Assessed) string {
	if l <= data.Low && !a.Whole() {
		return unknown
	}
	return l.String()
}

// assessedAt asks the table of coverage about a place.
func assessedAt(v *tiles.View, p orb.Point, f data.Filter) tiles.Assessed {
	if v.Coverage() == nil {
		return v.Assess(f, nil)
	}
	var ground [1]data.District
	var covered [data.MaxDistricts]data.District
	n := 0
	if d, ok := v.DistrictAt(p); ok {
		ground[0], n = d, 1
	}
	return v.Assess(f, v.CoveredBy(covered[:0], f, ground[:n]))
}

// assessedWithin asks it about all ground within the metres of a place.
func assessedWithin(v *tiles.View, p orb.Point, metres float64, f data.Filter) tiles.Assessed {
	if v.Coverage() == nil {
		return v.Assess(f, nil)
	}
	ground := v.DistrictsWithin(nil, p, metres)
	return v.Assess(f, v.CoveredBy(nil, f, ground))
}

// assessedOver asks it about the districts that a filter asks for.
func assessedOver(v *tiles.View, f data.Filter) tiles.Assessed {
	return v.Assess(f, v.AskedDistricts(nil, f))
}

// assessedDistrict asks it about a district of any vintage: about those of the
// default one that have ground in it.
func assessedDistrict(v *tiles.View, vintage int, at data.District, f data.Filter) tiles.Assessed {
	tax := v.City.Taxonomy
	if v.Coverage() == nil || vintage == tax.Default {
		return v.Assess(f, []data.District{at})
	}
	one := data.All()
	t := &tax.Vintages[vintage]
	for d := t.First; d <= t.Outside(); d++ {
		if d != at {
			one.Districts[d/64] &^= 1 << (d % 64)
		}
	}
	return v.Assess(f, v.AskedDistricts(nil, one))
}
