package index

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"

	"riskatlas/data"
)

// clustersAnewShare says when clusters are made anew: when more than one hazard
// in so many changes, which costs a hundred times as much one by one.
const clustersAnewShare = 128

// cluster makes the changes in the clusters of s, which are a copy of those of the
// state before. Everything else of s must be in place.
func (s *Snapshot) cluster(changes []Change) {
	if len(changes) > 64 && len(changes) > s.Len()/clustersAnewShare {
		s.clusters = s.newClusters()
		return
	}
	// The finest first: the coarser find their members through them.
	for z := uint8(MaxClustered); z >= MinClustered; z-- {
		moves := s.moves(changes, z)
		for len(moves) > 0 {
			n := 1
			for n < len(moves) && moves[n].at == moves[0].at {
				n++
			}
			s.recluster(z, moves[:n])
			moves = moves[n:]
		}
	}
}

// move is a hazard that leaves a square (by -1) or comes to it (by 1).
type move struct {
	at     squareAt
	class  uint32
	by     int
	hazard *data.Hazard
}

func (m move) compare(o move) int {
	return cmp.Or(cmp.Compare(m.at.y, o.at.y), cmp.Compare(m.at.x, o.at.x), cmp.Compare(m.class, o.class))
}

// moves are what the changes do at a zoom, square by square and class by class.
func (s *Snapshot) moves(changes []Change, zoom uint8) []move {
	var moves []move
	add := func(h *data.Hazard, by int) {
		if h == nil || h.Status != data.Active {
			return
		}
		fx, fy := Mercator(h.Label())
		if at, ok := squareOf(fx, fy, zoom); ok {
			moves = append(moves, move{at, s.classes.numbers[h.Class], by, h})
		}
	}
	for _, c := range changes {
		add(c.Old, -1)
		add(c.New, 1)
	}
	slices.SortStableFunc(moves, move.compare)
	return moves
}

// recluster makes the moves of one square.
func (s *Snapshot) recluster(zoom uint8, moves []move) {
	at := moves[0].at
	members := slices.Clone(s.membersAt(zoom, at))
	for len(moves) > 0 {
		n := 1
		for n < len(moves) && moves[n].class == moves[0].class {
			n++
		}
		members = s.joined(zoom, members, moves[:n])
		moves = moves[n:]
	}
	s.setMembers(zoom, at, members)
}

// joined makes the moves of one class in a square's members, which stay in order.
func (s *Snapshot) joined(zoom uint8, members []member, moves []move) []member {
	m := member{class: moves[0].class}
	i := slices.IndexFunc(members, func(o member) bool { return o.class == m.class })
	if i >= 0 {
		m = members[i]
	}
	first, count, lost := m.first, int(m.count), false
	for _, v := range moves {
		count += v.by
		switch {
		case v.by < 0:
			lost = lost || m.first != nil && v.hazard.ID == m.first.ID
		case m.first == nil || v.hazard.ID < m.first.ID:
			m.first = v.hazard
		}
	}
	if lost && count > 0 {
		m.first = s.firstIn(zoom, moves[0].at, m.class)
	}
	m.count = uint32(count)
	if i >= 0 {
		if count > 0 && m.first == first {
			members[i] = m
			return members
		}
		members = slices.Delete(members, i, i+1)
	}
	if count == 0 {
		return members
	}
	i, _ = slices.BinarySearchFunc(members, m, member.compare)
	return slices.Insert(members, i, m)
}

// membersAt gives the members of a square; none when it is empty.
func (s *Snapshot) membersAt(zoom uint8, at squareAt) []member {
	tile, ok := s.clusters.Get(at.tile(zoom))
	if !ok {
		return nil
	}
	row := tile[at.y%ClusterGrid]
	if i, ok := slices.BinarySearchFunc(row, uint8(at.x%ClusterGrid), square.compare); ok {
		return row[i].members
	}
	return nil
}

func (s square) compare(x uint8) int { return int(s.x) - int(x) }

