package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// TestPictures asks for the layer risk as a picture and holds every square of it
// against what /risk says of the cell there.
func TestPictures(t *testing.T) {
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), 400, 1) {
		records = append(records, r)
	}
	w := newWorld(t, city.InternalView, records, nil)
	colours := map[int]color.NRGBA{0: {}, 1: {0x1E, 0x88, 0xE5, 255}, 2: {0xFD, 0xD8, 0x35, 255}, 3: {0xFB, 0x8C, 0, 255}, 4: {0xE5, 0x39, 0x35, 255}}
	at := records[0].Hazard.Label()
	seen := map[color.NRGBA]bool{}
	for _, c := range []struct {
		zoom   maptile.Zoom
		suffix string
		pixels int
	}{{9, "", 256}, {12, "@2x", 512}, {15, "", 256}, {18, "", 256}} {
		tile := maptile.At(at, c.zoom)
		path := fmt.Sprintf("/tiles/risk/%d/%d/%d%s.png", tile.Z, tile.X, tile.Y, c.suffix)
		res := w.get(path)
		if res.Code != http.StatusOK || res.Header().Get("Content-Type") != "image/png" || res.Header().Get("Content-Encoding") != "" {
			t.Fatalf("%s: %d %v", path, res.Code, res.Header())
		}
		img, err := png.Decode(bytes.NewReader(res.Body.Bytes()))
		if err != nil || img.Bounds().Dx() != c.pixels || img.Bounds().Dy() != c.pixels {
			t.Fatalf("%s: %v, %v", path, err, img.Bounds())
		}
		for i := range 60 {
			x, y := i*7919%c.pixels, i*104729%c.pixels
			got := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			seen[got] = true
			p := pixelPlace(tile, (float64(x)+0.5)/float64(c.pixels), (float64(y)+0.5)/float64(c.pixels))
			var answer struct{ Cell struct{ Level int } }
			asked := w.get(fmt.Sprintf("/api/v1/risk?lon=%.9f&lat=%.9f&zoom=%d&limit=1", p[0], p[1], tile.Z))
			if err := json.Unmarshal(asked.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if want := colours[answer.Cell.Level]; got != want {
				t.Errorf("%s: pixel %d,%d is %v: the cell has level %d, %v", path, x, y, got, answer.Cell.Level, want)
			}
		}
		again := w.get(path, "If-None-Match", res.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s with its own tag: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		if mvt := w.get(strings.TrimSuffix(strings.Replace(path, "@2x", "", 1), "png") + "mvt"); mvt.Header().Get("ETag") == res.Header().Get("ETag") {
			t.Errorf("%s has the entity tag of the vector tile", path)
		}
	}
	if len(seen) < 4 {
		t.Errorf("the pictures have %d colours: too few to tell right from wrong", len(seen))
	}
	for path, want := range map[string]int{
		"/tiles/hazards/9/427/210.png":            http.StatusBadRequest,
		"/tiles/risk,grid/9/427/210.png":          http.StatusBadRequest,
		"/tiles/risk/9/427/210.png?style=nothing": http.StatusBadRequest,
		"/tiles/risk/9/427/210@3x.png":            http.StatusBadRequest,
		"/tiles/risk/9/427/210@2x.mvt":            http.StatusBadRequest,
		"/tiles/risk/9/0/0.png":                   http.StatusOK, // nobody is there: transparent
		"/tiles/risk/21/0/0.png":                  http.StatusOK, // beyond the layer's zooms
	} {
		res := w.get(path)
		if res.Code != want {
			t.Errorf("%s: %d %s", path, res.Code, res.Body.String())
			continue
		}
		if want == http.StatusOK {
			img, err := png.Decode(bytes.NewReader(res.Body.Bytes()))
			if err != nil || img.Bounds().Dx() != 256 {
				t.Errorf("%s: %v", path, err)
			} else if _, _, _, a := img.At(17, 99).RGBA(); a != 0 {
				t.Errorf("%s is not transparent", path)
			}
		}
	}
	night, day := w.get("/tiles/risk/9/"+fmt.Sprintf("%d/%d.png?style=night", maptile.At(at, 9).X, maptile.At(at, 9).Y)), w.get("/tiles/risk/9/"+fmt.Sprintf("%d/%d.png", maptile.At(at, 9).X, maptile.At(at, 9).Y))
	if night.Header().Get("ETag") == day.Header().Get("ETag") || bytes.Equal(night.Body.Bytes(), day.Body.Bytes()) {
		t.Error("night and day are one picture")
	}
}

// pixelPlace is the place at shares of a tile's width from the west and of its
// height from the north.
func pixelPlace(t maptile.Tile, east, south float64) orb.Point {
	fine := maptile.New(uint32((float64(t.X)+east)*1024), uint32((float64(t.Y)+south)*1024), t.Z+10)
	return fine.Bound().Center()
}
