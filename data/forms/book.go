package forms

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"riskatlas/data"
	"riskatlas/data/city"
)

//go:embed fields/*.json
var tables embed.FS

const tableFormat = "riskatlas-forms/1"

// Book has the forms of a city's industries.
type Book struct {
	City  *city.Profile
	forms []*Form             // by data.Industry
	known map[string][]string // key of an indicator to the codes of the industries that have it
	heads map[string]bool     // folded names of columns that give an indicator
}

// Form is what is collected of the sources of one industry. Its slices are
// shared and not to be changed.
type Form struct {
	Industry   data.IndustryInfo
	Group      data.GroupInfo
	Common     []Field // of the record, in the order of a form
	Indicators []Field

	city  *city.Profile
	names func() map[string]*Field // folded key or head of a column to the indicator; made when first asked for
}

// fieldFile is one of the tables.
type fieldFile struct {
	Format  string            `json:"format"`
	Sources map[string]string `json:"sources"` // a field's source is a key of this or the text itself
	Fields  []Field           `json:"fields"`
}

// industryFile says which industries the tables know.
type industryFile struct {
	Format string            `json:"format"`
	Groups map[string]string `json:"groups"` // name to the first letter of its codes
	Slugs  map[string]string `json:"slugs"`  // code to slug
}

// catalogue is what the embedded tables say, read once.
type catalogue struct {
	common, indicators []Field
	industries         industryFile
	codes              map[string]string // slug to code
}

var readCatalogue = sync.OnceValues(func() (*catalogue, error) {
	c := &catalogue{codes: map[string]string{}}
	var err error
	if c.common, err = readFields("common.json"); err != nil {
		return nil, err
	}
	for _, name := range []string{"industrial.json", "crowded.json", "public.json"} {
		fields, err := readFields(name)
		if err != nil {
			return nil, err
		}
		c.indicators = append(c.indicators, fields...)
	}
	if err := readTable("industries.json", &c.industries); err != nil {
		return nil, err
	}
	for code, slug := range c.industries.Slugs {
		c.codes[slug] = code
	}
	return c, checkFields(c.indicators, &c.industries)
})

// New makes the book of a city from the embedded tables.
func New(p *city.Profile) (*Book, error) {
	c, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	b := &Book{City: p, known: map[string][]string{}, heads: map[string]bool{}}
	common := resolve(c.common, p.Taxonomy)
	for _, in := range p.Taxonomy.Industries {
		f := &Form{Industry: in, Group: p.Taxonomy.Groups[in.Group], Common: common, city: p}
		for i := range c.indicators {
			if x := &c.indicators[i]; x.of(c.codes[in.Slug], &c.industries) {
				f.Indicators = append(f.Indicators, *x)
				if b.known[x.Key] == nil {
					for _, head := range x.heads {
						b.heads[head] = true
					}
				}
				b.known[x.Key] = append(b.known[x.Key], in.Code)
			}
		}
		f.names = sync.OnceValue(f.name)
		b.forms = append(b.forms, f)
	}
	return b, nil
}

// Form gives the form of an industry of the city.
func (b *Book) Form(in data.Industry) *Form { return b.forms[in] }

// Forms are the forms of all industries, in the taxonomy's order.
func (b *Book) Forms() []*Form { return slices.Clone(b.forms) }

func readTable(name string, v any) error {
	raw, err := tables.ReadFile("fields/" + name)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		err = dec.Decode(v)
	}
	if err != nil {
		return fmt.Errorf("forms: %s: %w", name, err)
	}
	return nil
}

func readFields(name string) ([]Field, error) {
	var file fieldFile
	if err := readTable(name, &file); err != nil {
		return nil, err
	}
	if file.Format != tableFormat {
		return nil, fmt.Errorf("forms: %s: %w", name, &data.Invalid{Field: "format", Value: file.Format, Want: tableFormat})
	}
	for i := range file.Fields {
		f := &file.Fields[i]
		if text, ok := file.Sources[f.Source]; ok {
			f.Source = text
		}
		if err := f.prepare(); err != nil {
			return nil, fmt.Errorf("forms: %s: %w", name, err)
		}
	}
	return file.Fields, nil
}

// checkFields refuses indicators that could not be told apart in a file, since a
// column is known by its head alone.
func checkFields(fields []Field, industries *industryFile) error {
	seen := map[string]string{}
	for i := range fields {
		f := &fields[i]
		if len(f.For) == 0 {
			return &data.Invalid{Field: "fields." + f.Key, Value: "for nothing", Want: "the industries that have it"}
		}
		for _, who := range f.For {
			if _, isGroup := industries.Groups[who]; who != "all" && !isGroup && industries.Slugs[who] == "" {
				return &data.Invalid{Field: "fields." + f.Key, Value: who, Want: "the code of an industry, a group or all"}
			}
		}
		for _, name := range f.heads {
			if other, twice := seen[name]; twice && other != f.Key {
				return &data.Invalid{Field: "fields." + f.Key, Value: name, Want: "names that only one indicator has; " + other + " has it too"}
			}
			seen[name] = f.Key
		}
	}
	return nil
}

