// Command benchtable turns what "go test -bench" prints into one table:
// operation, sources, time, allocations, and how many times its named reference
// takes.
package main
