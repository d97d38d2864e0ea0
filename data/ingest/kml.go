package ingest

import (
	"encoding/json"
	"io"
	"path"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/data/kml"
)

// kml reads a KML document, or the first of a KMZ: its doc.kml, else the one that
// comes first (OGC 07-147r2, annex C). Its coordinates are WGS 84 unless the
// options know better.
func (b *builder) kml(c *content, most int) error {
	r, err := b.openKML(c)
	if err != nil {
		return err
	}
	defer r.Close()
	encoding := c.encoding
	if encoding == "" || encoding == utf8BOMName {
		encoding = utf8Name
	}
	if err := b.begin(kmlFormat, "", encoding, b.unread...); err != nil {
		return err
	}
	if b.frame, err = chooseBetween(b.opts.Datum, "KML", datumFrame(datum.WGS84), true, nil); err != nil {
		return err
	}
	s := &kmlSource{properties: properties{mapping: b.mapping, row: &row{}}, take: b.take}
	s.row.digest, s.row.sent = s.digest, s.sent
	links, err := kml.Read(r, most, b.most, s.placemark)
	if err != nil {
		return s.where(err)
	}
	if links > 0 {
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

func (b *builder) openKML(c *content) (io.ReadCloser, error) {
	if c.archive == nil {
		if strings.HasPrefix(strings.ToUpper(c.encoding), utf16Name) || c.encoding == utf8BOMName {
			text, err := c.text(b.progress)
			return io.NopCloser(text), err
		}
		// The document says its encoding itself.
		if err := c.rewind(); err != nil {
			return nil, err
		}
		return io.NopCloser(&countingReader{c.seeker, b.progress}), nil
	}
	documents := c.archive.ending(".kml")
	chosen := documents[0]
	for _, f := range documents {
		if strings.EqualFold(path.Base(entryName(f)), "doc.kml") {
			chosen = f
			break
		}
	}
	return c.archive.open(chosen)
}

type kmlSource struct {
	properties
	take  func(*row) error
	count int
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
