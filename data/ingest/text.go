package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"riskatlas/data"
)

// Encodings of files.
const (
	utf8Name    = "UTF-8"
	utf8BOMName = "UTF-8 with BOM"
	gb18030Name = "GB18030"
	utf16Name   = "UTF-16"
)

// content is a file that can be read again from its start, its encoding known.
type content struct {
	seeker   io.ReadSeeker
	encoding string
	damaged  bool // some bytes are not of the encoding: rows that hold them are rejected
}

// open finds the file's encoding by reading it once. A reader that cannot seek
// is held in memory, at most `most` bytes.
func open(r io.Reader, most int64) (*content, error) {
	seeker, ok := r.(io.ReadSeeker)
	if !ok {
		all, err := io.ReadAll(io.LimitReader(r, most+1))
		if err != nil {
			return nil, err
		}
		seeker = bytes.NewReader(all)
	}
	var s textScan
	n, err := io.Copy(&s, io.LimitReader(seeker, most+1))
	if err != nil {
		return nil, err
	}
	if n > most {
		return nil, &data.Invalid{Field: "file size", Value: fmt.Sprintf("over %d bytes", most), Want: fmt.Sprintf("at most %d bytes", most)}
	}
	c := &content{seeker: seeker}
	if c.encoding, c.damaged, err = s.encoding(); err != nil {
		return nil, err
	}
	return c, c.rewind()
}

func (c *content) rewind() error {
	_, err := c.seeker.Seek(0, io.SeekStart)
	return err
}

// text gives the file from its start as UTF-8 without byte order mark. done is
// told the bytes of the file as they are read; it may be nil.
func (c *content) text(done func(int)) (io.Reader, error) {
	if err := c.rewind(); err != nil {
		return nil, err
	}
	var r io.Reader = c.seeker
	if done != nil {
		r = &countingReader{r, done}
	}
	switch c.encoding {
	case utf8BOMName:
		b := bufio.NewReader(r)
		_, err := b.Discard(3)
		return b, err
	case gb18030Name:
		return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder()), nil
	case utf16Name:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), nil
	}
	return r, nil
}

// clean reports whether the text of a row was readable in the encoding.
func (c *content) clean(s string) bool {
	if c.encoding == utf8Name || c.encoding == utf8BOMName {
		return !c.damaged || utf8.ValidString(s)
	}
	return !strings.ContainsRune(s, utf8.RuneError)
}

type countingReader struct {
	io.Reader
	done func(int)
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.done(n)
	return n, err
}

// readText reads a small file whole.
func readText(r io.Reader, most int64) (io.Reader, string, error) {
	c, err := open(r, most)
	if err != nil {
		return nil, "", err
	}
	text, err := c.text(nil)
	return text, c.encoding, err
}

// textScan is an io.Writer that gathers what tells an encoding.
type textScan struct {
	head         []byte
	carry        []byte // the start of a sequence that the next write may end
	multi, wrong int    // multi-byte UTF-8 sequences, bytes that belong to none
	nul          bool
}

func (s *textScan) Write(p []byte) (int, error) {
	if len(s.head) < 8 {
		s.head = append(s.head, p[:min(len(p), 8-len(s.head))]...)
	}
	n := len(p)
	if len(s.carry) > 0 {
		p = append(s.carry, p...)
		s.carry = nil
	}
	for len(p) > 0 {
		if p[0] < utf8.RuneSelf {
			i := 1
			s.nul = s.nul || p[0] == 0
			for i < len(p) && p[i] < utf8.RuneSelf {
				s.nul = s.nul || p[i] == 0
				i++
			}
			p = p[i:]
			continue
		}
		if !utf8.FullRune(p) {
			s.carry = bytes.Clone(p)
			break
		}
		if _, size := utf8.DecodeRune(p); size > 1 {
			s.multi++
			p = p[size:]
		} else {
			s.wrong++
			p = p[1:]
		}
	}
	return n, nil
}

// encoding judges what was written: valid UTF-8 is UTF-8, what is nearly valid
// is UTF-8 with damage, anything else GB18030, whose double bytes only rarely
// are UTF-8 by chance.
func (s *textScan) encoding() (name string, damaged bool, err error) {
	switch {
	case bytes.HasPrefix(s.head, []byte{0xff, 0xfe}), bytes.HasPrefix(s.head, []byte{0xfe, 0xff}):
		return utf16Name, false, nil
	case bytes.HasPrefix(s.head, []byte("PK\x03\x04")):
		return "", false, errors.New("the file is a ZIP archive (XLSX, KMZ or a zipped shapefile): want CSV or GeoJSON")
	case bytes.HasPrefix(s.head, []byte("SQLite")):
		return "", false, errors.New("the file is an SQLite database or GeoPackage: want CSV or GeoJSON")
	case s.nul:
		return "", false, errors.New("the file holds zero bytes and is no text: want CSV or GeoJSON in UTF-8 or GB18030")
	}
	wrong := s.wrong + len(s.carry)
	damaged = wrong > 0
	switch {
	case bytes.HasPrefix(s.head, []byte{0xef, 0xbb, 0xbf}):
		return utf8BOMName, damaged, nil
	case !damaged:
		return utf8Name, false, nil
	case s.multi > 20*wrong:
		return utf8Name, true, nil
	}
	return gb18030Name, false, nil
}
