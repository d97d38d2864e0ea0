// Package consequence turns an accident (fire, blast, toxic release, crowd,
// flood) into a footprint.
//
// Each model is a struct of inputs whose names carry their units; its method
// Result computes and gives a *Result: the model's name, what went in, what came
// out, how far each effect reaches, the footprint for an unprotected person
// outdoors, and where the model holds and comes from. A zero of an optional
// field is its default, which the result names among the inputs. Errors are
// *data.Invalid and name field, value, unit and range.
//
// The unit is SI (m, s, kg, Pa, W/m2) save where a name says otherwise; toxic
// concentrations are mg/m3 and their times minutes. Wind direction is where the
// wind comes FROM, degrees clockwise from north. Lethality is 0 to 1. A frequency
// is never part of a footprint. Every footprint ends at the distance of 1 %
// lethality (Purple Book CPR 18E), so that its reach is finite.
//
// All results are screening values, not evacuation orders. Nothing here has
// state: values may be used from any goroutine, inputs are not kept, and the
// tables of substances, frequencies and thresholds are read-only once loaded.
package consequence
