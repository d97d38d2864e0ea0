package tiles

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// DefaultFieldBytes is how much memory the fields of filters may take.
const DefaultFieldBytes = 256 << 20

// fields keeps the fields of filters: each is made block by block as tiles ask
// for it, by one maker at a time, and what no tile has asked for afterwards. A
// field serves every view whose sources are the same on the blocks that are
// read, so that a change leaves all of it but the blocks that it touches.
// The filters that were asked for longest ago make room for others. Safe for
// concurrent use.
type fields struct {
	budget int64 // bytes
	stats  *Stats
	cores  chan struct{} // a place for each core that makes blocks
	later  chan struct{} // a place for one that makes what nobody waits for
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup

	mu    sync.Mutex
	kept  map[fieldKey]*kept
	bytes int64
	clock uint64 // questions so far
}

// fieldKey names a field: those of past views have their own, so that maps of two
// times do not take each other's blocks away.
type fieldKey struct {
	filter data.Filter
	past   data.Revision // 0: the present's
}

func (v *View) fieldKey(f data.Filter) fieldKey {
	if v.past == nil {
		return fieldKey{filter: f}
	}
	return fieldKey{f, v.Revision()}
}

// kept is the field of one filter.
type kept struct {
	fieldKey
	made atomic.Pointer[riskgrid.Selection]
	turn chan struct{} // one place: whose turn it is to make blocks

	// guarded by fields.mu
	bytes int64
	used  uint64 // by fields.clock
	gone  bool   // no longer kept
	going bool   // what nobody waits for is being made, or was
}

func newFields(budget int64, stats *Stats) *fields {
	ctx, stop := context.WithCancel(context.Background())
	return &fields{budget: budget, stats: stats, cores: make(chan struct{}, runtime.GOMAXPROCS(0)), later: make(chan struct{}, 1),
		ctx: ctx, stop: stop, kept: map[fieldKey]*kept{}}
}

// close ends what nobody waits for. No field may be asked for afterwards.
func (s *fields) close() {
	s.stop()
	s.work.Wait()
}

// field gives the field of the view's sources that the filter selects, under a
// window of zoom 11 to BaseZoom; elsewhere it may say anything. It makes what is
// missing there; nil when ctx ends before, and where the window alone is pooled
// for much less: the field is then made in the background for those who follow.
func (s *fields) field(ctx context.Context, v *View, f data.Filter, w riskgrid.Window) *riskgrid.Field {
	k := s.keep(v.fieldKey(f))
	for {
		made := k.made.Load()
		if out, ok := made.Read(v.Field, w); ok {
			s.goOn(k, v, w)
			return out
		}
		gaps := made.Gaps(v.Field, w)
		if wide(gaps, w) && s.goOn(k, v, w) {
			return nil
		}
		for _, gap := range gaps {
			if !s.fill(ctx, k, v, gap, w, cap(s.cores)) {
				return nil
			}
		}
	}
}

// wide reports whether the gaps are much more ground than the window: the blocks
// around a tile of z13 are four times the tile.
func wide(gaps []riskgrid.Gap, w riskgrid.Window) bool {
	cells := 0
	for _, g := range gaps {
		cells += g.Cells()
	}
	own := w.W * w.H << (2 * (riskgrid.BaseZoom - w.Zoom))
	return 2*cells > 5*own
}

// known is field where nothing is missing, and nil elsewhere.
func (s *fields) known(v *View, f data.Filter, w riskgrid.Window) *riskgrid.Field {
	s.mu.Lock()
	k := s.kept[v.fieldKey(f)]
	s.mu.Unlock()
	if k == nil {
		return nil
	}
	out, _ := k.made.Load().Read(v.Field, w)
	return out
}

// keep gives the filter's field, and counts it as used.
func (s *fields) keep(f fieldKey) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[f]
	if k == nil {
		k = &kept{fieldKey: f, turn: make(chan struct{}, 1)}
		k.made.Store(&riskgrid.Selection{})
		s.kept[f] = k
		s.stats.FieldsBegun.Add(1)
	}
	s.clock++
	k.used = s.clock
	return k
}

