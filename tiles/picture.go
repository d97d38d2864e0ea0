package tiles

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zlib"

	"riskatlas/data"
	"riskatlas/styles"
)

// Picture asks for a picture of the layer risk in the place of a vector tile. The
// zero value asks for none.
type Picture struct {
	Pixels uint16 // on a side: 256 or 512
	Style  string // whose colours, one of styles.IDs
}

// Asked reports whether a picture is asked for.
func (p Picture) Asked() bool { return p.Pixels != 0 }

// check refuses what cannot be drawn, and pictures of other layers than risk.
func (p Picture) check(layers LayerSet) error {
	if !p.Asked() {
		return nil
	}
	if p.Pixels != 256 && p.Pixels != 512 {
		return &data.Invalid{Field: "pixels", Value: fmt.Sprint(p.Pixels), Want: "256 or 512"}
	}
	if _, ok := styles.Colours(p.Style); !ok {
		return &data.Invalid{Field: "style", Value: p.Style, Want: "one of", Allowed: styles.IDs()}
	}
	if layers != Layers(data.LayerRisk) {
		return &data.Invalid{Field: "layers", Value: layers.String(), Want: "for a picture", Allowed: []string{data.LayerRisk.String()}}
	}
	return nil
}

// picture is a pool's scratch space for one picture.
type picture struct {
	row    []byte // of the picture: its filter, then the packed pixels
	raw    []byte // rows
	zipped bytes.Buffer
	zip    *zlib.Writer
}

var pictures = sync.Pool{New: func() any { return &picture{zip: zlib.NewWriter(nil)} }}

// appendPicture appends a PNG (ISO/IEC 15948) of the ground's levels: whole
// pixels of each cell in the style's colour, transparent where there is no
// level. Of an offset datum's map, squares of a cell's size have the level at
// their centre. Nothing is appended where no cell has a level.
func appendPicture(dst []byte, c *canvas, g *surface, ask Picture) []byte {
	n := int(extent / c.cellSize(g.window.Zoom)) // cells on a side
	levels := make([]data.Level, n*n)
	any := false
	for y := range n {
		for x := range n {
			l := g.level[c.cellUnder(g, x, y, n)]
			levels[y*n+x] = l
			any = any || l != data.LevelNone
		}
	}
	if !any {
		return dst
	}
	return encodePicture(dst, levels, n, ask)
}

// cellUnder is the place in the surface of the cell that a square of the picture
// shows, of n on a side.
func (c *canvas) cellUnder(g *surface, x, y, n int) int {
	if !c.offset {
		return (y+1)*g.window.W + x + 1
	}
	size := extent / float64(n)
	at := c.datum.ToWGS84(lonLat((c.x0+(float64(x)+0.5)*size)/c.world, (c.y0+(float64(y)+0.5)*size)/c.world))
	wx, wy := mercator(at)
	cells := float64(uint64(1) << g.window.Zoom)
	col := min(max(int(wx*cells)-g.window.X, 0), g.window.W-1)
	row := min(max(int(wy*cells)-g.window.Y, 0), g.window.H-1)
	return row*g.window.W + col
}

// BlankPicture is the picture of a tile without risk: transparent.
func BlankPicture(pixels uint16) []byte {
	return encodePicture(nil, make([]data.Level, 1), 1, Picture{Pixels: pixels, Style: styles.IDs()[0]})
}

// encodePicture writes n × n squares. The palette has the levels that occur, and
// a pixel the fewest bits that tell them apart.
func encodePicture(dst []byte, levels []data.Level, n int, ask Picture) []byte {
	p := pictures.Get().(*picture)
	defer pictures.Put(p)
	used := slices.Compact(slices.Sorted(slices.Values(levels)))
	bits := 1
	for 1<<bits < len(used) {
		bits *= 2
	}
	var index [data.Major + 1]byte
	for i, l := range used {
		index[l] = byte(i)
	}
	side := int(ask.Pixels)
	p.raw = p.raw[:0]
	for y := range n {
		p.row = append(p.row[:0], 0) // not filtered
		p.row = append(p.row, make([]byte, side*bits/8)...)
		for x := range side {
			p.row[1+x*bits/8] |= index[levels[y*n+x*n/side]] << (8 - bits - x*bits%8)
		}
		p.raw = append(p.raw, p.row...)
		for range side/n - 1 { // equal to the row above it: filter Up, all zero
			p.raw = append(p.raw, 2)
			p.raw = append(p.raw, make([]byte, side*bits/8)...)
		}
	}
	p.zipped.Reset()
	p.zip.Reset(&p.zipped)
	if _, err := p.zip.Write(p.raw); err == nil {
		p.zip.Close() // into memory: neither fails
	}
	dst = append(dst, "\x89PNG\r\n\x1a\n"...)
	head := binary.BigEndian.AppendUint32(nil, uint32(side))
	head = binary.BigEndian.AppendUint32(head, uint32(side))
	dst = appendChunk(dst, "IHDR", append(head, byte(bits), 3, 0, 0, 0)) // by palette
	var colours, clear []byte
	palette, _ := styles.Colours(ask.Style)
	for _, l := range used {
		colours = append(colours, rgb(palette.Levels[l])...)
		if l == data.LevelNone {
			clear = []byte{0} // it is the first; the others are opaque
		}
	}
	dst = appendChunk(dst, "PLTE", colours)
	if clear != nil {
		dst = appendChunk(dst, "tRNS", clear)
	}
	dst = appendChunk(dst, "IDAT", p.zipped.Bytes())
	return appendChunk(dst, "IEND", nil)
}

// rgb reads "#RRGGBB"; black for what is not drawn.
func rgb(css string) []byte {
	v, err := strconv.ParseUint(css[min(1, len(css)):], 16, 24)
	if err != nil {
		return []byte{0, 0, 0}
	}
	return []byte{byte(v >> 16), byte(v >> 8), byte(v)}
}

func appendChunk(dst []byte, name string, body []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)))
	from := len(dst)
	dst = append(dst, name...)
	dst = append(dst, body...)
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[from:]))
}
