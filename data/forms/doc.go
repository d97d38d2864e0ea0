// Package forms says once what is collected of each kind of source: fields with
// meaning, unit, range, example and source, from which forms (JSON Schema),
// workbooks to fill, the handbook and the check of indicators are made.
//
// A Book has a Form for every industry of a city. A Form has the fields of the
// record, which all industries share, and the indicators of its industry. A
// profile's own industries, whose slug the tables do not know, have the
// indicators of all industries alone. Books and forms are immutable and safe for
// concurrent use.
package forms
