package ingest

import (
	"encoding/json"
	"slices"
	"strings"

	"riskatlas/data"
)

// detail fills what is read by id only.
func (b *builder) detail(h *data.Hazard, d *data.Detail) {
	for f := firstDetail; int(f) < len(sourceFields); f++ {
		if text, _ := b.value(f); text != "" {
			b.simple(f, text, d)
		}
	}
	if b.frame.tag != "" && h.Shape != nil {
		d.SourceCRS, d.SourceCoords = b.frame.tag, nil
		if !b.frame.same {
			d.SourceCoords = b.sent()
		}
	}
	b.structured(d)
	if d.LevelMethod == "" {
		b.warn("level_method_missing", "level_method", "", "how the level was found: R, QRA, consequence, LEC, LS, key_unit, expert or condition_class")
	}
	if h.Level >= data.Significant && d.Measures == nil {
		b.warn("measures_missing", "measures", "", "measures, which a source of level 3 or 4 has")
	}
	if len(d.AccidentTypes) == 0 {
		b.warn("accident_types_missing", "accident_types", "", "at least one accident type")
	}
	if d.USCC != "" && !validUSCC(d.USCC) {
		b.warn("uscc_check", "uscc", d.USCC, "18 characters whose last one checks the others (GB 32100)")
	}
	if d.DutyPhone != "" && !phoneForm.MatchString(d.DutyPhone) {
		b.warn("phone_form", "duty_phone", "(personal)", "a number such as 0571-12345678 or 13000000000")
	}
}

// simple reads a text, date, count or list field.
func (b *builder) simple(f field, text string, d *data.Detail) {
	info := &sourceFields[f]
	switch {
	case info.oneOf != nil:
		if v, ok := info.oneOf[strings.ToLower(text)]; ok {
			*info.text(d) = v
		} else if v, ok := b.forms.Code(info.name, text); ok {
			*info.text(d) = v
		} else {
			b.warn(info.name+"_unknown", info.name, text, "one of: "+strings.Join(sortedKeys(info.oneOf), ", ")+"; it was left out")
		}
	case info.text != nil:
		most := info.most
		if most == 0 {
			most = 1000
		}
		*info.text(d) = b.text(f, most)
	case info.date != nil:
		v, ok := parseDate(text)
		if !ok {
			b.warn("date_unreadable", info.name, text, "a date as 2019-11-20; it was left out")
			return
		}
		*info.date(d) = v
	case info.count != nil:
		n, err := parseCount(info.name, text)
		if err != nil {
			b.rejectError("number_range", info.name, err)
			return
		}
		*info.count(d) = &n
	case info.list != nil:
		*info.list(d) = parseList(text)
	case info.input != "":
		setInput(d, info.input, numberOrText(text))
	}
}

// structured reads the fields that have more than one value.
func (b *builder) structured(d *data.Detail) {
	b.accidents(d)
	b.measures(d)
	if text, _ := b.value(fieldSubstances); text != "" {
		if err := decode("substances", text, "a JSON list of {name, max_t}", &d.Substances); err != nil {
			b.rejectError("number_range", "substances", err)
		}
	}
	b.levelInputs(d)
	if text, _ := b.value(fieldEffectRadius); text != "" {
		if err := decode("effect_radius_m", text, "a JSON object {death, serious, minor}", &d.EffectRadius); err != nil {
			b.rejectError("number_range", "effect_radius_m", err)
		}
	}
	if text, _ := b.value(fieldAccuracy); text != "" {
		v, err := parseNumber(text)
		if err != nil {
			b.reject("number_range", "coord_accuracy_m", text, "metres")
		}
		d.CoordAccuracyM = &v
	}
	b.grade(d)
	b.indicators(d)
	b.inventory(d)
	if text, _ := b.value(fieldSynthetic); text != "" {
		d.Synthetic = slices.Contains([]string{"true", "1", "yes", "是"}, strings.ToLower(text))
	}
	if text, _ := b.value(fieldSourceCoords); text != "" && d.SourceCoords == nil {
		if tooDeep([]byte(text)) || !json.Valid([]byte(text)) {
			b.warn("source_geometry_unreadable", "source_geometry", text, "a GeoJSON geometry; it was left out")
		} else {
			d.SourceCoords = json.RawMessage(text)
		}
	}
	if d.SourceCRS != "" && d.SourceCoords == nil && b.frame.tag == "" {
		b.warn("source_crs_alone", "source_crs", d.SourceCRS,
			"source_geometry beside it; a row's source_crs converts nothing, say the file's with --datum")
	}
}

func (b *builder) accidents(d *data.Detail) {
	text, _ := b.value(fieldAccidents)
	if text == "" {
		return
	}
	list := parseList(text)
	if len(list) == 1 && !strings.HasPrefix(text, "[") {
		list = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；、|,， ", r) })
	}
	for _, word := range list {
		i := slices.IndexFunc(b.tax.AccidentTypes, func(a data.AccidentType) bool {
			return strings.EqualFold(a.Code, word) || a.Name == word || strings.EqualFold(a.NameEn, word)
		})
		if i < 0 {
			b.warn("accident_type_unknown", "accident_types", word, "a code of an accident type; it was left out")
		} else if code := b.tax.AccidentTypes[i].Code; !slices.Contains(d.AccidentTypes, code) {
			d.AccidentTypes = append(d.AccidentTypes, code)
		}
	}
}

func (b *builder) measures(d *data.Detail) {
	text, _ := b.value(fieldMeasures)
	switch {
	case text == "":
	case strings.HasPrefix(text, "{"):
		var m data.Measures
		if err := decode("measures", text, "a JSON object of four lists", &m); err != nil {
			b.warn("measures_unreadable", "measures", text, "a JSON object {engineering, management, emergency, monitoring} of lists; it was left out")
			return
		}
		d.Measures = &m
		measures(d)
	default:
		m := measures(d)
		m.Management = append(m.Management, parseList(text)...)
		b.warn("measures_unsorted", "measures", text, "a column for each kind, such as measures.engineering; they were taken as management measures")
	}
}

var gradeWords = map[string]int{"一级": 1, "二级": 2, "三级": 3, "四级": 4, "一": 1, "二": 2, "三": 3, "四": 4, "无": 0, "非重大危险源": 0}

// grade reads the grade of GB 18218, of which 一级 (1) is the worst.
func (b *builder) grade(d *data.Detail) {
	text, _ := b.value(fieldGrade)
	if text == "" {
		return
	}
	n, ok := gradeWords[text]
	if !ok {
		var err error
		if n, err = parseCount("major_hazard_grade", text); err != nil {
			b.rejectError("number_range", "major_hazard_grade", err)
		}
	}
	d.MajorHazardGrade = n
}

func (b *builder) indicators(d *data.Detail) {
	if text, _ := b.value(fieldIndicators); text != "" {
		if err := decode("indicators", text, "a JSON object", &d.Indicators); err != nil {
			b.warn("indicators_unreadable", "indicators", text, "a JSON object; it was left out")
			d.Indicators = nil
		}
	}
	set := func(name string, v any) {
		if d.Indicators == nil {
			d.Indicators = map[string]any{}
		}
		d.Indicators[name] = v
	}
	for name, text := range b.row.extra {
		if text != "" {
			set(name, b.cellOf(name, text))
		}
	}
	switch street, _ := b.value(fieldStreet); {
	case street == "":
	case digits(street, 9), digits(street, 12):
		d.StreetCode = street[:9]
	default:
		clean, _ := cleanText(street, 100)
		set("street", clean)
	}
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}
