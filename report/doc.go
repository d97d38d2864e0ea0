// Package report gathers a city's assessment into one report and writes it as
// HTML, Markdown, XLSX or JSON, in Chinese and English.
//
// A Report is plain data: numbers, codes and names, all of one revision and one
// view. It holds no time of its making, so that the same revision gives the same
// bytes. Writers add words and drawings, never numbers.
package report
