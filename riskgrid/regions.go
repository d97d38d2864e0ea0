package riskgrid

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"riskatlas/data"
)

// Regions is how the ground is divided into districts, by base cell and vintage.
// Immutable; safe for any number of readers.
type Regions struct {
	list   []Region // by number; [0] is outside of every district
	area   []int64  // by number, square centimetres; of [0] nobody knows
	blocks map[place]*division
}

// division is one block's: a number for each cell, or one for all.
type division struct {
	all   uint16
	cells []uint16 // nil: all
}

func (d *division) at(i int) uint16 {
	if d == nil {
		return 0
	}
	if d.cells == nil {
		return d.all
	}
	return d.cells[i]
}

// NewRegions divides the ground by the districts that units gives for each
// vintage's kind. A base cell lies in the district that holds its centre; where
// districts overlap, in the first by code order. Units whose code the taxonomy
// does not know are nowhere.
func NewRegions(tax *data.Taxonomy, units func(kind string) []data.Unit) *Regions {
	d := &divider{tax: tax, rows: map[int][]lot{}}
	for v := range tax.Vintages {
		for i, u := range units(data.DistrictKind(tax.Vintages[v].Name)) {
			if at, err := tax.Vintages[v].District(u.Code); err == nil {
				d.take(v, i, at, runsOf(areaPolygons(u.Shape)))
			}
		}
	}
	return d.divide()
}

// Outside is the region of ground in no district of any vintage.
func (r *Regions) Outside() Region {
	if r == nil {
		return Region{}
	}
	return r.list[0]
}

// At is the region of a cell of BaseZoom.
func (r *Regions) At(c Cell) Region {
	if r == nil {
		return Region{}
	}
	b := r.blocks[place{int(c.X) >> blockShift, int(c.Y) >> blockShift}]
	return r.list[b.at(int(c.Y)&(blockSide-1)<<blockShift+int(c.X)&(blockSide-1))]
}

// of is a block's division; nil is outside.
func (r *Regions) of(at place) *division {
	if r == nil {
		return nil
	}
	return r.blocks[at]
}

// numbers is how many regions there are, region the one of a number.
func (r *Regions) numbers() int {
	if r == nil {
		return 1
	}
	return len(r.list)
}

func (r *Regions) region(i uint16) Region {
	if r == nil {
		return Region{}
	}
	return r.list[i]
}

// lot is a run of cells of a district.
type lot struct {
	run
	vintage int
	order   int
	at      data.District
}

// divider collects the districts' runs by row of blocks.
type divider struct {
	tax  *data.Taxonomy
	rows map[int][]lot
}

func (d *divider) take(vintage, order int, at data.District, runs []run) {
	for _, r := range runs {
		row := r.y >> blockShift
		d.rows[row] = append(d.rows[row], lot{r, vintage, order, at})
	}
}

// tract is a stretch of ground: cells x0 to before x1 of one row, all of one region.
type tract struct {
	x0, x1 int
	number uint16
}

// divide makes the divisions, on all cores, a row of blocks at a time. A row of
// cells is a few tracts; only blocks in which regions meet are looked at cell by
// cell.
func (d *divider) divide() *Regions {
	outside := d.outside()
	out := &Regions{list: []Region{outside}, area: []int64{0}, blocks: map[place]*division{}}
	rows := slices.Collect(maps.Keys(d.rows))
	var lock sync.Mutex // of out
	inParallel(len(rows), func() (func(int), func()) {
		var s sweeper
		return func(i int) {
			s.sweep(d, rows[i], outside)
			lock.Lock()
			s.numbered(out)
			lock.Unlock()
			made := s.blocks(rows[i])
			lock.Lock()
			defer lock.Unlock()
			maps.Copy(out.blocks, made)
		}, nil
	})
	out.sort()
	return out
}

// sort numbers the regions in their order, but for the first, so that numbers do
// not depend on which core was first.
func (r *Regions) sort() {
	order := make([]uint16, len(r.list))
	for i := range order {
		order[i] = uint16(i)
	}
	slices.SortFunc(order[1:], func(a, b uint16) int {
		return slices.CompareFunc(r.list[a][:], r.list[b][:], cmp.Compare[data.District])
	})
	list, area, to := make([]Region, len(order)), make([]int64, len(order)), make([]uint16, len(order))
	for i, old := range order {
		list[i], area[i], to[old] = r.list[old], r.area[old], uint16(i)
	}
	r.list, r.area = list, area
	for _, d := range r.blocks {
		d.all = to[d.all]
		for i, n := range d.cells {
			d.cells[i] = to[n]
		}
	}
}

// sweeper divides one row of blocks after the other.
type sweeper struct {
	lots    [blockSide][]lot
	tracts  [blockSide][]tract
	ends    []int
	regions []Region // of this row of blocks; a tract's number counts here first
	area    []int64  // by the same
}

