package riskgrid

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Angles add up whatever the sizes of the numbers that have them.
func TestTurnsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 14))
	for range many(300) {
		sum := turns{re: 1}
		want := 0.0
		scale := 40 * (rng.Float64() - 0.5)
		for range 1 + rng.IntN(60) {
			angle := (2*rng.Float64() - 1) * 3
			sin, cos := math.Sincos(angle)
			size := math.Pow(10, scale*rng.Float64())
			sum.turn(size*cos, size*sin)
			sum.turn(0, 0)
			want += angle
		}
		if got := sum.angle(); !(math.Abs(got-want) < 1e-9) {
			t.Fatalf("%g, want %g", got, want)
		}
	}
}
