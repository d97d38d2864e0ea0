package data

import (
	"crypto/sha256"
	"fmt"
	"math"
	"sort"

	"github.com/paulmach/orb"
)

// FootprintKind says how a footprint's lethality is given.
type FootprintKind uint8

// The kinds of footprint.
const (
	Step   FootprintKind = iota // V0 to R1 = R2, then 0
	Linear                      // V0 to R1, falling to 0 at R2
	Table                       // piecewise linear over distance
	Polar                       // a table per bearing
	Zone                        // absolute pieces of ground
)

// FootprintKinds are the interchange names, by kind.
var FootprintKinds = [...]string{"step", "linear", "table", "polar", "zone"}

func (k FootprintKind) String() string { return key(FootprintKinds[:], int(k)) }

// Over says where in the source's shape an accident happens.
type Over uint8

// The two ways to place an accident in a shape.
const (
	OverShape  Over = iota // distance counts to the shape, 0 inside an area
	OverSpread             // the frequency is spread evenly over the polygon
)

// OverKeys are the interchange names, by Over.
var OverKeys = [...]string{"shape", "spread"}

func (o Over) String() string { return key(OverKeys[:], int(o)) }

// MaxReachMetres bounds every footprint: no effect is followed further.
const MaxReachMetres = 20_000

// Footprint says how the lethality v, 0 to 1, of an accident for an unprotected
// person falls with ground distance in metres. Intervals are closed at the far
// end: at R1, R2 of a step, and a repeated metre the inner value holds. Make it
// with NewFootprint; it is then immutable and shared between hazards.
type Footprint struct {
	Kind FootprintKind
	Over Over

	V0, R1, R2 float64 // Step, Linear

	Metres    []float64 // Table, Polar: non-decreasing from >= 0; a repeated metre is a jump
	Lethality []float64 // Table: by metre. Polar: [bearing*len(Metres)+metre]
	Bearings  []float64 // Polar: degrees clockwise from north, strictly rising in [0, 360)

	Zones []ZonePiece // Zone: absolute ground; they overlap by maximum
	Skirt [2]float64  // Zone: beyond a piece its value holds to Skirt[0] and falls to 0 at Skirt[1]

	reach  float64
	rose   []Direction
	digest [32]byte
}

// Direction is a bearing of a Polar footprint: its unit vector, and one over the
// angle in radians to the next bearing clockwise (the last one's is the first).
type Direction struct{ East, North, PerRadian float64 }

// Rose gives the directions of a Polar footprint's bearings, shared and not to be
// changed; nil for other kinds.
func (f *Footprint) Rose() []Direction { return f.rose }

func (f *Footprint) directions() []Direction {
	out := make([]Direction, len(f.Bearings))
	for i, b := range f.Bearings {
		next := f.Bearings[0] + 360
		if i+1 < len(f.Bearings) {
			next = f.Bearings[i+1]
		}
		out[i].East, out[i].North = math.Sincos(b * (math.Pi / 180))
		out[i].PerRadian = 180 / math.Pi / (next - b)
	}
	return out
}

// ZonePiece is one piece of ground of a Zone footprint and its lethality.
type ZonePiece struct {
	Shape     orb.Geometry // Polygon or MultiPolygon
	Lethality float64
}

// NewFootprint checks a footprint and seals it. The slices are kept.
func NewFootprint(f Footprint) (*Footprint, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	f.reach = f.furthest()
	if f.reach > MaxReachMetres {
		return nil, &Invalid{Field: "footprint", Value: fmt.Sprint(f.reach), Want: fmt.Sprintf("a reach of at most %d metres", MaxReachMetres)}
	}
	if f.Kind == Polar {
		f.rose = f.directions()
	}
	f.digest = sha256.Sum256(f.append(nil))
	return &f, nil
}

// Reach is the distance in metres from the shape (of a Zone: from its pieces)
// beyond which the lethality is 0.
func (f *Footprint) Reach() float64 { return f.reach }

// Digest identifies the footprint's content.
func (f *Footprint) Digest() [32]byte { return f.digest }

// At gives the lethality at a ground distance from the shape, and for Polar at
// the bearing from the shape's nearest point to the place (degrees clockwise
// from north; at distance 0 the greatest first-metre value counts). It is not
// for Zone, whose value depends on the place itself, and gives 0 there.
func (f *Footprint) At(metres, bearing float64) float64 {
	switch f.Kind {
	case Step, Linear:
		return f.linear(metres)
	case Table:
		return interpolate(f.Metres, f.Lethality, metres)
	case Polar:
		return f.polar(metres, bearing)
	}
	return 0
}

func (f *Footprint) linear(d float64) float64 {
	switch {
	case d <= f.R1:
		return f.V0
	case d >= f.R2:
		return 0
	}
	return f.V0 * (f.R2 - d) / (f.R2 - f.R1)
}

