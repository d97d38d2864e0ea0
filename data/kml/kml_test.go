package kml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// read gives the placemarks as text.
func read(text string) (out []string, links int, err error) {
	links, err = Read(strings.NewReader(text), 1<<16, 100, func(p *Placemark) error {
		shape := ""
		if p.Shape != nil {
			shape = fmt.Sprintf("%s %v", p.Shape.GeoJSONType(), p.Shape)
		}
		if p.Broken != nil {
			shape = "broken: " + p.Broken.Error()
		}
		out = append(out, fmt.Sprintf("%s%v %s", p.ID, p.Properties, shape))
		return nil
	})
	return out, links, err
}

func TestPlacemarks(t *testing.T) {
	for name, c := range map[string]struct{ kml, want string }{
		"point": {`<Placemark id="a"><name> 甲&amp;乙 </name><Point><coordinates> 120.1,30.2,5 </coordinates></Point></Placemark>`, `amap[name:甲&乙] Point [120.1 30.2]`},
		"data": {`<Placemark><ExtendedData><Data name="x"><displayName>X</displayName><value>1</value></Data><SchemaData schemaUrl="#s"><SimpleData name="y">2</SimpleData></SchemaData><o:z>3</o:z></ExtendedData></Placemark>`,
			`map[x:1 y:2 z:3] `},
		"folders":  {`<Document><name>no</name><Folder><name>油</name><Folder><name>站</name><Placemark/></Folder></Folder></Document>`, `map[folder:油/站] `},
		"line":     {`<Placemark><LineString><coordinates>1,2 3,4` + "\n" + `5,6,7</coordinates></LineString></Placemark>`, `map[] LineString [[1 2] [3 4] [5 6]]`},
		"polygon":  {`<Placemark><Polygon><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs><outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>`, `map[] Polygon [[[0 0] [9 0] [9 9] [0 0]] [[1 1] [2 1] [2 2] [1 1]]]`},
		"points":   {`<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><MultiGeometry><Point><coordinates>3,4</coordinates></Point></MultiGeometry></MultiGeometry></Placemark>`, `map[] MultiPoint [[1 2] [3 4]]`},
		"mixed":    {`<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>3,4 5,6</coordinates></LineString></MultiGeometry></Placemark>`, `map[] broken: geometry: "MultiGeometry": want points, lines or polygons: one kind in one placemark`},
		"spaces":   {`<Placemark><Point><coordinates>120.1, 30.2</coordinates></Point></Placemark>`, `map[] broken: coordinates: "120.1,": want longitude,latitude without spaces at position 1`},
		"two":      {`<Placemark><Point><coordinates>1,2 3,4</coordinates></Point></Placemark>`, `map[] broken: coordinates: "2 positions": want one, of a Point`},
		"no ring":  {`<Placemark><Polygon/></Placemark>`, `map[] broken: Polygon: "0 outer boundaries": want one`},
		"track":    {`<Placemark><gx:Track><when>x</when></gx:Track></Placemark>`, `map[] broken: geometry: "Track": want a Point, LineString, Polygon or a MultiGeometry of one`},
		"vertices": {`<Placemark><LineString><coordinates>` + strings.Repeat("1,2 ", 101) + `</coordinates></LineString></Placemark>`, `map[] broken: coordinates: "over 100 vertices": want at most 100 vertices`},
		"html":     {`<Placemark><description><![CDATA[<b>x</b>]]>&nbsp;y</description></Placemark>`, "map[description:<b>x</b>\u00a0y] "},
	} {
		got, links, err := read(`<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="g" xmlns:o="o">` + c.kml + `</kml>`)
		if err != nil || links != 0 || len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestLinksAreCounted(t *testing.T) {
	got, links, err := read(`<kml><Document><NetworkLink><Link><href>http://localhost:1/x.kml</href></Link></NetworkLink><Placemark/></Document></kml>`)
	if err != nil || links != 1 || len(got) != 1 {
		t.Errorf("%q, %d links, %v", got, links, err)
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "no KML",
		"x":                                     "no KML",
		"<kml>":                                 "unexpected EOF",
		"<kml></Folder>":                        "well-formed",
		"<html/>":                               "want kml",
		"<kml/><kml/>":                          "one root",
		"<kml><Placemark>&x;</Placemark></kml>": "entity",
		`<?xml version="1.0" encoding="klingon"?><kml/>`:            "klingon",
		"<kml><Placemark><name>" + strings.Repeat("x", 1<<18):       "element of over 65536",
		"<kml>" + strings.Repeat("<Folder>", 200):                   "nested deeper",
		"<kml><Placemark>" + strings.Repeat("<MultiGeometry>", 200): "nested deeper",
		`<kml a="` + strings.Repeat("x", 1<<18):                     "element of over 65536",
		"<kml><Placemark>" + strings.Repeat("<Point/>", 1<<16):      "element of over 65536",
	} {
		if _, _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

func TestOtherEncodings(t *testing.T) {
	got, _, err := read("<?xml version=\"1.0\" encoding=\"gb2312\"?><kml><Placemark><name>\xbc\xd7</name></Placemark></kml>")
	if err != nil || len(got) != 1 || got[0] != "map[name:甲] " {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzKML(f *testing.F) {
	f.Add(`<kml><Document><Folder><name>a</name><Placemark><Point><coordinates>1,2</coordinates></Point></Placemark></Folder></Document></kml>`)
	f.Add(`<kml><Placemark><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>1,2 3,4 5,6 1,2</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></kml>`)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Read(strings.NewReader(text), 1<<12, 50, func(p *Placemark) error {
			if _, ok := p.Shape.(orb.Collection); ok {
				t.Error("a collection")
			}
			return nil
		})
	})
}
