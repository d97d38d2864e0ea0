package city

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known on an image without files

	"github.com/paulmach/orb"

	"riskatlas/data"
)

var (
	keyForm      = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	setForm      = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)
	geometryForm = regexp.MustCompile(`^[PLA](/[PLA]){0,2}$`)
)

func invalid(field string, value any, want string) error {
	return &data.Invalid{Field: field, Value: fmt.Sprint(value), Want: want}
}

// parse makes a profile of a profile file's bytes; files is its folder.
func parse(raw []byte, files fs.FS) (*Profile, error) {
	f, err := decode[File](raw)
	if err != nil {
		return nil, err
	}
	if f.Format != profileFormat {
		return nil, invalid("format", f.Format, profileFormat)
	}
	p := &Profile{Key: f.Key, Name: f.Name, NameEn: f.NameEn, Sources: f.sources()}
	if !keyForm.MatchString(f.Key) {
		return nil, invalid("key", f.Key, "1 to 32 of the characters a-z 0-9 -")
	}
	if f.Name == "" {
		return nil, invalid("name", f.Name, "the city's name")
	}
	for _, step := range []func(*File, fs.FS) error{p.place, p.numbers, p.conventions, p.taxonomy, p.ground, p.convert} {
		if err := step(f, files); err != nil {
			return nil, err
		}
	}
	if p.derived, err = derive(p.Taxonomy.Industries, p.Equivalent); err != nil {
		return nil, err
	}
	p.Digest = p.digest()
	return p, nil
}

func (p *Profile) place(f *File, _ fs.FS) error {
	b := f.Place.Bbox
	if len(b) != 4 || !(b[0] < b[2] && b[1] < b[3] && b[0] >= -180 && b[2] <= 180 && b[1] >= -85 && b[3] <= 85) {
		return invalid("place.bbox", b, "west, south, east, north in degrees, longitude -180 to 180, latitude -85 to 85")
	}
	p.Bound = orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
	c := f.Place.Centre
	if len(c) != 2 || !p.Bound.Contains(orb.Point{c[0], c[1]}) {
		return invalid("place.centre", c, "longitude and latitude inside the bbox")
	}
	p.Centre = orb.Point{c[0], c[1]}
	zone, err := time.LoadLocation(f.Place.Zone)
	if err != nil || f.Place.Zone == "" || f.Place.Zone == "Local" {
		return invalid("place.zone", f.Place.Zone, "an IANA time zone such as Asia/Shanghai")
	}
	p.Zone = zone
	return nil
}

// cuts reads the lower bounds of the levels.
func (y *PerYear) cuts(where string) (cuts [4]float64, err error) {
	if len(y.PerYear) != 4 {
		return cuts, invalid(where+".per_year", y.PerYear, "four frequencies: floor, general, significant, major")
	}
	last := math.Nextafter(0, -1)
	for i, c := range y.PerYear {
		if !(c > last && c <= 1) {
			return cuts, invalid(fmt.Sprintf("%s.per_year[%d]", where, i), c, "rising frequencies per year, from 0 to 1")
		}
		cuts[i], last = c, c
	}
	return cuts, nil
}

func (p *Profile) numbers(f *File, _ fs.FS) error {
	var err error
	if p.Cuts, err = f.Cuts.cuts("cuts"); err != nil {
		return err
	}
	if f.NewBuild != nil {
		if p.NewBuild, err = f.NewBuild.cuts("new_build"); err != nil {
			return err
		}
	}
	if n := len(f.Equivalent.PerYear); n != 4 {
		return invalid("equivalent.per_year", f.Equivalent.PerYear, "four frequencies: of levels 1, 2, 3, 4")
	}
	for i, e := range f.Equivalent.PerYear {
		if !(e > 0 && e >= p.Equivalent[i] && e <= data.MaxPerYear) {
			return invalid(fmt.Sprintf("equivalent.per_year[%d]", i), e, "frequencies per year over 0 and at most 1e-2 that never fall")
		}
		p.Equivalent[i+1] = e
	}
	for _, s := range []struct {
		name  string
		share float64
		to    *float64
	}{{"major", f.Shares.Major, &p.Shares.Major}, {"significant", f.Shares.Significant, &p.Shares.Significant}, {"general", f.Shares.General, &p.Shares.General}} {
		if !(s.share > 0 && s.share <= 1) {
			return invalid("shares."+s.name, s.share, "a share over 0 and at most 1")
		}
		*s.to = s.share
	}
	return nil
}

