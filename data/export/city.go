package export

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"iter"

	"riskatlas/data"
	"riskatlas/data/city"
)

// Contents says what a file holds.
type Contents struct {
	Revision data.Revision `json:"revision"`
	Records  int           `json:"records"`
	LeftOut  int           `json:"left_out"` // records that the view hides, whatever the filter
	// Records by industry and by district of the default vintage as codes, and by
	// level; "" is ground in no district.
	ByIndustry map[string]int `json:"by_industry"`
	ByDistrict map[string]int `json:"by_district"`
	ByLevel    map[string]int `json:"by_level"`
}

// City writes the records of the city that keep selects by their hazards as the
// city shows them, all of one revision, as a file. told is called when the
// revision is known, before anything is written, and with each record; its error
// ends the writing.
func City(ctx context.Context, w io.Writer, c *city.City, keep func(*data.Hazard) bool, opts Options, told func(*Contents) error) (*Contents, error) {
	tax := c.Profile().Taxonomy
	out := &Contents{ByIndustry: map[string]int{}, ByDistrict: map[string]int{}, ByLevel: map[string]int{}}
	hidden, err := c.Records(ctx, func(rev data.Revision, kept iter.Seq2[city.Kept, error]) error {
		out.Revision = rev
		if err := told(out); err != nil {
			return err
		}
		_, err := Write(w, tax, func(yield func(*data.Record, error) bool) {
			for k, err := range kept {
				if err == nil && !keep(k.Shown) {
					continue
				}
				if err == nil {
					out.count(tax, k.Shown)
					err = told(out)
				}
				if !yield(k.Record, err) {
					return
				}
			}
		}, opts)
		return err
	})
	out.LeftOut = hidden
	return out, err
}

func (c *Contents) count(tax *data.Taxonomy, h *data.Hazard) {
	c.Records++
	c.ByIndustry[tax.Industries[h.Industry].Code]++
	c.ByDistrict[tax.DistrictCode(h.Districts[tax.Default])]++
	c.ByLevel[fmt.Sprint(uint8(h.Level))]++
}

// Manifest is what goes beside a file, so that who gets it can tell what it is of
// and that it is whole.
type Manifest struct {
	Format  string `json:"format"`  // ManifestFormat
	Program string `json:"program"` // that wrote it, with its version
	City    string `json:"city"`    // the profile's key
	View    string `json:"view"`    // who may see it: public or internal
	Filter  Filter `json:"filter"`
	Contents
	Files []File `json:"files"`
}

// ManifestFormat names the form of manifests.
const ManifestFormat = "riskatlas-export/1"

// Filter is a selection in words, as it was asked for. Empty lists select all.
type Filter struct {
	Industries []string `json:"industry,omitempty"`
	Groups     []string `json:"group,omitempty"`
	Districts  []string `json:"district,omitempty"`
	Vintage    string   `json:"vintage,omitempty"`
	Levels     []string `json:"level,omitempty"`
	Statuses   []string `json:"status,omitempty"`
	Regulators []string `json:"regulator,omitempty"`
}

// File is one file of an export.
type File struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Keep is the filter as a test of hazards. The error is an *data.Invalid.
func (f *Filter) Keep(tax *data.Taxonomy) (func(*data.Hazard) bool, error) {
	filter, err := tax.Filter(data.Selection{Industries: f.Industries, Groups: f.Groups, Districts: f.Districts, Levels: f.Levels, Vintage: f.Vintage})
	if err != nil {
		return nil, err
	}
	states := map[data.Status]bool{}
	for _, word := range f.Statuses {
		s, err := data.ParseStatus(word)
		if err != nil {
			return nil, err
		}
		states[s] = true
	}
	bodies := map[string]bool{}
	for _, name := range f.Regulators {
		bodies[name] = true
	}
	return func(h *data.Hazard) bool {
		return filter.Match(h) && (len(states) == 0 || states[h.Status]) && (len(bodies) == 0 || bodies[h.Regulator])
	}, nil
}

// Sum counts and hashes what is written through it.
type Sum struct {
	w     io.Writer
	hash  hash.Hash
	bytes int64
}

// NewSum sums what goes to w.
func NewSum(w io.Writer) *Sum { return &Sum{w: w, hash: sha256.New()} }

func (s *Sum) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.bytes += int64(n)
	s.hash.Write(p[:n])
	return n, err
}

// SHA256 is the hash of what was written so far, and Bytes its length.
func (s *Sum) SHA256() []byte { return s.hash.Sum(nil) }

// Bytes is how much was written so far.
func (s *Sum) Bytes() int64 { return s.bytes }
