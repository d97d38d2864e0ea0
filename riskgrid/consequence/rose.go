package consequence

import (
	"fmt"
	"math"
	"slices"
)

// Sectors of a wind rose; sector k is centred at k x 22.5 degrees FROM.
const (
	sectors       = 16
	sectorDegrees = 360.0 / sectors
)

// partsOfSector is how finely bearings of averaged footprints are counted.
const partsOfSector = 30

// inSector are those bearings in parts of a sector from its centre. They crowd at
// the sector's edge, at 15, where the average runs from one share to the next.
var inSector = [...]int{-12, -8, 0, 8, 12, 15}

// fill checks a climate and spreads its calm over the sectors pro rata.
func (m *Climate) fill(c *check) {
	blown := 0.0
	for k, p := range m.Rose {
		if !(p >= 0 && p <= 1) {
			c.fail(fmt.Sprintf("climate.rose[%d]", k), p, "a share of 0 to 1")
		}
		blown += p
	}
	if !(m.Calm >= 0 && m.Calm < 1) {
		c.fail("climate.calm", m.Calm, "a share of 0 to under 1")
	}
	if !(math.Abs(blown+m.Calm-1) <= 1e-3) {
		c.fail("climate.rose", blown+m.Calm, "16 shares that sum to 1 with calm, within 0.001")
		return
	}
	for k := range m.Rose {
		m.Rose[k] /= blown
	}
	if len(m.Weather) == 0 {
		c.fail("climate.weather", "none", "at least one class of stability and wind, such as D 5 m/s and F 1.5 m/s")
	}
	sum := 0.0
	for _, w := range m.Weather {
		if !(w.Share > 0 && w.Share <= 1) {
			c.fail("climate.weather.share", w.Share, "a share over 0 and at most 1")
		}
		sum += w.Share
	}
	if len(m.Weather) > 0 && !(math.Abs(sum-1) <= 1e-3) {
		c.fail("climate.weather.share", sum, "shares that sum to 1, within 0.001")
	}
}

func (r *Result) climate(m Climate) {
	for k, p := range m.Rose {
		r.in(fmt.Sprintf("wind_from_%g", float64(k)*sectorDegrees), p, "share of time")
	}
	for _, w := range m.Weather {
		r.in("weather_"+w.Stability+"_"+trim(w.WindMPerS), w.Share, "share of time")
	}
	source := m.Source
	if source == "" {
		source = "wind rose and weather shares as given"
	}
	if m.Placeholder {
		source += " (placeholder, not the city's own record)"
	}
	r.Sources = append(r.Sources, source)
}

// clouds checks a release in a climate.
func (m *Climate) clouds(c *check, r *Release, flammable bool) []*cloud {
	r.fill(c, flammable)
	m.fill(c)
	out := make([]*cloud, 0, len(m.Weather))
	for _, w := range m.Weather {
		out = append(out, r.cloud(c, w))
	}
	return out
}

func (p *RosePlume) clouds() ([]*cloud, error) {
	var c check
	out := p.Climate.clouds(&c, &p.Release, false)
	if p.SubDirections == 0 {
		p.SubDirections = 15
	}
	if !(p.SubDirections >= 1 && p.SubDirections <= 61) {
		c.fail("sub_directions", p.SubDirections, "1 to 61 per sector")
	}
	c.orElse("cut", &p.Cut, Cut, 1e-6, 0.5, "of the people")
	return out, c.err
}

// Lethality is the exact average over the climate at a distance and a bearing
// from the release: the sum over weathers p_w and sectors p_k of the mean over
// the sub-directions of v. It is not cut.
func (p RosePlume) Lethality(metres, bearing float64) (float64, error) {
	clouds, err := p.clouds()
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, c := range clouds {
		for k, share := range p.Climate.Rose {
			for m := 1; m <= p.SubDirections; m++ {
				from := (float64(k) - 0.5 + (float64(m)-0.5)/float64(p.SubDirections)) * sectorDegrees
				off := math.Abs(math.Remainder(bearing-from-180, 360))
				sum += c.Share * share / float64(p.SubDirections) * c.kill(metres, off)
			}
		}
	}
	return sum, nil
}

