package ingest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

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
			b.unknownIndustry(text, err)
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
		b.found(nameMissing)
	}
	at, named := b.stated()
	h.Stated = b.renewed(at, named, h.Shape)
}

// unknownIndustry quarantines the row: what it calls its industry may well be
// one, and whoever reads the report can say which. A row without any is rejected.
func (b *builder) unknownIndustry(text string, err error) {
	if text == "" {
		b.rejectError("industry_missing", "industry", err)
		return
	}
	words, known := b.suggested[text]
	if !known {
		words = b.nearestIndustries(text)
		if words == "" {
			var bad *data.Invalid
			if errors.As(err, &bad) {
				words = want(bad)
			}
		}
		if b.suggested == nil {
			b.suggested = map[string]string{}
		}
		if len(b.suggested) < mostColumns {
			b.suggested[text] = words
		}
	}
	b.note("industry_unknown", Quarantined, "industry", text, words)
}

// mostSuggested is how many industries are named for an unknown one, and the
// others how alike the last of them is: letters are alike by chance more often
// than Chinese characters.
const (
	mostSuggested  = 3
	leastSuggested = 0.3
	leastOfLetters = 0.6
)

// nearestIndustries names those whose Chinese or English name or slug is most
// like the text; "" where none is.
func (b *builder) nearestIndustries(text string) string {
	type near struct {
		info *data.IndustryInfo
		like float64
	}
	var all []near
	word, least := plainName(text), leastSuggested
	if len(word) == utf8.RuneCountInString(word) {
		least = leastOfLetters
	}
	for i := range b.tax.Industries {
		in := &b.tax.Industries[i]
		like := 0.0
		for _, name := range []string{in.Name, in.NameEn, in.Slug} {
			name = plainName(name)
			l := likeness(word, name)
			if word != "" && name != "" && (strings.Contains(name, word) || strings.Contains(word, name)) {
				l = max(l, 0.9) // a part of the other's name
			}
			like = max(like, l)
		}
		if like >= least {
			all = append(all, near{in, like})
		}
	}
	slices.SortStableFunc(all, func(x, y near) int { return cmp.Compare(y.like, x.like) })
	var names []string
	for _, n := range all[:min(len(all), mostSuggested)] {
		names = append(names, n.info.Code+" "+n.info.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return "the code or slug of an industry, or a value table that knows it; the nearest: " + strings.Join(names, ", ")
}

// checkForm warns when the industry's sources usually are of another shape.
func (b *builder) checkForm(h *data.Hazard) {
	if h.Shape == nil {
		return
	}
	if f, odd := unusualForm(&b.tax.Industries[h.Industry], h.Shape); odd {
		b.found(f)
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
func (b *builder) shown(f field, text string) string { return sourceFields[f].shownValue(text) }
