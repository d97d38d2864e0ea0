package city

import (
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Profile is all that makes one city different from another. Immutable, safe
// for concurrent use.
type Profile struct {
	Key, Name, NameEn string // "hangzhou", 杭州市
	Taxonomy          *data.Taxonomy
	Bound             orb.Bound // sources outside are refused
	Centre            orb.Point // where maps open
	Zone              *time.Location
	Cuts              [4]float64 // 1/yr: floor (exclusive), then general, significant, major (inclusive)
	NewBuild          [4]float64 // likewise, for what is yet to be built; all 0: the profile has none
	Weather           *Weather   // nil: the profile has none
	MainList          MainList
	Equivalent        [5]float64 // by level, 1/yr: what an assessed level stands for; [0] is 0
	Shares            ShareRule
	Sources           map[string]string // where each constant comes from, by its member in the profile file
	Digest            uint64            // of all that can change what a tile shows

	outlines    map[string][]data.Unit // by kind: districts of vintages and zones, in the order of their codes
	conversions map[direction]map[string]rule
	sure        [][][]data.District // [from vintage][to vintage][district]: 0 where the code alone does not decide
	derived     [][5][]data.Scenario
}

// ShareRule colours ground by the shares of its parts: the first of major,
// significant, general whose share is reached.
type ShareRule struct {
	Major       float64 // share of cells of level 4 from which it is red
	Significant float64 // share of level 3 and up from which it is orange
	General     float64 // share of level 2 and up from which it is yellow
}

// Outlines gives the profile's own outlines of a vintage's districts in the
// order of their codes; nil when it has none. Schematic ones, drawn by hand and
// not surveyed, have Props["schematic"] = "true". Shared, not to be changed.
func (p *Profile) Outlines(vintage string) []data.Unit {
	return p.outlines[data.DistrictKind(vintage)]
}

// Derived gives the scenario that stands for an assessed level where a source
// has none of its own: the equivalent frequency with the industry's linear
// footprint. The slice is shared and not to be changed; it is nil for a level
// or industry that does not exist.
func (p *Profile) Derived(in data.Industry, l data.Level) []data.Scenario {
	if int(in) >= len(p.derived) || l < data.Low || l > data.Major {
		return nil
	}
	return p.derived[in][l]
}

func derive(industries []data.IndustryInfo, equivalent [5]float64) ([][5][]data.Scenario, error) {
	out := make([][5][]data.Scenario, len(industries))
	for i, in := range industries {
		f, err := data.NewFootprint(data.Footprint{Kind: data.Linear, V0: 1, R1: in.R1, R2: in.R2})
		if err != nil {
			return nil, err
		}
		for l := data.Low; l <= data.Major; l++ {
			out[i][l] = []data.Scenario{{Outcome: data.OutcomeIndex, Basis: data.Equivalent, Derived: true,
				PerYear: equivalent[l], Footprint: f}}
		}
	}
	return out, nil
}
