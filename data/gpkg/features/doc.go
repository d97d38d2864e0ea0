// Package features reads the feature tables of any GeoPackage row by row, without
// writing to it or following what it says about itself.
//
// Only plain tables that gpkg_contents lists as features are read: views, virtual
// tables, generated columns, triggers and indexes of a file from outside are
// never run. The file is read through an io.ReaderAt; changes that stand in a
// write-ahead log beside it are not seen.
//
// Format: OGC 12-128r17 (GeoPackage 1.3).
package features
