package city

import (
	"fmt"
	"io/fs"
	"slices"

	"riskatlas/data"
)

// catalogue puts the lists of the catalogue that the file names in their place.
func (f *File) catalogue() error {
	if f.Catalogue == "" {
		return nil
	}
	if f.Groups != nil || f.Accidents != nil || f.Industries != nil {
		return invalid("catalogue", f.Catalogue, "either a catalogue or lists of the profile's own")
	}
	if !keyForm.MatchString(f.Catalogue) {
		return &data.Invalid{Field: "catalogue", Value: f.Catalogue, Want: "one of", Allowed: []string{"urban-39"}}
	}
	raw, err := read(profiles(), f.Catalogue+".json")
	if err != nil {
		return &data.Invalid{Field: "catalogue", Value: f.Catalogue, Want: "one of", Allowed: []string{"urban-39"}}
	}
	c, err := decode[Catalogue](raw)
	if err == nil && c.Format != catalogueFormat {
		err = invalid("format", c.Format, catalogueFormat)
	}
	if err != nil {
		return within("catalogue", err)
	}
	f.Groups, f.Accidents, f.Industries = &c.Groups, &c.Accidents, &c.Industries
	return nil
}

// overlay puts the file's regulators over those of the industries and gives
// every industry a sensitivity.
func (f *File) overlay(industries []data.IndustryInfo) error {
	at := map[string]int{}
	for i, in := range industries {
		at[in.Code] = i
	}
	if f.Regulators != nil {
		for code, b := range f.Regulators.By {
			i, ok := at[code]
			if !ok {
				return invalid("regulators.by_industry", code, "the code of an industry")
			}
			industries[i].Regulator, industries[i].Assistant = b.Regulator, b.Assistant
		}
	}
	return f.sensitivities(industries, at)
}

func (f *File) sensitivities(industries []data.IndustryInfo, at map[string]int) error {
	s := f.Sensitivity
	if s == nil {
		s = &Sensitive{}
	}
	others, err := data.ParseSensitivity(s.Default)
	if err != nil {
		return within("sensitivity.default", err)
	}
	named := map[string]bool{}
	for _, l := range []struct {
		key   string
		codes []string
		is    data.Sensitivity
	}{{"public", s.Public, data.Public}, {"internal", s.Internal, data.Internal}, {"secret", s.Secret, data.Secret}} {
		for _, code := range l.codes {
			i, ok := at[code]
			if !ok || named[code] {
				return invalid("sensitivity."+l.key, code, "the code of an industry that no other entry names")
			}
			named[code] = true
			industries[i].Sensitivity = l.is
		}
	}
	for i := range industries {
		if industries[i].Sensitivity == data.Unstated {
			industries[i].Sensitivity = others
		}
		// Nothing may become public because somebody forgot a line.
		if industries[i].Sensitivity == data.Unstated {
			return invalid("sensitivity.default", "", "public, internal or secret, since industry "+industries[i].Code+" names none")
		}
	}
	return nil
}

// vintages fills the taxonomy's vintages and its default.
func (f *File) vintages(t *data.Taxonomy) error {
	if n := len(f.Vintages); n == 0 || n > data.MaxVintages {
		return invalid("vintages", n, fmt.Sprintf("1 to %d", data.MaxVintages))
	}
	var names []string
	for i := range f.Vintages {
		v := &f.Vintages[i]
		if !setForm.MatchString(v.Name) || slices.Contains(names, v.Name) {
			return invalid(fmt.Sprintf("vintages[%d].name", i), v.Name, "1 to 32 of A-Z a-z 0-9 . _ - that no other vintage has")
		}
		names = append(names, v.Name)
		vintage := data.Vintage{Name: v.Name}
		for _, d := range v.Districts {
			vintage.Districts = append(vintage.Districts, data.DistrictInfo(d))
		}
		t.Vintages = append(t.Vintages, vintage)
	}
	if f.Default == "" && len(names) == 1 {
		return nil
	}
	t.Default = slices.Index(names, f.Default)
	if t.Default < 0 {
		return &data.Invalid{Field: "default_vintage", Value: f.Default, Want: "one of", Allowed: names}
	}
	return nil
}

// ground makes the outlines of vintages and zones.
func (p *Profile) ground(f *File, files fs.FS) error {
	p.outlines = map[string][]data.Unit{}
	kinds := map[string]*UnitSet{}
	for i := range f.Vintages {
		kinds[data.DistrictKind(f.Vintages[i].Name)] = &f.Vintages[i]
	}
	for i := range f.Zones {
		z := &f.Zones[i]
		kind := data.ZoneKind(z.Name)
		if !setForm.MatchString(z.Name) || kinds[kind] != nil {
			return invalid(fmt.Sprintf("zones[%d].name", i), z.Name, "1 to 32 of A-Z a-z 0-9 . _ - that no other set of zones has")
		}
		seen := map[string]bool{}
		for _, d := range z.Districts {
			if d.Code == "" || seen[d.Code] {
				return invalid(fmt.Sprintf("zones[%d].districts.code", i), d.Code, "a code that no other zone of the set has")
			}
			seen[d.Code] = true
		}
		kinds[kind] = z
	}
	drawing, err := part[Drawing](files, "pieces", f.Pieces)
	if err != nil {
		return err
	}
	if drawing != nil {
		if p.outlines, err = drawing.units(kinds); err != nil {
			return within("pieces", err)
		}
		p.Sources["pieces"] = drawing.Source
	}
	for kind, set := range kinds {
		units, err := set.read(files)
		if err != nil {
			return within(kind, err)
		}
		if units != nil && p.outlines[kind] != nil {
			return invalid(kind+".outlines", "given", "outlines, or pieces that make them, not both")
		}
		if units != nil {
			p.outlines[kind] = units
		}
	}
	return nil
}
