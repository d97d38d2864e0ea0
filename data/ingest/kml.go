package ingest

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/data/kml"
)

// kml reads a KML document, or all of a KMZ. Its coordinates are WGS 84 unless
// the options know better.
func (b *builder) kml(c *content, most int) error {
	encoding := c.encoding
	if encoding == "" || encoding == utf8BOMName {
		encoding = utf8Name
	}
	if err := b.begin(kmlFormat, "", encoding, b.beside...); err != nil {
		return err
	}
	var err error
	if b.frame, err = chooseBetween(b.opts.Datum, "KML", datumFrame(datum.WGS84), true, nil); err != nil {
		return err
	}
	s := &kmlSource{properties: properties{mapping: b.mapping, row: &row{}}, take: b.take}
	s.row.digest, s.row.sent = s.digest, s.sent
	links := 0
	documents, err := b.documents(c)
	if err != nil {
		return err
	}
	for _, open := range documents {
		n, err := s.document(open, most, b.most)
		if err != nil {
			return s.where(err)
		}
		links += n
	}
	if links >= len(documents) {
		// One document of a KMZ may link to the others, which were read.
		b.report.add(Problem{File: b.file.Name, Kind: "link_not_followed", Severity: Warning, Field: "NetworkLink", Value: strconv.Itoa(links),
			Want: "the linked documents themselves: links are never fetched"})
	}
	if s.count == 0 {
		return &data.Invalid{Field: "file", Value: "KML without a placemark", Want: "at least one"}
	}
	if err := b.mapping.missing(sortedKeys(b.mapping.cache)); err != nil {
		return err
	}
	return b.end()
}

// documents opens the file, or every document of an archive in its order.
func (b *builder) documents(c *content) ([]func() (io.ReadCloser, error), error) {
	if c.archive == nil {
		return []func() (io.ReadCloser, error){func() (io.ReadCloser, error) {
			if strings.HasPrefix(strings.ToUpper(c.encoding), utf16Name) || c.encoding == utf8BOMName {
				text, err := c.text(b.progress)
				return io.NopCloser(text), err
			}
			// The document says its encoding itself.
			return io.NopCloser(&countingReader{c.seeker, b.progress}), c.rewind()
		}}, nil
	}
	var list []func() (io.ReadCloser, error)
	for _, f := range c.archive.ending(".kml") {
		if len(list) == mostDocuments {
			return nil, &data.Invalid{Field: "file", Value: fmt.Sprintf("over %d documents", mostDocuments), Want: "at most that many in one KMZ"}
		}
		list = append(list, func() (io.ReadCloser, error) { return c.archive.open(f) })
	}
	return list, nil
}

// mostDocuments bounds the documents of a KMZ.
const mostDocuments = 1000

type kmlSource struct {
	properties
	take  func(*row) error
	count int
}

func (s *kmlSource) document(open func() (io.ReadCloser, error), most, vertices int) (links int, err error) {
	r, err := open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return kml.Read(r, most, vertices, s.placemark)
}

func (s *kmlSource) where(err error) error {
	j := jsonSource{count: s.count}
	return j.where(err)
}

func (s *kmlSource) placemark(p *kml.Placemark) error {
	s.count++
	r := s.row
	r.reset(len(s.mapping.table))
	r.feature, r.broken, r.drawn = s.count, p.Broken, p.Shape
	s.named = make(map[string]json.RawMessage, len(p.Properties))
	for name, text := range p.Properties {
		raw, err := json.Marshal(text)
		if err != nil {
			return err
		}
		s.named[name] = raw
	}
	s.fill()
	return s.take(r)
}
