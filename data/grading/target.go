package grading

import (
	"maps"
	"math"
	"slices"

	"riskatlas/data"
)

// individualFile is the format of rules/individual.json.
type individualFile struct {
	Limits struct {
		Source string `json:"source"`
		List   []struct {
			Class     string  `json:"class"`
			NewBuild  float64 `json:"new_build_per_year"`
			InService float64 `json:"in_service_per_year"`
		} `json:"list"`
	} `json:"limits"`
	Targets struct {
		Source string `json:"source"`
		List   []struct {
			Use        string   `json:"use"`
			Industries []string `json:"industries"` // codes whose sources are of the use
			Class      string   `json:"class"`      // whatever its size; or steps and else
			Steps      []struct {
				Class string             `json:"class"`
				Any   map[string]float64 `json:"any"` // one of these sizes and more
			} `json:"steps"` // most protected first
			Else string `json:"else"`
		} `json:"list"`
	} `json:"targets"`
}

// limits are individual risks, 1/yr.
type limits struct{ newBuild, inService float64 }

type target struct {
	use        string
	industries []string
	steps      []targetStep
	rest       data.Protection
}

type targetStep struct {
	class data.Protection
	sizes map[string]float64
}

// SizeNames are the inputs by which a target's class goes: areas in m2, people
// at the same time, beds, households, staff of the largest shift.
var SizeNames = []string{"floor_area_m2", "ground_area_m2", "people", "beds", "households", "staff_on_shift"}

func (r *Rules) readIndividual(raw []byte) error {
	var f individualFile
	if err := decode(raw, &f); err != nil {
		return err
	}
	if err := sourced("limits.source", f.Limits.Source); err != nil {
		return err
	}
	if err := sourced("targets.source", f.Targets.Source); err != nil {
		return err
	}
	for _, l := range f.Limits.List {
		p, err := protection("limits.class", l.Class)
		if err != nil {
			return err
		}
		if !(l.NewBuild > 0 && l.NewBuild <= l.InService && l.InService < 1) {
			return &data.Invalid{Field: "limits", Value: l.Class, Want: "0 < new_build_per_year <= in_service_per_year < 1"}
		}
		r.limits[p] = limits{l.NewBuild, l.InService}
	}
	for p := data.HighSensitive; p <= data.General3; p++ {
		if r.limits[p].newBuild == 0 {
			return &data.Invalid{Field: "limits.class", Value: "none", Want: "limits for " + p.String()}
		}
	}
	seen := map[string]bool{}
	for _, t := range f.Targets.List {
		made := target{use: t.Use, industries: t.Industries}
		if t.Use == "" || seen[t.Use] || (t.Class == "") != (len(t.Steps) > 0) {
			return &data.Invalid{Field: "targets.use", Value: t.Use, Want: "a use that stands once, with a class or steps"}
		}
		seen[t.Use] = true
		for _, s := range t.Steps {
			p, err := protection("targets.class of "+t.Use, s.Class)
			if err != nil {
				return err
			}
			if err := sizes(t.Use, s.Any); err != nil {
				return err
			}
			made.steps = append(made.steps, targetStep{p, s.Any})
		}
		rest := t.Class
		if len(t.Steps) > 0 {
			rest = t.Else
		}
		var err error
		if made.rest, err = protection("targets.class of "+t.Use, rest); err != nil {
			return err
		}
		r.targets = append(r.targets, made)
	}
	return nil
}

func sizes(use string, any map[string]float64) error {
	for name, v := range any {
		if !slices.Contains(SizeNames, name) || !(v > 0) {
			return &data.Invalid{Field: "targets.any of " + use, Value: name, Want: "a number over 0 of one of", Allowed: SizeNames}
		}
	}
	if len(any) == 0 {
		return &data.Invalid{Field: "targets.any of " + use, Value: "none", Want: "at least one size"}
	}
	return nil
}

// protection reads a class that must be one.
func protection(field, key string) (data.Protection, error) {
	p, err := data.ParseProtection(key)
	if err != nil || p == data.Unprotected {
		return 0, &data.Invalid{Field: field, Value: key, Want: "one of", Allowed: data.ProtectionKeys[1:]}
	}
	return p, nil
}

