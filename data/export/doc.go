// Package export writes a city's records as files that others read and that
// import takes back: CSV, XLSX, GeoJSON and GeoPackage, the same records always
// as the same bytes.
//
// A file holds records as they are stored, in the order of their ids: without
// what the city only fills in when it is loaded (derived scenarios, districts
// found by place, defaults of an industry), and without revisions unless they
// are asked for. An export that is imported into an empty store therefore gives
// records with the same content, and these the same file again. Texts are the
// exception that import makes of all texts: spaces at their ends and control
// characters do not survive it.
package export
