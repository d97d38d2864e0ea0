package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"riskatlas/data"
	"riskatlas/tiles"
)

func zip(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// smallFile is a baked map of a few tiles with real layers in them.
func smallFile(t testing.TB) []byte {
	t.Helper()
	layer := []byte{0x1a, 8, 0x78, 2, 0x0a, 4, 'r', 'i', 's', 'k'}
	o := Options{Layers: tiles.Layers(data.LayerRisk, data.LayerHazards), Filter: data.All(), MinZoom: 5, MaxZoom: 8,
		Bound: orb.Bound{Min: orb.Point{118, 29}, Max: orb.Point{121, 31}}}
	path, _ := bake(t, sourceFunc(func(r tiles.Request) (tiles.Tile, error) {
		return tiles.Tile{Data: zip(append(layer, bytes.Repeat([]byte{0x1a, 8, 0x78, 2, 0x0a, 4, 'm', 'o', byte(r.Tile.X), byte(r.Tile.Y)}, 3)...))}, nil
	}), o)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// readAll opens a file and asks for everything that it says it holds, and for
// what it does not.
func readAll(b []byte) error {
	a, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	var errs error
	for i, e := range a.entries {
		if i > 1 {
			break
		}
		for _, id := range []uint64{e.first, e.first + uint64(e.run) - 1, e.first + uint64(e.run)} {
			z, x, y := pmtiles.IDToZxy(id)
			for _, layers := range []tiles.LayerSet{a.Layers(), tiles.Layers(data.LayerRisk)} {
				_, err := a.Tile(bg, tiles.Request{Tile: maptile.New(x, y, maptile.Zoom(z)), Layers: layers, Filter: data.All()})
				if err != nil && !errors.Is(err, tiles.ErrNotHeld) {
					errs = err
				}
			}
		}
	}
	return errs
}

// Every file that is cut short, and every one with a byte changed in its head,
// is refused or read as far as it is whole: no panic, no endless loop.
func TestCorruptFiles(t *testing.T) {
	good := smallFile(t)
	if err := readAll(good); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 126, 127, 128, 200, headBytes - 1, headBytes, len(good) / 2, len(good) - 1} {
		if n < len(good) && readAll(good[:n]) == nil {
			t.Errorf("cut at %d and taken", n)
		}
	}
	h, err := pmtiles.DeserializeHeader(good[:pmtiles.HeaderV3LenBytes])
	if err != nil {
		t.Fatal(err)
	}
	head := pmtiles.HeaderV3LenBytes + int(h.RootLength)
	for i := range head {
		for _, flip := range []byte{1, 0xff} {
			b := bytes.Clone(good)
			b[i] ^= flip
			_ = readAll(b)
		}
	}
}

// withRoot is the good file with another root directory.
func withRoot(good, directory []byte) []byte {
	root := zip(directory)
	h, _ := pmtiles.DeserializeHeader(good[:pmtiles.HeaderV3LenBytes])
	b := bytes.Clone(good)
	h.RootOffset, h.RootLength = uint64(len(b)), uint64(len(root))
	copy(b, pmtiles.SerializeHeader(h))
	return append(b, root...)
}

func directory(numbers ...uint64) (b []byte) {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func TestHostileDirectories(t *testing.T) {
	good := smallFile(t)
	const most = 1<<64 - 1
	for name, dir := range map[string][]byte{
		"nothing":              {},
		"too many entries":     directory(1 << 40),
		"more than it holds":   directory(2, 1, 1, 1, 1),
		"ids that stand":       directory(2, 5, 0, 1, 1, 4, 4, 1, 1),
		"ids that wrap":        directory(2, 5, most, 1, 1, 4, 4, 1, 1),
		"ids past the world":   directory(1, 1<<60, 1, 4, 1),
		"runs that wrap":       directory(1, 5, most, 4, 1),
		"runs that overlap":    directory(2, 5, 1, 3, 1, 4, 4, 1, 1),
		"a length of nothing":  directory(1, 5, 1, 0, 1),
		"a length too great":   directory(1, 5, 1, 1<<32, 1),
		"an offset outside":    directory(1, 5, 1, 4, 1<<40),
		"an offset that wraps": directory(1, 5, 1, 4, most),
		"no offset at first":   directory(1, 5, 1, 4, 0),
		"a leaf outside":       directory(1, 5, 0, 4, 1),
		"a tail":               directory(1, 5, 1, 4, 1, 7),
		"a bomb":               make([]byte, 2*mostDirectoryBytes),
	} {
		if err := readAll(withRoot(good, dir)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// A leaf that points to itself.
	b := bytes.Clone(good)
	h, _ := pmtiles.DeserializeHeader(b[:pmtiles.HeaderV3LenBytes])
	leaf := zip(directory(1, 5, 0, 40, 1))
	leaf = append(leaf, make([]byte, 40-min(40, len(leaf)))...)
	h.LeafDirectoryOffset, h.LeafDirectoryLength = uint64(len(b)), uint64(len(leaf))
	h.RootOffset, h.RootLength = uint64(len(b)), uint64(len(leaf))
	copy(b, pmtiles.SerializeHeader(h))
	if err := readAll(append(b, leaf...)); err == nil {
		t.Error("a leaf that points to itself: taken")
	}
}

// Random directories are read as go-pmtiles reads them, or refused.
func TestRandomDirectories(t *testing.T) {
	good := smallFile(t)
	rng := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 800 {
		n := rng.IntN(5)
		numbers := []uint64{uint64(n)}
		for range 4*n + rng.IntN(8)/7 {
			numbers = append(numbers, []uint64{rng.Uint64N(3), rng.Uint64N(60), rng.Uint64N(1 << 20), rng.Uint64()}[min(rng.IntN(12), 3)%(1+rng.IntN(4))])
		}
		b := directory(numbers...)
		if rng.IntN(10) == 0 {
			b = b[:rng.IntN(len(b)+1)]
		}
		if readAll(withRoot(good, b)) == nil {
			taken++
		}
		if entries, err := parseDirectory(b); err == nil && len(entries) > 0 {
			for i, e := range pmtiles.DeserializeEntries(bytes.NewBuffer(bytes.Clone(b)), pmtiles.NoCompression) {
				if e != entries[i] {
					t.Fatalf("%v: entry %d: %v, go-pmtiles reads %v", numbers, i, entries[i], e)
				}
			}
		}
	}
	for range 300 { // and files with a few bytes changed anywhere
		b := bytes.Clone(good)
		for range 1 + rng.IntN(6) {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
		_ = readAll(b)
	}
	if taken == 0 {
		t.Error("no directory was good")
	}
}

func TestHostileTiles(t *testing.T) {
	want := tiles.Layers(data.LayerRisk)
	for name, b := range map[string][]byte{
		"not gzip":       []byte("tile"),
		"not a tile":     zip([]byte("not a tile at all")),
		"a cut layer":    zip([]byte{0x1a, 50, 1}),
		"a huge layer":   zip([]byte{0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}),
		"no name":        zip([]byte{0x1a, 2, 0x78, 2}),
		"another field":  zip([]byte{0x0a, 0}),
		"an old group":   zip([]byte{0x1b}),
		"a cut number":   zip([]byte{0x1a, 2, 0x78, 0x80}),
		"a cut fixed":    zip([]byte{0x1a, 3, 0x09, 1, 2}),
		"a cut fixed 32": zip([]byte{0x1a, 3, 0x0d, 1, 2}),
		"a bomb":         zip(make([]byte, mostTileBytes+10)),
	} {
		if _, err := cut(b, want); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if b, err := cut(zip([]byte{0x1a, 6, 0x0a, 4, 'g', 'r', 'i', 'd'}), want); b != nil || err != nil {
		t.Errorf("no wanted layer: %v, %v", b, err)
	}
}

func FuzzOpen(f *testing.F) {
	good := smallFile(f)
	f.Add(good)
	f.Add(good[:headBytes])
	f.Add(withRoot(good, directory(2, 5, 1, 1, 1, 4, 4, 1, 1)))
	f.Fuzz(func(t *testing.T, b []byte) { _ = readAll(b) })
}

func FuzzDirectory(f *testing.F) {
	f.Add(directory(2, 5, 1, 1, 1, 4, 4, 1, 0))
	f.Add(directory(1, 5, 0, 4, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parseDirectory(b)
		if err != nil || len(entries) == 0 {
			return
		}
		// What is taken means the same to the format's own reader.
		for i, e := range pmtiles.DeserializeEntries(bytes.NewBuffer(bytes.Clone(b)), pmtiles.NoCompression) {
			if e != entries[i] {
				t.Fatalf("entry %d: %v, go-pmtiles reads %v", i, entries[i], e)
			}
		}
	})
}

// A file of another maker, without directories' compression and without our
// metadata, is served too.
func TestForeignFile(t *testing.T) {
	tile := zip([]byte{0x1a, 6, 0x0a, 4, 'r', 'i', 's', 'k'})
	entries := []pmtiles.EntryV3{{TileID: pmtiles.ZxyToID(3, 2, 1), Offset: 0, Length: uint32(len(tile)), RunLength: 1}}
	root := pmtiles.SerializeEntries(entries, pmtiles.NoCompression)
	h := pmtiles.HeaderV3{SpecVersion: 3, RootOffset: 127, RootLength: uint64(len(root)), MetadataOffset: 127 + uint64(len(root)), MetadataLength: 2,
		TileDataOffset: 129 + uint64(len(root)), TileDataLength: uint64(len(tile)), InternalCompression: pmtiles.NoCompression,
		TileCompression: pmtiles.Gzip, TileType: pmtiles.Mvt, MinZoom: 3, MaxZoom: 3}
	b := append(append(append(pmtiles.SerializeHeader(h), root...), "{}"...), tile...)
	a, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Tile(bg, tiles.Request{Tile: maptile.New(2, 1, 3), Layers: a.Layers(), Filter: data.All()})
	if err != nil || !bytes.Equal(got.Data, tile) {
		t.Errorf("%q, %v", got.Data, err)
	}
	for name, change := range map[string]func(h *pmtiles.HeaderV3){
		"version":        func(h *pmtiles.HeaderV3) { h.SpecVersion = 2 },
		"png":            func(h *pmtiles.HeaderV3) { h.TileType = pmtiles.Png },
		"brotli":         func(h *pmtiles.HeaderV3) { h.TileCompression = pmtiles.Brotli },
		"zstd directory": func(h *pmtiles.HeaderV3) { h.InternalCompression = pmtiles.Zstd },
		"metadata":       func(h *pmtiles.HeaderV3) { h.MetadataOffset = 1 << 62 },
	} {
		g := h
		change(&g)
		c := bytes.Clone(b)
		copy(c, pmtiles.SerializeHeader(g)[:])
		c[7] = g.SpecVersion
		if _, err := open(bytes.NewReader(c), int64(len(c))); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

var bg = context.Background()
