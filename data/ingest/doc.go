// Package ingest reads what people send (CSV, XLSX, GeoJSON, GeoPackage,
// Shapefile and KML; any encoding, any known datum) into records, and accounts
// for every row.
//
// A file's format is found by what it holds. Tables that name their columns in a
// row (csv.go, xlsx.go) go through grid.go, those with columns of their own
// (shapefile.go, geopackage.go) through columns.go, features with names of their
// own (geojson.go, kml.go) through properties.go; from a row on all are one.
// Memory does not grow with what a file claims to hold.
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
