package ingest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"riskatlas/data"
	"riskatlas/data/shapefile"
)

// parts opens the files of one Shapefile by their endings; fs.ErrNotExist says
// that there is none of the ending.
type parts func(ending string) (io.ReadCloser, error)

// shapefiles reads a Shapefile with its siblings, or those of an archive.
func (b *builder) shapefiles(c *content) error {
	if c.archive == nil {
		if len(b.opts.Sheets) > 0 {
			return &data.Invalid{Field: "--sheet", Value: b.opts.Sheets[0], Want: "none: the file is one Shapefile"}
		}
		return b.shapefile("", func(ending string) (io.ReadCloser, error) {
			if ending == ".shp" {
				return io.NopCloser(&countingReader{io.NewSectionReader(c.at, 0, c.size), b.progress}), nil
			}
			return beside(b.opts.Beside, c.name, ending)
		})
	}
	var layers []string
	stems := map[string]string{}
	for _, f := range c.archive.ending(".shp") {
		name := entryName(f)
		stem := name[:len(name)-len(".shp")]
		layers = append(layers, path.Base(stem))
		stems[path.Base(stem)] = stem
	}
	chosen, err := b.chosen(layers)
	if err != nil {
		return err
	}
	for _, layer := range chosen {
		title := layer
		if len(layers) == 1 {
			title = ""
		}
		err := b.shapefile(title, func(ending string) (io.ReadCloser, error) {
			f := c.archive.find(stems[layer] + ending)
			if f == nil {
				return nil, fs.ErrNotExist
			}
			return c.archive.open(f)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", layer, err)
		}
	}
	return nil
}

// beside opens a sibling of a file, its ending in either case.
func beside(dir fs.FS, name, ending string) (io.ReadCloser, error) {
	if dir == nil {
		return nil, fs.ErrNotExist
	}
	base := path.Base(name)
	stem := base[:len(base)-len(path.Ext(base))]
	f, err := dir.Open(stem + ending)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = dir.Open(stem + strings.ToUpper(ending))
	}
	return f, err
}

// chosen gives the sheets or layers that the options name, else all.
func (b *builder) chosen(layers []string) ([]string, error) {
	if len(b.opts.Sheets) == 0 {
		return layers, nil
	}
	for _, asked := range b.opts.Sheets {
		found := false
		for _, l := range layers {
			found = found || l == asked
		}
		if !found {
			return nil, &data.Invalid{Field: "--sheet", Value: asked, Want: "one of the file's", Allowed: layers}
		}
	}
	return b.opts.Sheets, nil
}

// smallPart bounds a .prj and a .cpg.
const smallPart = 64 << 10

// small reads a sibling that is a short text; "" where there is none.
func (open parts) small(ending string) (string, error) {
	r, err := open(ending)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, smallPart+1))
	if len(text) > smallPart {
		return "", &data.Invalid{Field: ending, Value: fmt.Sprintf("over %d bytes", smallPart), Want: "a short text"}
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")), err
}

func (b *builder) shapefile(layer string, open parts) error {
	prj, err := open.small(".prj")
	if err != nil {
		return err
	}
	encoding, err := b.tableEncoding(open)
	if err != nil {
		return err
	}
	if err := b.begin(shapefileFormat, layer, encoding, b.unread...); err != nil {
		return err
	}
	if b.frame, err = b.frameOf(prj, "its .prj"); err != nil {
		return err
	}
	shp, err := open(".shp")
	if err != nil {
		return err
	}
	defer shp.Close()
	dbf, err := open(".dbf")
	if errors.Is(err, fs.ErrNotExist) {
		return &data.Invalid{Field: "file", Value: "a .shp alone", Want: "its .dbf too: beside it, or all of its files together in a .zip"}
	}
	if err != nil {
		return err
	}
	defer dbf.Close()
	r, err := shapefile.Open(shp, dbf, b.most)
	if err != nil {
		return err
	}
	if err := b.shapes(r); err != nil {
		return err
	}
	return b.end()
}

// shapes reads the records.
func (b *builder) shapes(r *shapefile.Reader) error {
	decode := b.decodeWith(b.file.Encoding)
	header := make([]string, len(r.Fields()))
	for i, f := range r.Fields() {
		// A name was cut at ten bytes, perhaps in the middle of a character.
		header[i] = strings.TrimRight(decode(f.Name), "\uFFFD")
	}
	b.mapping.allowCut(b.file.Encoding)
	cols, err := newColumns(b.mapping, header, true, func(s string) bool { return !strings.ContainsRune(s, utf8.RuneError) })
	if err != nil {
		return err
	}
	texts := make([]string, len(header))
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.Deleted {
			b.file.Blank++
			continue
		}
		for i, v := range rec.Values {
			texts[i] = decode(v)
			if r.Fields()[i].Full(v) {
				texts[i] = strings.TrimRight(texts[i], "\uFFFD") // cut in the middle of a character
			}
		}
		cols.row.reset(len(b.table))
		cols.row.feature = rec.Number
		if cols.row.drawn = rec.Shape; rec.Broken != nil {
			cols.row.broken = rec.Broken
		} else {
			cols.fill(texts, b.file.Encoding)
		}
		if err := b.take(cols.row); err != nil {
			return err
		}
	}
}

// decodeWith gives texts of an encoding as UTF-8, with U+FFFD for what is none.
func (b *builder) decodeWith(encoding string) func([]byte) string {
	e := decoder(encoding)
	if e == nil {
		return func(p []byte) string { return strings.ToValidUTF8(string(p), "\uFFFD") }
	}
	d := e.NewDecoder()
	return func(p []byte) string {
		s, err := d.Bytes(p)
		if err != nil {
			return string(p)
		}
		return string(s)
	}
}

// languages are the encodings of the language driver bytes that mean one; the
// others are written by many programs whatever the text.
var languages = map[byte]string{0x4D: "gbk", 0x4E: "euc-kr", 0x4F: "big5", 0x13: "shift_jis", 0x7A: "gbk", 0x79: "euc-kr", 0x78: "big5", 0x7B: "shift_jis"}

// tableEncoding finds the encoding of a table: by the options, the .cpg, the
// language driver byte, at last by its texts.
func (b *builder) tableEncoding(open parts) (string, error) {
	if b.opts.Encoding != "" {
		name, _, err := encodingNamed(b.opts.Encoding)
		if err != nil {
			return "", fmt.Errorf("--encoding: %w", err)
		}
		return name, nil
	}
	cpg, err := open.small(".cpg")
	if err != nil {
		return "", err
	}
	if cpg != "" {
		name, _, err := encodingNamed(cpg)
		if err != nil {
			return "", fmt.Errorf(".cpg: %w", err)
		}
		return name, nil
	}
	dbf, err := open(".dbf")
	if err != nil {
		return "", nil // said where it is needed
	}
	defer dbf.Close()
	var s textScan
	language, err := shapefile.Texts(dbf, &s)
	if err != nil {
		return "", err
	}
	if label, ok := languages[language]; ok {
		name, _, err := encodingNamed(label)
		return name, err
	}
	s.nul = false
	name, _, err := s.encoding()
	if err != nil && (language == 0x03 || language == 0x57) {
		return "windows-1252", nil
	}
	return name, err
}

// frameOf reads the well-known text of a system; "" says nothing.
func (b *builder) frameOf(wkt, by string) (frame, error) {
	var said frame
	var err error
	if wkt != "" {
		said, err = parseWKT(wkt)
	}
	return chooseBetween(b.opts.Datum, by, said, wkt != "" && err == nil, err)
}
