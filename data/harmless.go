package data

import (
	"strings"
	"unicode/utf8"
)

// Harmless keeps a spreadsheet from taking a text for a formula (OWASP, CSV
// injection): an apostrophe goes before what could begin one. Numbers are not
// texts and stay as they are.
func Harmless(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + s
	}
	return s
}