// setMembers puts a square's members in place: in copies of its row and tile.
func (s *Snapshot) setMembers(zoom uint8, at squareAt, members []member) {
	key := at.tile(zoom)
	var tile clusterTile
	if old, ok := s.clusters.Get(key); ok {
		tile = *old
	}
	row := slices.Clone(tile[at.y%ClusterGrid])
	x := uint8(at.x % ClusterGrid)
	i, found := slices.BinarySearchFunc(row, x, square.compare)
	switch {
	case found && len(members) == 0:
		row = slices.Delete(row, i, i+1)
	case found:
		row[i].members = members
	case len(members) > 0:
		row = slices.Insert(row, i, square{x, members})
	}
	tile[at.y%ClusterGrid] = row
	for _, r := range tile {
		if len(r) > 0 {
			s.clusters.Set(key, &tile)
			return
		}
	}
	s.clusters.Delete(key)
}

// firstSearch is for the first by id of the hazards of a class in a square.
type firstSearch struct {
	*Snapshot
	zoom  uint8
	at    squareAt
	class uint32
	best  *data.Hazard
}

// firstIn finds the first by id of the hazards of a class in a square; nil when
// there is none. It asks the squares of the zooms below, which must be in place.
func (s *Snapshot) firstIn(zoom uint8, at squareAt, class uint32) *data.Hazard {
	find := firstSearch{Snapshot: s, zoom: zoom, at: at, class: class}
	find.below(zoom, at)
	return find.best
}

// inside reports whether the hazard is in the square.
func (s *firstSearch) inside(h *data.Hazard) bool {
	fx, fy := Mercator(h.Label())
	at, ok := squareOf(fx, fy, s.zoom)
	return ok && at == s.at
}

// near reports whether a square of a finer zoom may have hazards in common with
// the one in question: rounding puts a place up to half a unit, which is less than
// a square of any kept zoom, further to the south or east at the coarser zoom.
func (s *firstSearch) near(zoom uint8, at squareAt) bool {
	k := zoom - s.zoom
	low, high := squareAt{s.at.x<<k - 1, s.at.y<<k - 1}, squareAt{(s.at.x+1)<<k - 1, (s.at.y+1)<<k - 1}
	return at.x >= max(low.x, 0) && at.y >= max(low.y, 0) && at.x <= high.x && at.y <= high.y
}

// below looks at what lies in a square of a zoom. A square below has the answer
// for its ground at once when its own first lies in the square in question, and
// nothing to add when that comes later than the best.
func (s *firstSearch) below(zoom uint8, at squareAt) {
	if zoom == MaxClustered {
		s.members(at)
		return
	}
	// Those that lie amid the square come first: the best is found among them.
	for y := 2*at.y + 1; y >= 2*at.y-1; y-- {
		for x := 2*at.x + 1; x >= 2*at.x-1; x-- {
			sub := squareAt{x, y}
			if !s.near(zoom+1, sub) {
				continue
			}
			members := s.membersAt(zoom+1, sub)
			i := slices.IndexFunc(members, func(m member) bool { return m.class == s.class })
			switch {
			case i < 0 || s.best != nil && s.best.ID <= members[i].first.ID:
			case s.inside(members[i].first):
				s.best = members[i].first
			default:
				s.below(zoom+1, sub)
			}
		}
	}
}

// members asks the hazards in a square of the finest zoom.
func (s *firstSearch) members(at squareAt) {
	// A square is a tile four zooms deeper, and half a unit a 512th of it.
	box := grownTile(MaxClustered+4, float64(at.x), float64(at.y), 1.0/128)
	want := s.classes.list[s.class]
	for h := range s.Within(box, data.All()) {
		if h.Class == want && (s.best == nil || h.ID < s.best.ID) && s.inside(h) {
			s.best = h
		}
	}
}

// clusterCopies is about what one change copies of the clusters.
const clusterCopies = 32 << 10

func emptyClusters() *clusters { return btree.NewMap[uint32, *clusterTile](0) }
