package archive

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"sort"

	"github.com/paulmach/orb"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"riskatlas/tiles"
)

// Archive is an open PMTiles file of gzipped vector tiles: a tiles.Source that
// never changes. Safe for concurrent use.
type Archive struct {
	header   pmtiles.HeaderV3
	metadata map[string]any
	held     held
	file     io.ReaderAt
	close    func() error
	tiles    section
	entries  []entry // by first
}

var _ tiles.Source = (*Archive)(nil)

// Open opens a file and checks its header, metadata and every directory entry,
// so that what it says of itself holds. It takes files of other makers too.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var a *Archive
		if a, err = open(f, info.Size()); err == nil {
			a.close = f.Close
			return a, nil
		}
	}
	f.Close()
	return nil, fmt.Errorf("archive %s: %w", path, err)
}

func open(file io.ReaderAt, size int64) (*Archive, error) {
	var head [pmtiles.HeaderV3LenBytes]byte
	if size < int64(len(head)) {
		return nil, fmt.Errorf("%d bytes are less than a PMTiles header", size)
	}
	if _, err := file.ReadAt(head[:], 0); err != nil {
		return nil, err
	}
	h, err := pmtiles.DeserializeHeader(head[:])
	if err != nil {
		return nil, err
	}
	if h.SpecVersion != 3 {
		return nil, fmt.Errorf("PMTiles version %d: want 3", h.SpecVersion)
	}
	if h.TileType != pmtiles.Mvt || h.TileCompression != pmtiles.Gzip {
		return nil, fmt.Errorf("tiles of type %d compressed by %d: want vector tiles (1) compressed by gzip (2)", h.TileType, h.TileCompression)
	}
	if h.InternalCompression != pmtiles.Gzip && h.InternalCompression != pmtiles.NoCompression {
		return nil, fmt.Errorf("directories compressed by %d: want none (1) or gzip (2)", h.InternalCompression)
	}
	sections := []section{
		{"root directory", h.RootOffset, h.RootLength}, {"metadata", h.MetadataOffset, h.MetadataLength},
		{"leaf directories", h.LeafDirectoryOffset, h.LeafDirectoryLength}, {"tiles", h.TileDataOffset, h.TileDataLength}}
	for _, s := range sections {
		if s.offset > uint64(size) || s.length > uint64(size)-s.offset {
			return nil, fmt.Errorf("%s: %d bytes at %d are outside of the file's %d", s.name, s.length, s.offset, size)
		}
	}
	a := &Archive{header: h, file: file, tiles: sections[3], close: func() error { return nil }}
	r := &reader{file: file, compressed: h.InternalCompression == pmtiles.Gzip, leaves: sections[2], tiles: sections[3]}
	if err := r.directory(sections[0], 0, h.RootLength, 1); err != nil {
		return nil, err
	}
	a.entries = r.entries
	if err := a.readMetadata(r, sections[1]); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Archive) readMetadata(r *reader, s section) error {
	b, err := s.bytes(r.file, 0, s.length, mostMetadataBytes)
	if err != nil {
		return err
	}
	if r.compressed && len(b) > 0 {
		if b, err = gunzip(b, mostMetadataBytes); err != nil {
			return fmt.Errorf("metadata: %w", err)
		}
	}
	if len(b) == 0 {
		b = []byte("{}")
	}
	if err := json.Unmarshal(b, &a.metadata); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	return a.held.read(a.metadata)
}

// Close closes the file; Tile fails afterwards.
func (a *Archive) Close() error { return a.close() }

// Metadata is the file's JSON metadata. It is shared and not to be changed.
func (a *Archive) Metadata() map[string]any { return a.metadata }

// Zooms are the least and the greatest zoom that the file says it holds.
func (a *Archive) Zooms() (least, most uint8) { return a.header.MinZoom, a.header.MaxZoom }

// Bound is the box in degrees that the file says it covers.
func (a *Archive) Bound() orb.Bound {
	h := &a.header
	return orb.Bound{
		Min: orb.Point{float64(h.MinLonE7) / 1e7, float64(h.MinLatE7) / 1e7},
		Max: orb.Point{float64(h.MaxLonE7) / 1e7, float64(h.MaxLatE7) / 1e7}}
}

// Layers are the layers that were baked; every layer for a file of another maker.
func (a *Archive) Layers() tiles.LayerSet { return a.held.layers }

// Tile gives a tile as it was baked. Fewer layers than were baked are cut out of
// it. The error wraps tiles.ErrNotHeld where another map is asked for than the
// one that was frozen: a layer, a zoom, a datum or a filter that it was not
// baked with. A request with the defaults for filter (all) and statistic (worst)
// gets the map as it was baked.
func (a *Archive) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if err := ctx.Err(); err != nil {
		return tiles.Tile{}, err
	}
	if err := a.holds(r); err != nil {
		return tiles.Tile{}, err
	}
	layers := r.Layers.At(uint8(r.Tile.Z))
	data, err := a.bytes(pmtiles.ZxyToID(uint8(r.Tile.Z), r.Tile.X, r.Tile.Y))
	if err != nil {
		return tiles.Tile{}, err
	}
	if have := a.held.layers.At(uint8(r.Tile.Z)); data != nil && layers != have {
		if data, err = cut(data, layers); err != nil {
			return tiles.Tile{}, fmt.Errorf("tile %d/%d/%d: %w", r.Tile.Z, r.Tile.X, r.Tile.Y, err)
		}
	}
	sum := sha256.Sum256(data)
	var key tiles.Key
	copy(key[:], sum[:])
	t := tiles.Tile{ETag: key.ETag(), From: "archive"}
	switch {
	case key.Known(r.Known):
		t.NotModified = true
	case len(data) == 0:
		t.Empty = true
	default:
		t.Data = data
	}
	return t, nil
}

// holds reports whether the asked map is the one that was frozen.
func (a *Archive) holds(r tiles.Request) error {
	z := uint8(r.Tile.Z)
	if z < a.header.MinZoom || z > a.header.MaxZoom {
		return fmt.Errorf("zoom %d: %w: it has zooms %d to %d", z, tiles.ErrNotHeld, a.header.MinZoom, a.header.MaxZoom)
	}
	if n := uint64(1) << z; uint64(r.Tile.X) >= n || uint64(r.Tile.Y) >= n {
		return fmt.Errorf("tile %d/%d/%d: %w: it is outside of the world", z, r.Tile.X, r.Tile.Y, tiles.ErrNotHeld)
	}
	return a.held.holds(r)
}

// bytes gives a tile's gzipped bytes; nil where there is none.
func (a *Archive) bytes(id uint64) ([]byte, error) {
	i := sort.Search(len(a.entries), func(i int) bool { return a.entries[i].first > id }) - 1
	if i < 0 || id-a.entries[i].first >= uint64(a.entries[i].run) {
		return nil, nil
	}
	e := a.entries[i]
	return a.tiles.bytes(a.file, e.offset, uint64(e.length), math.MaxUint64)
}
