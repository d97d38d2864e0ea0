// Package ingest reads what people send (CSV and GeoJSON, in UTF-8 or GB18030,
// in any known datum) into records, and accounts for every row.
//
// A row is accepted, rejected (a value breaks a rule) or quarantined (a value
// table has no entry for its value); nothing is guessed. What is merely missing
// or odd is a warning and keeps no row out. A Report names each problem with its
// row, field, value and what would be right.
//
// Read checks a whole file and touches no store; Write then compares the batch
// with what the store holds and applies the difference as one revision, so that
// the same file again changes nothing.
package ingest
