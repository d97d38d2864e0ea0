package demo

import (
	"runtime"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The demonstration city of a seed is what it was, byte for byte: figures that
// are told of it stay true. The sums are data.Taxonomy.ContentDigest's.
func TestTheCityStays(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("sines may differ in their last bit elsewhere")
	}
	for _, c := range []struct {
		profile string
		n       int
		seed    uint64
		want    uint64
	}{{"hangzhou", 5000, 1, 0xbf576b99bf7ceca3}, {"hangzhou", 100, 7, 0x3813f571647694b1}, {"generic", 1500, 2, 0xadd1da2661f51760}} {
		p, err := city.Load(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		var sum uint64
		n, last := 0, data.ID("")
		for r := range Hazards(p, c.n, c.seed) {
			digest, err := p.Taxonomy.ContentDigest(r)
			if err != nil {
				t.Fatal(err)
			}
			sum, last = sum+digest*uint64(2*n+1), r.Hazard.ID // in this order
			n++
		}
		if n != c.n || sum != c.want {
			t.Errorf("%s, %d sources of seed %d: %d, the last %s, digest %#x, want %#x", c.profile, c.n, c.seed, n, last, sum, c.want)
		}
	}
}
