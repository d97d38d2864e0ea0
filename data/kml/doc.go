// Package kml reads the placemarks of a KML document one by one, in memory
// bounded by the largest placemark that the caller allows.
//
// What a document links to is never fetched. Entities that it declares itself
// are refused, so that none can grow. Altitudes, styles, tours and overlays are
// passed over.
//
// Format: OGC 07-147r2 (KML 2.2).
package kml
