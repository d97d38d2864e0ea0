package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"riskatlas/data"
	"riskatlas/data/forms"
)

// surveyed is how many sources have their industry's indicators: all of a city of
// usual size. The further ones of a large city, which is there to be measured,
// have what decides how they are protected alone.
const surveyed = calm

// elsewhere are the indicators that size and inventory give, or that would change
// what a source is assessed by.
var elsewhere = map[string]bool{"floor_area_m2": true, "ground_area_m2": true, "beds": true, "households": true, "staff_on_shift": true,
	"dust_type": true, "dust_mass_kg": true, "major_hazard_r": true}

// Shares of sources whose survey has a field: one that a complete record has, and
// another.
const (
	desiredShare = 0.9
	otherShare   = 0.4
)

// survey gives the source indicators of its industry's form: made up, each of its
// form's type and range and of the order of the form's own example. It draws from
// a stream of the source's own, so that all else of a city is as it was without it.
func (m *maker) survey(f *draft, d *data.Detail) {
	if f.i >= surveyed {
		return
	}
	rng := rand.New(rand.NewPCG(m.seed^0xf0125, uint64(f.i)))
	fields := m.book.Form(f.industry).Indicators
	made := make(map[string]any, len(fields))
	for i := range fields {
		x := &fields[i]
		share := otherShare
		if x.Desired || x.Required {
			share = desiredShare
		}
		if drawn := rng.Float64() < share; x.Unlisted || elsewhere[x.Key] || !drawn {
			continue
		}
		if v := m.answer(rng, x, f); v != nil {
			made[x.Key] = v
		}
	}
	consistent(made, f.level, *d.ExposedNight)
	for key, v := range d.Indicators {
		made[key] = v
	}
	d.Indicators = made
}

// answer makes up the value of a field.
func (m *maker) answer(rng *rand.Rand, x *forms.Field, f *draft) any {
	usual, err := x.Read(x.Example)
	if err != nil {
		panic(fmt.Sprintf("demo: the example of %s: %v", x.Key, err))
	}
	switch v := usual.(type) {
	case float64:
		return number(rng, x, v)
	case bool: // most are as the example has it
		return v == (rng.Float64() < 0.85)
	case []any:
		return several(rng, x, v)
	}
	switch {
	case x.Type == forms.Date:
		return m.day(rng, x, usual.(string), f)
	case len(x.Choices) > 0 && rng.Float64() < 0.5:
		return x.Choices[rng.IntN(len(x.Choices))].Code
	}
	return usual
}

// number is of the order of the usual one, in the field's range: to three digits.
func number(rng *rand.Rand, x *forms.Field, usual float64) any {
	v := usual * (0.4 + 1.2*rng.Float64())
	if x.Key == "built_year" {
		v = 1986 + 33*rng.Float64()
	}
	v = math.Min(math.Max(v, *x.Min), *x.Max)
	if x.Type == forms.Integer {
		return math.Round(v)
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // of a number's own text
	return math.Min(v, *x.Max)
}

// several are one or two of the field's choices, or the usual ones.
func several(rng *rand.Rand, x *forms.Field, usual []any) any {
	n := len(x.Choices)
	if n == 0 {
		return usual[:1+rng.IntN(len(usual))]
	}
	first := rng.IntN(n)
	if other := rng.IntN(n); other != first {
		return []any{x.Choices[first].Code, x.Choices[other].Code}
	}
	return []any{x.Choices[first].Code}
}

// day is one of the year before the survey came to the source, or of the year
// after the usual day where that is yet to come.
func (m *maker) day(rng *rand.Rand, x *forms.Field, usual string, f *draft) any {
	if x.Key == "finish_date" {
		at, err := time.Parse(time.DateOnly, usual)
		if err != nil {
			panic("demo: " + err.Error())
		}
		return at.AddDate(0, 0, rng.IntN(365)).Format(time.DateOnly)
	}
	return firstSurvey.AddDate(0, 0, f.surveyed-1-rng.IntN(365)).Format(time.DateOnly)
}

// consistent makes what follows from another answer, or from the level, do so.
func consistent(made map[string]any, level data.Level, night int) {
	number := func(key string) float64 { v, _ := made[key].(float64); return v }
	follows := func(key string, v any) {
		if _, asked := made[key]; asked {
			made[key] = v
		}
	}
	follows("overnight_people", float64(night))
	follows("height_m", math.Round(3.4*number("storeys")))
	if number("storeys") == 0 {
		delete(made, "height_m")
	}
	// GB 50156-2021: diesel counts half.
	grade := "3"
	if v := number("petrol_tank_m3") + number("diesel_tank_m3")/2; v > 150 {
		grade = "1"
	} else if v > 90 {
		grade = "2"
	}
	if made["petrol_tank_m3"] != nil {
		follows("station_grade", grade)
	}
	// 建办质〔2018〕31号: 3 m and 5 m.
	works := "none"
	if depth := number("excavation_depth_m"); depth >= 5 {
		works = "beyond"
	} else if depth >= 3 {
		works = "hazardous"
	}
	follows("hazardous_works", works)
	follows("building_class", [...]string{"", "B", "C", "C", "D"}[level])
	follows("bridge_class", [...]string{"", "B", "C", "D", "E"}[level])
	follows("dam_class", [...]string{"", "1", "1", "2", "3"}[level])
}
