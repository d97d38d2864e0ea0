package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"riskatlas/data"
)

// Formats of files, as reports name them.
const (
	csvFormat       = "csv"
	geoJSONFormat   = "geojson"
	kmlFormat       = "kml"
	shapefileFormat = "shapefile"
	xlsxFormat      = "xlsx"
	gpkgFormat      = "geopackage"
)

// readable is what a file may be, for messages.
const readable = "CSV, XLSX, GeoJSON, a GeoPackage, a Shapefile (zipped, or with its .dbf beside it), KML or KMZ"

// content is a file that can be read again from its start, its format known and,
// where it is text, its encoding.
type content struct {
	seeker   io.ReadSeeker
	at       io.ReaderAt
	size     int64
	name     string
	format   string
	archive  *archive // of a Shapefile, KMZ or XLSX that is one; nil: none
	encoding string
	damaged  bool // some bytes are not of the encoding: rows that hold them are rejected
}

// open finds what the file is: by its first bytes, by its text, at last by the
// ending of its name. A reader that cannot seek is held in memory, at most the
// options' bytes.
func open(r io.Reader, name string, opts *Options) (*content, error) {
	c := &content{name: strings.ReplaceAll(name, `\`, "/")}
	if err := c.hold(r, opts.maxBytes()); err != nil {
		return nil, err
	}
	head := make([]byte, 1024)
	n, err := c.at.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return c, c.openArchive(opts)
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		c.format = gpkgFormat
		return c, nil
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0A}) && len(head) >= 100:
		c.format = shapefileFormat
		return c, nil
	}
	if err := refuse(head, c.name); err != nil {
		return nil, err
	}
	return c, c.openText(opts)
}

// hold makes the file one that can be read anywhere, and finds its size.
func (c *content) hold(r io.Reader, most int64) error {
	seeker, seeks := r.(io.ReadSeeker)
	at, anywhere := r.(io.ReaderAt)
	if !seeks || !anywhere {
		all, err := io.ReadAll(io.LimitReader(r, most+1))
		if err != nil {
			return err
		}
		b := bytes.NewReader(all)
		seeker, at = b, b
	}
	size, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > most {
		return &data.Invalid{Field: "file size", Value: fmt.Sprintf("%d bytes", size), Want: fmt.Sprintf("at most %d bytes", most)}
	}
	c.seeker, c.at, c.size = seeker, at, size
	return c.rewind()
}

// refuse names formats that are known and not read.
func refuse(head []byte, name string) error {
	wrong := func(what, want string) error {
		return &data.Invalid{Field: "file", Value: what, Want: want}
	}
	switch ending := strings.ToLower(path.Ext(name)); {
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return wrong("an Excel workbook of before 2007 or one with a password", "an .xlsx without a password: open it and save it as .xlsx")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return wrong("PDF", readable)
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}), bytes.HasPrefix(head, []byte("Rar!")), bytes.HasPrefix(head, []byte("7z\xBC\xAF")):
		return wrong("an archive that is no ZIP", "the files themselves, or a .zip")
	case ending == ".dbf", ending == ".shx", ending == ".prj", ending == ".cpg":
		return wrong(ending, "the .shp, with this file beside it")
	case ending == ".shp", ending == ".gpkg", ending == ".zip", ending == ".kmz", ending == ".xlsx":
		return wrong(fmt.Sprintf("%s that begins with %q", ending, shorten(strings.ToValidUTF8(string(head[:min(len(head), 8)]), "\uFFFD"))),
			"a file of that format: this one holds something else, or is damaged")
	}
	return nil
}

// openText finds the encoding of a text and whether it is CSV, GeoJSON or KML.
func (c *content) openText(opts *Options) error {
	if err := c.encode(opts.Encoding); err != nil {
		return err
	}
	text, err := c.text(nil)
	if err != nil {
		return err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(text, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	start := strings.TrimLeft(string(head[:n]), " \t\r\n\x1e\ufeff")
	ending := strings.ToLower(path.Ext(c.name))
	switch {
	case strings.HasPrefix(start, "<"):
		if ending != ".kml" && !strings.Contains(start, "<kml") {
			return &data.Invalid{Field: "file", Value: shorten(cutRune(start)), Want: readable + ", not other XML or HTML"}
		}
		c.format = kmlFormat
	case ending == ".kml":
		return &data.Invalid{Field: "file", Value: ".kml that begins with " + shorten(cutRune(start)), Want: "a KML document"}
	case ending == ".csv", ending == ".tsv", ending == ".txt":
		c.format = csvFormat
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "["), jsonEndings[ending]:
		c.format = geoJSONFormat
	default:
		c.format = csvFormat
	}
	return nil
}

var jsonEndings = map[string]bool{".geojson": true, ".geojsonl": true, ".geojsons": true, ".ndjson": true, ".json": true, ".jsonl": true}

// cutRune takes a torn character off the end.
func cutRune(s string) string {
	for i := 0; i < utf8.UTFMax && len(s) > 0; i++ {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

func (c *content) rewind() error {
	_, err := c.seeker.Seek(0, io.SeekStart)
	return err
}
