package data

import (
	"context"
	"iter"
)

// RecordSeq is full records in the order of their ids.
type RecordSeq = iter.Seq2[*Record, error]

// Whole is a store that gives all of its records with their details as one
// state. Stores implement it beside Store.
type Whole interface {
	// Records calls f once, with a revision and every record as it then was, and
	// gives f's error. The sequence can be ranged over once, and only before f
	// returns; an error ends it. Others may write meanwhile.
	Records(ctx context.Context, f func(Revision, RecordSeq) error) error
}
