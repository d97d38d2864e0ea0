package forms

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
)

// Type is the type of a field's value.
type Type string

// The types. Numbers are finite decimals, integers whole ones; a date is
// YYYY-MM-DD; an enum is the code of one choice; a list is of texts, of codes
// where it has choices. Objects and lists of objects are JSON.
const (
	Integer Type = "integer"
	Number  Type = "number"
	Text    Type = "text"
	Boolean Type = "boolean"
	Enum    Type = "enum"
	Date    Type = "date"
	List    Type = "list"
	Object  Type = "object"
	Objects Type = "objects"
)

// What a field of the record takes its choices from: the tables name these in
// the place of a type.
const (
	industryType  Type = "industry"
	districtType  Type = "district"
	vintageType   Type = "vintage"
	levelType     Type = "level"
	accidentsType Type = "accidents"
)

// Where a field of the record stands, in the place of everywhere.
const (
	columnForm = "column" // in workbooks alone: the record has it under another name
	jsonForm   = "json"   // in a workbook only where a record has it, as JSON
)

// Choice is one value of a field that has few.
type Choice struct {
	Code   string `json:"code"`
	Name   string `json:"name"` // Chinese, as NameEn is English
	NameEn string `json:"name_en"`
}

// Field is one thing that is collected. Name and Meaning are Chinese. Min and
// Max are inclusive, in the field's unit; nil leaves an end open.
type Field struct {
	Key       string   `json:"key"`
	Type      Type     `json:"type"`
	Unit      string   `json:"unit,omitempty"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	Choices   []Choice `json:"choices,omitempty"`
	Suggest   []string `json:"suggest,omitempty"` // usual values of a text that may be any
	Pattern   string   `json:"pattern,omitempty"` // of a text, or of each text of a list
	Most      int      `json:"most,omitempty"`    // characters of a text; 0: 300
	Name      string   `json:"name"`
	NameEn    string   `json:"name_en"`
	Meaning   string   `json:"meaning"`
	MeaningEn string   `json:"meaning_en"`
	Example   string   `json:"example,omitempty"`  // as a cell would have it
	For       []string `json:"for,omitempty"`      // of an indicator: codes, keys of groups, or all
	Methods   []string `json:"methods,omitempty"`  // of the record's: only where the industry is assessed by one of them
	Form      string   `json:"form,omitempty"`     // "": everywhere; column or json
	Required  bool     `json:"required,omitempty"` // a record without it is refused
	Desired   bool     `json:"desired,omitempty"`  // a record without it is incomplete
	Personal  bool     `json:"personal,omitempty"` // never shown in a public view
	Unlisted  bool     `json:"unlisted,omitempty"` // taken, but not asked for in workbooks
	Source    string   `json:"source"`

	pattern *regexp.Regexp
	heads   []string          // folded names of columns that give it
	byText  map[string]string // of choices: folded code or name to the code
}

const usualMost = 300

func (f *Field) most() int {
	if f.Most > 0 {
		return f.Most
	}
	return usualMost
}

// Label is the field's name in the language ("zh" or "en").
func (f *Field) Label(lang string) string { return pick(lang, f.Name, f.NameEn) }

// Explain is the field's meaning in the language.
func (f *Field) Explain(lang string) string { return pick(lang, f.Meaning, f.MeaningEn) }

// Header is the field's name with its unit, as the head of a column has it.
func (f *Field) Header(lang string) string {
	if unit := ShowUnit(f.Unit, lang); unit != "" {
		return f.Label(lang) + " (" + unit + ")"
	}
	return f.Label(lang)
}

// Range says in words which values the field takes; "" where any of its type.
func (f *Field) Range(lang string) string {
	switch {
	case f.Type == Boolean:
		return pick(lang, "是、否", "yes, no")
	case f.Type == Date:
		return pick(lang, "年-月-日，如 2019-11-20", "year-month-day, as 2019-11-20")
	case len(f.Choices) > 0:
		names := make([]string, len(f.Choices))
		for i, c := range f.Choices {
			names[i] = c.show(lang)
		}
		return strings.Join(names, pick(lang, "；", "; "))
	case f.Min != nil || f.Max != nil:
		return span(f.Min, f.Max, lang)
	case f.Pattern != "":
		form := strings.TrimSuffix(strings.TrimPrefix(f.Pattern, "^(?:"), ")$")
		return pick(lang, "格式 "+form, "of the form "+form)
	case f.Type == Text:
		return pick(lang, "不超过"+strconv.Itoa(f.most())+"字", "at most "+strconv.Itoa(f.most())+" characters")
	}
	return ""
}

func span(least, most *float64, lang string) string {
	switch {
	case most == nil:
		return pick(lang, "不小于 "+ftoa(*least), ftoa(*least)+" or more")
	case least == nil:
		return pick(lang, "不大于 "+ftoa(*most), ftoa(*most)+" or less")
	}
	return pick(lang, ftoa(*least)+" 至 "+ftoa(*most), ftoa(*least)+" to "+ftoa(*most))
}

// show is how a choice reads: its name, with the code where they differ much.
func (c Choice) show(lang string) string { return pick(lang, c.Name, c.NameEn) }

func pick(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

// CheckLang refuses what is neither zh nor en.
func CheckLang(lang string) error {
	if lang == "zh" || lang == "en" {
		return nil
	}
	return &data.Invalid{Field: "lang", Value: lang, Want: "one of", Allowed: []string{"zh", "en"}}
}

func ftoa(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// fold is the form in which names compare: compatibility characters and case
// folded; spaces, underscores, hyphens and slashes left out.
func fold(s string) string {
	return foldDrop.Replace(strings.ToLower(norm.NFKC.String(strings.TrimSpace(s))))
}

var foldDrop = strings.NewReplacer(" ", "", "_", "", "-", "", "\t", "", "\n", "", "\r", "", "\ufeff", "", "\u200b", "", "/", "")

// bare is a folded choice without the word that only says what kind of grade it
// is: lists have 二级, 二类 or 二类坝 for 二.
func bare(folded string) string {
	return strings.TrimRight(folded, "级类坝等")
}

// prepare checks the field and makes what it is read by.
func (f *Field) prepare() error {
	bad := func(value, want string) error {
		return &data.Invalid{Field: "fields." + f.Key, Value: value, Want: want}
	}
	switch {
	case f.Key == "" || strings.ContainsAny(f.Key, " \t"):
		return bad(f.Key, "a key without spaces")
	case f.Name == "" || f.NameEn == "" || f.Meaning == "" || f.MeaningEn == "":
		return bad(f.Name, "a name and a meaning in both languages")
	case f.Source == "":
		return bad("", "a source")
	case !slices.Contains([]Type{Integer, Number, Text, Boolean, Enum, Date, List, Object, Objects, industryType, districtType, vintageType, levelType, accidentsType}, f.Type):
		return bad(string(f.Type), "a type of field")
	case f.Type == Enum && len(f.Choices) == 0:
		return bad("no choices", "the choices of an enum")
	case f.Type == List && slices.ContainsFunc(f.Choices, func(c Choice) bool { return strings.ContainsAny(c.Name+c.NameEn, separators) }):
		return bad(strings.Join(f.codes(), ", "), "choices without "+separators+", which part the entries of a list")
	case f.Min != nil && f.Max != nil && !(*f.Min < *f.Max):
		return bad(ftoa(*f.Min)+".."+ftoa(*f.Max), "a range that is not empty")
	case f.Unit != "" && f.Type != Object && !knownUnit(f.Unit):
		return bad(f.Unit, "a unit of the table")
	}
	if f.Pattern != "" {
		re, err := regexp.Compile(f.Pattern)
		if err != nil {
			return bad(f.Pattern, "a pattern: "+err.Error())
		}
		f.pattern = re
	}
	f.heads = headsOf(f)
	return f.index()
}

// index makes what choices are read by. Of two that have a word the first keeps
// it; the error names the second.
func (f *Field) index() error {
	if len(f.Choices) == 0 {
		return nil
	}
	var clash error
	f.byText = map[string]string{}
	for _, c := range f.Choices {
		for _, text := range []string{c.Code, c.Name, c.NameEn, bare(fold(c.Name))} {
			key := fold(text)
			if other, twice := f.byText[key]; twice && other != c.Code || key == "" {
				clash = &data.Invalid{Field: "fields." + f.Key, Value: text, Want: "words that only one choice has"}
				continue
			}
			f.byText[key] = c.Code
		}
	}
	return clash
}