// sweep finds the tracts of every row of cells. Lots of districts that come later
// in their set are drawn first, so that earlier ones hold.
func (s *sweeper) sweep(d *divider, y int, outside Region) {
	for r := range s.lots {
		s.lots[r], s.tracts[r] = s.lots[r][:0], s.tracts[r][:0]
	}
	s.regions, s.area = append(s.regions[:0], outside), append(s.area[:0], 0)
	for _, l := range d.rows[y] {
		r := l.y & (blockSide - 1)
		s.lots[r] = append(s.lots[r], l)
	}
	for r := range s.lots {
		lots := s.lots[r]
		slices.SortFunc(lots, func(a, b lot) int { return b.order - a.order })
		s.ends = s.ends[:0]
		for _, l := range lots {
			s.ends = append(s.ends, l.x0, l.x1)
		}
		slices.Sort(s.ends)
		area := rowArea(y<<blockShift + r)
		for i := 1; i < len(s.ends); i++ {
			a, b := s.ends[i-1], s.ends[i]
			if a == b {
				continue
			}
			number := s.number(d.region(lots, a, outside))
			if number != 0 {
				s.area[number] += int64(b-a) * area
			}
			if last := len(s.tracts[r]) - 1; last >= 0 && s.tracts[r][last].number == number {
				s.tracts[r][last].x1 = b
				continue
			}
			s.tracts[r] = append(s.tracts[r], tract{a, b, number})
		}
	}
}

// region is where cell x of the row of the lots lies.
func (d *divider) region(lots []lot, x int, outside Region) Region {
	g := outside
	for i := range lots {
		l := &lots[i]
		if x < l.x0 || x >= l.x1 {
			continue
		}
		g[l.vintage] = l.at
		if l.vintage == 0 { // entries past the last vintage repeat the first
			for v := len(d.tax.Vintages); v < data.MaxVintages; v++ {
				g[v] = l.at
			}
		}
	}
	return g
}

func (s *sweeper) number(g Region) uint16 {
	if i := slices.Index(s.regions, g); i >= 0 {
		return uint16(i)
	}
	s.regions, s.area = append(s.regions, g), append(s.area, 0)
	return uint16(len(s.regions) - 1)
}

// numbered adds the areas to all regions' and gives the tracts their numbers
// there.
func (s *sweeper) numbered(out *Regions) {
	to := make([]uint16, len(s.regions))
	for i, g := range s.regions {
		to[i] = out.number(g)
		out.area[to[i]] += s.area[i]
	}
	for r := range s.tracts {
		for i := range s.tracts[r] {
			t := &s.tracts[r][i]
			t.number = to[t.number]
		}
	}
}

// blocks makes the divisions of the row of blocks y.
func (s *sweeper) blocks(y int) map[place]*division {
	made := map[place]*division{}
	for r := range s.tracts {
		for _, t := range s.tracts[r] {
			if t.number == 0 {
				continue
			}
			for x := t.x0 >> blockShift; x<<blockShift < t.x1; x++ {
				at := place{x, y}
				if made[at] == nil {
					made[at] = s.block(x)
				}
			}
		}
	}
	return made
}

// block makes the division of block x, in which some district lies.
func (s *sweeper) block(x int) *division {
	west, east := x<<blockShift, (x+1)<<blockShift
	all, mixed := -1, false
	for r := range s.tracts {
		number := 0
		for _, t := range s.tracts[r] {
			if t.x0 <= west && t.x1 >= east {
				number = int(t.number)
			} else if t.x0 < east && t.x1 > west {
				mixed = true
			}
		}
		mixed = mixed || all >= 0 && number != all
		all = number
		if mixed {
			return s.cells(west, east)
		}
	}
	return &division{all: uint16(all)}
}

// cells draws a block in which regions meet.
func (s *sweeper) cells(west, east int) *division {
	d := &division{cells: make([]uint16, blockCells)}
	for r := range s.tracts {
		row := d.cells[r<<blockShift:][:blockSide]
		for _, t := range s.tracts[r] {
			for x := max(t.x0, west); x < min(t.x1, east); x++ {
				row[x-west] = t.number
			}
		}
	}
	return d
}

func (d *divider) outside() Region {
	var r Region
	for v := range r {
		r[v] = d.tax.Vintages[0].Outside()
		if v < len(d.tax.Vintages) {
			r[v] = d.tax.Vintages[v].Outside()
		}
	}
	return r
}

// number finds a region's number or gives it the next one. There are fewer
// regions than 65536: at most 255 districts, which meet in few combinations.
func (r *Regions) number(g Region) uint16 {
	for i, have := range r.list {
		if have == g {
			return uint16(i)
		}
	}
	r.list, r.area = append(r.list, g), append(r.area, 0)
	return uint16(len(r.list) - 1)
}
