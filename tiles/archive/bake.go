package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/tiles"
)

// Options says which map to bake.
type Options struct {
	Layers           tiles.LayerSet
	Filter           data.Filter // zero matches nothing: data.All() is the whole map
	Stat             tiles.Stat
	Datum            datum.Datum
	MinZoom, MaxZoom uint8     // inclusive
	Bound            orb.Bound // the tiles that meet it are baked; lon/lat of Datum
	// Metadata goes into the file's JSON metadata: name, description,
	// attribution, vector_layers and what else the maker wants to say. The
	// member "riskatlas" is the package's own.
	Metadata map[string]any
}

// Stats is what a bake wrote.
type Stats struct {
	Addressed int64 // tiles that have something in them
	Distinct  int64 // different ones among them
	Bytes     int64 // of the distinct ones together, compressed
}

// Limits of a bake.
const (
	mostTiles = 30_000_000 // a city's z5-18 is about 3 million
	// The header and the root directory share the first 16 KiB, which readers
	// fetch in one go (PMTiles v3, section 3).
	headBytes = 16384
)

// ErrNothing says that no tile of the asked map has anything in it, so that
// there is no file to write.
var ErrNothing = errors.New("the map is empty: no tile in the bound has anything in it")

// Bake writes the map to a file, in the place of an older one only when all is
// written: an error or an end of ctx leaves what was there. Equal tiles are
// stored once, empty ones not at all. The same map gives the same bytes.
// progress, which may be nil, is called from this goroutine after every few
// tiles.
func Bake(ctx context.Context, path string, src tiles.Source, opts Options, progress func(done, total int64)) (stats Stats, err error) {
	ids, err := opts.plan()
	if err != nil {
		return stats, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return stats, fmt.Errorf("bake: %w", err)
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	w := &writer{out: bufio.NewWriterSize(file, 1<<20), seen: map[[32]byte]place{}}
	if _, err := file.Seek(headBytes, 0); err != nil {
		return stats, fmt.Errorf("bake: %w", err)
	}
	if err := w.tiles(ctx, src, opts, ids, progress); err != nil {
		return stats, err
	}
	if err := w.finish(file, opts); err != nil {
		return stats, fmt.Errorf("bake: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return stats, fmt.Errorf("bake: %w", err)
	}
	return Stats{Addressed: int64(w.count), Distinct: int64(len(w.seen)), Bytes: int64(w.size)}, nil
}

// plan lists the ids of the tiles to bake in the order of the file.
func (o *Options) plan() ([]uint64, error) {
	if o.MinZoom > o.MaxZoom || o.MaxZoom > 18 {
		return nil, &data.Invalid{Field: "zoom", Value: fmt.Sprintf("%d-%d", o.MinZoom, o.MaxZoom), Want: "a range within 0-18"}
	}
	if o.Layers == 0 {
		return nil, &data.Invalid{Field: "layers", Value: "none", Want: "at least one layer"}
	}
	b := o.Bound
	if !(b.Min[0] < b.Max[0] && b.Min[1] < b.Max[1] && b.Min[0] >= -180 && b.Max[0] <= 180 && b.Min[1] >= -85 && b.Max[1] <= 85) {
		return nil, &data.Invalid{Field: "bound", Value: fmt.Sprint(b), Want: "west < east and south < north, within 180 and 85 degrees"}
	}
	corners := func(z uint8) (nw, se maptile.Tile) {
		return maptile.At(orb.Point{b.Min[0], b.Max[1]}, maptile.Zoom(z)), maptile.At(orb.Point{b.Max[0], b.Min[1]}, maptile.Zoom(z))
	}
	count := uint64(0)
	for z := o.MinZoom; z <= o.MaxZoom; z++ {
		nw, se := corners(z)
		count += uint64(se.X-nw.X+1) * uint64(se.Y-nw.Y+1)
	}
	if count > mostTiles {
		return nil, &data.Invalid{Field: "zoom", Value: fmt.Sprintf("%d-%d", o.MinZoom, o.MaxZoom),
			Want: fmt.Sprintf("zooms at which the bound has at most %d tiles, not %d", mostTiles, count)}
	}
	ids := make([]uint64, 0, count)
	for z := o.MinZoom; z <= o.MaxZoom; z++ {
		if o.Layers.At(z) == 0 {
			continue
		}
		nw, se := corners(z)
		for y := nw.Y; y <= se.Y; y++ {
			for x := nw.X; x <= se.X; x++ {
				ids = append(ids, pmtiles.ZxyToID(z, x, y))
			}
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// place is where a tile's bytes stand in the tile section.
type place struct {
	offset uint64
	length uint32
}

// writer writes the tile section and keeps its directory.
type writer struct {
	out     *bufio.Writer
	size    uint64
	seen    map[[32]byte]place
	entries []pmtiles.EntryV3
	count   uint64 // addressed tiles
}

// tiles computes the tiles chunk by chunk, each chunk by all cores, and writes
// them in order.
func (w *writer) tiles(ctx context.Context, src tiles.Source, opts Options, ids []uint64, progress func(done, total int64)) error {
	const chunk = 256
	made := make([][]byte, chunk)
	for start := 0; start < len(ids); start += chunk {
		part := ids[start:min(start+chunk, len(ids))]
		if err := opts.compute(ctx, src, part, made); err != nil {
			return err
		}
		for i, id := range part {
			if err := w.add(id, made[i]); err != nil {
				return fmt.Errorf("bake: %w", err)
			}
		}
		if progress != nil {
			progress(int64(start+len(part)), int64(len(ids)))
		}
	}
	return nil
}

func (o *Options) compute(ctx context.Context, src tiles.Source, ids []uint64, made [][]byte) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				z, x, y := pmtiles.IDToZxy(ids[i])
				tile, err := src.Tile(ctx, tiles.Request{Tile: maptile.New(x, y, maptile.Zoom(z)),
					Layers: o.Layers, Filter: o.Filter, Stat: o.Stat, Datum: o.Datum})
				if err != nil {
					cancel(fmt.Errorf("bake: tile %d/%d/%d: %w", z, x, y, err))
				}
				made[i] = tile.Data
			}
		})
	}
feed:
	for i := range ids {
		select {
		case work <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(work)
	wg.Wait()
	return context.Cause(ctx)
}

// add appends one tile in the order of ids. Equal tiles share their bytes, and
// equal neighbours their entry.
func (w *writer) add(id uint64, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	sum := sha256.Sum256(data)
	at, twice := w.seen[sum]
	if !twice {
		at = place{w.size, uint32(len(data))}
		w.seen[sum] = at
		w.size += uint64(len(data))
		if _, err := w.out.Write(data); err != nil {
			return err
		}
	}
	w.count++
	if n := len(w.entries); n > 0 {
		last := &w.entries[n-1]
		if last.TileID+uint64(last.RunLength) == id && last.Offset == at.offset && last.Length == at.length {
			last.RunLength++
			return nil
		}
	}
	w.entries = append(w.entries, pmtiles.EntryV3{TileID: id, Offset: at.offset, Length: at.length, RunLength: 1})
	return nil
}

// finish writes metadata and leaf directories behind the tiles, then the head.
func (w *writer) finish(file *os.File, opts Options) error {
	if len(w.entries) == 0 {
		return ErrNothing
	}
	meta := maps.Clone(opts.Metadata)
	if meta == nil {
		meta = map[string]any{}
	}
	meta[ownMember] = opts.held()
	metadata, err := pmtiles.SerializeMetadata(meta, pmtiles.Gzip)
	if err != nil {
		return err
	}
	root, leaves, _ := pmtiles.BuildDirectories(w.entries, headBytes-pmtiles.HeaderV3LenBytes, pmtiles.Gzip)
	for _, b := range [][]byte{metadata, leaves} {
		if _, err := w.out.Write(b); err != nil {
			return err
		}
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	h := opts.header(w, uint64(len(root)), uint64(len(metadata)), uint64(len(leaves)))
	if _, err := file.WriteAt(append(pmtiles.SerializeHeader(h), root...), 0); err != nil {
		return err
	}
	// CreateTemp's file is for its maker alone; a map is for whoever may read
	// its folder.
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	return file.Sync()
}

func (o *Options) header(w *writer, root, metadata, leaves uint64) pmtiles.HeaderV3 {
	first, last := w.entries[0], w.entries[len(w.entries)-1]
	minZoom, _, _ := pmtiles.IDToZxy(first.TileID)
	maxZoom, _, _ := pmtiles.IDToZxy(last.TileID + uint64(last.RunLength) - 1)
	e7 := func(degrees float64) int32 { return int32(degrees * 1e7) }
	centre := o.Bound.Center()
	return pmtiles.HeaderV3{
		SpecVersion: 3,
		RootOffset:  pmtiles.HeaderV3LenBytes, RootLength: root,
		TileDataOffset: headBytes, TileDataLength: w.size,
		MetadataOffset: headBytes + w.size, MetadataLength: metadata,
		LeafDirectoryOffset: headBytes + w.size + metadata, LeafDirectoryLength: leaves,
		AddressedTilesCount: w.count, TileEntriesCount: uint64(len(w.entries)), TileContentsCount: uint64(len(w.seen)),
		Clustered:           true,
		InternalCompression: pmtiles.Gzip, TileCompression: pmtiles.Gzip, TileType: pmtiles.Mvt,
		MinZoom: minZoom, MaxZoom: maxZoom,
		MinLonE7: e7(o.Bound.Min[0]), MinLatE7: e7(o.Bound.Min[1]), MaxLonE7: e7(o.Bound.Max[0]), MaxLatE7: e7(o.Bound.Max[1]),
		CenterZoom: (minZoom + maxZoom) / 2, CenterLonE7: e7(centre[0]), CenterLatE7: e7(centre[1]),
	}
}
