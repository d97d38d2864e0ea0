package city

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"riskatlas/data"
)

// direction is a pair of vintages, old and new.
type direction struct{ from, to string }

// rule says what became of a district: to, by street, or 0 where neither knows.
type rule struct {
	to      data.District
	divided bool // some streets went elsewhere
	streets map[string]data.District
}

func (p *Profile) convert(f *File, _ fs.FS) error {
	t := p.Taxonomy
	p.conversions = map[direction]map[string]rule{}
	for i, c := range f.Conversions {
		where := fmt.Sprintf("conversions[%d]", i)
		from, err := t.Vintage(c.From)
		if err != nil || c.From == "" {
			return invalid(where+".from", c.From, "the name of a vintage")
		}
		to, err := t.Vintage(c.To)
		if err != nil || c.To == "" || c.To == c.From {
			return invalid(where+".to", c.To, "the name of another vintage")
		}
		d := direction{c.From, c.To}
		if p.conversions[d] != nil {
			return invalid(where+".to", c.To, "one conversion for each pair of vintages")
		}
		p.conversions[d] = map[string]rule{}
		for j, r := range c.Rules {
			made, err := r.rule(from, to)
			if err != nil {
				return within(fmt.Sprintf("%s.rules[%d]", where, j), err)
			}
			if _, twice := p.conversions[d][r.From]; twice {
				return invalid(fmt.Sprintf("%s.rules[%d].from", where, j), r.From, "one rule for each district")
			}
			p.conversions[d][r.From] = made
		}
	}
	p.sure = make([][][]data.District, len(t.Vintages))
	for i := range t.Vintages {
		p.sure[i] = make([][]data.District, len(t.Vintages))
		for j := range t.Vintages {
			p.sure[i][j] = p.sureByCode(&t.Vintages[i], &t.Vintages[j])
		}
	}
	return nil
}

func (r *Rule) rule(from, to *data.Vintage) (rule, error) {
	made := rule{divided: len(r.Streets) > 0, streets: map[string]data.District{}}
	if _, err := from.District(r.From); err != nil {
		return made, within("from", err)
	}
	var err error
	if r.To != "" {
		if made.to, err = to.District(r.To); err != nil {
			return made, within("to", err)
		}
	}
	if r.To == "" && !made.divided {
		return made, invalid("to", r.To, "a district of vintage "+to.Name+", or streets")
	}
	for code, streets := range r.Streets {
		at, err := to.District(code)
		if err != nil {
			return made, within("streets", err)
		}
		for _, s := range streets {
			name := bareStreet(s)
			if _, twice := made.streets[name]; twice || name == "" {
				return made, invalid("streets", s, "a street that stands once in the rule")
			}
			made.streets[name] = at
		}
	}
	return made, nil
}

func (p *Profile) sureByCode(from, to *data.Vintage) []data.District {
	out := make([]data.District, len(from.Districts))
	for i, d := range from.Districts {
		r, ok := p.conversions[direction{from.Name, to.Name}][d.Code]
		switch {
		case from == to:
			out[i] = from.First + data.District(i)
		case ok && !r.divided:
			out[i] = r.to
		}
	}
	return out
}

// Convert turns a district's code of one vintage into the code of another, by
// the rules of the profile. A street's name, with or without 街道, 镇 or 乡,
// decides where a district was divided; "" when it is not known. What is sure
// is so for every place of that street or district; without sure the code is
// the likeliest one or "", and the place itself must decide.
func (p *Profile) Convert(from, code, street, to string) (converted string, sure bool) {
	if from == to {
		v, err := p.Taxonomy.Vintage(from)
		if err != nil {
			return "", false
		}
		_, err = v.District(code)
		return code, err == nil
	}
	r, ok := p.conversions[direction{from, to}][code]
	if !ok {
		return "", false
	}
	street = bareStreet(street)
	if at, ok := r.streets[street]; ok && street != "" {
		return p.Taxonomy.DistrictCode(at), true
	}
	return p.Taxonomy.DistrictCode(r.to), r.to != 0 && (!r.divided || street != "")
}

// bareStreet is a street's name as rules compare it. A name that is nothing but
// such an ending keeps it.
func bareStreet(s string) string {
	s = strings.TrimSpace(s)
	for _, end := range []string{"街道办事处", "街道", "镇", "乡"} {
		if bare := strings.TrimSuffix(s, end); bare != s && bare != "" {
			return bare
		}
	}
	return s
}

// Part is one of the districts that another was divided among, with the streets
// that went there, sorted; none: all the others.
type Part struct {
	Code    string
	Streets []string
}

// Has reports whether the street, with or without 街道, 镇 or 乡, is known to be
// of the part.
func (p Part) Has(street string) bool {
	street = bareStreet(street)
	return street != "" && slices.Contains(p.Streets, street)
}

// Parts lists what became of a district in another vintage, by the rules of the
// profile and in the order of the codes; nil where no rule speaks of it.
func (p *Profile) Parts(from, code, to string) []Part {
	r, ok := p.conversions[direction{from, to}][code]
	if !ok {
		return nil
	}
	streets := map[string][]string{}
	if r.to != 0 {
		streets[p.Taxonomy.DistrictCode(r.to)] = nil
	}
	for street, at := range r.streets {
		if at != r.to {
			code := p.Taxonomy.DistrictCode(at)
			streets[code] = append(streets[code], street)
		}
	}
	var out []Part
	for _, code := range slices.Sorted(maps.Keys(streets)) {
		slices.Sort(streets[code])
		out = append(out, Part{code, streets[code]})
	}
	return out
}
