package consequence

import "math"

// spread is one of Briggs's formulas: slope x (1 + bend x)^power.
type spread struct{ slope, bend, power float64 }

func (s spread) at(x float64) float64 {
	return s.slope * x * math.Pow(1+s.bend*x, s.power)
}

// briggs are the widths and heights of plumes by terrain and Pasquill class
// (Briggs 1973, by CCPS 1999; x of 100 m to 10 km, averaged over 10 minutes).
var briggs = map[Terrain]map[string][2]spread{
	Rural: {
		"A": {{0.22, 1e-4, -0.5}, {0.20, 0, 0}},
		"B": {{0.16, 1e-4, -0.5}, {0.12, 0, 0}},
		"C": {{0.11, 1e-4, -0.5}, {0.08, 2e-4, -0.5}},
		"D": {{0.08, 1e-4, -0.5}, {0.06, 1.5e-3, -0.5}},
		"E": {{0.06, 1e-4, -0.5}, {0.03, 3e-4, -1}},
		"F": {{0.04, 1e-4, -0.5}, {0.016, 3e-4, -1}},
	},
	Urban: {
		"A": {{0.32, 4e-4, -0.5}, {0.24, 1e-3, 0.5}},
		"B": {{0.32, 4e-4, -0.5}, {0.24, 1e-3, 0.5}},
		"C": {{0.22, 4e-4, -0.5}, {0.20, 0, 0}},
		"D": {{0.16, 4e-4, -0.5}, {0.14, 3e-4, -0.5}},
		"E": {{0.11, 4e-4, -0.5}, {0.08, 1.5e-3, -0.5}},
		"F": {{0.11, 4e-4, -0.5}, {0.08, 1.5e-3, -0.5}},
	},
}

// Sigma gives Briggs's standard deviations across and up, metres, at a distance
// downwind in metres; nearer than 1 m those of 1 m. The error names a terrain or
// a stability that there is not.
func Sigma(terrain Terrain, stability string, metres float64) (across, up float64, err error) {
	var c check
	s := c.sigma(terrain, stability)
	if c.err != nil {
		return 0, 0, c.err
	}
	x := max(metres, 1)
	return s[0].at(x), s[1].at(x), nil
}

func (c *check) sigma(terrain Terrain, stability string) [2]spread {
	classes, ok := briggs[terrain]
	if !ok {
		c.fail("terrain", orNone(string(terrain)), "one of", string(Rural), string(Urban))
		return [2]spread{}
	}
	s, ok := classes[stability]
	if !ok {
		c.fail("stability", orNone(stability), "a Pasquill class, one of", "A", "B", "C", "D", "E", "F")
	}
	return s
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Gaussian is the concentration in a plume over reflecting ground, kg/m3: at
// metres across its axis and metres up, from a source of kg/s at a height in
// metres in a wind of m/s, with the standard deviations of that distance.
func Gaussian(kgPerS, windMPerS, sigmaAcross, sigmaUp, across, up, height float64) float64 {
	lateral := math.Exp(-across * across / (2 * sigmaAcross * sigmaAcross))
	below, above := (up-height)/sigmaUp, (up+height)/sigmaUp
	return kgPerS / (2 * math.Pi * windMPerS * sigmaAcross * sigmaUp) * lateral *
		(math.Exp(-below*below/2) + math.Exp(-above*above/2))
}
