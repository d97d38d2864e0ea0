package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"riskatlas/data"
)

// splitter cuts a stream of JSON into values without decoding them, so that no
// value is decoded before its size and depth are known. It holds at most one
// value. A value that is too large or too deep is skipped, not held.
type splitter struct {
	r        io.Reader
	buf      []byte
	pos, end int
	err      error
	most     int // bytes of one value
}

func newSplitter(r io.Reader, most int) *splitter {
	return &splitter{r: r, buf: make([]byte, 64<<10), most: most}
}

// errors of value that leave the stream after the value, ready for the next one.
var (
	errTooLarge = errors.New("value too large")
	errTooDeep  = errors.New("value nested too deep")
)

func (s *splitter) fill() bool {
	for s.pos == s.end && s.err == nil {
		s.pos = 0
		s.end, s.err = s.r.Read(s.buf)
	}
	return s.pos < s.end
}

// peek skips white space and gives the next byte without taking it; io.EOF at
// the end.
func (s *splitter) peek() (byte, error) {
	for s.fill() {
		switch c := s.buf[s.pos]; c {
		case ' ', '\t', '\r', '\n', 0x1e: // 0x1e begins each text of RFC 8142
			s.pos++
		default:
			return c, nil
		}
	}
	return 0, s.err
}

// take takes the next byte that is no white space, which must be want.
func (s *splitter) take(want byte) error {
	c, err := s.peek()
	if err != nil {
		return unexpected(err)
	}
	if c != want {
		return fmt.Errorf("not JSON: %q where %q should be", c, want)
	}
	s.pos++
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("not JSON: the file ends in the middle of a value")
	}
	return err
}

// value appends the next value's bytes to b. With errTooLarge or errTooDeep b
// holds its head.
func (s *splitter) value(b []byte) ([]byte, error) {
	first, err := s.peek()
	if err != nil {
		return b, unexpected(err)
	}
	if first != '{' && first != '[' && first != '"' {
		return s.scalar(b)
	}
	start, depth, quoted, escaped := len(b), 0, false, false
	var problem error
	for s.fill() {
		i := s.pos
		for ; i < s.end; i++ {
			c := s.buf[i]
			switch {
			case escaped:
				escaped = false
			case quoted:
				if c == '\\' {
					escaped = true
				} else if c == '"' {
					quoted = false
				}
			case c == '"':
				quoted = true
			case c == '{' || c == '[':
				if depth++; depth > maxDepth && problem == nil {
					problem = errTooDeep
				}
			case c == '}' || c == ']':
				depth--
			}
			if depth <= 0 && !quoted {
				break
			}
		}
		done := i < s.end
		if done {
			i++
		}
		if problem == nil && len(b)-start+i-s.pos > s.most {
			problem = errTooLarge
		}
		if problem == nil {
			b = append(b, s.buf[s.pos:i]...)
		}
		s.pos = i
		if done {
			return b, problem
		}
	}
	return b, unexpected(s.err)
}

func (s *splitter) scalar(b []byte) ([]byte, error) {
	start := len(b)
	for s.fill() {
		c := s.buf[s.pos]
		if bytes.IndexByte([]byte(",]} \t\r\n\x1e:"), c) >= 0 {
			break
		}
		if len(b)-start > 400 {
			return b, errors.New("not JSON: a number or word of more than 400 characters")
		}
		b = append(b, c)
		s.pos++
	}
	if len(b) == start {
		return b, errors.New("not JSON: a value is missing")
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return b, s.err
	}
	return b, nil
}

// object calls each with every member's name; each takes the value.
func (s *splitter) object(each func(name string) error) error {
	if err := s.take('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return unexpected(err)
		}
		if c == '}' && first {
			s.pos++
			return nil
		}
		raw, err := s.value(nil)
		if err != nil {
			return s.describe("a member's name", err)
		}
		var name string
		if json.Unmarshal(raw, &name) != nil {
			return &data.Invalid{Field: "JSON", Value: string(raw), Want: "the name of a member"}
		}
		if err := s.take(':'); err != nil {
			return err
		}
		if err := each(name); err != nil {
			return err
		}
		more, err := s.more('}')
		if err != nil || !more {
			return err
		}
	}
}

// array calls each before every element; each takes it.
func (s *splitter) array(each func() error) error {
	if err := s.take('['); err != nil {
		return err
	}
	c, err := s.peek()
	if err != nil {
		return unexpected(err)
	}
	if c == ']' {
		s.pos++
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		more, err := s.more(']')
		if err != nil || !more {
			return err
		}
	}
}

func (s *splitter) more(end byte) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, unexpected(err)
	}
	if c != ',' && c != end {
		return false, fmt.Errorf("not JSON: %q where a comma or %q should be", c, end)
	}
	s.pos++
	return c == ',', nil
}

// describe names the bound that a value broke.
func (s *splitter) describe(field string, err error) error {
	switch {
	case errors.Is(err, errTooLarge):
		return &data.Invalid{Field: field, Value: fmt.Sprintf("over %d bytes", s.most), Want: "a value of at most that size"}
	case errors.Is(err, errTooDeep):
		return &data.Invalid{Field: field, Value: fmt.Sprintf("nested deeper than %d", maxDepth), Want: "at most that depth"}
	}
	return err
}
