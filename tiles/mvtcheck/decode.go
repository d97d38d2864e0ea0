package mvtcheck

import (
	"errors"
	"fmt"
	"math"
)

// Decode reads a tile, not compressed, and checks every MUST of the
// specification; the error is an *Error that names the layer, the feature, the
// rule and what breaks it. No bytes are a tile without layers.
//
// Beyond the letter it wants what every reader wants: singular fields once,
// UTF-8 text, and coordinates of polygons within ±2^28. One rule is softer than
// the letter: a layer without an extent has the schema's default of 4096.
func Decode(b []byte) (*Tile, error) {
	t := &Tile{}
	names := map[string]bool{}
	m := message{rest: b}
	for {
		more, err := m.next()
		if err == nil && !more {
			return t, nil
		}
		if err == nil && m.number == 3 {
			err = m.want(wireBytes, "layers")
		}
		if err != nil {
			return nil, &Error{Feature: -1, Rule: "protobuf", What: err.Error()}
		}
		if m.number != 3 {
			if m.number >= 16 && m.number <= 8191 {
				continue // the schema's extensions
			}
			return nil, &Error{Feature: -1, Rule: "protobuf", What: fmt.Sprintf("unknown field %d", m.number)}
		}
		l, err := decodeLayer(m.bytes, len(t.Layers))
		if err != nil {
			return nil, err
		}
		if names[l.Name] {
			return nil, &Error{Layer: l.Name, Feature: -1, Rule: "4.1", What: "a second layer of this name"}
		}
		names[l.Name] = true
		t.Layers = append(t.Layers, *l)
	}
}

// Check is Decode for those who want only the verdict.
func Check(b []byte) error {
	_, err := Decode(b)
	return err
}

// layerReader reads a layer in two passes: its tables, then its features.
type layerReader struct {
	layer    Layer
	features [][]byte
	seen     [16]bool
	fields   int
}

func decodeLayer(b []byte, number int) (*Layer, error) {
	r := layerReader{}
	fail := func(rule string, err error) error {
		name := r.layer.Name
		if name == "" {
			name = fmt.Sprint("number ", number)
		}
		return &Error{Layer: name, Feature: -1, Rule: rule, What: err.Error()}
	}
	m := message{rest: b}
	for {
		more, err := m.next()
		if err == nil && more {
			err = r.field(&m)
		}
		if err != nil {
			return nil, fail("protobuf", err)
		}
		if !more {
			break
		}
	}
	l := &r.layer
	switch {
	case !r.seen[15]:
		return nil, fail("4.1", errors.New("no version"))
	case l.Version != 1 && l.Version != 2:
		return nil, fail("4.1", fmt.Errorf("version %d, want 1 or 2", l.Version))
	case !r.seen[1] || l.Name == "":
		return nil, fail("4.1", errors.New("no name"))
	case !l.HasExtent:
		l.Extent = 4096
	case l.Extent == 0:
		return nil, fail("4.1", errors.New("an extent of 0"))
	}
	for i, fb := range r.features {
		f, rule, err := decodeFeature(fb, l)
		if err != nil {
			return nil, &Error{Layer: l.Name, Feature: i, Rule: rule, What: err.Error()}
		}
		l.Features = append(l.Features, *f)
	}
	return l, nil
}

func (r *layerReader) field(m *message) error {
	l := &r.layer
	r.fields++
	single := m.number == 1 || m.number == 5 || m.number == 15
	if single && r.seen[m.number] {
		return fmt.Errorf("field %d twice", m.number)
	}
	if m.number < 16 {
		r.seen[m.number] = true
	}
	var err error
	switch m.number {
	case 15:
		l.Version, err = m.uint32("version")
		l.versionFirst = r.fields == 1
	case 1:
		l.Name, err = m.text("name")
	case 2:
		if err = m.want(wireBytes, "features"); err == nil {
			r.features = append(r.features, m.bytes)
		}
	case 3:
		var key string
		if key, err = m.text("keys"); err == nil {
			l.Keys = append(l.Keys, key)
		}
	case 4:
		if err = m.want(wireBytes, "values"); err == nil {
			var v any
			if v, err = decodeValue(m.bytes); err == nil {
				l.Values = append(l.Values, v)
			}
		}
	case 5:
		l.HasExtent = true
		l.Extent, err = m.uint32("extent")
	default:
		if m.number < 16 {
			err = fmt.Errorf("unknown field %d", m.number)
		}
	}
	return err
}

