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

// stored checks the new records, and gives what is kept of them as written by
// revision 0; nil for what is removed.
func (s *Store) stored(changes []data.Change) ([]*data.Record, error) {
	records, errs := make([]*data.Record, len(changes)), make([]error, len(changes))
	inParts(len(changes), func(first, end int) {
		for i := first; i < end; i++ {
			if changes[i].New == nil {
				continue
			}
			if records[i], errs[i] = s.tax.Stored(&changes[i], 0); errs[i] != nil {
				return
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

// encodedRecord is the columns of a record, nil for none.
type encodedRecord struct {
	values []any
	err    error
}

// encodeAll encodes the records as the revision writes them, in their order: a
// batch is encoded on all cores while the one before it is written.
func encodeAll(tax *data.Taxonomy, rev data.Revision, records []*data.Record) iter.Seq2[int, encodedRecord] {
	return func(yield func(int, encodedRecord) bool) {
		encode := func(first int) <-chan []encodedRecord {
			done := make(chan []encodedRecord, 1) // nobody need wait for it
			part := records[first:min(first+batchRecords, len(records))]
			go func() { done <- encodeBatch(tax, rev, part) }()
			return done
		}
		next := encode(0)
		for first := 0; first < len(records); first += batchRecords {
			batch := <-next
			if first+batchRecords < len(records) {
				next = encode(first + batchRecords)
			}
			for i := range batch {
				if !yield(first+i, batch[i]) {
					if first+batchRecords < len(records) {
						<-next
					}
					return
				}
				batch[i] = encodedRecord{}
			}
		}
	}
}

func encodeBatch(tax *data.Taxonomy, rev data.Revision, records []*data.Record) []encodedRecord {
	out := make([]encodedRecord, len(records))
	inParts(len(records), func(first, end int) {
		for i := first; i < end; i++ {
			r := records[i]
			if r == nil {
				continue
			}
			r.Hazard.Rev = rev // Stored made the hazard for us alone
			out[i].values, out[i].err = values(tax, r)
			if out[i].err != nil {
				out[i].err = fmt.Errorf("record %s: %w", r.Hazard.ID, out[i].err)
			}
		}
	})
	return out
}
