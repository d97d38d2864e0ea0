package data

import (
	"fmt"
	"strings"
)

// Industry is a position in a Taxonomy's list of industries, 0 to 63.
type Industry uint8

// District is a position in a Taxonomy's one numbering of the districts of all
// vintages. Position 0 says that nothing is stated.
type District uint16

// Limits of a taxonomy: what a Filter's bit sets can hold.
const (
	MaxIndustries = 64
	MaxDistricts  = 256 // over all vintages, with one "outside" each and position 0
	MaxVintages   = 4
)

// IndustryInfo describes one industry.
type IndustryInfo struct {
	Code, Slug  string // "I04", "petrol-station"
	Name        string // 加油站
	NameEn      string
	Group       int      // position in Taxonomy.Groups
	Geometry    string   // "P", "L", "A": preferred first, then accepted
	Accidents   []string // accident-type codes
	Regulator   string   // the body that answers for it by default
	Assistant   string   // the body that assists, or ""
	Method      string   // how it is usually assessed
	R1, R2      float64  // default radii of the index kernel, metres
	Sensitivity Sensitivity
	Protection  Protection // as a target of others' risk, for sources that state none
}

// GroupInfo describes one group of industries.
type GroupInfo struct{ Key, Name, NameEn string }

// DistrictInfo describes one district of one vintage.
type DistrictInfo struct {
	Code         string // GB/T 2260, or a project code
	Name, NameEn string
}

// Vintage is one state of the city's division into districts.
type Vintage struct {
	Name      string   // "2021"
	First     District // position of the first district; they follow each other
	Districts []DistrictInfo
}

// Outside is the vintage's position for what lies in none of its districts.
func (v *Vintage) Outside() District { return v.First + District(len(v.Districts)) }

// Holds reports whether the position is of this vintage, its outside included.
func (v *Vintage) Holds(d District) bool { return d >= v.First && d <= v.Outside() }

// Taxonomy is a city's list of industries, groups and districts: it turns codes
// into positions and back. It is immutable once made, safe for concurrent use,
// and handed as a value to whatever reads or writes codes.
type Taxonomy struct {
	Industries    []IndustryInfo // by Industry
	Groups        []GroupInfo
	Vintages      []Vintage // at least one
	Default       int       // position in Vintages of the one that filters and answers use
	AccidentTypes []AccidentType

	industries map[string]Industry
	groups     map[string]int
}

// AccidentType is one code of GB/T 6441-1986 or of the project's additions.
type AccidentType struct{ Code, Name, NameEn, Source string }

// NewTaxonomy checks the lists, numbers the districts (it sets every
// Vintage.First) and makes the taxonomy. The slices are kept, not copied.
func NewTaxonomy(t Taxonomy) (*Taxonomy, error) {
	if n := len(t.Industries); n == 0 || n > MaxIndustries {
		return nil, &Invalid{Field: "industries", Value: fmt.Sprint(n), Want: fmt.Sprintf("1 to %d industries", MaxIndustries)}
	}
	if n := len(t.Vintages); n == 0 || n > MaxVintages {
		return nil, &Invalid{Field: "vintages", Value: fmt.Sprint(n), Want: fmt.Sprintf("1 to %d district vintages", MaxVintages)}
	}
	if t.Default < 0 || t.Default >= len(t.Vintages) {
		return nil, &Invalid{Field: "default_vintage", Value: fmt.Sprint(t.Default), Want: "one of the vintages"}
	}
	t.groups = map[string]int{}
	for i, g := range t.Groups {
		if _, twice := t.groups[g.Key]; twice || g.Key == "" {
			return nil, &Invalid{Field: "groups.key", Value: g.Key, Want: "a key that no other group has"}
		}
		t.groups[g.Key] = i
	}
	t.industries = map[string]Industry{}
	for i, in := range t.Industries {
		if in.Group < 0 || in.Group >= len(t.Groups) {
			return nil, &Invalid{Field: "industries.group", Value: in.Code, Want: "an industry whose group exists"}
		}
		for _, name := range []string{in.Code, in.Slug} {
			if _, twice := t.industries[name]; twice || name == "" {
				return nil, &Invalid{Field: "industries.code", Value: name, Want: "a code and slug that no other industry has"}
			}
			t.industries[name] = Industry(i)
		}
	}
	next := 1
	for i := range t.Vintages {
		v := &t.Vintages[i]
		v.First = District(next)
		next += len(v.Districts) + 1
		seen := map[string]bool{}
		for _, d := range v.Districts {
			if d.Code == "" || seen[d.Code] {
				return nil, &Invalid{Field: "districts.code", Value: d.Code, Want: "a code that no other district of vintage " + v.Name + " has"}
			}
			seen[d.Code] = true
		}
	}
	if next > MaxDistricts {
		return nil, &Invalid{Field: "districts", Value: fmt.Sprint(next), Want: fmt.Sprintf("at most %d district positions over all vintages", MaxDistricts)}
	}
	return &t, nil
}

// Industry finds an industry by code or slug, in any case.
func (t *Taxonomy) Industry(s string) (Industry, error) {
	if i, ok := t.industries[s]; ok {
		return i, nil
	}
	for name, i := range t.industries {
		if strings.EqualFold(name, s) {
			return i, nil
		}
	}
	codes := make([]string, len(t.Industries))
	for i, in := range t.Industries {
		codes[i] = in.Code
	}
	return 0, &Invalid{Field: "industry", Value: s, Want: "the code or slug of an industry", Allowed: codes}
}

// Group finds a group's position by its key.
func (t *Taxonomy) Group(key string) (int, error) {
	if g, ok := t.groups[key]; ok {
		return g, nil
	}
	keys := make([]string, len(t.Groups))
	for i, g := range t.Groups {
		keys[i] = g.Key
	}
	return 0, &Invalid{Field: "group", Value: key, Want: "one of", Allowed: keys}
}

// Vintage finds a vintage by name; the empty name is the default one.
func (t *Taxonomy) Vintage(name string) (*Vintage, error) {
	if name == "" {
		return &t.Vintages[t.Default], nil
	}
	names := make([]string, len(t.Vintages))
	for i := range t.Vintages {
		if t.Vintages[i].Name == name {
			return &t.Vintages[i], nil
		}
		names[i] = t.Vintages[i].Name
	}
	return nil, &Invalid{Field: "vintage", Value: name, Want: "one of", Allowed: names}
}

// District finds a district's position by vintage and code.
func (v *Vintage) District(code string) (District, error) {
	codes := make([]string, len(v.Districts))
	for i, d := range v.Districts {
		if d.Code == code {
			return v.First + District(i), nil
		}
		codes[i] = d.Code
	}
	return 0, &Invalid{Field: "district", Value: code, Want: "a district of vintage " + v.Name, Allowed: codes}
}

// DistrictInfo gives the vintage and description of a position. It reports
// false for position 0, an outside, and what is past the end.
func (t *Taxonomy) DistrictInfo(d District) (*Vintage, DistrictInfo, bool) {
	for i := range t.Vintages {
		v := &t.Vintages[i]
		if v.Holds(d) && d != v.Outside() {
			return v, v.Districts[d-v.First], true
		}
	}
	return nil, DistrictInfo{}, false
}

// DistrictCode is the code of a position, or "" where it has none.
func (t *Taxonomy) DistrictCode(d District) string {
	_, info, _ := t.DistrictInfo(d)
	return info.Code
}