// of reports whether the indicator is for the industry of that code; "" is one
// that the tables do not know.
func (f *Field) of(code string, industries *industryFile) bool {
	return slices.ContainsFunc(f.For, func(who string) bool {
		first, isGroup := industries.Groups[who]
		return who == "all" || code != "" && (who == code || isGroup && strings.HasPrefix(code, first))
	})
}

// headsOf are the folded names by which a column may give the field.
func headsOf(f *Field) []string {
	out := []string{fold(f.Key)}
	for _, lang := range []string{"zh", "en"} {
		out = append(out, fold(f.Label(lang)), fold(f.Header(lang)))
		if f.Unit != "" {
			out = append(out, fold(f.Label(lang)+"("+f.Unit+")"), fold(f.Label(lang)+f.Unit))
		}
	}
	return out
}

func (f *Form) name() map[string]*Field {
	names := map[string]*Field{}
	for i := range f.Indicators {
		for _, head := range f.Indicators[i].heads {
			names[head] = &f.Indicators[i]
		}
	}
	return names
}

// Indicator finds an indicator by its key, or by its name in either language
// with or without the unit.
func (f *Form) Indicator(name string) (*Field, bool) {
	x, ok := f.names()[fold(name)]
	return x, ok
}

// Names reports whether any industry of the city has an indicator of the name.
func (b *Book) Names(name string) bool {
	return b.heads[fold(name)]
}

// HasKey reports whether any industry of the city has an indicator of the key.
func (b *Book) HasKey(key string) bool { return b.known[key] != nil }

// Heads calls each with every name under which a column may give a field of the
// record, and the field's key.
func (b *Book) Heads(each func(head, key string)) {
	common := b.forms[0].Common
	for i := range common {
		if common[i].Form == jsonForm {
			continue
		}
		for _, lang := range []string{"zh", "en"} {
			each(common[i].Label(lang), common[i].Key)
			each(common[i].Header(lang), common[i].Key)
		}
	}
}

// Code finds the code of a choice of one of the record's fields by its name in
// either language.
func (b *Book) Code(key, text string) (code string, ok bool) {
	common := b.forms[0].Common
	i := slices.IndexFunc(common, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return "", false
	}
	code, ok = common[i].byText[fold(text)]
	return code, ok
}

// resolve gives the fields of the record their choices from the taxonomy.
func resolve(common []Field, t *data.Taxonomy) []Field {
	out := slices.Clone(common)
	for i := range out {
		f := &out[i]
		switch f.Type {
		case industryType:
			f.Type = Enum
			for _, in := range t.Industries {
				f.Choices = append(f.Choices, Choice{in.Code, in.Name, in.NameEn})
			}
		case districtType:
			f.Type, f.Choices = Enum, districts(t)
		case vintageType:
			f.Type = Enum
			for _, v := range t.Vintages {
				f.Choices = append(f.Choices, Choice{v.Name, v.Name, v.Name})
			}
		case levelType:
			f.Type = Enum
			for _, l := range []data.Level{data.Major, data.Significant, data.General, data.Low} {
				f.Choices = append(f.Choices, Choice{string(rune('0' + l)), levelNames[l][0], levelNames[l][1]})
			}
		case accidentsType:
			f.Type = List
			for _, a := range t.AccidentTypes {
				f.Choices = append(f.Choices, Choice{a.Code, a.Name, a.NameEn})
			}
		default:
			continue
		}
		if len(f.Choices) == 0 {
			f.Type = Text // of a city that has no districts, or no types of accident
		}
		_ = f.index() // a city may name two things alike: the first keeps the name
	}
	return out
}

// levelNames are the official names of the levels (安委办〔2016〕11号) and the
// interchange's keys, by level.
var levelNames = [5][2]string{{}, {"低风险", "Low risk"}, {"一般风险", "General risk"}, {"较大风险", "Significant risk"}, {"重大风险", "Major risk"}}

// districts are those of the default vintage, then what the others have beside
// them.
func districts(t *data.Taxonomy) []Choice {
	var out []Choice
	add := func(v *data.Vintage, note bool) {
		for _, d := range v.Districts {
			if slices.ContainsFunc(out, func(c Choice) bool { return c.Code == d.Code }) {
				continue
			}
			c := Choice{d.Code, d.Name, d.NameEn}
			if note {
				c.Name, c.NameEn = c.Name+" ("+v.Name+")", c.NameEn+" ("+v.Name+")"
			}
			out = append(out, c)
		}
	}
	add(&t.Vintages[t.Default], false)
	for i := range t.Vintages {
		if i != t.Default {
			add(&t.Vintages[i], true)
		}
	}
	return out
}
