package data

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Outcome is the kind of accident of a scenario.
type Outcome uint8

// Outcomes are the interchange names, by outcome (QRA outcome types).
var Outcomes = [...]string{"pool_fire", "jet_fire", "flash_fire", "fireball", "vce", "condensed_explosion",
	"dust_explosion", "toxic", "collapse", "crowd", "flood", "index"}

// OutcomeIndex is the outcome of a scenario that stands for an assessed level
// and not for one computed accident.
const OutcomeIndex Outcome = 11

func (o Outcome) String() string { return key(Outcomes[:], int(o)) }

// ParseOutcome reads an interchange name.
func ParseOutcome(s string) (Outcome, error) {
	i, err := parseKey("outcome", Outcomes[:], s, -1)
	if i < 0 {
		return 0, &Invalid{Field: "outcome", Value: s, Want: "one of", Allowed: Outcomes[:]}
	}
	return Outcome(i), err
}

// Basis says where a frequency comes from, so that a sum can be split.
type Basis uint8

// The two bases.
const (
	QRA        Basis = iota // computed by quantitative risk assessment
	Equivalent              // read off the city's table for an assessed level
)

// BasisKeys are the interchange names, by basis.
var BasisKeys = [...]string{"qra", "equivalent"}

func (b Basis) String() string { return key(BasisKeys[:], int(b)) }

// ParseBasis reads an interchange name; the empty string is QRA.
func ParseBasis(s string) (Basis, error) {
	i, err := parseKey("basis", BasisKeys[:], s, 0)
	return Basis(i), err
}

// Per says what a frequency counts for.
type Per uint8

// What a frequency counts for.
const (
	PerSource Per = iota // the whole source
	PerKm                // each kilometre of a line, integrated along it
)

// Scenario is one accident that a source can have.
type Scenario struct {
	Outcome   Outcome
	Basis     Basis
	Per       Per
	Derived   bool    // made from the level when the city is loaded; never stored
	PerYear   float64 // frequency, 1/yr (with PerKm: 1/(km yr)); 0 < f <= 1e-2
	Footprint *Footprint
}

// MaxPerYear bounds a scenario's frequency: sums are small beside 1, so
// frequencies may be added (rare-event approximation).
const MaxPerYear = 1e-2

// Check reports whether the scenario fits the shape of its source.
func (s *Scenario) Check(shape orb.Geometry) error {
	if !(s.PerYear > 0 && s.PerYear <= MaxPerYear) {
		return &Invalid{Field: "scenarios.per_year", Value: fmt.Sprint(s.PerYear), Want: "a frequency over 0 and at most 1e-2 per year"}
	}
	if s.Footprint == nil {
		return &Invalid{Field: "scenarios.footprint", Value: "none", Want: "a footprint"}
	}
	if s.Per == PerKm {
		switch shape.(type) {
		case orb.LineString, orb.MultiLineString:
		default:
			return &Invalid{Field: "scenarios.per", Value: "km", Want: "a line source, not " + shape.GeoJSONType()}
		}
		if s.Footprint.Kind == Zone {
			return &Invalid{Field: "scenarios.per", Value: "km", Want: "a footprint other than zone, which is absolute"}
		}
	}
	if s.Footprint.Over == OverSpread {
		switch shape.(type) {
		case orb.Polygon, orb.MultiPolygon:
		default:
			return &Invalid{Field: "footprint.over", Value: "spread", Want: "an area source, not " + shape.GeoJSONType()}
		}
	}
	return nil
}
