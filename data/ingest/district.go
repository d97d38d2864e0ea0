package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
)

// boundaries are the districts of every vintage, to test where places lie.
type boundaries struct {
	profile   *city.Profile
	locators  []*city.Locator // by vintage; nil where no outline is known
	schematic []bool
	names     []map[string]data.District // by vintage: code or name
}

// newBoundaries reads the districts' polygons from the store, or where it has
// none of a vintage takes the profile's outlines.
func newBoundaries(ctx context.Context, p *city.Profile, units data.Units) (*boundaries, error) {
	t := p.Taxonomy
	b := &boundaries{profile: p, locators: make([]*city.Locator, len(t.Vintages)), schematic: make([]bool, len(t.Vintages))}
	for i := range t.Vintages {
		v := &t.Vintages[i]
		var held []data.Unit
		if units != nil {
			for u, err := range units.Units(ctx, data.DistrictKind(v.Name)) {
				if err != nil {
					return nil, fmt.Errorf("districts of vintage %s: %w", v.Name, err)
				}
				held = append(held, *u)
			}
		}
		if len(held) == 0 {
			held = p.Outlines(v.Name)
		}
		b.schematic[i] = slices.ContainsFunc(held, func(u data.Unit) bool { return u.Props["schematic"] == "true" })
		if len(held) > 0 {
			b.locators[i] = city.NewLocator(held)
		}
		names := map[string]data.District{}
		for j, d := range v.Districts {
			at := v.First + data.District(j)
			for _, name := range []string{d.Code, d.Name, bareDistrict(d.Name), strings.ToLower(d.NameEn)} {
				if name != "" {
					names[name] = at
				}
			}
		}
		b.names = append(b.names, names)
	}
	return b, nil
}

// bareDistrict is a district's name without 区, 县 or 市.
func bareDistrict(name string) string {
	for _, end := range []string{"区", "县", "市"} {
		if bare, ok := strings.CutSuffix(name, end); ok && bare != "" {
			return bare
		}
	}
	return name
}

// code gives the code of the default vintage's district at a point, "" outside
// of all; ok is false where no boundary is known.
func (b *boundaries) code(p orb.Point) (code string, ok bool) {
	l := b.locators[b.profile.Taxonomy.Default]
	if l == nil {
		return "", false
	}
	code, _ = l.Locate(p)
	return code, true
}

// stated reads the district that the row states, and whether it names the
// vintage. What cannot be read is a warning: the place decides then.
func (b *builder) stated() (at data.District, named bool) {
	text, _ := b.value(fieldDistrict)
	name, _ := b.value(fieldVintage)
	if text == "" {
		return 0, false
	}
	if digits(text, 9) || digits(text, 12) {
		text = text[:6]
	}
	at, found := b.bounds.stated(text, name)
	for _, f := range found {
		b.found(f)
	}
	return at, name != ""
}

// stated finds the district that a code or name means in a vintage, whose name
// may be empty.
func (b *boundaries) stated(text, name string) (data.District, []Finding) {
	tax := b.profile.Taxonomy
	v, err := tax.Vintage(name)
	if err != nil {
		return 0, []Finding{{"district_vintage_unknown", "district_vintage", shorten(name), "one of the profile's vintages; the place decides its district"}}
	}
	vintage := vintageIndex(tax, v)
	at, ok := b.find(vintage, text)
	missing := Finding{Kind: "district_vintage_missing", Field: "district_vintage", Value: shorten(text)}
	var found []Finding
	if name == "" {
		if !ok {
			if d, only, alone := b.onlyOne(text); alone {
				missing.Want = "the vintage of the district; it was taken as " + only.Name + ", the only one that has it"
				return d, []Finding{missing}
			}
		} else if b.reused(vintage, text) {
			missing.Want = "the vintage of the district; it was taken as " + v.Name
			found = append(found, missing)
		}
	}
	if !ok {
		found = append(found, Finding{"district_unknown", "district", shorten(text), "a code or name of a district of vintage " + v.Name + "; the place decides its district"})
	}
	return at, found
}

func vintageIndex(tax *data.Taxonomy, v *data.Vintage) int {
	for i := range tax.Vintages {
		if &tax.Vintages[i] == v {
			return i
		}
	}
	return 0
}

func (b *boundaries) find(vintage int, text string) (data.District, bool) {
	names := b.names[vintage]
	for _, form := range []string{text, bareDistrict(text), strings.ToLower(text)} {
		if at, ok := names[form]; ok {
			return at, true
		}
	}
	return 0, false
}

// onlyOne finds a district that one vintage alone has.
func (b *boundaries) onlyOne(text string) (at data.District, v *data.Vintage, ok bool) {
	for i := range b.names {
		if d, has := b.find(i, text); has {
			if ok {
				return 0, nil, false
			}
			at, v, ok = d, &b.profile.Taxonomy.Vintages[i], true
		}
	}
	return at, v, ok
}

// reused reports whether another vintage has the name too, so that it alone does
// not say which ground is meant.
func (b *boundaries) reused(vintage int, text string) bool {
	for i := range b.names {
		if _, has := b.find(i, text); has && i != vintage {
			return true
		}
	}
	return false
}

// testedPlace is a place whose stated district was compared with the boundaries.
type testedPlace struct {
	sent    orb.Point // in the file's own coordinates
	vintage int
	code    string
	found   string // where it lies
	wrong   bool
}

// mostTested bounds the places kept for suspect.
const mostTested = 20_000

