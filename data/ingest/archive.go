package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"riskatlas/data"
)

// Bounds of what an archive may unfold to. Tables and coordinates pack to a
// fifth or a fiftieth of their size; what packs further is a bomb, or nothing
// that anybody collected.
const (
	freeUnpacked  = 16 << 20 // bytes that any archive may unfold to
	mostUnfolding = 100      // bytes out of one byte of the archive, beyond those
	mostDirectory = 4 << 20  // bytes of the list of entries: some 50,000 entries
)

// archive is a ZIP whose entries are read forward. All of them together unfold
// to no more than left bytes.
type archive struct {
	files      []*zip.File
	most, left int64
}

// openArchive finds what an archive holds.
func (c *content) openArchive(opts *Options) error {
	if err := c.checkDirectory(); err != nil {
		return err
	}
	z, err := zip.NewReader(c.at, c.size)
	if err != nil {
		return &data.Invalid{Field: "file", Value: "a ZIP archive that cannot be read", Want: "an archive that is whole: " + err.Error()}
	}
	most := freeUnpacked + mostUnfolding*c.size
	c.archive = &archive{most: most, left: most}
	var inner, others []string
	for _, f := range z.File {
		name := entryName(f)
		if strings.HasSuffix(name, "/") || strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(name, "__MACOSX/") {
			continue
		}
		c.archive.files = append(c.archive.files, f)
		switch ending := strings.ToLower(path.Ext(name)); ending {
		case ".zip", ".kmz", ".xlsx", ".7z", ".rar", ".gz", ".tar":
			inner = append(inner, name)
		default:
			others = append(others, name)
		}
	}
	switch {
	case c.archive.find("xl/workbook.xml") != nil:
		c.format = xlsxFormat
	case c.archive.find("xl/workbook.bin") != nil:
		return &data.Invalid{Field: "file", Value: "a binary workbook (.xlsb)", Want: "an .xlsx: open it and save it as .xlsx"}
	case c.archive.find("content.xml") != nil && c.archive.find("mimetype") != nil:
		return &data.Invalid{Field: "file", Value: "an OpenDocument file", Want: "an .xlsx: open it and save it as .xlsx"}
	case len(c.archive.ending(".shp")) > 0:
		c.format = shapefileFormat
	case len(c.archive.ending(".kml")) > 0:
		c.format = kmlFormat
	case len(inner) > 0:
		return &data.Invalid{Field: "file", Value: "an archive in an archive: " + inner[0], Want: "the inner one itself, unpacked"}
	default:
		return &data.Invalid{Field: "file", Value: "a ZIP archive of " + shorten(strings.Join(others, ", ")), Want: "an archive with a Shapefile or KML in it; other files unpacked"}
	}
	return nil
}

// checkDirectory refuses an archive whose list of entries is long before it is
// read (APPNOTE 4.3.16): every entry of it costs memory. Two bounds of where the
// list begins are looked at, since readers go by either.
func (c *content) checkDirectory() error {
	const record = 22
	tail := make([]byte, min(c.size, record+1<<16))
	if _, err := c.at.ReadAt(tail, c.size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+record > len(tail) {
		return &data.Invalid{Field: "file", Value: "a ZIP archive without its end", Want: "an archive that is whole"}
	}
	size, offset := int64(binary.LittleEndian.Uint32(tail[i+12:])), int64(binary.LittleEndian.Uint32(tail[i+16:]))
	end := c.size - int64(len(tail)) + int64(i)
	if size > mostDirectory || end-offset > mostDirectory {
		return &data.Invalid{Field: "file", Value: fmt.Sprintf("a ZIP archive whose list of entries has %d bytes", max(size, end-offset)),
			Want: fmt.Sprintf("an archive with at most %d bytes of it", mostDirectory)}
	}
	return nil
}

// entryName is an entry's name with slashes, in UTF-8: Chinese systems write
// names in GBK without saying so.
func entryName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 {
		if made, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = made
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), `\`, "/")
}

// find gives the entry of a name, whatever its case, or nil.
func (a *archive) find(name string) *zip.File {
	i := slices.IndexFunc(a.files, func(f *zip.File) bool { return strings.EqualFold(entryName(f), name) })
	if i < 0 {
		return nil
	}
	return a.files[i]
}

// ending gives the entries with an ending, whatever its case, in the archive's
// order.
func (a *archive) ending(ending string) []*zip.File {
	var found []*zip.File
	for _, f := range a.files {
		if strings.EqualFold(path.Ext(entryName(f)), ending) {
			found = append(found, f)
		}
	}
	return found
}

// open opens an entry. Reading on past what the archive may unfold to is an
// error, and so is opening an entry that says itself that it is larger.
func (a *archive) open(f *zip.File) (io.ReadCloser, error) {
	if f.Flags&1 != 0 {
		return nil, &data.Invalid{Field: "file", Value: entryName(f), Want: "an archive without a password"}
	}
	if f.UncompressedSize64 > uint64(max(a.left, 0)) {
		return nil, bomb(f)
	}
	r, err := f.Open()
	if err != nil {
		return nil, &data.Invalid{Field: "file", Value: entryName(f), Want: "an entry that can be unpacked: " + err.Error()}
	}
	return &entry{r, f, a}, nil
}

func bomb(f *zip.File) error {
	return &data.Invalid{Field: "file", Value: fmt.Sprintf("%s, which unfolds to %d bytes or more", entryName(f), f.UncompressedSize64),
		Want: fmt.Sprintf("an archive that unfolds to at most %d times its size", mostUnfolding)}
}

type entry struct {
	io.ReadCloser
	file *zip.File
	a    *archive
}

func (e *entry) Read(p []byte) (int, error) {
	if e.a.left <= 0 {
		return 0, bomb(e.file)
	}
	n, err := e.ReadCloser.Read(p[:min(int64(len(p)), e.a.left)])
	e.a.left -= int64(n)
	return n, err
}
