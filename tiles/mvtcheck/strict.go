package mvtcheck

import (
	"errors"
	"fmt"
	"math"
)

// Strict is Decode that holds the tile to the SHOULDs as well: version 2 and
// said first, an extent, at least one feature in a layer, no key and no value
// twice in a layer's tables and none unused, feature ids unique in the layer. It
// also wants feature ids that a JavaScript number holds (below 2^53) and every
// coordinate within margin units of the tile's square.
func Strict(b []byte, margin int64) (*Tile, error) {
	t, err := Decode(b)
	if err != nil {
		return nil, err
	}
	for i := range t.Layers {
		l := &t.Layers[i]
		if feature, err := l.strict(margin); err != nil {
			return nil, &Error{Layer: l.Name, Feature: feature, Rule: "SHOULD", What: err.Error()}
		}
	}
	return t, nil
}

func (l *Layer) strict(margin int64) (feature int, err error) {
	switch {
	case l.Version != 2:
		return -1, fmt.Errorf("version %d, want 2", l.Version)
	case !l.versionFirst:
		return -1, errors.New("the version is not the first field")
	case !l.HasExtent:
		return -1, errors.New("no extent")
	case len(l.Features) == 0:
		return -1, errors.New("no features")
	}
	if err := l.tables(); err != nil {
		return -1, err
	}
	ids := map[uint64]bool{}
	for i := range l.Features {
		f := &l.Features[i]
		if f.HasID && (ids[f.ID] || f.ID >= 1<<53) {
			return i, fmt.Errorf("id %d, want below 2^53 and of no other feature", f.ID)
		}
		ids[f.ID] = true
		if err := f.within(-margin, int64(l.Extent)+margin); err != nil {
			return i, err
		}
	}
	return 0, nil
}

// tables checks that keys and values are distinct and all used.
func (l *Layer) tables() error {
	keys, values := make([]bool, len(l.Keys)), make([]bool, len(l.Values))
	for i := range l.Features {
		tags := l.Features[i].Tags
		for k := 0; k < len(tags); k += 2 {
			keys[tags[k]], values[tags[k+1]] = true, true
		}
	}
	seen := map[any]bool{}
	for i, k := range l.Keys {
		if seen[k] || !keys[i] {
			return fmt.Errorf("key %q twice or unused", k)
		}
		seen[k] = true
	}
	clear(seen)
	for i, v := range l.Values {
		same := v
		if f, ok := v.(float64); ok { // a NaN equals itself here
			same = [1]uint64{math.Float64bits(f)}
		}
		if seen[same] || !values[i] {
			return fmt.Errorf("value %v twice or unused", v)
		}
		seen[same] = true
	}
	return nil
}

func (f *Feature) within(low, high int64) error {
	check := func(ps []Point) error {
		for _, p := range ps {
			if min(p.X, p.Y) < low || max(p.X, p.Y) > high {
				return fmt.Errorf("the point %d, %d, want %d to %d", p.X, p.Y, low, high)
			}
		}
		return nil
	}
	err := check(f.Points)
	for _, l := range f.Lines {
		err = errors.Join(err, check(l))
	}
	for _, p := range f.Polygons {
		for _, r := range p {
			err = errors.Join(err, check(r))
		}
	}
	return err
}
