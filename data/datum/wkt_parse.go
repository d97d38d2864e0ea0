package datum

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bounds of well-known text: real ones have under 2 kB and 5 levels.
const (
	mostWKT = 64 << 10 // bytes
	deepest = 32       // brackets
)

// errWKT is wrapped by the errors of texts that are no well-known text.
var errWKT = errors.New("no well-known text of a coordinate system")

// wkt is one element of well-known text: KEYWORD["text", number, CHILD[…], …].
type wkt struct {
	keyword  string
	values   []string // texts without quotes, and numbers, in order
	children []*wkt
}

func (n *wkt) is(keyword string) bool { return strings.EqualFold(n.keyword, keyword) }

// child gives the first child of any of the keywords, or nil.
func (n *wkt) child(keywords ...string) *wkt {
	for _, c := range n.children {
		for _, k := range keywords {
			if c.is(k) {
				return c
			}
		}
	}
	return nil
}

func (n *wkt) text(i int) string {
	if i < len(n.values) {
		return n.values[i]
	}
	return ""
}

func (n *wkt) number(i int) float64 {
	v, err := strconv.ParseFloat(n.text(i), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// unit is the size of the element's own unit in radians or metres. Survey feet
// are given the digits that files round off.
func (n *wkt) unit() float64 {
	u := n.child("UNIT")
	if u == nil {
		return math.NaN()
	}
	if v := u.number(1); math.Abs(v-1200.0/3937) > 1e-9 {
		return v
	}
	return 1200.0 / 3937
}

// authority is the element's own EPSG code, or 0.
func (n *wkt) authority() int {
	a := n.child("AUTHORITY")
	if a == nil || !strings.EqualFold(a.text(0), "EPSG") {
		return 0
	}
	code, _ := strconv.Atoi(a.text(1))
	return code
}

type wktParser struct {
	s string
	i int
}

func parseWKT(text string) (*wkt, error) {
	text = strings.TrimSpace(text)
	if len(text) > mostWKT {
		return nil, fmt.Errorf("%w: over %d bytes", errWKT, mostWKT)
	}
	p := &wktParser{s: text}
	root, err := p.element(0)
	if err == nil {
		if p.skip(); p.i < len(p.s) {
			err = p.wrong("nothing more")
		}
	}
	if err != nil {
		return nil, err
	}
	return root, nil
}

func (p *wktParser) wrong(want string) error {
	rest := p.s[min(p.i, len(p.s)):]
	return fmt.Errorf("%w: want %s at %q", errWKT, want, rest[:min(len(rest), 40)])
}

func (p *wktParser) skip() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// word reads a keyword or a number.
func (p *wktParser) word() string {
	start := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n,[]()\"", p.s[p.i]) < 0 {
		p.i++
	}
	return p.s[start:p.i]
}

// take takes one of the bytes.
func (p *wktParser) take(of string) bool {
	if p.skip(); p.i < len(p.s) && strings.IndexByte(of, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}

func (p *wktParser) element(depth int) (*wkt, error) {
	p.skip()
	n := &wkt{keyword: p.word()}
	if n.keyword == "" || !p.take("[(") {
		return nil, p.wrong("a keyword and a bracket")
	}
	return n, p.inside(n, depth)
}

// inside reads what stands between an element's brackets.
func (p *wktParser) inside(n *wkt, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%w: nested deeper than %d", errWKT, deepest)
	}
	for {
		p.skip()
		if p.take(`"`) {
			end := strings.IndexByte(p.s[p.i:], '"')
			if end < 0 {
				return p.wrong("a quote that is closed")
			}
			n.values = append(n.values, p.s[p.i:p.i+end])
			p.i += end + 1
		} else {
			word := p.word()
			if word == "" {
				return p.wrong("a value")
			}
			if p.take("[(") {
				c := &wkt{keyword: word}
				n.children = append(n.children, c)
				if err := p.inside(c, depth+1); err != nil {
					return err
				}
			} else {
				n.values = append(n.values, word)
			}
		}
		switch {
		case p.take(","):
		case p.take("])"):
			return nil
		default:
			return p.wrong("a comma or a bracket")
		}
	}
}
