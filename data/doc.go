// Package data is the vocabulary of city risk (hazard, footprint, industry,
// district, level, filter) and the contract of its store.
//
// Six nouns carry the program. A Hazard is a surveyed risk source: where it is,
// what it is, how bad it was assessed to be, and which accidents it can have. A
// Footprint says how the lethality of one such accident falls with distance. A
// Filter selects hazards by industry, district and level. A Store keeps records
// and their history; everything else in the program follows a Store.
//
// Inside the program industries, districts and levels are small numbers
// (positions in a Taxonomy); codes and names exist only at the edges.
// Coordinates are always orb.Point{lon, lat} in WGS 84 degrees.
package data
