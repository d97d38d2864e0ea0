package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/protomaps/go-pmtiles/pmtiles"
)

// Limits of a file that is opened: far over what any city needs, and low enough
// that a hostile file cannot fill the memory.
const (
	mostDirectoryBytes = 8 << 20 // of one directory, decompressed
	mostMetadataBytes  = 8 << 20
	mostEntries        = 32_000_000
	mostTileBytes      = 16 << 20
	mostDepth          = 3
)

// entry is a run of equal tiles: ids first to first+run-1 have the bytes at
// offset of the tile section.
type entry struct {
	first, offset uint64
	length, run   uint32
}

// section is a checked range of the file.
type section struct {
	name           string
	offset, length uint64
}

// reader reads one file's directories.
type reader struct {
	file       io.ReaderAt
	compressed bool // directories and metadata are gzipped
	leaves     section
	tiles      section
	entries    []entry
	next       uint64 // the least id that the next entry may have
}

// bytes reads a part of a section.
func (s section) bytes(file io.ReaderAt, offset, length, most uint64) ([]byte, error) {
	if offset > s.length || length > s.length-offset {
		return nil, fmt.Errorf("%s: %d bytes at %d are outside of its %d bytes", s.name, length, offset, s.length)
	}
	if length > most {
		return nil, fmt.Errorf("%s: %d bytes at once, %d is the most", s.name, length, most)
	}
	b := make([]byte, length)
	if _, err := file.ReadAt(b, int64(s.offset+offset)); err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return b, nil
}

// gunzip decompresses at most so many bytes.
func gunzip(b []byte, most int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(out)) > most {
		return nil, fmt.Errorf("more than %d bytes when decompressed", most)
	}
	return out, nil
}

// directory reads a directory and the leaves that it points to, in the order of
// ids.
func (r *reader) directory(s section, offset, length uint64, depth int) error {
	b, err := s.bytes(r.file, offset, length, mostDirectoryBytes)
	if err != nil {
		return err
	}
	if r.compressed {
		if b, err = gunzip(b, mostDirectoryBytes); err != nil {
			return fmt.Errorf("%s at %d: %w", s.name, offset, err)
		}
	}
	entries, err := parseDirectory(b)
	if err != nil {
		return fmt.Errorf("%s at %d: %w", s.name, offset, err)
	}
	for i, e := range entries {
		if e.RunLength > 0 {
			if err := r.add(e); err != nil {
				return err
			}
			continue
		}
		if depth == mostDepth {
			return fmt.Errorf("%s at %d: directories %d deep", s.name, offset, depth)
		}
		if e.TileID < r.next {
			return fmt.Errorf("%s at %d: tile ids do not rise at %d", s.name, offset, e.TileID)
		}
		before := len(r.entries)
		if err := r.directory(r.leaves, e.Offset, uint64(e.Length), depth+1); err != nil {
			return err
		}
		// A lookup goes by the pointers, so a leaf must hold what they say.
		if len(r.entries) > before && r.entries[before].first < e.TileID {
			return fmt.Errorf("%s at %d: leaf %d begins with tile id %d", s.name, offset, e.TileID, r.entries[before].first)
		}
		if i+1 < len(entries) && r.next > entries[i+1].TileID {
			return fmt.Errorf("%s at %d: leaf %d runs into the next", s.name, offset, e.TileID)
		}
	}
	return nil
}

func (r *reader) add(e pmtiles.EntryV3) error {
	switch {
	case e.TileID < r.next:
		return fmt.Errorf("directory: tile ids do not rise at %d", e.TileID)
	case e.Offset > r.tiles.length || uint64(e.Length) > r.tiles.length-e.Offset:
		return fmt.Errorf("directory: tile id %d: %d bytes at %d are outside of the tiles' %d bytes", e.TileID, e.Length, e.Offset, r.tiles.length)
	case e.Length == 0 || e.Length > mostTileBytes:
		return fmt.Errorf("directory: tile id %d: a tile of %d bytes", e.TileID, e.Length)
	case len(r.entries) >= mostEntries:
		return fmt.Errorf("directory: more than %d entries", mostEntries)
	}
	r.next = e.TileID + uint64(e.RunLength)
	r.entries = append(r.entries, entry{first: e.TileID, offset: e.Offset, length: e.Length, run: e.RunLength})
	return nil
}

// parseDirectory reads a decompressed directory (PMTiles v3, section 4): the
// number of entries, then the columns of id differences, run lengths, lengths
// and offsets, all as varints.
func parseDirectory(b []byte) ([]pmtiles.EntryV3, error) {
	bad := false
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			bad, b = true, nil
			return 0
		}
		b = b[n:]
		return v
	}
	count := next()
	// Each entry has four numbers of at least one byte.
	if bad || count > uint64(len(b))/4 {
		return nil, fmt.Errorf("%d entries in %d bytes", count, len(b))
	}
	entries := make([]pmtiles.EntryV3, count)
	id := uint64(0)
	for i := range entries {
		d := next()
		if i > 0 && d == 0 || d > lastID-id {
			return nil, fmt.Errorf("entry %d: tile id %d after %d", i, id+d, id)
		}
		id += d
		entries[i].TileID = id
	}
	for i := range entries {
		v := next()
		if v > lastID+1-entries[i].TileID {
			return nil, fmt.Errorf("entry %d: a run of %d tiles", i, v)
		}
		entries[i].RunLength = uint32(v)
		if uint64(entries[i].RunLength) != v {
			return nil, fmt.Errorf("entry %d: a run of %d tiles", i, v)
		}
	}
	for i := range entries {
		v := next()
		if v != uint64(uint32(v)) {
			return nil, fmt.Errorf("entry %d: a length of %d bytes", i, v)
		}
		entries[i].Length = uint32(v)
	}
	for i := range entries {
		switch v := next(); {
		case v > 0:
			entries[i].Offset = v - 1
		case i > 0:
			entries[i].Offset = entries[i-1].Offset + uint64(entries[i-1].Length)
		default:
			bad = true
		}
	}
	if bad {
		return nil, fmt.Errorf("the directory is cut short")
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%d bytes follow the directory", len(b))
	}
	return entries, nil
}

// lastID is the id of the last tile of zoom 26, past which no map goes.
const lastID = (1<<54-1)/3 - 1
