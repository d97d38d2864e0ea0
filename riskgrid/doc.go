// Package riskgrid adds up the risk that hazards put on the ground: pure
// arithmetic, no I/O, no clock, no lock.
package riskgrid
