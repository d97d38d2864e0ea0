package data

import "strings"

// FormulaStarts begin what a spreadsheet may take for a formula (OWASP, CSV
// injection).
const FormulaStarts = "=+-@\t\r＝＋－＠"

// Harmless keeps a spreadsheet from taking a text for a formula: an apostrophe
// goes before what could begin one, and before apostrophes that stand there
// already, so that Unguarded can take away the one that was added. Numbers are
// not texts and stay as they are.
func Harmless(s string) string {
	if startsFormula(s) {
		return "'" + s
	}
	return s
}

// Unguarded takes away the apostrophe that Harmless put there.
func Unguarded(s string) string {
	if strings.HasPrefix(s, "'") && startsFormula(s) {
		return s[1:]
	}
	return s
}

// startsFormula reports whether the first character, after apostrophes, begins
// a formula.
func startsFormula(s string) bool {
	for _, c := range strings.TrimLeft(s, "'") {
		return strings.ContainsRune(FormulaStarts, c)
	}
	return false
}
