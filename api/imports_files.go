package api

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"riskatlas/data/ingest"
)

// given is one file of an import, as it was sent. It lies in a file that has no
// name any more, so that nothing of it is left when it is closed or the server
// ends, however that ends.
type given struct {
	name string // its base name, for messages
	file *os.File
	size int64
}

// reader reads the file from its start, apart from other readers.
func (g *given) reader() io.ReadSeeker { return io.NewSectionReader(g.file, 0, g.size) }

func closeAll(files []*given) {
	for _, g := range files {
		g.file.Close()
	}
}

const (
	mostFiles      = 16  // of one import
	mostNameRunes  = 120 // of a file
	multipartType  = "multipart/form-data"
	valuesPrefix   = "values."
	mostValueBytes = 1 << 20 // of a value table
)

// rawTypes are the media types of a body that is the file itself.
var rawTypes = []string{"application/octet-stream", csvType, geoJSONType, jsonType, xlsxType, "application/geopackage+sqlite3",
	"application/vnd.google-earth.kml+xml", "application/vnd.google-earth.kmz", "application/zip"}

// receive takes the files of a request: the parts of a form, or its body whole.
// Parts are named file, or values.FIELD for a value table.
func (m *Imports) receive(r *http.Request, name string, how *importHow) (files []*given, err error) {
	defer func() {
		if err != nil {
			closeAll(files)
			files = nil
		}
	}()
	left := m.opts.MaxBytes
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != multipartType {
		if name == "" {
			return nil, badValue("name", "", "the name of the file, as list.csv: the body does not say it")
		}
		g, err := m.store(r.Body, name, &left)
		if err != nil {
			return nil, err
		}
		return []*given{g}, nil
	}
	if name != "" {
		return nil, badValue("name", name, "no name beside a form, whose parts have names of their own")
	}
	form, err := r.MultipartReader()
	if err != nil {
		return nil, badValue("body", err.Error(), "the parts of a form")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return files, uploadProblem(err)
		}
		g, err := m.part(part, &left, how)
		if err != nil {
			return files, err
		}
		if g != nil {
			files = append(files, g)
		}
		if len(files) > mostFiles {
			return files, badValue("file", fmt.Sprint(len(files)), fmt.Sprintf("at most %d files", mostFiles))
		}
	}
	if len(files) == 0 {
		return nil, badValue("file", "", "a part named file, with a file name")
	}
	return files, nil
}

// part takes one part of a form; nil where it is no file of sources.
func (m *Imports) part(part *multipart.Part, left *int64, how *importHow) (*given, error) {
	field, isTable := strings.CutPrefix(part.FormName(), valuesPrefix)
	switch {
	case isTable:
		table, err := ingest.ReadValues(baseName(part.FileName()), field, io.LimitReader(part, mostValueBytes))
		if err != nil {
			return nil, newProblem(http.StatusBadRequest, err.Error())
		}
		if how.options.Values == nil {
			how.options.Values = map[string]*ingest.ValueTable{}
		}
		how.options.Values[field] = table
		return nil, nil
	case part.FormName() != "file":
		return nil, badValue("part", part.FormName(), "one of", "file", valuesPrefix+"FIELD")
	case part.FileName() == "":
		return nil, badValue("file", "", "a file name")
	}
	return m.store(part, part.FileName(), left)
}

// store copies a file into one without a name.
func (m *Imports) store(r io.Reader, name string, left *int64) (*given, error) {
	name = baseName(name)
	if name == "" || name == "." || !utf8.ValidString(name) || utf8.RuneCountInString(name) > mostNameRunes || strings.ContainsFunc(name, isControl) {
		return nil, badValue("name", name, fmt.Sprintf("the name of a file, at most %d characters", mostNameRunes))
	}
	file, err := os.CreateTemp("", "riskatlas-import-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	size, err := io.Copy(file, io.LimitReader(r, *left+1))
	if err == nil && size > *left {
		err = newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the files are over %d bytes together", m.opts.MaxBytes))
	}
	if err == nil && size == 0 {
		err = badValue("file", name, "a file that is not empty")
	}
	if err != nil {
		file.Close()
		return nil, uploadProblem(err)
	}
	*left -= size
	return &given{name: name, file: file, size: size}, nil
}

// uploadProblem is the problem of a body that cannot be taken.
func uploadProblem(err error) error {
	var problem *Problem
	var tooLong *http.MaxBytesError
	var path *os.PathError
	switch {
	case errors.As(err, &problem), errors.As(err, &tooLong):
		return err
	case errors.As(err, &path):
		return importProblem(err)
	}
	return badValue("body", err.Error(), "a body that comes to its end")
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// baseName is the last part of a path of any system.
func baseName(name string) string {
	return path.Base(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
}

// besides is the folder of an import's files, for those of a Shapefile.
type besides []*given

// Open gives the file of a name.
func (b besides) Open(name string) (fs.File, error) {
	for _, g := range b {
		if g.name == name {
			return &openGiven{io.NewSectionReader(g.file, 0, g.size), g}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// companions are the endings of the files that a Shapefile has beside its .shp.
var companions = []string{".dbf", ".prj", ".cpg", ".shx", ".sbn", ".sbx", ".qpj", ".xml"}

// companion reports whether a file is one that a .shp of the same import has
// beside it.
func (b besides) companion(g *given) bool {
	ending := path.Ext(g.name)
	if !slices.Contains(companions, strings.ToLower(ending)) {
		return false
	}
	stem := strings.TrimSuffix(g.name, ending)
	return slices.ContainsFunc(b, func(o *given) bool {
		e := path.Ext(o.name)
		return strings.EqualFold(e, ".shp") && (strings.TrimSuffix(o.name, e) == stem || o.name == stem)
	})
}

type openGiven struct {
	*io.SectionReader
	of *given
}

func (o *openGiven) Stat() (fs.FileInfo, error) { return givenInfo{o.of}, nil }
func (o *openGiven) Close() error               { return nil }

type givenInfo struct{ of *given }

func (i givenInfo) Name() string       { return i.of.name }
func (i givenInfo) Size() int64        { return i.of.size }
func (i givenInfo) Mode() fs.FileMode  { return 0o400 }
func (i givenInfo) ModTime() time.Time { return time.Time{} }
func (i givenInfo) IsDir() bool        { return false }
func (i givenInfo) Sys() any           { return nil }
