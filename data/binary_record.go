package data

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// AppendProperties writes the properties of AppendFeature alone: all of the
// record but its id and geometry.
func (t *Taxonomy) AppendProperties(b []byte, r *Record) ([]byte, error) {
	props, err := t.properties(r)
	return append(b, props...), err
}

// ParseDetail reads the detail out of properties that AppendProperties wrote,
// passing over what belongs to the hazard.
func ParseDetail(properties []byte) (*Detail, error) {
	d := new(Detail)
	if err := json.NewDecoder(bytes.NewReader(properties)).Decode(d); err != nil {
		return nil, fmt.Errorf("properties: %w", err)
	}
	return d, nil
}

// ContentDigest is a hash of all that a record says, its revision aside. Sums of
// it over two stores are equal when the stores hold the same records.
func (t *Taxonomy) ContentDigest(r *Record) (uint64, error) {
	h := *r.Hazard
	h.Rev = 0
	b, err := t.AppendFeature(nil, &Record{Hazard: &h, Detail: r.Detail})
	return hash64(b), err
}
