package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// renewed gives the district that a row without a vintage means: one that only an
// older vintage has, or whose name was given to other ground since, is turned
// into the default vintage's by its street or its place, with a warning that says
// so. What neither decides is quarantined: only the sender knows which of its
// parts is meant. A district of a named vintage is kept, with a warning where
// neither decides.
func (b *builder) renewed(at data.District, named bool, shape orb.Geometry) data.District {
	if at == 0 || shape == nil {
		return at
	}
	v, info, ok := b.tax.DistrictInfo(at)
	now := &b.tax.Vintages[b.tax.Default]
	if !ok || info.Code == "" {
		return at
	}
	if v == now {
		if named {
			return at
		}
		return b.renamedGround(at, info, shape)
	}
	street, _ := b.value(fieldStreet)
	code, sure := b.opts.Profile.Convert(v.Name, info.Code, street, now.Name)
	by := "the whole of it became that"
	if parts := b.opts.Profile.Parts(v.Name, info.Code, now.Name); len(parts) > 1 {
		by = "by its street " + shorten(street)
		if !sure {
			where := ""
			if code, where = b.liesIn(shape, parts); code == "" {
				severity := Quarantined
				if named {
					severity = Warning
				}
				b.note("district_undecided", severity, "district", strings.TrimSpace(info.Code+" "+info.Name),
					fmt.Sprintf("what says which part of it is meant, since it was divided between %s and %s: %s; %s", v.Name, now.Name, partWords(parts), where))
				return at
			}
			sure, by = true, "by its place"
		}
	}
	if named || !sure {
		return at
	}
	return b.convert(at, v, info, code, by)
}

// renamedGround looks at a row whose district exists now, but existed before on
// other ground too: its street or its place may say that the old one is meant.
func (b *builder) renamedGround(at data.District, info data.DistrictInfo, shape orb.Geometry) data.District {
	now := &b.tax.Vintages[b.tax.Default]
	street, _ := b.value(fieldStreet)
	for i := range b.tax.Vintages {
		v := &b.tax.Vintages[i]
		old, err := v.District(info.Code)
		if v == now || err != nil {
			continue
		}
		parts := b.opts.Profile.Parts(v.Name, info.Code, now.Name)
		code, by := "", ""
		for _, part := range parts {
			if part.Code != info.Code && part.Has(street) {
				code, by = part.Code, "by its street "+shorten(street)
			}
		}
		if code == "" && len(parts) > 1 {
			if found, _ := b.liesIn(shape, parts); found != info.Code {
				code, by = found, "by its place"
			}
		}
		if code != "" {
			_, was, _ := b.tax.DistrictInfo(old)
			return b.convert(at, v, was, code, by)
		}
	}
	return at
}

// convert gives the default vintage's district of a code and says so.
func (b *builder) convert(at data.District, v *data.Vintage, info data.DistrictInfo, code, by string) data.District {
	now := &b.tax.Vintages[b.tax.Default]
	to, err := now.District(code)
	if err != nil {
		return at
	}
	_, became, _ := b.tax.DistrictInfo(to)
	b.warn("district_converted", "district", strings.TrimSpace(info.Code+" "+info.Name),
		fmt.Sprintf("the district of vintage %s: that of %s was taken as %s %s, %s", now.Name, v.Name, became.Code, became.Name, by))
	return to
}

// liesIn gives the one of the parts that holds the whole shape, or "" and where
// it lies.
func (b *builder) liesIn(shape orb.Geometry, parts []city.Part) (code, where string) {
	l := b.bounds.locators[b.tax.Default]
	if l == nil {
		return "", "no boundaries are known to tell by its place"
	}
	first := true
	for p := range vertices(shape) {
		found, _ := l.Locate(p)
		switch {
		case first:
			code, first = found, false
		case found != code:
			return "", "it lies in several districts"
		}
	}
	if code == "" {
		return "", "it lies in no district" + b.bounds.drawn(b.tax.Default)
	}
	if !slices.ContainsFunc(parts, func(p city.Part) bool { return p.Code == code }) {
		return "", "it lies in " + code + b.bounds.drawn(b.tax.Default)
	}
	return code, ""
}

// partWords lists the parts and the streets by which they are known.
func partWords(parts []city.Part) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = p.Code
		if len(p.Streets) > 0 {
			words[i] += " (street " + strings.Join(p.Streets, ", ") + ")"
		} else {
			words[i] += " (any other street)"
		}
	}
	return strings.Join(words, ", ")
}
