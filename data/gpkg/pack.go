package gpkg

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"
)

// The R-tree of a large batch is packed from all its boxes at once
// (sort-tile-recursive: Leutenegger, Edgington and Lopez 1997) and written into
// the tables behind the virtual one, in the form of SQLite's ext/rtree/rtree.c:
// a node is its height (of the root, else 0) and its number of cells, two bytes
// each, then the cells: a number of 8 bytes and the sides as float32, all
// big-endian. SQLite's own rtreecheck tests it.

const (
	cellBytes = 8 + 4*4
	// cellsMost is how many cells SQLite puts into a node, where the page is
	// large enough for them.
	cellsMost = 51
	// packedShare leaves room in the nodes, so that not every later insertion
	// splits one.
	packedShare = 0.9
)

// box is a cell of a node: a row's number, or the node below.
type box struct {
	number int64
	sides  [4]float32 // min x, max x, min y, max y, never narrower than what they hold
}

func newBox(number int64, e envelope) box {
	return box{number, [4]float32{under(e[0]), -under(-e[1]), under(e[2]), -under(-e[3])}}
}

// under is the nearest float32 that is not above.
func under(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, -math.MaxFloat32)
	}
	return f
}

func (b *box) middle(axis int) float32 { return b.sides[2*axis]/2 + b.sides[2*axis+1]/2 }

func (b *box) union(c box) {
	for axis := range 2 {
		b.sides[2*axis] = min(b.sides[2*axis], c.sides[2*axis])
		b.sides[2*axis+1] = max(b.sides[2*axis+1], c.sides[2*axis+1])
	}
}

// pack makes the R-tree of a table of boxes alone.
func (w *writer) pack(ctx context.Context, table string, boxes []box) error {
	within := context.WithoutCancel(ctx)
	name := "rtree_" + table + "_geom"
	var nodeBytes int
	if err := w.conn.QueryRowContext(within, "SELECT length(data) FROM "+name+"_node WHERE nodeno = 1").Scan(&nodeBytes); err != nil {
		return err
	}
	t := packed(boxes, nodeBytes)
	if _, err := w.conn.ExecContext(within, "DELETE FROM "+name+"_node; DELETE FROM "+name+"_rowid; DELETE FROM "+name+"_parent"); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.inserts(within, name+"_node", len(t.nodes), func(i int) (any, any) { return int64(i + 1), t.nodes[i] }); err != nil {
		return err
	}
	if err := w.inserts(within, name+"_parent", len(t.parents)-1, func(i int) (any, any) { return int64(i + 2), t.parents[i+1] }); err != nil {
		return err
	}
	slices.SortFunc(t.rows, func(a, b rowNode) int { return cmp.Compare(a.row, b.row) })
	return w.inserts(within, name+"_rowid", len(t.rows), func(i int) (any, any) { return t.rows[i].row, t.rows[i].node })
}

// tree is an R-tree as the tables keep it: node i+1 and the number of its
// parent, which the root, node 1, has not; and the leaf of each row.
type tree struct {
	nodes   [][]byte
	parents []int64
	rows    []rowNode
}

type rowNode struct{ row, node int64 }

// packed makes the tree of at least one box, whose order it changes.
func packed(boxes []box, nodeBytes int) *tree {
	most := max(2, int(packedShare*float64(min(cellsMost, (nodeBytes-4)/cellBytes))))
	tile(boxes, most)
	// The cells by the height of their nodes: each is one node of the height below.
	// Those of the last fit into the root.
	levels := [][]box{boxes}
	for top := boxes; len(top) > most; {
		nodes := split(top, (len(top)+most-1)/most)
		top = make([]box, len(nodes))
		for i, cells := range nodes {
			top[i] = cells[0]
			for _, c := range cells[1:] {
				top[i].union(c)
			}
		}
		levels = append(levels, top)
	}
	t := &tree{rows: make([]rowNode, 0, len(boxes)), parents: make([]int64, 1)}
	root := len(levels) - 1
	nodes := levels[root:]
	for height := root; height >= 0; height-- {
		t.add(nodes, height, nodeBytes)
		if height > 0 {
			nodes = split(levels[height-1], len(levels[height]))
		}
	}
	binary.BigEndian.PutUint16(t.nodes[0], uint16(root))
	return t
}

// add writes the nodes of one height; those of the height below follow them, in
// the order of the cells that stand for them.
func (t *tree) add(nodes [][]box, height, nodeBytes int) {
	node := int64(len(t.nodes))
	below := node + int64(len(nodes))
	for _, cells := range nodes {
		node++
		for i := range cells {
			if height == 0 {
				t.rows = append(t.rows, rowNode{cells[i].number, node})
				continue
			}
			below++
			cells[i].number = below
			t.parents = append(t.parents, node)
		}
		t.nodes = append(t.nodes, nodeData(cells, nodeBytes))
	}
}

// split divides cells into so many nodes, as evenly as can be.
func split(cells []box, nodes int) [][]box {
	out := make([][]box, nodes)
	for i := range out {
		out[i] = cells[len(cells)*i/nodes : len(cells)*(i+1)/nodes]
	}
	return out
}

// tile orders boxes so that each run of most of them is close together: in strips
// from west to east, north and south by turns.
func tile(boxes []box, most int) {
	by := func(axis, sign int) func(a, b box) int {
		return func(a, b box) int {
			return cmp.Or(sign*cmp.Compare(a.middle(axis), b.middle(axis)), cmp.Compare(a.number, b.number))
		}
	}
	slices.SortFunc(boxes, by(0, 1))
	nodes := (len(boxes) + most - 1) / most
	strip := most * int(math.Ceil(math.Sqrt(float64(nodes))))
	for i, sign := 0, 1; i < len(boxes); i, sign = i+strip, -sign {
		slices.SortFunc(boxes[i:min(i+strip, len(boxes))], by(1, sign))
	}
}

func nodeData(cells []box, nodeBytes int) []byte {
	b := make([]byte, 4, nodeBytes)
	binary.BigEndian.PutUint16(b[2:], uint16(len(cells)))
	for _, c := range cells {
		b = binary.BigEndian.AppendUint64(b, uint64(c.number))
		for _, side := range c.sides {
			b = binary.BigEndian.AppendUint32(b, math.Float32bits(side))
		}
	}
	return b[:nodeBytes]
}
