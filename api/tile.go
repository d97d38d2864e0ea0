package api

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/tiles"
)

// maxTileZoom is the deepest zoom that a tile may be asked at; the layers end
// before it, and from there to here tiles are empty.
const maxTileZoom = 22

// TileQuery names a tile.
type TileQuery struct {
	Layers string `path:"layers" doc:"One or several layers, comma-joined." example:"risk,hazards"`
	Z      int    `path:"z" minimum:"0" maximum:"22" doc:"Zoom."`
	X      int    `path:"x" minimum:"0" doc:"Column from the west, under 2^z."`
	Y      int    `path:"y" minimum:"0" doc:"Row from the north, under 2^z."`
	MapQuery
}

// PictureQuery names a picture of a tile.
type PictureQuery struct {
	TileQuery
	Style string `query:"style" enum:"day,night,colour-blind" default:"day" doc:"Whose colours."`
}

// Header values are shared and never changed.
var (
	tileTypes   = []string{tileType}
	pngTypes    = []string{pngType}
	gzipCoding  = []string{"gzip"}
	byEncoding  = []string{"Accept-Encoding"}
	revalidate  = []string{"no-cache"}
	neverChange = []string{"max-age=31536000, immutable"}
)

// tile answers with one tile. The client's ETag goes down with the request, so
// that a tile it has already costs no look into any cache.
func (s *Server) tile(w http.ResponseWriter, r *http.Request) {
	if res, ok := w.(*response); ok {
		res.traffic = true
	}
	req, fixed, err := s.tileRequest(w, r)
	if err != nil {
		fail(w, err)
		return
	}
	tile, err := s.opts.Tiles.Tile(r.Context(), req)
	if err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h["Vary"] = addedValue(h["Vary"], byEncoding)
	h["Cache-Control"] = revalidate
	if s.opts.Archive || fixed {
		h["Cache-Control"] = neverChange
	}
	if req.Picture.Asked() {
		servePicture(w, &tile, req.Picture)
		return
	}
	zipped := acceptsGzip(r.Header.Get("Accept-Encoding"))
	h["Etag"] = etagOf(&tile, zipped)
	switch {
	case tile.NotModified:
		w.WriteHeader(http.StatusNotModified)
		return
	case tile.Empty:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, length := tile.Data, tile.LengthHeader
	if zipped {
		h["Content-Encoding"] = gzipCoding
	} else {
		if body, err = unzip(body); err != nil {
			fail(w, fmt.Errorf("tile %s: %w", tile.ETag, err))
			return
		}
		length = nil
	}
	if length == nil {
		length = []string{strconv.Itoa(len(body))}
	}
	h["Content-Type"] = tileTypes
	h["Content-Length"] = length
	w.Write(body)
}

// servePicture answers with a picture, which is never compressed once more. Where
// there is no risk it is transparent: clients of pictures take 204 for a fault.
func servePicture(w http.ResponseWriter, tile *tiles.Tile, ask tiles.Picture) {
	h := w.Header()
	h["Etag"] = etagOf(tile, false)
	if tile.NotModified {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := tile.Data
	if tile.Empty {
		body = tiles.BlankPicture(ask.Pixels)
	}
	h["Content-Type"] = pngTypes
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.Write(body)
}

// etagOf is the header of the tile's entity tag: one for each encoding.
func etagOf(t *tiles.Tile, zipped bool) []string {
	switch {
	case zipped && t.ZippedETagHeader != nil:
		return t.ZippedETagHeader
	case zipped:
		return []string{strings.TrimSuffix(t.ETag, `"`) + `-gzip"`}
	case t.ETagHeader != nil:
		return t.ETagHeader
	}
	return []string{t.ETag}
}

// tilePath is the parts of a tile's path, as sent.
type tilePath struct{ layers, z, x, y, format string }

// cutTilePath takes /tiles/{layers}/{z}/{x}/{y}.{format} apart, for the formats
// that there are.
func cutTilePath(path string) (p tilePath, ok bool) {
	rest, ok := strings.CutPrefix(path, "/tiles/")
	if !ok || strings.Count(rest, "/") != 3 {
		return p, false
	}
	p.layers, rest, _ = strings.Cut(rest, "/")
	p.z, rest, _ = strings.Cut(rest, "/")
	p.x, rest, _ = strings.Cut(rest, "/")
	dot := strings.LastIndexByte(rest, '.')
	if dot < 0 {
		return p, false
	}
	p.y, p.format = rest[:dot], rest[dot+1:]
	whole := p.layers != "" && p.z != "" && p.x != "" && p.y != ""
	return p, whole && (p.format == "mvt" || p.format == "pbf" || p.format == "png")
}

// pathOf is cutTilePath of the request, cut once.
func pathOf(w http.ResponseWriter, r *http.Request) (p tilePath, ok bool) {
	if res, ours := w.(*response); ours {
		return res.path, res.tile
	}
	return cutTilePath(r.URL.Path)
}

// tileRequest reads what is asked; fixed is whether the answer never changes.
func (s *Server) tileRequest(w http.ResponseWriter, r *http.Request) (req tiles.Request, fixed bool, err error) {
	path, _ := pathOf(w, r) // the router has matched it
	req = tiles.Request{Known: r.Header.Get("If-None-Match")}
	if req.Layers, err = parseLayers(path.layers); err != nil {
		return req, false, err
	}
	z, err := coordinate("z", path.z, maxTileZoom)
	if err != nil {
		return req, false, err
	}
	x, err := coordinate("x", path.x, 1<<z-1)
	if err != nil {
		return req, false, err
	}
	row := path.y
	if path.format == "png" {
		req.Picture = tiles.Picture{Pixels: 256}
		if half, ok := strings.CutSuffix(row, "@2x"); ok {
			row, req.Picture.Pixels = half, 512
		}
	}
	y, err := coordinate("y", row, 1<<z-1)
	if err != nil {
		return req, false, err
	}
	req.Tile = maptile.New(x, y, maptile.Zoom(z))
	q, err := mapQuery(r.URL.RawQuery)
	if err != nil {
		return req, false, err
	}
	if req.View, err = s.drawn(&q); err != nil {
		return req, false, err
	}
	if req.Picture.Asked() {
		words, _ := url.ParseQuery(r.URL.RawQuery) // the router has checked it
		req.Picture.Style = cmp.Or(words.Get("style"), "day")
	}
	req.Datum, req.Stat = q.datum(), q.stat()
	req.Criterion = q.criterion()
	tax := s.opts.City.Profile().Taxonomy
	if req.Filter, err = q.filter(tax); err != nil {
		return req, false, err
	}
	req.Vintage = vintageNumber(tax, q.Vintage)
	return req, q.fixed(s.opts.City.Profile().Zone, s.now()), err
}

// vintageNumber is the number by which a request for tiles names a vintage that the
// taxonomy has; 0 for its default.
func vintageNumber(tax *data.Taxonomy, name string) uint8 {
	for i := range tax.Vintages {
		if tax.Vintages[i].Name == name && i != tax.Default {
			return uint8(1 + i)
		}
	}
	return 0
}

// parseLayers gives a 404 for a layer that there is not: it is part of the path.
func parseLayers(names string) (tiles.LayerSet, error) {
	set, err := tiles.ParseLayers(names)
	if invalid := (*data.Invalid)(nil); errors.As(err, &invalid) {
		p := badValue(invalid.Field, invalid.Value, invalid.Want, invalid.Allowed...)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return 0, p
	}
	return set, err
}

func coordinate(name, raw string, most uint32) (uint32, error) {
	v, err := strconv.ParseUint(raw, 10, 32)
	if err != nil || v > uint64(most) {
		return 0, badValue(name, raw, fmt.Sprintf("a whole number from 0 to %d", most))
	}
	return uint32(v), nil
}

func unzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
