package riskgrid

import (
	"maps"
	"math/bits"
	"unsafe"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Selection is the field of those hazards of a city that a rule selects, as far
// as it has been made. It belongs to no revision: each block knows of which
// hazards of the city's own block it was made, all of them and not only the
// selected, and stands for every Field whose block was made of the same. The
// rule must see nothing of a hazard but its class. The zero value is empty.
// Immutable: With gives one that has more. Safe for any number of readers.
type Selection struct {
	regions map[place][]*selected // versions, the newest first
	bytes   int64
}

// selected is one version of a region.
type selected struct {
	region *region
	known  uint64               // the blocks that have been made, a bit each
	prints [regionBlocks]uint64 // of the city's blocks that these were made of
}

// mostVersions is how many versions of a region are kept: what-ifs and the city
// are asked in turn.
const mostVersions = 4

const allBlocks = ^uint64(0)

// Bytes is about how much memory the selection takes.
func (s *Selection) Bytes() int64 { return s.bytes }

// Read gives the selection's field under a window of zoom 11 to BaseZoom; f is
// the city's. It may hold nothing, or what once was, anywhere else. It is not ok
// where a block has not been made: see Gaps.
func (s *Selection) Read(f *Field, w Window) (out *Field, ok bool) {
	out = &Field{cuts: f.cuts, regions: map[place]*region{}}
	for at, g := range f.regionsOver(w.under(regionZoom)) {
		need := blocksUnder(at, w)
		if need&g.made() == 0 {
			continue // no risk in the city, none of the selection
		}
		v := s.best(at, g, need)
		if v.holds(g, need) != need {
			return nil, false
		}
		out.regions[at] = v.region
	}
	return out, true
}

// blocksUnder is the blocks of a region that must be known to read the window:
// above blockZoom all of them.
func blocksUnder(at place, w Window) uint64 {
	if w.Zoom < blockZoom {
		return allBlocks
	}
	in := regionWindow(at).meet(w.under(blockZoom))
	need := uint64(0)
	for y := in.Y; y < in.Y+in.H; y++ {
		row := uint64(1)<<in.W - 1
		need |= row << (y%regionSide*regionSide + in.X%regionSide)
	}
	return need
}

func regionWindow(at place) Window {
	return Window{X: at.x, Y: at.y, W: 1, H: 1, Zoom: regionZoom}.at(blockZoom)
}

// best is the version that has most of the needed blocks of the city's region.
func (s *Selection) best(at place, g *region, need uint64) (best *selected) {
	most := 0
	for _, v := range s.regions[at] {
		if n := bits.OnesCount64(v.holds(g, need)); n > most {
			best, most = v, n
		}
	}
	return best
}

// holds is which of the blocks it has as they are in the city's region.
func (v *selected) holds(g *region, blocks uint64) uint64 {
	if v == nil {
		return 0
	}
	held := blocks & v.known
	for left := held; left != 0; left &= left - 1 {
		if i := bits.TrailingZeros64(left); v.prints[i] != g.print(i) {
			held &^= 1 << i
		}
	}
	return held
}

func (g *region) print(i int) uint64 {
	if b := g.blocks[i]; b != nil {
		return b.print
	}
	return 0
}

// Gap is blocks of one region that have not been made.
type Gap struct {
	at     place
	blocks uint64
}

// Cells is how many base cells the gap has.
func (g Gap) Cells() int { return bits.OnesCount64(g.blocks) * blockCells }

// Gaps is what must be made, region by region, before the window can be read.
func (s *Selection) Gaps(f *Field, w Window) (gaps []Gap) {
	for at, g := range f.regionsOver(w.under(regionZoom)) {
		need, made := blocksUnder(at, w), g.made()
		if need&made == 0 {
			continue
		}
		if need &^= s.best(at, g, need).holds(g, need); need != 0 {
			gaps = append(gaps, Gap{at, need & made}) // perhaps nothing to paint, but not known yet
		}
	}
	return gaps
}

// Still is what of a gap, found by Gaps of the same window, has not been made
// since; missing is false where all has.
func (s *Selection) Still(f *Field, w Window, gap Gap) (rest Gap, missing bool) {
	g := f.regions[gap.at]
	if g == nil {
		return gap, false
	}
	need := blocksUnder(gap.at, w)
	if need &^= s.best(gap.at, g, need).holds(g, need); need == 0 {
		return gap, false
	}
	return Gap{gap.at, need & g.made()}, true
}

// World is the window in which all is read.
func World() Window { return Window{W: 1 << regionZoom, H: 1 << regionZoom, Zoom: regionZoom} }

// made is the blocks that hold any risk.
func (g *region) made() (blocks uint64) {
	for i, b := range g.blocks {
		if b != nil {
			blocks |= 1 << i
		}
	}
	return blocks
}

// Bound is the box of the gap's blocks in lon/lat; ok is false where nothing
// needs to be superposed.
func (g Gap) Bound() (b orb.Bound, ok bool) {
	if g.blocks == 0 {
		return b, false
	}
	w := regionWindow(g.at)
	x0, y0, x1, y1 := regionSide, regionSide, 0, 0
	for left := g.blocks; left != 0; left &= left - 1 {
		i := bits.TrailingZeros64(left)
		x0, x1 = min(x0, i%regionSide), max(x1, i%regionSide+1)
		y0, y1 = min(y0, i/regionSide), max(y1, i/regionSide+1)
	}
	return Window{X: w.X + x0, Y: w.Y + y0, W: x1 - x0, H: y1 - y0, Zoom: blockZoom}.Bound(), true
}

// Piece is the blocks of a gap, made.
type Piece struct {
	gap    Gap
	of     *region // the city's
	blocks [regionBlocks]*block
}

// Select makes the piece on at most so many cores. f is the city's field, and
// the hazards are those of it that are selected and whose extent meets the gap's
// bound; others among them count too, unless they are not active.
func (f *Field) Select(g Gap, cores int, hazards []*data.Hazard) *Piece {
	return f.piece(g, cores, hazards, 1)
}

// SelectBut makes the same piece from the hazards that are not selected, by
// taking them back from the city's blocks: less work where they are few.
func (f *Field) SelectBut(g Gap, cores int, others []*data.Hazard) *Piece {
	return f.piece(g, cores, others, -1)
}

func (f *Field) piece(g Gap, cores int, hazards []*data.Hazard, sign float64) *Piece {
	out := &Piece{gap: g, of: f.regions[g.at]}
	if out.of == nil || g.blocks == 0 {
		return out
	}
	if sign < 0 {
		for left := g.blocks; left != 0; left &= left - 1 {
			i := bits.TrailingZeros64(left)
			out.blocks[i] = out.of.blocks[i] // the city's own, where none is taken back
		}
	}
	steps := make([]step, 0, len(hazards))
	for _, h := range hazards {
		if h.Status == data.Active {
			steps = append(steps, step{h, sign})
		}
	}
	jobs := deal(steps, regionWindow(g.at), cores)
	number := func(j job) int { return j.at.y%regionSide*regionSide + j.at.x%regionSide }
	wanted := jobs[:0]
	for _, j := range jobs {
		if i := number(j); g.blocks>>i&1 != 0 && out.of.blocks[i] != nil {
			wanted = append(wanted, j)
		}
	}
	onCores(cores, len(wanted), func() (func(int), func()) {
		m := masons.Get().(*mason)
		return func(n int) {
			i := number(wanted[n])
			if sign < 0 {
				out.of.blocks[i].unpack(&m.ground)
			} else {
				clear(m.ground[:])
			}
			m.paint(wanted[n], steps)
			out.blocks[i] = m.block(0, &f.cuts)
		}, func() { masons.Put(m) }
	})
	return out
}

// With gives the selection that has the piece as well.
func (s *Selection) With(p *Piece) *Selection {
	if p.of == nil {
		return s
	}
	at := p.gap.at
	next := &selected{region: new(region)}
	next.known = p.gap.blocks | ^p.of.made()
	for i := range next.prints {
		next.prints[i] = p.of.print(i)
		next.region.blocks[i] = p.blocks[i]
	}
	for _, v := range s.regions[at] {
		for left := v.holds(p.of, ^next.known); left != 0; left &= left - 1 {
			i := bits.TrailingZeros64(left)
			next.region.blocks[i] = v.region.blocks[i]
			next.known |= 1 << i
		}
	}
	if next.known == allBlocks {
		next.region.pool()
	}
	versions := []*selected{next}
	for _, v := range s.regions[at] {
		if len(versions) < mostVersions && v.holds(p.of, v.known) != v.known { // else next has all that it has
			versions = append(versions, v)
		}
	}
	out := &Selection{regions: maps.Clone(s.regions), bytes: s.bytes - bytesOf(s.regions[at]) + bytesOf(versions)}
	if out.regions == nil {
		out.regions = map[place][]*selected{}
	}
	out.regions[at] = versions
	return out
}

// bytesOf is how much memory versions of a region take; they share blocks.
func bytesOf(versions []*selected) (n int64) {
	for i, v := range versions {
		var beside *region
		if i > 0 {
			beside = versions[i-1].region
		}
		n += v.region.bytes(beside) + int64(unsafe.Sizeof(*v)) + int64(unsafe.Sizeof(place{}))
	}
	return n
}
