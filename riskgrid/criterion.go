package riskgrid

import "riskatlas/data"

// Criterion says by which limits ground is judged.
type Criterion uint8

// The criteria of GB 36894-2018, table 1.
const (
	InService     Criterion = iota // what stands already: the city's cuts
	NewBuild                       // what is new, rebuilt or extended
	CriteriaCount                  // how many there are; not a criterion
)

// CriterionKeys are the criteria's names in URLs, by Criterion.
var CriterionKeys = [CriteriaCount]string{"in-service", "new-build"}

func (c Criterion) String() string {
	if c < CriteriaCount {
		return CriterionKeys[c]
	}
	return "invalid"
}

// ParseCriterion reads a criterion's name; the empty string is InService.
func ParseCriterion(s string) (Criterion, error) {
	if s == "" {
		return InService, nil
	}
	for i, k := range CriterionKeys {
		if k == s {
			return Criterion(i), nil
		}
	}
	return 0, &data.Invalid{Field: "cuts", Value: s, Want: "one of", Allowed: CriterionKeys[:]}
}
