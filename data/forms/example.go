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

// helpSheets are the sheets of workbooks that only explain how they are filled.
var helpSheets = []string{"填写说明", "Instructions"}

// IsHelp reports whether a sheet of this name only explains how a form is filled.
func IsHelp(sheet string) bool { return slices.Contains(helpSheets, sheet) }