// checkDistrict warns when a source lies in no district, or in another one than
// it states.
func (b *builder) checkDistrict(h *data.Hazard) {
	street, _ := b.value(fieldStreet)
	found, test := b.bounds.look(h, street)
	if test != nil && len(b.tested) < mostTested && !b.frame.projected {
		test.sent = b.frame.fromWGS84(h.Label())
		b.tested = append(b.tested, *test)
	}
	for _, f := range found {
		b.found(f)
	}
}

// look finds a source that lies in no district, or in another one than it states;
// test is the comparison of the two, nil where there is none.
func (b *boundaries) look(h *data.Hazard, street string) (out []Finding, test *testedPlace) {
	tax, p := b.profile.Taxonomy, h.Label()
	if code, ok := b.code(p); ok && code == "" {
		out = append(out, Finding{"outside_districts", "geometry", point(p), "a place in one of the districts" + b.drawn(tax.Default)})
	}
	if h.Stated == 0 {
		return out, nil
	}
	v, info, _ := tax.DistrictInfo(h.Stated)
	code, vintage := info.Code, vintageIndex(tax, v)
	if b.locators[vintage] == nil {
		// Without boundaries of that vintage the default one's decide, where the
		// profile's rules are sure what became of the district.
		to := tax.Default
		sure := false
		if code, sure = b.profile.Convert(v.Name, code, street, tax.Vintages[to].Name); !sure || b.locators[to] == nil {
			return out, nil
		}
		vintage = to
	}
	l := b.locators[vintage]
	found, _ := l.Locate(p)
	wrong := found != code
	if wrong {
		for q := range vertices(h.Shape) {
			if at, _ := l.Locate(q); at == code {
				wrong = false // a line or area may reach into several
				break
			}
		}
	}
	test = &testedPlace{vintage: vintage, code: code, found: found, wrong: wrong}
	if !wrong {
		return out, test
	}
	where := "it lies in none"
	if found != "" {
		where = "it lies in " + found
	}
	return append(out, Finding{"district_mismatch", "district", code, fmt.Sprintf("the district of vintage %s that holds %s: %s%s",
		tax.Vintages[vintage].Name, point(p), where, b.drawn(vintage))}), test
}

// drawn says that boundaries are only schematic.
func (b *boundaries) drawn(vintage int) string {
	if b.schematic[vintage] {
		return " (by schematic outlines)"
	}
	return ""
}

// Suspicion of the datum: more than this share of the places in the wrong
// district would be right in another datum, and there are enough of them
// (domain rule: warn at 60 % of a batch).
const (
	suspectShare = 0.6
	suspectLeast = 5
)

// suspect looks whether another datum would set most of the mismatched
// districts right, and gives the problem of every row where that is so clear
// that the file must not be written as it is: hardly a place would be wrong then
// that is right now, and nobody said which datum it is. What is less clear is a
// warning.
func (b *builder) suspect() (wrong *Problem) {
	mismatched := 0
	for _, t := range b.tested {
		if t.wrong {
			mismatched++
		}
	}
	if mismatched < suspectLeast {
		return nil
	}
	best, most, harm, pairs := frame{}, 0, 0, 0
	for _, other := range []datum.Datum{datum.WGS84, datum.GCJ02, datum.BD09} {
		f := datumFrame(other)
		if f.name == b.frame.name || f.same && b.frame.same {
			continue
		}
		righted, wronged, where := b.tryFrame(&f)
		if righted > 2*wronged && (righted > most || righted == most && wronged < harm) {
			best, most, harm, pairs = f, righted, wronged, where
		}
	}
	if float64(most) <= suspectShare*float64(mismatched) {
		return nil
	}
	numbers := fmt.Sprintf("it would put %d of the %d places in the wrong district into the right one and %d of %d out of it",
		most, mismatched, harm, len(b.tested)-mismatched)
	b.report.add(Problem{File: b.file.Name, Kind: "datum_suspect", Severity: Warning, Field: "datum", Value: b.frame.name,
		Want: "perhaps " + best.name + ": " + numbers})
	if b.opts.Datum != "" || harm*clearOdds > most {
		return nil
	}
	if drawn := b.bounds.drawn(b.tax.Default); drawn != "" && (harm > 0 || most < clearLeast || pairs < 2) {
		return nil // a border drawn by hand may be as far off as a datum
	}
	return &Problem{Kind: "datum_wrong", Field: "datum", Value: b.frame.name,
		Want: fmt.Sprintf("another datum; the file looks like %s: use --datum %s, or --datum %s if it is right; %s", best.name, best.name, b.frame.name, numbers)}
}

// A suspicion is clear where another datum rights so many times as many places
// as it wrongs; by schematic outlines it has to right so many, at more than one
// border, and wrong none.
const (
	clearOdds  = 5
	clearLeast = 10
)

// tryFrame counts the tested places that another datum would put into their
// stated district, and out of it, and at how many borders it puts them right.
func (b *builder) tryFrame(f *frame) (righted, wronged, borders int) {
	crossed := map[[2]string]bool{}
	for _, t := range b.tested {
		code, _ := b.bounds.locators[t.vintage].Locate(f.toWGS84(t.sent))
		switch {
		case t.wrong && code == t.code:
			righted++
			crossed[[2]string{t.code, t.found}] = true
		case !t.wrong && code != t.code:
			wronged++
		}
	}
	return righted, wronged, len(crossed)
}
