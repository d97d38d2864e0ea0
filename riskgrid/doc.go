// Package riskgrid adds up the risk that hazards put on the ground: pure
// arithmetic, no I/O, no clock, no lock.
//
// The unit is the individual risk of a place, per year: the sum over all
// hazards and their scenarios of frequency times lethality at that distance. It
// is held in fixed point (Risk, 1e-15 per year), so that sums do not depend on
// their order and can be taken back.
//
// Ground is divided in cells, the nodes of the Web Mercator quadtree; BaseZoom
// is the city's grid. A scenario's contribution to a cell is one pure function
// of hazard, scenario and cell, rounded once: every window, filter and process
// on one architecture gets the same number. Superpose computes a window of
// cells directly; a Field keeps the whole unfiltered city with coarser cells
// pooled above it, a Selection as much of a filter's field as was asked for;
// PoolWindow pools any selection without keeping it.
//
// The cell rule: a cell's value is the risk at its centre, but where a source's
// shape meets the half-open cell, that source is sampled at the shape's point
// in the cell that is nearest to the centre, so that its distance is 0 and no
// small source falls between samples. Each piece of a zone footprint is such a
// shape for itself; of the pieces the greatest value counts.
//
// Distances are data.Nearest's. Integrals are taken in a plane where a degree of
// latitude has data.MetresPerDegree and one of longitude that times a cosine:
// for frequencies spread over a polygon that of the mean latitude of the place
// and its nearest point; for frequencies per kilometre segment by segment (cut
// to 2 km) that of the mean latitude of the place and the segment's middle.
// Polygons are read by the even-odd rule, as data.Contains. Edges are straight in
// lon/lat; nothing wraps round at longitude 180.
//
// Hazards that are not data.Active add nothing anywhere in this package.
package riskgrid
