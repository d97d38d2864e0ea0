package riskgrid

import (
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

// chunk is how many blocks of a row are divided at once.
const chunk = 32

// divide makes the divisions, on all cores.
func (d *divider) divide() *Regions {
	outside := d.outside()
	out := &Regions{list: []Region{outside}, area: []int64{0}, blocks: map[place]*division{}}
	type part struct {
		y, x, n int // blocks x to x+n-1 of the row of blocks y
	}
	var parts []part
	for y, lots := range d.rows {
		slices.SortFunc(lots, func(a, b lot) int { return b.order - a.order })
		x0, x1 := lots[0].x0, lots[0].x1
		for _, l := range lots {
			x0, x1 = min(x0, l.x0), max(x1, l.x1)
		}
		for x := x0 >> blockShift; x<<blockShift < x1; x += chunk {
			parts = append(parts, part{y, x, min(chunk, (x1-1)>>blockShift-x+1)})
		}
	}
	var lock sync.Mutex // of out
	inParallel(len(parts), func() (func(int), func()) {
		cells := make([]Region, chunk*blockCells)
		return func(i int) {
			p := parts[i]
			d.fill(cells[:p.n*blockCells], p.y, p.x, p.n, outside)
			lock.Lock()
			defer lock.Unlock()
			for b := range p.n {
				out.put(place{p.x + b, p.y}, cells[b*blockSide:], p.n*blockSide)
			}
		}, nil
	})
	return out
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

// fill draws the districts of n blocks, row by row of cells. Lots of districts
// that come later in their set are drawn first, so that earlier ones hold.
func (d *divider) fill(cells []Region, y, x, n int, outside Region) {
	for i := range cells {
		cells[i] = outside
	}
	west, width := x<<blockShift, n<<blockShift
	for _, l := range d.rows[y] {
		from, to := max(l.x0-west, 0), min(l.x1-west, width)
		if from >= to {
			continue
		}
		row := cells[(l.y-y<<blockShift)*width:][:width]
		for i := from; i < to; i++ {
			row[i][l.vintage] = l.at
			if l.vintage == 0 { // entries past the last vintage repeat the first
				for v := len(d.tax.Vintages); v < data.MaxVintages; v++ {
					row[i][v] = l.at
				}
			}
		}
	}
}

// put keeps one block, whose rows of cells are stride apart.
func (r *Regions) put(at place, cells []Region, stride int) {
	d := &division{cells: make([]uint16, blockCells)}
	last, number, mixed := r.list[0], uint16(0), false
	for y := range blockSide {
		area := rowArea(at.y<<blockShift + y)
		for x := range blockSide {
			if c := cells[y*stride+x]; c != last {
				last, number = c, r.number(c)
			}
			d.cells[y<<blockShift+x] = number
			mixed = mixed || number != d.cells[0]
			if number != 0 {
				r.area[number] += area
			}
		}
	}
	switch {
	case mixed:
		r.blocks[at] = d
	case number != 0:
		r.blocks[at] = &division{all: number}
	}
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
