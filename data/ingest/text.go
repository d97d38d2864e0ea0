package ingest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/transform"

	"riskatlas/data"
)

// encode finds the encoding of a text by reading it once, or takes the one that
// is asked for where the text can be that.
func (c *content) encode(asked string) error {
	var s textScan
	if err := c.rewind(); err != nil {
		return err
	}
	if _, err := io.Copy(&s, c.seeker); err != nil {
		return err
	}
	found, damaged, err := s.encoding()
	if asked == "" {
		if c.encoding, c.damaged = found, damaged; err != nil {
			return err
		}
		return c.rewind()
	}
	if c.encoding, _, err = encodingNamed(asked); err != nil {
		return fmt.Errorf("--encoding: %w", err)
	}
	c.damaged = true
	switch wide := strings.HasPrefix(strings.ToUpper(c.encoding), utf16Name); {
	case found == utf8BOMName && c.encoding == utf8Name:
		c.encoding = found
	case found == utf16Name && !wide, s.nul && !wide, wide && found != "" && !strings.HasPrefix(found, utf16Name),
		found == utf8BOMName:
		if found == "" {
			found = "a text with zero bytes"
		}
		return &data.Invalid{Field: "--encoding", Value: asked, Want: "none: the file's own bytes say that it is " + found}
	case found == utf16Name:
		c.encoding = found // its mark says the order
	}
	return c.rewind()
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
	if c.encoding == utf8BOMName {
		b := bufio.NewReader(r)
		_, err := b.Discard(3)
		return b, err
	}
	if e := decoder(c.encoding); e != nil {
		return transform.NewReader(r, e.NewDecoder()), nil
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

// readText reads a small text.
func readText(name string, r io.Reader, most int64) (io.Reader, error) {
	c, err := open(r, name, &Options{MaxBytes: most})
	if err != nil {
		return nil, err
	}
	if c.format != csvFormat {
		return nil, errors.New("want CSV")
	}
	return c.text(nil)
}
