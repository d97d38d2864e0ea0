// Package grading gives a level from a method's inputs: GB 18218 R, LEC, LS,
// key unit.
//
// Load gives the Rules, every number of which stands in a file under rules/ with
// its source, so that a correction is an edit of that file. Rules.Level is the
// one door from the level_method and level_inputs of a record to a level;
// Rules.Check says whether a record's level is the one that its inputs give.
// Beside the levels are the criteria that other packages judge by: the limits of
// individual risk by protection class (GB 36894), the lines of the F-N diagram,
// and the severity of an accident, which is never a level.
//
// Rules are immutable once read and safe for concurrent use. Errors are
// *data.Invalid; what is merely missing is no error.
package grading
