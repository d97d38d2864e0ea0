// Package assess derives a source's accident scenarios from its inventory by
// its industry's method.
//
// A Library holds what that takes: substances, default frequencies, the rules of
// scenarios.json and the city's weather. Derive reads a record's vessels,
// explosives, dust or mapped flood, runs the models of package consequence, and
// gives the record with its scenarios and with a Derivation for each: model,
// inputs, values, the arithmetic of its frequency, limits and sources. The same
// input gives the same bytes.
//
// Scenarios that surveyors stated are left alone, assessed levels are never
// touched, and a record without inventory keeps its level's equivalent risk.
package assess