// fill makes the blocks of a gap that are still missing under the window, in its
// turn, on at most so many cores. Those who wait take turns from gap to gap: the
// first tile of a street does not wait for the whole city. It is false when ctx
// ends.
func (s *fields) fill(ctx context.Context, k *kept, v *View, gap riskgrid.Gap, w riskgrid.Window, cores int) bool {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-k.turn }()
	made := k.made.Load()
	if gap, missing := made.Still(v.Field, w, gap); missing {
		piece := s.piece(ctx, v, k.filter, gap, cores)
		if piece == nil {
			return false
		}
		made = made.With(piece)
		k.made.Store(made)
		s.weigh(k, made.Bytes())
	}
	return true
}

// piece makes a gap's blocks on at most so many cores, and one at least. It is nil
// when ctx ends.
func (s *fields) piece(ctx context.Context, v *View, f data.Filter, gap riskgrid.Gap, cores int) *riskgrid.Piece {
	taken := s.take(ctx, cores)
	defer func() {
		for range taken {
			<-s.cores
		}
	}()
	if taken == 0 {
		return nil
	}
	piece := v.piece(ctx, f, gap, taken)
	if ctx.Err() != nil {
		return nil // it may lack sources
	}
	return piece
}

// take waits for a core, and takes as many of the others as are free; 0 when ctx
// ends.
func (s *fields) take(ctx context.Context, most int) (taken int) {
	select {
	case s.cores <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for taken = 1; taken < most; taken++ {
		select {
		case s.cores <- struct{}{}:
		default:
			return taken
		}
	}
	return taken
}

// piece makes the blocks of a gap from the sources that the filter selects, or by
// taking the others back from the city's, whichever are fewer.
func (v *View) piece(ctx context.Context, f data.Filter, gap riskgrid.Gap, cores int) *riskgrid.Piece {
	b, ok := gap.Bound()
	if !ok {
		return v.Field.Select(gap, cores, nil)
	}
	n, all := v.Count(f), v.Count(data.All())
	if 2*(n[1]+n[2]+n[3]+n[4]) <= all[1]+all[2]+all[3]+all[4] {
		var in []*data.Hazard
		for h := range until(ctx, v.Reaching(b, f)) {
			in = append(in, h)
		}
		return v.Field.Select(gap, cores, in)
	}
	var in, out []*data.Hazard
	for h := range until(ctx, v.Reaching(b, data.All())) {
		if f.Match(h) {
			in = append(in, h)
		} else {
			out = append(out, h)
		}
	}
	if len(in) <= len(out) {
		return v.Field.Select(gap, cores, in)
	}
	return v.Field.SelectBut(gap, cores, out)
}

// weigh takes note of what a field takes, and drops those that were asked for
// longest ago until all fit.
func (s *fields) weigh(k *kept, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !k.gone {
		s.bytes += bytes - k.bytes
		k.bytes = bytes
	}
	for s.bytes > s.budget {
		var oldest *kept
		for _, other := range s.kept {
			if oldest == nil || other.used < oldest.used {
				oldest = other
			}
		}
		oldest.gone = true
		s.bytes -= oldest.bytes
		delete(s.kept, oldest.fieldKey)
		s.stats.FieldsDropped.Add(1)
	}
	s.stats.FieldBytes.Store(s.bytes)
}

// goOn makes the city's whole field in the background, under the window first,
// on one core and one field at a time, as long as there is room without dropping
// others. It reports whether it has begun: it does so once.
func (s *fields) goOn(k *kept, v *View, w riskgrid.Window) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.going || v.base != nil || v.past != nil || v.part || s.ctx.Err() != nil || !s.roomFor(k) {
		return false
	}
	k.going = true
	s.work.Go(func() {
		select {
		case s.later <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		defer func() { <-s.later }()
		for _, ground := range []riskgrid.Window{w, riskgrid.World()} {
			for _, gap := range k.made.Load().Gaps(v.Field, ground) {
				if !s.room(k) || !s.fill(s.ctx, k, v, gap, ground, 1) {
					return
				}
			}
		}
	})
	return true
}

// room reports whether the field is kept and there is room for more of it.
func (s *fields) room(k *kept) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.roomFor(k)
}

func (s *fields) roomFor(k *kept) bool { return !k.gone && s.bytes < s.budget/10*9 }
