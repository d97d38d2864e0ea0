package demo

import (
	"math"

	"riskatlas/data"
)

// use is what a place is for, as far as its size decides how it is protected
// from the risk of others.
type use uint8

const (
	noUse use = iota
	trade
	entertainment
	lodging
	stadium
	dwelling
	factory
	park
)

// extent says how large places of an industry are: square metres of floor for
// each of its people by day, and beds for each by night.
type extent struct {
	use   use
	floor float64
	beds  float64
}

// extents are the industries of the usual taxonomy whose size is known.
var extents = map[string]extent{
	"I07": {factory, 60, 0}, "I09": {factory, 80, 0}, "I10": {factory, 70, 0},
	"C01": {trade, 9, 0}, "C02": {trade, 18, 0}, "C03": {dwelling, 35, 0}, "C04": {entertainment, 12, 0},
	"C05": {noUse, 45, 0.9}, "C06": {trade, 5, 0}, "C07": {lodging, 30, 1.1}, "C08": {park, 0, 0}, "C09": {noUse, 14, 0},
	"C10": {noUse, 35, 1.05}, "C11": {dwelling, 25, 0}, "C12": {noUse, 12, 0}, "C13": {stadium, 14, 0}, "C14": {trade, 8, 0},
}

// size fills what is known of how large the source is, and the class of target
// that follows. Industries whose kind alone decides the class have it from the
// profile.
func size(d *data.Detail, info *data.IndustryInfo, day, night int, jitter float64) {
	e, ok := extents[info.Code]
	if !ok {
		return
	}
	d.Indicators = map[string]any{}
	set := func(name string, v float64) {
		if v >= 1 {
			d.Indicators[name] = math.Round(v)
		}
	}
	floor, beds, most := e.floor*float64(day)*jitter, e.beds*float64(night)*jitter, float64(max(day, night))
	set("floor_area_m2", floor)
	set("beds", beds)
	peak := int(most * 1.3)
	d.OccupancyMax = &peak
	switch e.use {
	case dwelling:
		set("households", most/2.7)
	case factory:
		set("staff_on_shift", float64(day))
		d.OccupancyMax, d.Staff = nil, &peak
	case park:
		set("ground_area_m2", 40*most*jitter)
	}
	if class := protection(e.use, d.Indicators, float64(peak)); class != data.Unprotected {
		d.ProtectionClass = class.String()
	}
	if len(d.Indicators) == 0 {
		d.Indicators = nil
	}
}

// protection is the class of a target of general protection by its size: areas
// in m2, people at the busiest time (GB 36894-2018, the table of targets of
// general protection).
func protection(u use, sizes map[string]any, people float64) data.Protection {
	size := func(name string) float64 { v, _ := sizes[name].(float64); return v }
	of := func(first, second bool) data.Protection {
		switch {
		case first:
			return data.General1
		case second:
			return data.General2
		}
		return data.General3
	}
	floor := size("floor_area_m2")
	switch u {
	case trade:
		return of(floor >= 5000 || people >= 300, floor >= 1500 || people >= 100)
	case entertainment:
		return of(floor >= 3000 || people >= 100, true)
	case lodging:
		return of(size("beds") >= 100, true)
	case stadium:
		return of(floor >= 5000, true)
	case dwelling:
		return of(size("households") >= 30 || people >= 100, size("households") >= 10 || people >= 30)
	case factory:
		return of(false, size("staff_on_shift") >= 100)
	case park:
		return of(size("ground_area_m2") >= 5000, size("ground_area_m2") >= 1500)
	}
	return data.Unprotected
}