func (f *Footprint) polar(d, bearing float64) float64 {
	n := len(f.Metres)
	if d == 0 {
		most := 0.0
		for i := 0; i < len(f.Lethality); i += n {
			most = max(most, f.Lethality[i])
		}
		return most
	}
	// The bearings form a circle: the last one's neighbour is the first.
	hi := sort.SearchFloat64s(f.Bearings, bearing)
	lo := hi - 1
	left, right := 0.0, 0.0
	switch {
	case hi == len(f.Bearings):
		hi = 0
		left, right = f.Bearings[lo], f.Bearings[0]+360
	case lo < 0:
		lo = len(f.Bearings) - 1
		left, right = f.Bearings[lo]-360, f.Bearings[0]
	default:
		left, right = f.Bearings[lo], f.Bearings[hi]
	}
	a := interpolate(f.Metres, f.Lethality[lo*n:lo*n+n], d)
	if lo == hi {
		return a
	}
	b := interpolate(f.Metres, f.Lethality[hi*n:hi*n+n], d)
	return a + float64((b-a)*((bearing-left)/(right-left)))
}

// interpolate reads a piecewise linear table: the first value before the first
// metre, the inner value at a repeated metre, 0 past the last.
func interpolate(metres, values []float64, d float64) float64 {
	i := sort.SearchFloat64s(metres, d)
	switch {
	case i == len(metres):
		return 0
	case i == 0 || metres[i] == d:
		return values[i]
	}
	t := (d - metres[i-1]) / (metres[i] - metres[i-1])
	return values[i-1] + float64(t*(values[i]-values[i-1]))
}

func (f *Footprint) check() error {
	bad := func(field string, value any, want string) error {
		return &Invalid{Field: "footprint." + field, Value: fmt.Sprint(value), Want: want}
	}
	radii := func(field string, a, b float64) error {
		if !(a >= 0 && b >= a && b <= MaxReachMetres) {
			return bad(field, []float64{a, b}, fmt.Sprintf("0 <= r1 <= r2 <= %d metres", MaxReachMetres))
		}
		return nil
	}
	if f.Over > OverSpread {
		return bad("over", f.Over, "shape or spread")
	}
	switch f.Kind {
	case Step, Linear:
		if !(f.V0 >= 0 && f.V0 <= 1) {
			return bad("v0", f.V0, "a lethality of 0 to 1")
		}
		if f.Kind == Step && f.R1 != f.R2 {
			return bad("r", f.R2, "one radius")
		}
		return radii("r2", f.R1, f.R2)
	case Table, Polar:
		return f.checkTable(bad)
	case Zone:
		if len(f.Zones) == 0 {
			return bad("zones", "none", "at least one zone")
		}
		if f.Over == OverSpread {
			return bad("over", f.Over, "shape: a zone is absolute")
		}
		for _, z := range f.Zones {
			if !(z.Lethality >= 0 && z.Lethality <= 1) {
				return bad("zones.lethality", z.Lethality, "a lethality of 0 to 1")
			}
			switch z.Shape.(type) {
			case orb.Polygon, orb.MultiPolygon:
			default:
				return bad("zones.geometry", fmt.Sprintf("%T", z.Shape), "a Polygon or MultiPolygon")
			}
			if err := CheckShape(z.Shape); err != nil {
				return err
			}
		}
		return radii("skirt", f.Skirt[0], f.Skirt[1])
	}
	return bad("kind", uint8(f.Kind), "step, linear, table, polar or zone")
}

func (f *Footprint) checkTable(bad func(string, any, string) error) error {
	if len(f.Metres) == 0 || len(f.Metres) > 1000 {
		return bad("metres", len(f.Metres), "1 to 1000 distances")
	}
	last := 0.0
	for _, m := range f.Metres {
		if !(m >= last && m <= MaxReachMetres) {
			return bad("metres", m, fmt.Sprintf("non-decreasing distances of 0 to %d metres", MaxReachMetres))
		}
		last = m
	}
	rows := 1
	if f.Kind == Polar {
		rows = len(f.Bearings)
		if rows == 0 || rows > 720 {
			return bad("bearings", rows, "1 to 720 bearings")
		}
		for i, b := range f.Bearings {
			if !(b >= 0 && b < 360) || i > 0 && b <= f.Bearings[i-1] {
				return bad("bearings", b, "strictly rising degrees in [0, 360)")
			}
		}
	}
	if len(f.Lethality) != rows*len(f.Metres) {
		return bad("lethality", len(f.Lethality), fmt.Sprintf("%d values, one for each bearing and metre", rows*len(f.Metres)))
	}
	for _, v := range f.Lethality {
		if !(v >= 0 && v <= 1) {
			return bad("lethality", v, "values of 0 to 1")
		}
	}
	return nil
}

func (f *Footprint) furthest() float64 {
	switch f.Kind {
	case Step, Linear:
		return f.R2
	case Zone:
		return f.Skirt[1]
	}
	return math.Max(0, f.Metres[len(f.Metres)-1])
}
