package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"riskatlas/data"
)

// Encodings that are found by content, as reports name them.
const (
	utf8Name    = "UTF-8"
	utf8BOMName = "UTF-8 with BOM"
	gb18030Name = "GB18030"
	utf16Name   = "UTF-16"
	utf16LEName = "UTF-16LE"
	utf16BEName = "UTF-16BE"
)

// someEncodings are named where one is wanted.
var someEncodings = []string{"utf-8", "gb18030", "gbk", "big5", "utf-16le", "utf-16be", "windows-1252", "iso-8859-2", "shift_jis", "euc-kr"}

// encodingNamed finds an encoding by its name or label (WHATWG Encoding, 4.2)
// and gives the name for reports; the decoder is nil for UTF-8.
func encodingNamed(name string) (string, encoding.Encoding, error) {
	label := strings.ToLower(strings.TrimSpace(name))
	switch label {
	case "utf-8", "utf8", "65001":
		return utf8Name, nil, nil
	case "gb18030", "gbk", "gb2312", "936", "cp936", "ansi 936":
		return gb18030Name, simplifiedchinese.GB18030, nil
	case "utf-16", "utf16":
		return utf16Name, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "950", "cp950":
		label = "big5"
	case "932", "cp932":
		label = "shift_jis"
	case "949", "cp949":
		label = "euc-kr"
	}
	label = strings.NewReplacer("iso 8859", "iso-8859-", "iso 88", "iso-88", "ansi ", "windows-").Replace(label)
	if rest := strings.TrimPrefix(label, "iso-8859"); rest != label && !strings.HasPrefix(rest, "-") {
		label = "iso-8859-" + rest // ESRI writes 88591
	}
	if len(label) == 4 && strings.HasPrefix(label, "125") {
		label = "windows-" + label
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return "", nil, &data.Invalid{Field: "encoding", Value: name, Want: "one of", Allowed: someEncodings}
	}
	canonical, err := htmlindex.Name(e)
	if err != nil {
		canonical = label
	}
	return canonical, e, nil
}

