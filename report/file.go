package report

import (
	"fmt"
	"strings"
)

// MainListPart names the list of main sources among the report's parts.
const MainListPart = "main_list"

// FileName is the name of a file that holds the report or a part of it ("": the
// whole), ASCII alone: the city, what it is, its revision and its view.
func FileName(r *Report, part, lang, ending string) string {
	what := "risk-report"
	if part != "" {
		what = strings.ReplaceAll(part, "_", "-")
	}
	if r.Criterion != "in-service" {
		what += "-" + r.Criterion
	}
	if r.WhatIf {
		what = "what-if-" + what
	}
	name := fmt.Sprintf("%s-%s-r%d-%s", r.City.Key, what, r.Revision, r.View)
	if ending != "json" {
		name += "-" + lang
	}
	return name + "." + ending
}
