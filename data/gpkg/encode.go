package gpkg

import (
	"fmt"
	"iter"
	"runtime"
	"sync"

	"riskatlas/data"
)

// batchRecords is how many records are checked or encoded at once: enough to keep
// all cores busy, few beside what SQLite holds of a large batch.
const batchRecords = 1024

// inParts runs f over parts of 0 to n on all cores.
func inParts(n int, f func(first, end int)) {
	parts := min(runtime.GOMAXPROCS(0), n/64+1)
	var wg sync.WaitGroup
	for part := range parts {
		wg.Go(func() { f(n*part/parts, n*(part+1)/parts) })
	}
	wg.Wait()
}

// stored checks the new records, and gives the hazards that are kept of them, as
// written by revision 0; nil for what is removed. Details are kept as they are.
func (s *Store) stored(changes []data.Change) ([]*data.Hazard, error) {
	hazards, errs := make([]*data.Hazard, len(changes)), make([]error, len(changes))
	inParts(len(changes), func(first, end int) {
		for i := first; i < end; i++ {
			if changes[i].New == nil {
				continue
			}
			r, err := s.tax.Stored(&changes[i], 0)
			if err != nil {
				errs[i] = err
				return
			}
			hazards[i] = r.Hazard
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return hazards, nil
}

// encodedRecord is the columns of a record, nil for none.
type encodedRecord struct {
	values []any
	err    error
}

// encodeAll encodes the new records of changes, with their hazards as stored, as
// the revision writes them, in their order: a batch is encoded on all cores while
// the one before it is written.
func encodeAll(tax *data.Taxonomy, rev data.Revision, changes []data.Change, hazards []*data.Hazard) iter.Seq2[int, encodedRecord] {
	return func(yield func(int, encodedRecord) bool) {
		encode := func(first int) <-chan []encodedRecord {
			done := make(chan []encodedRecord, 1) // nobody need wait for it
			if first < len(changes) {
				end := min(first+batchRecords, len(changes))
				go func() { done <- encodeBatch(tax, rev, changes[first:end], hazards[first:end]) }()
			}
			return done
		}
		next := encode(0)
		for first := 0; first < len(changes); first += batchRecords {
			batch := <-next
			next = encode(first + batchRecords)
			for i := range batch {
				if !yield(first+i, batch[i]) {
					if first+batchRecords < len(changes) {
						<-next // it reads what is the caller's again
					}
					return
				}
				batch[i] = encodedRecord{}
			}
		}
	}
}

// encodeBatch lets go of the hazards.
func encodeBatch(tax *data.Taxonomy, rev data.Revision, changes []data.Change, hazards []*data.Hazard) []encodedRecord {
	out := make([]encodedRecord, len(changes))
	inParts(len(changes), func(first, end int) {
		for i := first; i < end; i++ {
			h := hazards[i]
			if h == nil {
				continue
			}
			hazards[i] = nil
			h.Rev = rev // Stored made it for us alone
			out[i].values, out[i].err = values(tax, &data.Record{Hazard: h, Detail: changes[i].New.Detail})
			if out[i].err != nil {
				out[i].err = fmt.Errorf("record %s: %w", h.ID, out[i].err)
			}
		}
	})
	return out
}
