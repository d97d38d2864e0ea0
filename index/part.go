package index

import "riskatlas/data"

// Part gives the state of the hazards that keep selects, of every status, with
// the revision and the units of the receiver. last is a part of another state by
// the same rule, from which the new one is made by what differs, or nil. The
// changes are from last; all is new, and fresh is true, when there is no last or
// it had other districts.
func (s *Snapshot) Part(last *Snapshot, keep func(*data.Hazard) bool) (part *Snapshot, changes []Change, fresh bool) {
	var old, kept []*data.Hazard
	s.roll.scan("", func(it item) bool {
		if keep(it.hazard) {
			kept = append(kept, it.hazard)
		}
		return true
	})
	if fresh = last == nil || last.units[s.districtKind] != s.units[s.districtKind]; fresh {
		last = s.empty()
	} else {
		last.roll.scan("", func(it item) bool {
			old = append(old, it.hazard)
			return true
		})
	}
	changes = differences(old, kept)
	if fresh {
		part = last.fill(kept)
	} else {
		part = last.next(changes)
	}
	part.revision, part.at, part.units = s.revision, s.at, s.units
	return part, changes, fresh
}

// empty is the state without hazards and with the units.
func (s *Snapshot) empty() *Snapshot {
	n := emptySnapshot(s.vintage, s.districtKind)
	n.units = s.units
	if set := s.units[s.districtKind]; set != nil {
		n.reach = make([]uint64, len(set.units))
	}
	return n
}

// differences lists what turns one list of hazards into another, both by id.
// Hazards are immutable, so that equal ones are the same.
func differences(old, now []*data.Hazard) []Change {
	var out []Change
	for len(old) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(old) > 0 && old[0].ID < now[0].ID:
			out = append(out, Change{Old: old[0]})
			old = old[1:]
		case len(old) == 0 || now[0].ID < old[0].ID:
			out = append(out, Change{New: now[0]})
			now = now[1:]
		default:
			if old[0] != now[0] {
				out = append(out, Change{old[0], now[0]})
			}
			old, now = old[1:], now[1:]
		}
	}
	return out
}
