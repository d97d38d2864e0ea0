// Package citytest makes small random cities for tests: sealed hazards of every
// shape, footprint kind and way to spread a frequency, the taxonomy that they
// are classed in and the districts that they lie in. Nothing in it is a real
// place or a real source.
package citytest