// decodeValue reads a Value: exactly one of its seven fields must be there.
func decodeValue(b []byte) (any, error) {
	m := message{rest: b}
	var v any
	for {
		more, err := m.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if m.number > 7 {
			return nil, fmt.Errorf("a value with unknown field %d", m.number)
		}
		if v != nil {
			return nil, errors.New("a value with two fields, want exactly one")
		}
		wires := [8]uint8{1: wireBytes, 2: wireFixed4, 3: wireFixed8}
		if err := m.want(wires[m.number], "value"); err != nil {
			return nil, err
		}
		switch m.number {
		case 1:
			if v, err = m.text("string_value"); err != nil {
				return nil, err
			}
		case 2:
			v = math.Float32frombits(uint32(m.bits))
		case 3:
			v = math.Float64frombits(m.bits)
		case 4:
			v = int64(m.bits)
		case 5:
			v = m.bits
		case 6:
			v = Sint(int64(m.bits>>1) ^ -int64(m.bits&1))
		case 7:
			if m.bits > 1 {
				return nil, fmt.Errorf("a bool of %d", m.bits)
			}
			v = m.bits == 1
		}
	}
	if v == nil {
		return nil, errors.New("a value without any field, want exactly one")
	}
	return v, nil
}

// decodeFeature gives the feature, or the rule that it breaks.
func decodeFeature(b []byte, l *Layer) (*Feature, string, error) {
	f := &Feature{}
	var geometry []uint32
	var seen [5]bool
	m := message{rest: b}
	for {
		more, err := m.next()
		if err == nil && more {
			geometry, err = f.field(&m, &seen, geometry)
		}
		if err != nil {
			return nil, "protobuf", err
		}
		if !more {
			break
		}
	}
	switch {
	case !seen[4] || len(geometry) == 0:
		return nil, "4.2", errors.New("no geometry")
	case !seen[3]:
		return nil, "4.2", errors.New("no type")
	case f.Type > Polygons:
		return nil, "4.3.4", fmt.Errorf("type %d, want 0 to 3", f.Type)
	case len(f.Tags)%2 != 0:
		return nil, "4.4", fmt.Errorf("%d tags, want pairs", len(f.Tags))
	}
	f.Properties = make(map[string]any, len(f.Tags)/2)
	for i := 0; i < len(f.Tags); i += 2 {
		k, v := f.Tags[i], f.Tags[i+1]
		if int64(k) >= int64(len(l.Keys)) || int64(v) >= int64(len(l.Values)) {
			return nil, "4.4", fmt.Errorf("tag %d, %d in a layer of %d keys and %d values", k, v, len(l.Keys), len(l.Values))
		}
		if _, twice := f.Properties[l.Keys[k]]; twice {
			return nil, "4.4", fmt.Errorf("key %q twice", l.Keys[k])
		}
		f.Properties[l.Keys[k]] = l.Values[v]
	}
	rule, err := f.draw(geometry)
	return f, rule, err
}

func (f *Feature) field(m *message, seen *[5]bool, geometry []uint32) ([]uint32, error) {
	if m.number > 4 {
		if m.number < 16 {
			return nil, fmt.Errorf("unknown field %d", m.number)
		}
		return geometry, nil
	}
	if seen[m.number] {
		return nil, fmt.Errorf("field %d twice", m.number)
	}
	seen[m.number] = true
	var err error
	switch m.number {
	case 1:
		f.HasID, f.ID = true, m.bits
		err = m.want(wireVarint, "id")
	case 2:
		f.Tags, err = m.packed("tags")
	case 3:
		err = m.want(wireVarint, "type")
		f.Type = Type(min(m.bits, 255))
	case 4:
		geometry, err = m.packed("geometry")
	}
	return geometry, err
}
