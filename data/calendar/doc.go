// Package calendar does what the city's calendar brings: it applies the validity
// dates of records as ordinary changes, and calls at each local midnight. Reads
// never see the clock.
//
// The rule, by local days, both dates included: an active record before its
// valid_from is planned; a planned one that has a valid_from is active from that
// day on; an active or planned one after its valid_to is closed. A record that is
// suspended or closed stays so, whatever its dates: somebody decided that. A
// record that is written with dates that do not go with its status is changed by
// a revision of its own right after.
package calendar
