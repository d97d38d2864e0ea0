package styles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"

	"riskatlas/data"
)

// unassessed is the image of ground that nobody looked at: hatching, since the
// unknown has no colour of its own and must never pass for blue.
const unassessed = "unassessed"

// The hatching repeats after hatchSide pixels; its lines are hatchWidth wide across.
const (
	hatchSide  = 10
	hatchWidth = 1.3
)

// Sprite is a style's sheet of images, as MapLibre asks for it: the index as JSON
// and the picture as PNG. ratio is its pixels to one of the screen's, 1 or 2. The
// error is an *data.Invalid for a style that is not known.
func Sprite(id string, ratio int) (index, picture []byte, err error) {
	p, ok := palettes[id]
	if !ok {
		return nil, nil, &data.Invalid{Field: "style", Value: id, Want: "one of", Allowed: IDs()}
	}
	if ratio != 1 && ratio != 2 {
		return nil, nil, &data.Invalid{Field: "ratio", Value: strconv.Itoa(ratio), Want: "1 or 2"}
	}
	ink, err := parseHex(p.Unknown)
	if err != nil {
		return nil, nil, fmt.Errorf("style %s: %w", id, err)
	}
	side := hatchSide * ratio
	index, err = json.Marshal(map[string]any{unassessed: map[string]any{"x": 0, "y": 0, "width": side, "height": side, "pixelRatio": ratio}})
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, hatching(ink, side, ratio)); err != nil {
		return nil, nil, fmt.Errorf("style %s: %w", id, err)
	}
	return index, b.Bytes(), nil
}

// hatching draws lines from the lower left to the upper right that join those of
// the same picture beside, above and below it.
func hatching(ink color.NRGBA, side, ratio int) *image.NRGBA {
	const parts = 8 // of a pixel each way, for its edges
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	width := hatchWidth * 1.4142135623730951 * float64(ratio) // along a row
	for y := range side {
		for x := range side {
			n := 0
			for i := range parts * parts {
				at := float64(x) + (float64(i%parts)+0.5)/parts + float64(y) + (float64(i/parts)+0.5)/parts
				for at >= float64(side) {
					at -= float64(side)
				}
				if at < width {
					n++
				}
			}
			c := ink
			c.A = uint8(int(ink.A) * n / (parts * parts))
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// parseHex reads #RRGGBBAA.
func parseHex(s string) (c color.NRGBA, err error) {
	if len(s) != 9 || s[0] != '#' {
		return c, fmt.Errorf("%q: want #RRGGBBAA", s)
	}
	for i, to := range []*uint8{&c.R, &c.G, &c.B, &c.A} {
		v, err := strconv.ParseUint(s[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return c, fmt.Errorf("%q: want #RRGGBBAA", s)
		}
		*to = uint8(v)
	}
	return c, nil
}
