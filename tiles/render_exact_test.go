package tiles

import (
	"bytes"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles/mvtcheck"
)

// unzipped is the tile's MVT; nothing of an empty one.
func unzipped(t testing.TB, tile Tile) []byte {
	t.Helper()
	if tile.Empty {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(tile.Data))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// strictly decodes a tile under the strict check.
func strictly(t testing.TB, tile Tile, at maptile.Tile) *mvtcheck.Tile {
	t.Helper()
	margin := int64(buffer)
	if at.Z > finestTile { // the ring of cells is wider there
		margin = int64(newCanvas(at, 0).cellSize(22)) / 2
	}
	out, err := mvtcheck.Strict(unzipped(t, tile), margin)
	if err != nil {
		t.Fatalf("tile %v: %v", at, err)
	}
	return out
}

// cellRisk is what the layer grid says of one cell, in units of 1e-15.
type cellRisk struct {
	ir, mean int64
	level    data.Level
	chief    string
}

func gridOf(t *testing.T, tile *mvtcheck.Tile) map[riskgrid.Cell]cellRisk {
	t.Helper()
	out := map[riskgrid.Cell]cellRisk{}
	layer := tile.Layer("grid")
	if layer == nil {
		return out
	}
	units := func(v any) int64 {
		n := math.Round(v.(float64) * 1e15)
		if n/1e15 != v.(float64) {
			t.Fatalf("%v is not the double nearest to a multiple of 1e-15", v)
		}
		return int64(n)
	}
	for _, f := range layer.Features {
		c := riskgrid.Cell{X: uint32(f.ID & (1<<22 - 1)), Y: uint32(f.ID >> 22 & (1<<22 - 1)), Zoom: uint8(f.ID >> 44)}
		chief, _ := f.Properties["chief"].(string)
		out[c] = cellRisk{units(f.Properties["ir"]), units(f.Properties["ir_mean"]), data.Level(f.Properties["level"].(uint64)), chief}
	}
	return out
}

func bandsOf(tile *mvtcheck.Tile) map[data.Level][]mvtcheck.Polygon {
	out := map[data.Level][]mvtcheck.Polygon{}
	if layer := tile.Layer("risk"); layer != nil {
		for _, f := range layer.Features {
			out[data.Level(f.Properties["level"].(uint64))] = f.Polygons
		}
	}
	return out
}

// bandAt is the level of the band that holds the centre of a cell of the tile.
func bandAt(t *testing.T, bands map[data.Level][]mvtcheck.Polygon, tile maptile.Tile, cell riskgrid.Cell) data.Level {
	t.Helper()
	size := int64(newCanvas(tile, 0).cellSize(cell.Zoom))
	deeper := cell.Zoom - uint8(tile.Z)
	p := mvtcheck.Point{X: (int64(cell.X)-int64(tile.X)<<deeper)*size + size/2, Y: (int64(cell.Y)-int64(tile.Y)<<deeper)*size + size/2}
	found := data.LevelNone
	for l, polygons := range bands {
		for _, poly := range polygons {
			in, on := poly.Contains(p)
			if on {
				t.Fatalf("tile %v: the centre of cell %v lies on the border of band %d", tile, cell, l)
			}
			if in && found != data.LevelNone {
				t.Fatalf("tile %v: the centre of cell %v lies in two bands", tile, cell)
			}
			if in {
				found = l
			}
		}
	}
	return found
}

// cellsOf samples cells of a tile.
func cellsOf(rng *rand.Rand, tile maptile.Tile, n int) iter.Seq[riskgrid.Cell] {
	w := riskgrid.TileWindow(uint8(tile.Z), tile.X, tile.Y, 0)
	return func(yield func(riskgrid.Cell) bool) {
		for range n {
			c := riskgrid.Cell{X: uint32(w.X + rng.IntN(w.W)), Y: uint32(w.Y + rng.IntN(w.H)), Zoom: w.Zoom}
			if !yield(c) {
				return
			}
		}
	}
}

// tile is a random tile of a zoom near one of the town's hazards.
func (w *town) tile(rng *rand.Rand, zoom maptile.Zoom) maptile.Tile {
	at := w.hazards[rng.IntN(len(w.hazards))].Label()
	return maptile.At(orb.Point{at[0] + (rng.Float64()-0.5)*0.003, at[1] + (rng.Float64()-0.5)*0.003}, zoom)
}

// From z14 on every cell of a tile, of any filter, is the superposition of the
// documentation, and its band, its level and its chief industry follow from it.
func TestExactTiles(t *testing.T) {
	w := randomTown(t, 21, 60)
	r := w.renderer(Options{})
	rng := rand.New(rand.NewPCG(21, 2))
	coloured := 0
	for z := maptile.Zoom(directZoom); z <= 18; z++ {
		for range 2 {
			tile, f := w.tile(rng, z), randomFilter(rng, w.profile.Taxonomy)
			got := strictly(t, mustTile(t, r, Request{Tile: tile, Layers: groundLayers & AllLayers, Filter: f}), tile)
			grid, bands := gridOf(t, got), bandsOf(got)
			alone := strictly(t, mustTile(t, r, Request{Tile: tile, Layers: Layers(data.LayerRisk), Filter: f}), tile)
			if !reflect.DeepEqual(bandsOf(alone), bands) {
				t.Fatalf("z%d: the layer risk alone differs from the one beside the grid", z)
			}
			for cell := range cellsOf(rng, tile, 30) {
				g := grid[cell]
				least, most := brute(w.hazards, f, cell)
				if ir := float64(g.ir) / 1e15; ir < least || ir > most {
					t.Fatalf("z%d cell %v: ir %g, brute force %g to %g", z, cell, ir, least, most)
				}
				level := w.viewer.cuts.Level(riskgrid.Risk(g.ir))
				if at := bandAt(t, bands, tile, cell); g.level != level || at != level || g.mean != g.ir {
					t.Fatalf("z%d cell %v: level %d, band %d, want %d; mean %d of %d", z, cell, g.level, at, level, g.mean, g.ir)
				}
				if g.ir > 0 && g.chief != w.chief(f, cell) {
					t.Fatalf("z%d cell %v: chief %s, want %s", z, cell, g.chief, w.chief(f, cell))
				}
				if level > 0 {
					coloured++
				}
			}
		}
	}
	if coloured < 100 {
		t.Errorf("only %d sampled cells had a colour", coloured)
	}
}

// chief finds the industry with the largest share of a cell one by one.
func (w *town) chief(f data.Filter, cell riskgrid.Cell) (code string) {
	var most riskgrid.Risk
	for i, in := range w.profile.Taxonomy.Industries {
		var own []*data.Hazard
		for _, h := range w.hazards {
			if h.Status == data.Active && f.Match(h) && int(h.Industry) == i {
				own = append(own, h)
			}
		}
		if sum, _ := riskgrid.AtCell(cell, slices.Values(own)); sum > most {
			most, code = sum, in.Code
		}
	}
	return code
}

// Below z14 a cell is the greatest, the mean and the counts of its base cells,
// each of which is superposed for itself.
func TestExactTilesBelowDirectZoom(t *testing.T) {
	w := compactTown(t, 22, 80)
	r := w.renderer(Options{})
	rng := rand.New(rand.NewPCG(22, 2))
	var seen [2][5]int
	for _, z := range []maptile.Zoom{5, 7, 8, 9, 10, 11, 12, 12, 13, 13} {
		for stat := Worst; stat <= Share; stat++ {
			tile, f := w.tile(rng, z), randomFilter(rng, w.profile.Taxonomy)
			got := strictly(t, mustTile(t, r, Request{Tile: tile, Layers: groundLayers & AllLayers, Filter: f, Stat: stat}), tile)
			grid, bands := gridOf(t, got), bandsOf(got)
			n := 3 // the cells of wide tiles have many base cells
			if z >= 9 {
				n = 24
			}
			cells := slices.Collect(cellsOf(rng, tile, n))
			for range n { // most of a wide tile is empty: look where the town is
				cells = append(cells, riskgrid.CellAt(w.tile(rng, 20).Center(), uint8(z)+6))
			}
			for _, cell := range cells {
				if cell.X>>6 != tile.X || cell.Y>>6 != tile.Y {
					continue
				}
				want := w.pooled(t, f, cell)
				level := w.viewer.cuts.Level(want.Max)
				if stat == Share {
					level = w.shareOf(want.Counts)
				}
				seen[stat][level]++
				if at := bandAt(t, bands, tile, cell); at != level {
					t.Fatalf("z%d %s cell %v: band %d, want %d", z, stat, cell, at, level)
				}
				if z < 12 {
					continue
				}
				base := int64(1) << (2 * (riskgrid.BaseZoom - cell.Zoom))
				mean := int64(math.Floor(float64(want.Sum)/float64(base) + 0.5))
				if g := grid[cell]; g.ir != int64(want.Max) || g.mean != mean || want.Max > 0 && g.level != level {
					t.Fatalf("z%d %s cell %v: ir %d mean %d level %d, want %d %d %d", z, stat, cell, g.ir, g.mean, g.level, want.Max, mean, level)
				}
			}
		}
	}
	for stat, levels := range seen {
		if n := len(slices.DeleteFunc(levels[:], func(n int) bool { return n == 0 })); n < 4 {
			t.Errorf("the sampled cells had only %d different levels by %s", n, Stat(stat))
		}
	}
}

// pooled superposes the base cells of a cell one window at a time, and checks
// some of them by brute force.
func (w *town) pooled(t *testing.T, f data.Filter, cell riskgrid.Cell) (p riskgrid.Pooled) {
	t.Helper()
	k := riskgrid.BaseZoom - cell.Zoom
	window := riskgrid.Window{X: int(cell.X) << k, Y: int(cell.Y) << k, W: 1 << k, H: 1 << k, Zoom: riskgrid.BaseZoom}
	base := make([]riskgrid.Risk, window.W*window.H)
	riskgrid.Superpose(base, window, func(yield func(*data.Hazard) bool) {
		for _, h := range w.hazards {
			if h.Status == data.Active && f.Match(h) && h.Extent().Intersects(window.Bound()) && !yield(h) {
				return
			}
		}
	})
	step := 1 + len(base)/3
	for i, v := range base {
		if i%step == 0 {
			c := riskgrid.Cell{X: uint32(window.X + i%window.W), Y: uint32(window.Y + i/window.W), Zoom: riskgrid.BaseZoom}
			if least, most := brute(w.hazards, f, c); v.PerYear() < least || v.PerYear() > most {
				t.Fatalf("base cell %v: %g, brute force %g to %g", c, v.PerYear(), least, most)
			}
		}
		p.Max = max(p.Max, v)
		p.Sum += v
		p.Counts[w.viewer.cuts.Level(v)]++
	}
	return p
}

// shareOf is the district rule in whole numbers: 1 % of level 4, 1 % of level 3
// and up, 5 % of level 2 and up.
func (w *town) shareOf(n [5]uint32) data.Level {
	all := uint64(n[0]) + uint64(n[1]) + uint64(n[2]) + uint64(n[3]) + uint64(n[4])
	four, three, two := uint64(n[4]), uint64(n[3])+uint64(n[4]), uint64(n[2])+uint64(n[3])+uint64(n[4])
	switch {
	case four*100 >= all:
		return data.Major
	case three*100 >= all:
		return data.Significant
	case two*20 >= all:
		return data.General
	case all > uint64(n[0]):
		return data.Low
	}
	return data.LevelNone
}

// A filter and its complement add up to the whole, cell by cell and bit by bit.
func TestFilterAndComplement(t *testing.T) {
	w := compactTown(t, 23, 80)
	r := w.renderer(Options{})
	rng := rand.New(rand.NewPCG(23, 2))
	v := &w.profile.Taxonomy.Vintages[w.profile.Taxonomy.Default]
	halves := map[string]func() (a, b data.Filter){
		"industries": func() (a, b data.Filter) {
			a, b = data.All(), data.All()
			set := data.Set(rng.Uint64N(256))
			a.Industries &^= set
			b.Industries &^= 255 &^ set
			return a, b
		},
		"levels": func() (a, b data.Filter) {
			a, b = data.All(), data.All()
			set := data.Set(rng.Uint64N(16)) << 1
			a.Levels &^= set
			b.Levels &^= 0b11110 &^ set
			return a, b
		},
		"districts": func() (a, b data.Filter) {
			a, b = data.All(), data.All()
			for d := v.First; d <= v.Outside(); d++ {
				if rng.IntN(2) == 0 {
					a.Districts[d/64] &^= 1 << (d % 64)
				} else {
					b.Districts[d/64] &^= 1 << (d % 64)
				}
			}
			return a, b
		},
	}
	for name, split := range halves {
		for _, z := range []maptile.Zoom{12, 13, 14, 16, 18} {
			tile := w.tile(rng, z)
			fa, fb := split()
			of := func(f data.Filter) map[riskgrid.Cell]cellRisk {
				return gridOf(t, strictly(t, mustTile(t, r, Request{Tile: tile, Layers: Layers(data.LayerGrid), Filter: f}), tile))
			}
			a, b, whole := of(fa), of(fb), of(data.All())
			if len(whole) == 0 {
				t.Fatalf("z%d: nothing to compare", z)
			}
			for c, sum := range whole {
				x, y := a[c], b[c]
				switch {
				case z >= directZoom && x.ir+y.ir != sum.ir:
					t.Fatalf("%s z%d cell %v: %d + %d is not %d", name, z, c, x.ir, y.ir, sum.ir)
				case max(x.ir, y.ir) > sum.ir || sum.ir > x.ir+y.ir:
					t.Fatalf("%s z%d cell %v: %d and %d do not enclose %d", name, z, c, x.ir, y.ir, sum.ir)
				case abs(x.mean+y.mean-sum.mean) > 1: // each rounded once
					t.Fatalf("%s z%d cell %v: means %d + %d are not %d", name, z, c, x.mean, y.mean, sum.mean)
				}
				delete(a, c)
				delete(b, c)
			}
			if len(a)+len(b) > 0 {
				t.Fatalf("%s z%d: %d cells of a part are not in the whole", name, z, len(a)+len(b))
			}
		}
	}
}

func abs(v int64) int64 { return max(v, -v) }

// Where two tiles show the same ground, they have the same vertices.
func TestNeighboursShareVertices(t *testing.T) {
	w := randomTown(t, 24, 40)
	r := w.renderer(Options{})
	rng := rand.New(rand.NewPCG(24, 2))
	shared := 0
	for z := maptile.Zoom(8); z <= 18; z++ {
		for stat := Worst; stat <= Share; stat++ {
			west, f := w.tile(rng, z), randomFilter(rng, w.profile.Taxonomy)
			east, south := maptile.New(west.X+1, west.Y, z), maptile.New(west.X, west.Y+1, z)
			half := int64(newCanvas(west, 0).cellSize(w.window(west).Zoom)) / 2
			of := func(tile maptile.Tile, dx, dy int64) map[[3]int64]bool {
				got := strictly(t, mustTile(t, r, Request{Tile: tile, Layers: Layers(data.LayerRisk), Filter: f, Stat: stat}), tile)
				out := map[[3]int64]bool{}
				for l, polygons := range bandsOf(got) {
					for _, p := range polygons {
						for _, ring := range p {
							for _, v := range ring {
								out[[3]int64{v.X + dx, v.Y + dy, int64(l)}] = true
							}
						}
					}
				}
				return out
			}
			a := of(west, 0, 0)
			for axis, b := range []map[[3]int64]bool{of(east, extent, 0), of(south, 0, extent)} {
				// The strip between the two ends, where both have cells on all
				// sides.
				in := func(v [3]int64) bool {
					return v[axis] > extent-half && v[axis] < extent+half && v[1-axis] > -half && v[1-axis] < extent+half
				}
				for v := range a {
					if in(v) && !b[v] {
						t.Fatalf("z%d: the vertex %v of %v is not in its neighbour", z, v, west)
					}
				}
				for v := range b {
					if in(v) {
						shared++
						if !a[v] {
							t.Fatalf("z%d: the neighbour's vertex %v is not in %v", z, v, west)
						}
					}
				}
			}
		}
	}
	if shared < 100 {
		t.Errorf("only %d shared vertices were compared", shared)
	}
}

func (w *town) window(t maptile.Tile) riskgrid.Window {
	return riskgrid.TileWindow(uint8(t.Z), t.X, t.Y, 0)
}
