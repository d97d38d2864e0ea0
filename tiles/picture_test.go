package tiles

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// TestPictureOfAnyLevels decodes pictures of all numbers of colours and sizes.
func TestPictureOfAnyLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for kinds := 1; kinds <= 5; kinds++ {
		for _, n := range []int{16, 32, 64} {
			for _, pixels := range []uint16{256, 512} {
				levels := make([]data.Level, n*n)
				for i := range levels {
					levels[i] = data.Level(r.IntN(kinds) + 5 - kinds)
				}
				img, err := png.Decode(bytes.NewReader(encodePicture(nil, levels, n, Picture{Pixels: pixels, Style: "night"})))
				if err != nil || img.Bounds() != image.Rect(0, 0, int(pixels), int(pixels)) {
					t.Fatalf("%d kinds, %d cells, %d pixels: %v", kinds, n, pixels, err)
				}
				want := [5]color.NRGBA{{}, {0, 0, 255, 255}, {255, 255, 0, 255}, {255, 165, 0, 255}, {255, 0, 0, 255}}
				for i := range int(pixels) * int(pixels) {
					x, y := i%int(pixels), i/int(pixels)
					l := levels[y*n/int(pixels)*n+x*n/int(pixels)]
					if got := color.NRGBAModel.Convert(img.At(x, y)); got != want[l] {
						t.Fatalf("%d kinds, %d cells: pixel %d,%d is %v, want %v", kinds, n, x, y, got, want[l])
					}
				}
			}
		}
	}
}

// BenchmarkPicture writes the picture of a z14 tile; the reference is image/png
// writing the same pixels.
func BenchmarkPicture(b *testing.B) {
	c := newCanvas(bandTiles[2], datum.WGS84)
	in := ground{seed: 1}.input(c.window(1), false)
	g := &surface{window: in.Window, level: in.Level}
	var dst []byte
	ask := Picture{Pixels: 256, Style: "day"}
	img, err := png.Decode(bytes.NewReader(appendPicture(nil, c, g, ask)))
	if err != nil {
		b.Fatal(err)
	}
	benchAgainst(b, "x-image/png", func() { dst = appendPicture(dst[:0], c, g, ask) }, func() {
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			b.Fatal(err)
		}
	})
	b.ReportMetric(float64(len(dst)), "bytes")
}
