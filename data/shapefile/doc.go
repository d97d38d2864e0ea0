// Package shapefile reads ESRI Shapefiles record by record, in memory bounded by
// the largest record that the caller allows.
//
// A Shapefile is two streams of records in step: shapes (.shp) and attributes
// (.dbf). Both are read forward once, so that they may come out of an archive.
// The index (.shx) is not needed. Field names and values are given as the bytes
// of the file, since what they mean is said by a third file (.cpg), by a byte of
// the table or by nothing.
//
// Formats: ESRI Shapefile Technical Description (July 1998); dBASE III+ table.
package shapefile
