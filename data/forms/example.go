package forms

import "slices"

// exampleMarks stand in the place of the id in the rows that only show how a
// workbook is filled.
var exampleMarks = []string{"示例（不导入）", "EXAMPLE (not imported)"}

// ExampleMark is what a workbook's example row has in the place of an id.
func ExampleMark(lang string) string { return pick(lang, exampleMarks[0], exampleMarks[1]) }

// IsExample reports whether a row with this id is only an example.
func IsExample(id string) bool {
	return id != "" && slices.ContainsFunc(exampleMarks, func(m string) bool { return fold(m) == fold(id) })
}