func (p *Profile) taxonomy(f *File, _ fs.FS) error {
	if err := f.catalogue(); err != nil {
		return err
	}
	if f.Groups == nil || f.Industries == nil {
		return invalid("industries", "none", "the name of a catalogue, or groups, accident_types and industries")
	}
	if n := len(f.Industries.List); n == 0 || n > data.MaxIndustries {
		return invalid("industries.list", n, fmt.Sprintf("1 to %d industries", data.MaxIndustries))
	}
	f.listSources(p.Sources)
	t := data.Taxonomy{}
	groups := map[string]int{}
	for i, g := range f.Groups.List {
		groups[g.Key] = i
		t.Groups = append(t.Groups, data.GroupInfo(g))
	}
	accidents := map[string]bool{}
	if f.Accidents != nil {
		for i, a := range f.Accidents.List {
			if a.Code == "" || accidents[a.Code] {
				return invalid(fmt.Sprintf("accident_types.list[%d].code", i), a.Code, "a code that no other accident type has")
			}
			accidents[a.Code] = true
			t.AccidentTypes = append(t.AccidentTypes, data.AccidentType(a))
		}
	}
	for i, in := range f.Industries.List {
		info, err := in.info(groups, accidents)
		if err != nil {
			return within(fmt.Sprintf("industries.list[%d]", i), err)
		}
		t.Industries = append(t.Industries, info)
	}
	if err := f.overlay(t.Industries); err != nil {
		return err
	}
	if err := f.vintages(&t); err != nil {
		return err
	}
	tax, err := data.NewTaxonomy(t)
	p.Taxonomy = tax
	return err
}

// within puts the place of a member before the field of an *data.Invalid.
func within(where string, err error) error {
	if inv, ok := err.(*data.Invalid); ok {
		moved := *inv
		moved.Field = where + "." + inv.Field
		return &moved
	}
	return fmt.Errorf("%s: %w", where, err)
}

func (in *Industry) info(groups map[string]int, accidents map[string]bool) (data.IndustryInfo, error) {
	info := data.IndustryInfo{Code: in.Code, Slug: in.Slug, Name: in.Name, NameEn: in.NameEn, Geometry: in.Geometry,
		Accidents: in.Accidents, Regulator: in.Regulator, Assistant: in.Assistant, Method: in.Method, R1: in.R1, R2: in.R2}
	for _, f := range [2][2]string{{"code", in.Code}, {"slug", in.Slug}} {
		if !setForm.MatchString(f[1]) {
			return info, invalid(f[0], f[1], "1 to 32 of the characters A-Z a-z 0-9 . _ -")
		}
	}
	if in.Name == "" {
		return info, invalid("name", in.Name, "the industry's name")
	}
	group, ok := groups[in.Group]
	if !ok {
		return info, invalid("group", in.Group, "the key of a group")
	}
	info.Group = group
	if !geometryForm.MatchString(in.Geometry) || repeats(in.Geometry) {
		return info, invalid("geometry", in.Geometry, "P (point), L (line), A (area), preferred first, as A/P")
	}
	for _, a := range in.Accidents {
		if !accidents[a] {
			return info, invalid("accidents", a, "the code of an accident type")
		}
	}
	if !(in.R1 >= 0 && in.R2 >= in.R1 && in.R2 > 0 && in.R2 <= data.MaxReachMetres) {
		return info, invalid("r2", fmt.Sprint(in.R1, ", ", in.R2), "0 <= r1 <= r2 <= 20000 metres, r2 over 0")
	}
	var err error
	if info.Protection, err = data.ParseProtection(in.Protection); err != nil {
		return info, within("protection", err)
	}
	info.Sensitivity, err = data.ParseSensitivity(in.Sensitivity)
	return info, err
}

func repeats(geometry string) bool {
	for _, g := range geometry {
		if g != '/' && strings.Count(geometry, string(g)) > 1 {
			return true
		}
	}
	return false
}
