package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
)

func TestSymbolsKeepCounts(t *testing.T) {
	for _, n := range []int{100, 1400, 6000} {
		a := newAtlas(fixture(t, n).Map)
		var every []int
		for i := range a.ground.Sources {
			every = append(every, i)
		}
		symbols, side := a.gather(every, a.frame(a.whole(), 520))
		if (side > 0) != (n > mostSymbols) || len(symbols) > mostSymbols {
			t.Errorf("%d sources: %d symbols in squares of %v pixels", n, len(symbols), side)
		}
		var got, want [5]int
		for _, s := range symbols {
			got[s.level] += s.n
		}
		for _, d := range a.ground.Sources {
			want[d.Level]++
		}
		if got != want {
			t.Errorf("%d sources: symbols stand for %v, want %v", n, got, want)
		}
	}
}

// Outlines of the cells of a level cover each of them once, and no other.
func TestCellsAreCoveredOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Map{Bound: orb.Bound{Min: orb.Point{120, 30}, Max: orb.Point{120.2, 30.2}}}
		k := Cells{Zoom: 14, X: 13650, Y: 6740, W: rapid.IntRange(1, 9).Draw(t, "w"), H: rapid.IntRange(1, 9).Draw(t, "h")}
		for range k.W * k.H {
			k.Level = append(k.Level, data.Level(rapid.IntRange(0, 4).Draw(t, "level")))
		}
		m.Window = k
		a := newAtlas(m)
		side := a.scale / float64(int(1)<<k.Zoom)
		for l := data.Low; l <= data.Major; l++ {
			covered := make([]int, k.W*k.H)
			for _, r := range strings.Split(strings.TrimSuffix(a.cells(l), "z"), "z") {
				var x, y, w, h, back float64
				if r == "" {
					continue
				}
				if _, err := fmt.Sscanf(r, "M%f %fh%fv%fh%f", &x, &y, &w, &h, &back); err != nil || back != -w {
					t.Fatalf("%q: %v", r, err)
				}
				for i := range covered {
					cx := (float64(k.X+i%k.W)/float64(int(1)<<k.Zoom)-a.x0)*a.scale + side/2
					cy := (float64(k.Y+i/k.W)/float64(int(1)<<k.Zoom)-a.y0)*a.scale + side/2
					if cx > x && cx < x+w && cy > y && cy < y+h {
						covered[i]++
					}
				}
			}
			for i, n := range covered {
				want := 0
				if k.Level[i] == l {
					want = 1
				}
				if n != want {
					t.Fatalf("cell %d of level %v is covered %d times by level %v", i, k.Level[i], n, l)
				}
			}
		}
	})
}

// A pixel of the scale is as long as it says: two places of Hangzhou by the
// distance that the rest of the house uses.
func TestScaleOfMaps(t *testing.T) {
	a := newAtlas(fixture(t, 40).Map)
	p, q := orb.Point{119.9, 29.85}, orb.Point{120.0, 29.85}
	part := orb.Bound{Min: a.place(p), Max: a.place(q)}
	got := a.metres(part) * (part.Max[0] - part.Min[0])
	if want := data.Distance(p, q); got < want*0.995 || got > want*1.005 {
		t.Errorf("%v m on the map, %v m on the ground", got, want)
	}
}

func TestShorten(t *testing.T) {
	for _, words := range []string{"危险化学品储存经营企业（含加油站）", "Hazardous-chemical storage and trade, with stations"} {
		got := shorten(words, 12, 120)
		if measure(got, 12) > 120 || !strings.HasSuffix(got, "…") || !strings.HasPrefix(words, strings.TrimSuffix(got, "…")) {
			t.Errorf("%q is %v wide", got, measure(got, 12))
		}
		if shorten(words, 12, 1000) != words {
			t.Error("words that fit are cut")
		}
	}
}