// Limit is the individual risk (1/yr) that a target of the class may be put
// under by a plant that is new (built, rebuilt, extended) or in service (GB
// 36894-2018 table 1). Unprotected has no limit: +Inf.
func (r *Rules) Limit(class data.Protection, newBuild bool) float64 {
	switch {
	case class == data.Unprotected || int(class) >= len(r.limits):
		return math.Inf(1)
	case newBuild:
		return r.limits[class].newBuild
	}
	return r.limits[class].inService
}

// Allowed reports whether an individual risk (1/yr) is within the class's limit,
// to a relative 1e-9: three sources of 1e-6 are 3e-6.
func (r *Rules) Allowed(class data.Protection, newBuild bool, perYear float64) bool {
	return perYear <= r.Limit(class, newBuild)*(1+tolerance)
}

// Uses are the uses of ground and buildings that Target knows, in the table's
// order.
func (r *Rules) Uses() []string {
	out := make([]string, len(r.targets))
	for i, t := range r.targets {
		out[i] = t.use
	}
	return out
}

// Target is the class of a use by its sizes (SizeNames; each is optional, but a
// use that goes by size wants one of its own). What is stated decides: a size
// that is left out counts as too small. Errors are *data.Invalid.
func (r *Rules) Target(use string, sizes map[string]any) (data.Protection, error) {
	for i := range r.targets {
		t := &r.targets[i]
		if t.use != use {
			continue
		}
		class, ok, err := t.class(sizes)
		if err == nil && !ok {
			err = &data.Invalid{Field: "indicators", Value: "none", Want: "a size of " + use + ", one of", Allowed: t.sizeNames()}
		}
		return class, err
	}
	return 0, &data.Invalid{Field: "use", Value: use, Want: "one of", Allowed: r.Uses()}
}

func (t *target) sizeNames() []string {
	names := map[string]bool{}
	for _, s := range t.steps {
		for name := range s.sizes {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// class is the target's class; ok is false when none of its sizes is there.
func (t *target) class(sizes map[string]any) (class data.Protection, ok bool, err error) {
	if len(t.steps) == 0 {
		return t.rest, true, nil
	}
	known := map[string]float64{}
	for _, name := range t.sizeNames() {
		raw, there := find(sizes, name)
		if !there {
			continue
		}
		v, isNumber := asNumber(raw)
		if !isNumber || v < 0 {
			return 0, false, &data.Invalid{Field: "indicators." + name, Value: show(raw), Want: "a number of 0 or more"}
		}
		known[name] = v
	}
	if len(known) == 0 {
		return 0, false, nil
	}
	for _, s := range t.steps {
		for name, least := range s.sizes {
			if v, there := known[name]; there && v >= least {
				return s.class, true, nil
			}
		}
	}
	return t.rest, true, nil
}

// Protection is the class of a source as a target: the one that its record
// states, else the most protected of the uses of its industry by its indicators
// (SizeNames), its occupancy_max as people and its staff as staff_on_shift. It
// is Unprotected where the industry is no target or its sizes are not known.
func (r *Rules) Protection(industry string, d *data.Detail) (data.Protection, error) {
	if d.ProtectionClass != "" {
		return protection("protection_class", d.ProtectionClass)
	}
	sizes := map[string]any{}
	for _, name := range SizeNames {
		if v, ok := find(d.Indicators, name); ok {
			sizes[name] = v
		}
	}
	for name, v := range map[string]*int{"people": d.OccupancyMax, "staff_on_shift": d.Staff} {
		if _, given := sizes[name]; !given && v != nil {
			sizes[name] = *v
		}
	}
	best := data.Unprotected
	for i := range r.targets {
		t := &r.targets[i]
		if !slices.Contains(t.industries, industry) {
			continue
		}
		class, ok, err := t.class(sizes)
		if err != nil {
			return 0, err
		}
		if ok && (best == data.Unprotected || class < best) {
			best = class
		}
	}
	return best, nil
}
