package index

import "sync"

// merging packs a delta into a new base in the background, for one follower.
// Neither readers nor the follower wait for it: a base that is done is taken over
// with the next batch, and the changes that came meanwhile are made again on it.
type merging struct {
	wanted func(*roll) bool
	work   sync.WaitGroup
	done   chan *packed // nil when none is being made
	since  []Change     // that the base in the making does not have
}

func newMerging(wanted func(*roll) bool) *merging { return &merging{wanted: wanted} }

// saw takes note of a new state and begins a merge when one is wanted.
func (m *merging) saw(s *Snapshot, changes []Change) {
	if m.done != nil {
		m.since = append(m.since, changes...)
		return
	}
	if !m.wanted(&s.roll) {
		return
	}
	done, old := make(chan *packed, 1), s.roll
	m.done = done
	m.work.Go(func() { done <- old.repacked() })
}

// finished is the state on a merged base, when one is done, else itself.
func (m *merging) finished(s *Snapshot) *Snapshot {
	select {
	case base := <-m.done:
		since := m.since
		m.done, m.since = nil, nil
		if repacks(len(since), s.roll.len()) { // packed anew at once meanwhile
			return s
		}
		n := s.fork()
		n.roll = newRoll(base)
		for _, c := range since {
			n.roll.replace(c.Old, n.item(c.New))
		}
		return n
	default: // also when done is nil
		return s
	}
}

// wait ends when nothing runs any more.
func (m *merging) wait() { m.work.Wait() }
