package styles

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

var options = Options{TilesURL: "http://localhost/tiles", SpriteURL: "http://localhost/sprites/day", Query: "industry=I04&level=4", Name: "杭州市",
	Centre: orb.Point{120.16, 30.27}, Bound: orb.Bound{Min: orb.Point{118.3, 29.1}, Max: orb.Point{120.8, 30.6}}, Synthetic: true}

// Every source layer that a style draws must be in the tile contract, in the
// tiles that the source asks for.
func TestStylesDrawLayersThatExist(t *testing.T) {
	for _, id := range IDs() {
		raw, err := Style(id, options)
		if err != nil {
			t.Fatal(err)
		}
		var d document
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, l := range d.Layers {
			if seen[l.ID] {
				t.Errorf("%s: two layers named %s", id, l.ID)
			}
			seen[l.ID] = true
			if l.Type == "background" {
				continue
			}
			if _, err := data.ParseLayer(l.SourceLayer); err != nil {
				t.Errorf("%s: %s: %v", id, l.ID, err)
			}
			if src := d.Sources[l.Source]; src == nil || !strings.Contains(src.Tiles[0], l.SourceLayer) {
				t.Errorf("%s: %s draws %s from %s", id, l.ID, l.SourceLayer, l.Source)
			}
		}
		if !strings.Contains(string(raw), "synthetic") || !strings.Contains(string(raw), "industry=I04") {
			t.Errorf("%s hides the origin of its data or its filter", id)
		}
		if d.Version != 8 {
			t.Errorf("version %d", d.Version)
		}
	}
	if _, err := Style("dusk", options); err == nil || !strings.Contains(err.Error(), "colour-blind") {
		t.Errorf("unknown style: %v, want an error that names what there is", err)
	}
}

// The official validator of the style specification agrees.
func TestStylesValidate(t *testing.T) {
	validator := filepath.Join("..", "api", "web", "node_modules", ".bin", "gl-style-validate")
	if _, err := os.Stat(validator); err != nil {
		t.Skip("gl-style-validate is not here: 'make page' installs it")
	}
	for _, id := range IDs() {
		for _, english := range []bool{false, true} {
			o := options
			o.English = english
			raw, err := Style(id, o)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "style.json")
			if err := os.WriteFile(file, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(validator, file).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v\n%s", id, err, out)
			}
		}
	}
}

// In the colour-blind set the levels darken strictly from general to major, and
// neighbours differ enough in brightness alone.
func TestColourBlindSetDiffersInBrightness(t *testing.T) {
	p, _ := Colours("colour-blind")
	last := math.Inf(1)
	for _, l := range []data.Level{data.General, data.Significant, data.Major} {
		b := luminance(t, p.Levels[l])
		if last/b < 1.5 {
			t.Errorf("%s: luminance %.3f after %.3f", l, b, last)
		}
		last = b
	}
}

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, hex string) float64 {
	sum := 0.05
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
