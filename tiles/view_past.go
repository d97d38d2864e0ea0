package tiles

import (
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// past is what only a view of an earlier revision has.
type past struct {
	Past
	bytes int64
}

// Past is what belongs to a view of an earlier revision: the city of that time,
// which has the records, and when the revision was written.
type Past struct {
	Records *city.City
	At      time.Time
	LeftOut int // how many records the view hid then
}

// Then gives the view of an earlier revision by the changes that lead back to it,
// as a City gives them; units must have been the same. All that it answers is
// what a view of a city loaded at that revision does, bit for bit. The receiver
// stays as it is. The error is With's.
func (v *View) Then(rev data.Revision, p Past, changes ...data.Change) (*View, error) {
	next, err := v.changed(changes, func(changes ...data.Change) *index.Snapshot {
		return v.Snapshot.Past(rev, p.At, changes...)
	})
	if err != nil {
		return nil, err
	}
	next.memo.most = fewKeys
	next.past = &past{Past: p, bytes: next.Field.OwnBytes(v.Field) + next.Totals.OwnBytes(v.Totals) + v.Snapshot.WithBytes(len(changes)) + fewKeys*keyBytes}
	return next, nil
}

// NewThen makes the view of an earlier revision from its snapshot, which is of the
// city of that time. The error is Viewer.Err's.
func NewThen(s *index.Snapshot, p Past) (*View, error) {
	viewer := NewViewer(p.Records.Profile(), p.Records.View())
	total := sumAfter(nil, s, nil)
	if err := total.Check(); err != nil {
		return nil, err
	}
	if _, err := viewer.landOf(s); err != nil {
		return nil, err
	}
	next := viewer.next(nil, s, nil, nil)
	next.total = total
	next.memo.most = fewKeys
	next.past = &past{Past: p, bytes: next.Field.OwnBytes(&riskgrid.Field{}) + int64(s.Len())*hazardBytes + fewKeys*keyBytes}
	return next, nil
}

// hazardBytes is about what a hazard takes, in the index and alone.
const hazardBytes = 1 << 10

// Past gives the city of the view's time, which has its records, and how many it
// hid; false of a view of the present.
func (v *View) Past() (p Past, ok bool) {
	if v.past == nil {
		return p, false
	}
	return v.past.Past, true
}

// PastBytes is about how much memory a view of the past takes, beside the view
// that it was made of where it was; 0 of the present.
func (v *View) PastBytes() int64 {
	if v.past == nil {
		return 0
	}
	return v.past.bytes
}
