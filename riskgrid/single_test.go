package riskgrid

import (
	"math/rand/v2"
	"testing"

	"riskatlas/data/citytest"
)

// A cell alone has the distance, the nearest point and the risk of the same cell in
// a window, to the bit.
func TestOneCellIsThatOfAWindow(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	var p, q painter
	zeros, near := 0, 0
	for i, h := range citytest.Hazards(rng, many(300), town) {
		zoom := []uint8{20, 20, 17, 22, 12}[i%5]
		at := cellNear(rng, h, zoom)
		w := Window{X: int(at.X) - 3, Y: int(at.Y) - 3, W: 7, H: 7, Zoom: zoom}
		p.window(w, make([]Risk, w.W*w.H))
		reach := []float64{30, 200, 700}[i%3]
		for _, keep := range []bool{false, true} {
			s := p.measure(h.Shape, reach, keep)
			for r := range w.H {
				for c := range w.W {
					one := Window{X: w.X + c, Y: w.Y + r, W: 1, H: 1, Zoom: zoom}
					q.window(one, q.sum[:])
					i, own := r*w.W+c, q.measure(h.Shape, reach, keep)
					d := reach + 1
					if !s.empty() && c >= s.c0 && c < s.c1 && r >= s.r0 && r < s.r1 {
						d = p.dist[i]
					}
					if own.empty() || q.dist[0] > reach || d > reach {
						if d <= reach || !own.empty() && q.dist[0] <= reach {
							t.Fatalf("%s in %+v: alone %v, in a window %g m", h.ID, one, own, d)
						}
						continue
					}
					if q.dist[0] != d || (keep || d > 0) && q.near[0] != p.near[i] {
						t.Fatalf("%s in %+v: %g m from %v, in a window %g m from %v", h.ID, one, q.dist[0], q.near[0], d, p.near[i])
					}
					if d == 0 {
						zeros++
					} else {
						near++
					}
				}
			}
		}
	}
	if zeros < 500 || near < 500 {
		t.Errorf("%d cells met, %d near", zeros, near)
	}
}
