// Package gpkg is the default store: one GeoPackage file, which QGIS, ogrinfo
// and every other GIS can read.
//
// The file is a GeoPackage 1.3 (OGC 12-128r17): the feature tables hazards and
// units, each with its R-tree, and as attributes the log of all revisions. A
// hazard's row has in columns what the program and a person look for, its
// scenarios in binary, and in the column record all its properties as JSON.
//
//	hazards    the records as they are now
//	units      districts, zones and places, by kind
//	revisions  every applied batch: when, by whom, why
//	changes    what each batch did to each record, with the version that it
//	           superseded; so every version of a record is kept exactly once
//
// Others may read the file at any time, also while it is written (the journal is
// a write-ahead log: the files beside it, -wal and -shm, belong to it). Nobody
// but this package may write into it: triggers on its tables call a function
// that only connections of this package have, so an edit from outside fails
// instead of passing by the log.
package gpkg
