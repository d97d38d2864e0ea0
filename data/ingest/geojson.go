package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"riskatlas/data"
)

// geoJSON reads a GeoJSON file. late is a crs member known from an earlier pass.
func (b *builder) geoJSON(c *content, late []byte, most int) error {
	if err := b.begin(geoJSONFormat, "", c.encoding, b.unread...); err != nil {
		return err
	}
	text, err := c.text(b.progress)
	if err != nil {
		return err
	}
	if err := readGeoJSON(c, text, b.mapping, late, most, b.settle, b.take); err != nil {
		return err
	}
	return b.end()
}

// readGeoJSON calls each for every feature of a FeatureCollection, of one
// Feature, or of a sequence of them (one a line, RFC 8142). It gives the crs
// member as bytes before the first feature; errLateCRS says that it came after.
func readGeoJSON(c *content, text io.Reader, m *mapping, late []byte, most int, crs func([]byte) error, each func(*row) error) error {
	s := &jsonSource{content: c, properties: properties{mapping: m, row: &row{}}, split: newSplitter(text, most), late: late, crs: crs, each: each}
	s.row.digest, s.row.sent = s.digest, s.sent
	for first := true; ; first = false {
		b, err := s.split.peek()
		if errors.Is(err, io.EOF) {
			if first {
				return errors.New("the file is empty: want a GeoJSON FeatureCollection")
			}
			break
		}
		if err != nil {
			return err
		}
		if b != '{' {
			return fmt.Errorf("not GeoJSON: %q where an object should begin", b)
		}
		if err := s.document(); err != nil {
			return s.where(err)
		}
	}
	if s.count > 0 {
		return m.missing(sortedKeys(m.cache))
	}
	return nil
}

// errLateCRS carries a crs member that came after the features it is for.
type errLateCRS struct{ raw []byte }

func (e *errLateCRS) Error() string {
	return "the crs member comes after the features: put it before them"
}

type jsonSource struct {
	properties
	content *content
	split   *splitter
	late    []byte // a crs member known from an earlier pass
	crs     func([]byte) error
	each    func(*row) error

	count    int // features so far
	framed   bool
	early    []byte // the crs member that the features were read with
	buf      []byte
	features bool // the document has a features array
}

func (s *jsonSource) where(err error) error {
	if s.count == 0 {
		return err
	}
	return fmt.Errorf("after feature %d: %w", s.count, err)
}

// document reads one top-level object.
func (s *jsonSource) document() error {
	members := map[string]json.RawMessage{}
	s.features = false
	err := s.split.object(func(name string) error {
		c, err := s.split.peek()
		if err == nil && name == "features" && c == '[' && !s.features {
			s.features = true
			if err := s.frame(members["crs"]); err != nil {
				return err
			}
			return s.split.array(s.element)
		}
		raw, err := s.split.value(nil)
		if err != nil {
			return s.split.describe("member "+shorten(name), err)
		}
		switch name {
		case "type", "id", "geometry", "properties", "crs":
			members[name] = raw
		}
		return nil
	})
	if err != nil {
		return err
	}
	var kind string
	_ = json.Unmarshal(members["type"], &kind)
	switch {
	case s.features && kind == "FeatureCollection":
		if crs := members["crs"]; s.late == nil && len(crs) > 0 && s.count > 0 && string(crs) != "null" {
			return s.checkLate(crs)
		}
		return nil
	case kind == "Feature" && !s.features:
		if err := s.frame(members["crs"]); err != nil {
			return err
		}
		raw, err := json.Marshal(members)
		if err != nil {
			return &data.Invalid{Field: "JSON", Value: err.Error(), Want: "a GeoJSON Feature"}
		}
		return s.feature(raw, nil)
	}
	return &data.Invalid{Field: "type", Value: kind, Want: "a GeoJSON FeatureCollection, or Features one a line"}
}

// frame settles what coordinates mean, once, before the first feature.
func (s *jsonSource) frame(crs []byte) error {
	if s.framed {
		return nil
	}
	s.framed = true
	if s.late != nil {
		crs = s.late
	}
	s.early = crs
	return s.crs(crs)
}

// checkLate asks for another pass when the crs that came after the features is
// not the one that they were read with.
func (s *jsonSource) checkLate(crs []byte) error {
	if string(crs) == string(s.early) {
		return nil
	}
	return &errLateCRS{crs}
}

func (s *jsonSource) element() error {
	var err error
	s.buf, err = s.split.value(s.buf[:0])
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, errTooDeep):
		return s.feature(s.buf, s.split.describe("feature", err))
	case err != nil:
		return err
	}
	return s.feature(s.buf, nil)
}

type featureJSON struct {
	Type       string                     `json:"type"`
	ID         json.RawMessage            `json:"id"`
	Geometry   json.RawMessage            `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func (s *jsonSource) feature(raw []byte, problem error) error {
	s.count++
	r := s.row
	r.reset(len(s.mapping.table))
	r.feature = s.count
	var broken *data.Invalid
	if !errors.As(problem, &broken) {
		broken = s.decode(raw)
	}
	r.broken = broken
	if broken != nil {
		s.named, r.id, r.geometry = map[string]json.RawMessage{"feature": raw}, "", nil
	}
	return s.each(r)
}

func (s *jsonSource) decode(raw []byte) *data.Invalid {
	if !s.content.clean(string(raw)) {
		return &data.Invalid{Field: "feature", Value: strings.ToValidUTF8(string(raw), "\uFFFD"), Want: "text that is readable as " + s.content.encoding}
	}
	var f featureJSON
	if err := json.Unmarshal(raw, &f); err != nil {
		return &data.Invalid{Field: "feature", Value: string(raw), Want: "a GeoJSON Feature: " + err.Error()}
	}
	if f.Type != "Feature" {
		return &data.Invalid{Field: "type", Value: f.Type, Want: "Feature"}
	}
	r := s.row
	if id := string(f.ID); id != "" && id != "null" {
		if json.Unmarshal(f.ID, &r.id) != nil {
			r.id = id // a number is a usable id; its digits are its name
		}
	}
	r.geometry, s.named = f.Geometry, f.Properties
	if string(r.geometry) == "null" {
		r.geometry = nil
	}
	s.fill()
	return nil
}
