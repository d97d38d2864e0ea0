// Package xlsx reads the sheets of a workbook row by row, in memory that does not
// grow with their rows.
//
// Values are those that the cells hold, not what their column is wide enough to
// show: numbers with all their digits, dates in ISO form in either of the two
// date systems, percentages as 25%, formulas by the value that was saved with
// them. A merged cell's value stands in every cell that it covers.
//
// It is not excelize's reader, which holds every part of a workbook in memory at
// once: a workbook of 1 MB can be made to fill hundreds.
//
// Format: ECMA-376, part 1, clause 18 (transitional and strict).
package xlsx