// Result computes the average. Its reaches are those of the worst weather along
// the axis. The footprint's value is the mean over all winds of lethalities that
// are not cut one by one; the table ends at the distance at which the worst
// weather's axis falls to the cut. So a value in it may well be under 1 %: it is
// the chance that the wind blows there times what it does then. At the table's
// own bearings it is within 1 % of Lethality's value or 1e-5; anywhere within 5 %
// where the value is at least 1e-3, 12 % where it is at least 1e-4, and 1e-3.
func (p RosePlume) Result() (*Result, error) {
	clouds, err := p.clouds()
	if err != nil {
		return nil, err
	}
	r := &Result{Model: "gaussian_passive_rose", Outcome: toxic}
	r.release(p.Release)
	r.climate(p.Climate)
	r.in("cut", p.Cut, "lethality")
	r.Limits = append(r.Limits, fmt.Sprintf("lethality is the mean over all winds and weathers; followed to where the worst weather's axis falls to %g", p.Cut))
	r.Sources = append(r.Sources, p.Substance.Toxic.Source+": toxic probit of "+p.Substance.Key)
	r.inverse = toxicRadii(clouds)
	r.reach(EffectLethality, 0.5, Cut)
	for _, c := range clouds {
		one := toxicRadii([]*cloud{c})[EffectLethality]
		for _, q := range []struct {
			name string
			v    float64
		}{{"r50_", 0.5}, {"r01_", Cut}} {
			metres, _ := one(q.v)
			r.out(q.name+c.Stability+"_"+trim(c.WindMPerS), metres, "m")
		}
	}
	end, _ := r.inverse[EffectLethality](p.Cut)
	l := newLattice(clouds, p.Climate.Rose, p.SubDirections)
	r.Footprint, err = polar(roseBearings(), l.row, end, 0.01, 1e-5)
	return r, err
}

// roseTurns are the bearings of an averaged footprint in parts of a sector,
// rising from north.
func roseTurns() []int {
	const round = sectors * partsOfSector
	out := make([]int, 0, sectors*len(inSector))
	for k := range sectors {
		for _, part := range inSector {
			out = append(out, (k*partsOfSector+part+round)%round)
		}
	}
	slices.Sort(out)
	return out
}

// roseBearings are the same in degrees.
func roseBearings() []float64 {
	turns := roseTurns()
	out := make([]float64, len(turns))
	for i, turn := range turns {
		out[i] = float64(turn) * (sectorDegrees / partsOfSector)
	}
	return out
}

// lattice averages rows: all differences between a bearing and a sub-direction
// are whole numbers of steps, so each is computed once for a distance.
type lattice struct {
	clouds []*cloud
	turns  []int     // bearings, in steps
	steps  int       // in a sector
	winds  []float64 // share of time by direction the wind blows TO, by step
	off    []float64 // lethality at a whole number of steps off the axis, over all weathers
}

func newLattice(clouds []*cloud, rose [sectors]float64, subDirections int) *lattice {
	l := &lattice{clouds: clouds, turns: roseTurns(), steps: lcm(2*subDirections, partsOfSector)}
	for i := range l.turns {
		l.turns[i] *= l.steps / partsOfSector
	}
	round := sectors * l.steps
	l.winds = make([]float64, round)
	for k, share := range rose {
		for m := 1; m <= subDirections; m++ {
			from := k*l.steps + (2*m-1-subDirections)*(l.steps/(2*subDirections))
			l.winds[(from+round+round/2)%round] += share / float64(subDirections)
		}
	}
	return l
}

// row is the average at a distance, for each of roseBearings.
func (l *lattice) row(metres float64) []float64 {
	l.off = l.off[:0]
	for i := range 4 * l.steps { // a quarter turn
		v := 0.0
		for _, c := range l.clouds {
			v += c.Share * c.kill(metres, float64(i)*sectorDegrees/float64(l.steps))
		}
		if v < 1e-9 && metres > 1 { // it falls off the axis
			break
		}
		l.off = append(l.off, v)
	}
	out := make([]float64, len(l.turns))
	if len(l.off) == 0 {
		return out
	}
	round := len(l.winds)
	for i, at := range l.turns {
		sum := l.off[0] * l.winds[at]
		for d := 1; d < len(l.off); d++ {
			sum += l.off[d] * (l.winds[(at+d)%round] + l.winds[(at-d+round)%round])
		}
		out[i] = sum
	}
	return out
}

func lcm(a, b int) int {
	g, h := a, b
	for h != 0 {
		g, h = h, g%h
	}
	return a / g * b
}

// until is the share of time that the wind comes from 0 degrees clockwise to an
// angle of at most a turn either way, by sectors of even density.
func (m *Climate) until(degrees float64) float64 {
	at := (degrees + sectorDegrees/2) / sectorDegrees // in sectors from the edge of the first
	whole := math.Floor(at)
	turns := math.Floor(whole / sectors)
	k := int(whole - turns*sectors)
	sum := turns
	for _, p := range m.Rose[:k] {
		sum += p
	}
	return sum + m.Rose[k]*(at-whole)
}

// towards is the share of time that the wind blows within an angle of a bearing.
func (m *Climate) towards(bearing, within float64) float64 {
	from := math.Mod(bearing+180, 360)
	return m.until(from+within) - m.until(from-within)
}
