package city

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"sort"

	"riskatlas/data"
)

// digest is a hash of all of the profile that can change a tile: what gives
// levels and scenarios, hides records, names codes and places districts. Bodies,
// methods, sources and the time zone show in no tile and are left out.
func (p *Profile) digest() uint64 {
	type industry struct {
		Code, Slug  string
		Group       int
		R1, R2      float64
		Sensitivity data.Sensitivity
	}
	type unit struct {
		Code, Name, NameEn string
		Shape              json.RawMessage
		Props              map[string]string
	}
	type conversion struct {
		From, To, Code string
		Default        data.District
		Divided        bool
		Streets        map[string]data.District
	}
	t := p.Taxonomy
	all := struct {
		Key         string
		Cuts        [4]float64
		NewBuild    [4]float64
		Equivalent  [5]float64
		Shares      ShareRule
		Groups      []data.GroupInfo
		Industries  []industry
		Vintages    []data.Vintage
		Default     int
		Outlines    map[string][]unit
		Conversions []conversion
	}{Key: p.Key, Cuts: p.Cuts, NewBuild: p.NewBuild, Equivalent: p.Equivalent, Shares: p.Shares,
		Groups: t.Groups, Vintages: t.Vintages, Default: t.Default, Outlines: map[string][]unit{}}
	for _, in := range t.Industries {
		all.Industries = append(all.Industries, industry{in.Code, in.Slug, in.Group, in.R1, in.R2, in.Sensitivity})
	}
	for kind, units := range p.outlines {
		for _, u := range units {
			all.Outlines[kind] = append(all.Outlines[kind], unit{u.Code, u.Name, u.NameEn, data.AppendGeometry(nil, u.Shape), u.Props})
		}
	}
	for d, rules := range p.conversions {
		for code, r := range rules {
			all.Conversions = append(all.Conversions, conversion{d.from, d.to, code, r.to, r.divided, r.streets})
		}
	}
	sort.Slice(all.Conversions, func(i, j int) bool {
		a, b := all.Conversions[i], all.Conversions[j]
		return a.From+"\x00"+a.To+"\x00"+a.Code < b.From+"\x00"+b.To+"\x00"+b.Code
	})
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err) // numbers are checked to be finite, and all else marshals
	}
	sum := sha256.Sum256(raw)
	return binary.LittleEndian.Uint64(sum[:8])
}

// sources gathers what the file says of where its constants come from.
func (f *File) sources() map[string]string {
	s := map[string]string{"place": f.Place.Source, "cuts": f.Cuts.Source, "equivalent": f.Equivalent.Source, "shares": f.Shares.Source}
	if f.NewBuild != nil {
		s["new_build"] = f.NewBuild.Source
	}
	if f.Weather != nil {
		s["weather"] = f.Weather.Source
	}
	if f.MainList != nil {
		s["main_list"] = f.MainList.Source
	}
	if f.Regulators != nil {
		s["regulators"] = f.Regulators.Source
	}
	if f.Sensitivity != nil {
		s["sensitivity"] = f.Sensitivity.Source
	}
	for _, v := range f.Vintages {
		s["vintages."+v.Name] = v.Source
	}
	for _, z := range f.Zones {
		s["zones."+z.Name] = z.Source
	}
	for _, c := range f.Conversions {
		s["conversions."+c.From+"-"+c.To] = c.Source
	}
	return s
}

// listSources adds those of the lists, which may come from a catalogue.
func (f *File) listSources(s map[string]string) {
	s["groups"] = f.Groups.Source
	if f.Accidents != nil {
		s["accident_types"] = f.Accidents.Source
	}
	in := f.Industries
	for key, source := range map[string]string{"": in.Source, ".geometry": in.Geometry, ".accidents": in.Accidents, ".method": in.Method, ".radii": in.Radii, ".protection": in.Protected} {
		s["industries"+key] = source
	}
}
