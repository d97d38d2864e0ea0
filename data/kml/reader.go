package kml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/htmlindex"

	"riskatlas/data"
)

// Placemark is one place. Properties are its own elements (name, description,
// address, phoneNumber), its extended data, and, as folder, the names of the
// folders that it lies in with / between them; texts are trimmed.
type Placemark struct {
	ID         string
	Properties map[string]string
	Shape      orb.Geometry  // nil: it has none
	Broken     *data.Invalid // why it cannot be read; nil where it can
}

// maxDepth bounds nested elements.
const maxDepth = 100

// Reader reads a document. It is for one goroutine.
type Reader struct {
	limit    *limited
	xml      *xml.Decoder
	vertices int // most of one shape
	each     func(*Placemark) error
	links    int
	depth    int
}

// Read calls each for every placemark. mostBytes bounds one placemark and
// whatever stands between two; vertices bounds those of one shape. It gives how
// many links to other documents were passed over.
func Read(r io.Reader, mostBytes, vertices int, each func(*Placemark) error) (links int, err error) {
	k := &Reader{limit: &limited{r: r, most: mostBytes, left: mostBytes}, vertices: vertices, each: each}
	k.xml = xml.NewDecoder(k.limit)
	k.xml.Entity = xml.HTMLEntity
	k.xml.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, &data.Invalid{Field: "encoding", Value: label, Want: "a known encoding, such as UTF-8 or GB18030"}
		}
		return e.NewDecoder().Reader(in), nil
	}
	err = k.document()
	return k.links, err
}

func (k *Reader) document() error {
	begun := false
	for {
		t, err := k.token()
		if errors.Is(err, io.EOF) && begun {
			return nil
		}
		if err != nil {
			return k.describe(err)
		}
		if start, ok := t.(xml.StartElement); ok {
			if begun {
				return &data.Invalid{Field: "KML", Value: "<" + start.Name.Local + ">", Want: "one root element"}
			}
			begun = true
			switch start.Name.Local {
			case "kml", "Document", "Folder", "Placemark":
			default:
				return &data.Invalid{Field: "root element", Value: start.Name.Local, Want: "kml"}
			}
			if err := k.feature(start, nil); err != nil {
				return k.describe(err)
			}
		}
	}
}

// describe says where a document stops being one.
func (k *Reader) describe(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &data.Invalid{Field: "XML", Value: fmt.Sprintf("line %d", syntax.Line), Want: "well-formed XML: " + syntax.Msg}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file is cut short or holds no KML")
	}
	return err
}

func (k *Reader) token() (xml.Token, error) {
	t, err := k.xml.Token()
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if k.depth++; k.depth > maxDepth {
			return nil, &data.Invalid{Field: "XML", Value: fmt.Sprintf("nested deeper than %d", maxDepth), Want: "at most that depth"}
		}
	case xml.EndElement:
		k.depth--
	}
	return t, nil
}

// children calls child for every element inside the one that has begun; child
// must read it to its end.
func (k *Reader) children(child func(xml.StartElement) error) error {
	for {
		t, err := k.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := child(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (k *Reader) skip() error {
	return k.children(func(xml.StartElement) error { return k.skip() })
}

// text reads an element's own text to its end.
func (k *Reader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := k.token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			if err := k.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return strings.TrimSpace(b.String()), nil
		}
	}
}

// feature reads a container or a placemark.
func (k *Reader) feature(start xml.StartElement, folders []string) error {
	k.limit.left = k.limit.most
	switch start.Name.Local {
	case "kml", "Document":
		return k.children(func(s xml.StartElement) error { return k.feature(s, folders) })
	case "Folder":
		name, had := "", len(folders)
		return k.children(func(s xml.StartElement) (err error) {
			if s.Name.Local == "name" && name == "" {
				name, err = k.text()
				if name != "" {
					folders = append(folders[:had:had], name)
				}
				return err
			}
			return k.feature(s, folders)
		})
	case "Placemark":
		return k.placemark(start, folders)
	case "NetworkLink":
		k.links++
	}
	return k.skip()
}

func (k *Reader) placemark(start xml.StartElement, folders []string) error {
	p := &Placemark{ID: attribute(start, "id"), Properties: map[string]string{}}
	var shapes []orb.Geometry
	err := k.children(func(s xml.StartElement) error {
		switch name := s.Name.Local; name {
		case "name", "description", "address", "phoneNumber":
			return k.property(p, name)
		case "ExtendedData":
			return k.extended(p)
		default:
			taken, err := k.geometry(p, s, &shapes)
			if err != nil || taken {
				return err
			}
			return k.skip()
		}
	})
	if err != nil {
		return err
	}
	if len(folders) > 0 {
		if _, taken := p.Properties["folder"]; !taken {
			p.Properties["folder"] = strings.Join(folders, "/")
		}
	}
	if p.Broken == nil {
		p.Shape, p.Broken = join(shapes)
	}
	return k.each(p)
}

// property reads an element's text as a property; the first of a name counts.
func (k *Reader) property(p *Placemark, name string) error {
	text, err := k.text()
	if _, twice := p.Properties[name]; !twice && text != "" {
		p.Properties[name] = text
	}
	return err
}

// extended reads ExtendedData: untyped Data and typed SimpleData (9.2.2, 9.2.3).
// An element of another vocabulary is a property by its name.
func (k *Reader) extended(p *Placemark) error {
	return k.children(func(s xml.StartElement) error {
		switch s.Name.Local {
		case "Data":
			return k.children(func(v xml.StartElement) error {
				if v.Name.Local == "value" {
					return k.property(p, attribute(s, "name"))
				}
				return k.skip()
			})
		case "SchemaData":
			return k.children(func(v xml.StartElement) error {
				if v.Name.Local == "SimpleData" {
					return k.property(p, attribute(v, "name"))
				}
				return k.skip()
			})
		}
		return k.property(p, s.Name.Local)
	})
}

func attribute(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// limited fails when more bytes are read than are left, so that no element
// swallows the file.
type limited struct {
	r          io.Reader
	most, left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, &data.Invalid{Field: "KML", Value: fmt.Sprintf("an element of over %d bytes", l.most), Want: "placemarks of at most that size"}
	}
	n, err := l.r.Read(p[:min(len(p), 32<<10)])
	l.left -= n
	return n, err
}
