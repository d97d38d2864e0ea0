package index

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"riskatlas/data"
)

// standing is the active hazards by id, each with its place.
type standing struct {
	items  []item
	places [][2]float64
}

// newClusters makes the clusters of all active hazards.
func (s *Snapshot) newClusters() *clusters {
	var all standing
	s.roll.scan("", func(it item) bool {
		if it.hazard.Status == data.Active {
			fx, fy := Mercator(it.hazard.Label())
			all.items = append(all.items, it)
			all.places = append(all.places, [2]float64{fx, fy})
		}
		return true
	})
	return all.clusters(s.classes.list)
}

// clusters makes the clusters, the zooms side by side.
func (a *standing) clusters(classes []data.Class) *clusters {
	var built [MaxClustered + 1][]*clusterTile
	var keys [MaxClustered + 1][]uint32
	var work sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for z := uint8(MinClustered); z <= MaxClustered; z++ {
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			keys[z], built[z] = a.tiles(z, classes)
		})
	}
	work.Wait()
	out := emptyClusters()
	for z := range built {
		for i, t := range built[z] {
			out.Set(keys[z][i], t)
		}
	}
	return out
}

// gathered is the hazards of one class in one square while they are counted.
type gathered struct {
	square uint64 // the tile, then the square in it, in 32 bits; then the worst level first
	rank   uint32 // of the first by id
	class  uint32
	count  uint32
}

func (g gathered) compare(o gathered) int {
	return cmp.Or(cmp.Compare(g.square, o.square), cmp.Compare(g.rank, o.rank))
}

// tiles makes the tiles of a zoom, by key.
func (a *standing) tiles(zoom uint8, classes []data.Class) (keys []uint32, tiles []*clusterTile) {
	found := a.gather(zoom, classes)
	slices.SortFunc(found, gathered.compare)
	members := make([]member, len(found)) // one piece of memory for all
	for i, g := range found {
		members[i] = member{a.items[g.rank].hazard, g.class, g.count}
	}
	squareOf := func(i int) uint64 { return found[i].square >> levelBits }
	for i := 0; i < len(found); {
		tile := new(clusterTile)
		of := squareOf(i) >> 8
		var squares []square
		rowStart, rowOf := 0, -1
		for i < len(found) && squareOf(i)>>8 == of {
			from, at := i, squareOf(i)
			for i < len(found) && squareOf(i) == at {
				i++
			}
			if y := int(at >> 4 & 15); y != rowOf {
				rowStart, rowOf = len(squares), y
			}
			squares = append(squares, square{uint8(at & 15), members[from:i:i]})
			tile[rowOf] = squares[rowStart:len(squares):len(squares)]
		}
		keys, tiles = append(keys, uint32(of)), append(tiles, tile)
	}
	return keys, tiles
}

const levelBits = 3

// gather counts the hazards of a zoom by square and class: a table with open
// addressing.
func (a *standing) gather(zoom uint8, classes []data.Class) []gathered {
	var found []gathered
	slots := make([]uint32, 1<<12) // number in found + 1
	for i, p := range a.places {
		at, ok := squareOf(p[0], p[1], zoom)
		if !ok {
			continue
		}
		class := a.items[i].class
		within := uint64(at.y%ClusterGrid)<<4 | uint64(at.x%ClusterGrid)
		square := uint64(at.tile(zoom))<<8 | within
		square = square<<levelBits | uint64(data.Major-classes[class].Level)
		for h := slotOf(square, class); ; h++ {
			slot := &slots[h&uint64(len(slots)-1)]
			if *slot == 0 {
				found = append(found, gathered{square, uint32(i), class, 1})
				*slot = uint32(len(found))
				break
			}
			if g := &found[*slot-1]; g.square == square && g.class == class {
				g.count++
				break
			}
		}
		if 2*len(found) > len(slots) {
			slots = respread(found, 4*len(slots))
		}
	}
	return found
}

func slotOf(square uint64, class uint32) uint64 {
	h := (square<<20 ^ uint64(class)) * 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	return h ^ h>>32
}

// respread is a larger table of what was found.
func respread(found []gathered, size int) []uint32 {
	slots := make([]uint32, size)
	for i, g := range found {
		h := slotOf(g.square, g.class)
		for slots[h&uint64(size-1)] != 0 {
			h++
		}
		slots[h&uint64(size-1)] = uint32(i + 1)
	}
	return slots
}
