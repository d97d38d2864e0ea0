package assess

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"riskatlas/data"
	"riskatlas/riskgrid/consequence"
)

// Options say what a library is made of. Taxonomy is required; nil files take the
// tables that come with the program.
type Options struct {
	Taxonomy *data.Taxonomy

	// Climate is what gas clouds are averaged over, and Terrain how they spread.
	// Without a climate no cloud of gas can be derived, and the error says so.
	Climate *consequence.Climate
	Terrain consequence.Terrain

	Substances  []byte // in the form of consequence's substances.json
	Frequencies []byte // in the form of consequence's frequencies.json
	Scenarios   []byte // in the form of this package's scenarios.json
}

// Library derives scenarios. It may be used from any goroutine.
type Library struct {
	tax         *data.Taxonomy
	climate     *consequence.Climate
	terrain     consequence.Terrain
	substances  *consequence.Substances
	frequencies *consequence.Frequencies
	rules       *rules

	mutex sync.Mutex
	known map[string]*consequence.Result // what was computed, by model and inputs
}

// mostKnown bounds the results that are remembered: many sites hold vessels
// alike, averaging over a wind rose costs time, and shared footprints are kept
// once.
const mostKnown = 512

// New makes a library. The error names the entry of a file that breaks a rule.
func New(o Options) (*Library, error) {
	l := &Library{tax: o.Taxonomy, climate: o.Climate, terrain: o.Terrain, known: map[string]*consequence.Result{}}
	var err error
	if l.substances, err = orElse(o.Substances, consequence.ReadSubstances, consequence.LoadSubstances); err != nil {
		return nil, fmt.Errorf("substances: %w", err)
	}
	if l.frequencies, err = orElse(o.Frequencies, consequence.ReadFrequencies, consequence.LoadFrequencies); err != nil {
		return nil, fmt.Errorf("frequencies: %w", err)
	}
	raw := o.Scenarios
	if raw == nil {
		raw = rulesFile
	}
	if l.rules, err = readRules(raw, l.substances); err != nil {
		return nil, fmt.Errorf("scenario rules: %w", err)
	}
	return l, nil
}

func orElse[T any](raw []byte, read func([]byte) (T, error), own func() (T, error)) (T, error) {
	if raw == nil {
		return own()
	}
	return read(raw)
}

// By reports whether scenarios of the industry are derived at all.
func (l *Library) By(i data.Industry) bool {
	return int(i) < len(l.tax.Industries) && slices.Contains(l.rules.Industries.Slugs, l.tax.Industries[i].Slug)
}

// result computes a model once for a substance and its numbers.
func (l *Library) result(kind string, of *consequence.Substance, m consequence.Model, numbers ...float64) (*consequence.Result, error) {
	key := kind + " " + of.Key
	for _, v := range numbers {
		key += " " + exact(v)
	}
	l.mutex.Lock()
	r := l.known[key]
	l.mutex.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := m.Result()
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.known) >= mostKnown {
		clear(l.known)
	}
	l.known[key] = r
	return r, nil
}

// weather gives the climate, or the error that there is none.
func (l *Library) weather() (consequence.Climate, error) {
	if l.climate == nil {
		return consequence.Climate{}, &data.Invalid{Field: "weather", Value: "none",
			Want: "the city's wind rose and stability classes, in its profile: a cloud of gas goes where the wind blows"}
	}
	return *l.climate, nil
}

// exact writes a number so that different ones differ.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// number writes a number with at most six digits: nothing here is known better.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