// decoder gives the encoding that a report names; nil for UTF-8.
func decoder(name string) encoding.Encoding {
	switch name {
	case utf8Name, utf8BOMName:
		return nil
	case utf16LEName:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case utf16BEName:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	_, e, _ := encodingNamed(name) // a name that encodingNamed gave
	return e
}

// textScan is an io.Writer that gathers what tells an encoding.
type textScan struct {
	head         []byte
	carry        []byte // the start of a sequence that the next write may end
	multi, wrong int    // multi-byte UTF-8 sequences, bytes that belong to none
	nul          bool

	gb     gbScan
	wide   [2]wideScan // as if it were UTF-16, little and big end first
	parity int
	first  byte // of a pair of bytes
}

func (s *textScan) Write(p []byte) (int, error) {
	if len(s.head) < 8 {
		s.head = append(s.head, p[:min(len(p), 8-len(s.head))]...)
	}
	n := len(p)
	s.scanWide(p)
	s.gb.scan(p)
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

// scanWide looks at the text as UTF-16 of both orders, only where it may be.
func (s *textScan) scanWide(p []byte) {
	if !s.nul && bytes.IndexByte(p, 0) < 0 && s.parity == 0 && len(p)%2 == 0 {
		// Without a zero byte there is no line break in UTF-16 either.
		s.wide[0].pass(p, 0)
		s.wide[1].pass(p, 1)
		return
	}
	for _, b := range p {
		if s.parity == 0 {
			s.first, s.parity = b, 1
			continue
		}
		s.parity = 0
		s.wide[0].unit(uint16(s.first) | uint16(b)<<8)
		s.wide[1].unit(uint16(b) | uint16(s.first)<<8)
	}
}

// wideScan gathers what tells one order of UTF-16.
type wideScan struct {
	marks int // commas, tabs, line breaks and other ASCII that tables are made of
	wrong int // units that no text has: zeros, lone surrogates
	high  bool
}

func (w *wideScan) pass(p []byte, order int) {
	for i := 0; i+1 < len(p); i += 2 {
		w.unit(uint16(p[i+order]) | uint16(p[i+1-order])<<8)
	}
}

func (w *wideScan) unit(u uint16) {
	low := u >= 0xDC00 && u < 0xE000
	if w.high != low {
		w.wrong++
	}
	w.high = u >= 0xD800 && u < 0xDC00
	switch {
	case u == 0, u == 0xFFFE, u == 0xFFFF:
		w.wrong++
	case u == '\n', u == ',', u == ';', u == '\t', u == '{', u == '<', u == '"', u == ' ':
		w.marks++
	}
}

// gbScan gathers what tells GB18030 (GB 18030-2022, 4.1): the usual characters
// are those of GB 2312, whose two bytes are both above 0xA0.
type gbScan struct {
	state               int
	lead                byte
	usual, other, wrong int
}

func (g *gbScan) scan(p []byte) {
	for _, b := range p {
		switch g.state {
		case 0:
			switch {
			case b < 0x80:
			case b == 0x80, b == 0xFF:
				g.wrong++
			default:
				g.lead, g.state = b, 1
			}
		case 1:
			g.state = 0
			switch {
			case b >= 0x30 && b <= 0x39:
				g.state = 2
			case b >= 0xA1 && b <= 0xFE && g.lead >= 0xA1 && g.lead <= 0xF7 && (g.lead < 0xAA || g.lead > 0xAF):
				g.usual++
			case b >= 0x40 && b != 0x7F && b != 0xFF:
				g.other++
			default:
				g.wrong++
			}
		case 2:
			if g.state = 3; b < 0x81 || b == 0xFF {
				g.wrong++
				g.state = 0
			}
		case 3:
			g.state = 0
			if b >= 0x30 && b <= 0x39 {
				g.other++
			} else {
				g.wrong++
			}
		}
	}
}

// likely reports whether the text reads as Chinese: nine of ten characters of
// two bytes or more are usual ones, and next to nothing is none. What other
// encodings make of the same bytes is not: in a Western one most high bytes stand
// alone, in Big5 two of five characters end below 0x80.
func (g *gbScan) likely() bool {
	return g.usual > 0 && g.other*10 <= g.usual+g.other && g.wrong*20 <= g.usual+g.other
}

// encoding judges what was written: valid UTF-8 is UTF-8, what is nearly valid
// is UTF-8 with damage, what reads as Chinese is GB18030. Anything else is not
// guessed at.
func (s *textScan) encoding() (name string, damaged bool, err error) {
	wrong := s.wrong + len(s.carry)
	damaged = wrong > 0
	switch {
	case bytes.HasPrefix(s.head, []byte{0xff, 0xfe}), bytes.HasPrefix(s.head, []byte{0xfe, 0xff}):
		return utf16Name, false, nil
	case s.nul:
		return s.wideName()
	case bytes.HasPrefix(s.head, []byte{0xef, 0xbb, 0xbf}):
		return utf8BOMName, damaged, nil
	case !damaged:
		return utf8Name, false, nil
	case s.multi > 20*wrong:
		return utf8Name, true, nil
	case s.gb.likely():
		return gb18030Name, false, nil
	}
	return "", false, &data.Invalid{Field: "encoding", Value: fmt.Sprintf("%d bytes that are no UTF-8", wrong),
		Want: "UTF-8, UTF-16 or GB18030; of any other say which with --encoding", Allowed: someEncodings}
}

// wideName is the order of a text with zero bytes: the one in which it has line
// breaks and commas and no fault, where it is not so in the other.
func (s *textScan) wideName() (string, bool, error) {
	little, big := &s.wide[0], &s.wide[1]
	switch {
	case s.parity != 0:
	case little.wrong == 0 && little.marks > 0 && (big.wrong > 0 || big.marks*10 <= little.marks):
		return utf16LEName, false, nil
	case big.wrong == 0 && big.marks > 0 && (little.wrong > 0 || little.marks*10 <= big.marks):
		return utf16BEName, false, nil
	}
	return "", false, &data.Invalid{Field: "file", Value: "text with zero bytes", Want: readable + "; text in UTF-16 that is not cut short"}
}
