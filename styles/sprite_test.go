package styles

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"testing"
)

// A style's images are where its index says, and the hatching has ink and gaps and
// goes on in the same picture beside it.
func TestSprites(t *testing.T) {
	for _, id := range IDs() {
		for ratio := 1; ratio <= 2; ratio++ {
			index, picture, err := Sprite(id, ratio)
			if err != nil {
				t.Fatal(err)
			}
			var at map[string]struct{ X, Y, Width, Height, PixelRatio int }
			if err := json.Unmarshal(index, &at); err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(picture))
			if err != nil {
				t.Fatal(err)
			}
			hatch := at["unassessed"]
			if got := img.Bounds(); hatch.PixelRatio != ratio || got != image.Rect(0, 0, hatch.Width, hatch.Height) || hatch.Width != hatchSide*ratio {
				t.Fatalf("%s@%d: %+v in a picture of %v", id, ratio, hatch, got)
			}
			alpha := func(x, y int) uint32 {
				_, _, _, a := img.At((x+hatch.Width)%hatch.Width, (y+hatch.Height)%hatch.Height).RGBA()
				return a
			}
			ink, gap := 0, 0
			for x := range hatch.Width {
				for y := range hatch.Height {
					if alpha(x, y) != alpha(x+1, y-1) {
						t.Fatalf("%s@%d: the line through %d,%d breaks", id, ratio, x, y)
					}
					if alpha(x, y) > 0 {
						ink++
					} else {
						gap++
					}
				}
			}
			if ink == 0 || gap < ink {
				t.Errorf("%s@%d: %d pixels of ink, %d of gap: the ground under it must stay seen", id, ratio, ink, gap)
			}
		}
	}
	for _, c := range []struct {
		id    string
		ratio int
	}{{"dusk", 1}, {"day", 3}, {"day", 0}} {
		if _, _, err := Sprite(c.id, c.ratio); err == nil {
			t.Errorf("%s@%d is there", c.id, c.ratio)
		}
	}
}

// A style without images hatches nothing, and asks for no tiles of coverage.
func TestStyleWithoutSprite(t *testing.T) {
	o := options
	o.SpriteURL = ""
	raw, err := Style("day", o)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("fill-pattern")) || bytes.Contains(raw, []byte("coverage")) || bytes.Contains(raw, []byte("sprite")) {
		t.Error("it asks for what it does not have")
	}
}
