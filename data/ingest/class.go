package ingest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// sourceRule checks a value that many rows will share, from --set or a value
// table.
func (b *builder) sourceRule(f field, text string) error {
	var err error
	switch f {
	case fieldIndustry:
		_, err = b.industry(text)
	case fieldLevel:
		_, err = parseLevel(text)
	case fieldStatus:
		_, err = parseStatus(text)
	case fieldSensitivity:
		_, err = parseSensitivity(text)
	case fieldVintage:
		_, err = b.tax.Vintage(text)
	}
	return err
}

// industry finds an industry by code, slug or its whole name.
func (b *builder) industry(text string) (data.Industry, error) {
	if in, ok := b.industries[text]; ok {
		return in, nil
	}
	in, err := b.tax.Industry(text)
	if err != nil {
		i := slices.IndexFunc(b.tax.Industries, func(x data.IndustryInfo) bool {
			return text != "" && (text == x.Name || strings.EqualFold(text, x.NameEn))
		})
		if i < 0 {
			return 0, err
		}
		in = data.Industry(i)
	}
	if len(b.industries) < mostColumns {
		b.industries[text] = in
	}
	return in, nil
}

// classify reads what filters look at, and the names.
func (b *builder) classify(h *data.Hazard) {
	var err error
	if text, known := b.value(fieldIndustry); known {
		if h.Industry, err = b.industry(text); err != nil {
			kind := "industry_unknown"
			if text == "" {
				kind = "industry_missing"
			}
			b.rejectError(kind, "industry", err)
		} else {
			b.checkForm(h)
		}
	}
	if text, known := b.value(fieldLevel); known {
		if h.Level, err = parseLevel(text); err != nil {
			kind := "level_unknown"
			if text == "" {
				kind = "level_missing"
			}
			b.rejectError(kind, "level", err)
		}
	}
	if text, _ := b.value(fieldStatus); text != "" {
		if h.Status, err = parseStatus(text); err != nil {
			b.rejectError("status_unknown", "status", err)
		}
	}
	if text, _ := b.value(fieldSensitivity); text != "" {
		// To fall back to the industry's could publish what was meant secret.
		if h.Sensitivity, err = parseSensitivity(text); err != nil {
			b.rejectError("sensitivity_unknown", "sensitivity", err)
		}
	}
	h.Name, h.NameEn, h.Regulator = b.text(fieldName, 200), b.text(fieldNameEn, 200), b.text(fieldRegulator, 200)
	if h.Name == "" {
		b.warn("name_missing", "name", "", "a name; the industry and id stand in for it")
	}
	h.Stated = b.stated()
}

// checkForm warns when the industry's sources usually are of another shape.
func (b *builder) checkForm(h *data.Hazard) {
	forms := b.tax.Industries[h.Industry].Geometry
	var form string
	switch h.Shape.(type) {
	case orb.Point, orb.MultiPoint:
		form = "P"
	case orb.LineString, orb.MultiLineString:
		form = "L"
	case orb.Polygon, orb.MultiPolygon:
		form = "A"
	}
	if form != "" && forms != "" && !strings.Contains(forms, form) {
		b.warn("geometry_unusual", "geometry", h.Shape.GeoJSONType(),
			"a shape that "+b.tax.Industries[h.Industry].Code+" usually has (P point, L line, A area): "+forms)
	}
}

// text reads a field of at most `most` characters.
func (b *builder) text(f field, most int) string {
	text, _ := b.value(f)
	clean, cut := cleanText(text, most)
	if cut {
		b.warn(sourceFields[f].name+"_shortened", sourceFields[f].name, b.shown(f, text), "a shorter text: the rest was cut off")
	}
	return clean
}

// shown is a value as a report may print it.
func (b *builder) shown(f field, text string) string {
	if sourceFields[f].personal && text != "" {
		return "(personal)"
	}
	return text
}

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
	if text, _ := b.value(fieldLevelInputs); text != "" {
		if err := decode("level_inputs", text, "a JSON object", &d.LevelInputs); err != nil {
			b.warn("level_inputs_unreadable", "level_inputs", text, "a JSON object; it was left out")
			d.LevelInputs = nil
		}
	}
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
		if v, err := parseNumber(text); err == nil {
			set(name, v)
		} else if text != "" {
			set(name, text)
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
