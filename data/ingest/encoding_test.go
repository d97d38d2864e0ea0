package ingest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func encoded(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNothingIsGuessed refuses texts that are neither UTF nor read as Chinese,
// and reads them once their encoding is said.
func TestNothingIsGuessed(t *testing.T) {
	p := profile(t, "hangzhou")
	row := func(name string) string {
		return "id,name,industry,level,lon,lat\n1," + name + ",I04,1,120.1551,30.2741\n"
	}
	for label, c := range map[string]struct {
		e    encoding.Encoding
		name string
	}{
		"windows-1252": {charmap.Windows1252, "Café déjà vu señor Müller"},
		"iso-8859-2":   {charmap.ISO8859_2, "Zażółć gęślą jaźń"},
		"big5":         {traditionalchinese.Big5, "臺北車站儲油槽環境監測設備維護與檢驗"},
		"shift_jis":    {japanese.ShiftJIS, "ガソリンスタンド給油所"},
	} {
		name := strings.ReplaceAll(c.name, ",", "")
		text := encoded(t, c.e, row(name))
		fails(t, "a.csv", text, Options{Profile: p}, "--encoding", "gb18030")
		b := parse(t, "a.csv", text, Options{Profile: p, Encoding: label})
		if b.Report.Accepted != 1 || b.Records[0].Hazard.Name != name {
			t.Errorf("%s: %s, %v", label, b.Report.Totals(), b.Report.Problems)
		}
	}
	// Rare characters of GBK's own among usual ones.
	text := encoded(t, simplifiedchinese.GB18030, row("陶喆堃加油站及其附属储油设施管理中心有限责任公司分公司营业部"))
	if b := parse(t, "a.csv", text, Options{Profile: p}); b.Report.Files[0].Encoding != "GB18030" || b.Report.Accepted != 1 {
		t.Errorf("%s, %s", b.Report.Files[0].Encoding, b.Report.Totals())
	}
	utf16 := encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), row("一加油站"))
	fails(t, "a.csv", utf16[:len(utf16)-1], Options{Profile: p}, "UTF-16")
	fails(t, "a.csv", utf16, Options{Profile: p, Encoding: "utf-8"}, "--encoding", "UTF-16")
	fails(t, "a.csv", utf16, Options{Profile: p, Encoding: "gbk"}, "--encoding")
	fails(t, "a.csv", row("a"), Options{Profile: p, Encoding: "utf-16le"}, "--encoding", "UTF-8")
	fails(t, "a.csv", row("a"), Options{Profile: p, Encoding: "klingon"}, "klingon", "gb18030")
	parse(t, "a.csv", utf16, Options{Profile: p, Encoding: "utf-16le"})
	// Asked for and not so: the rows say it.
	b := parse(t, "a.csv", encoded(t, simplifiedchinese.GB18030, row("加油站")), Options{Profile: p, Encoding: "utf-8"})
	if b.Report.Rejected != 1 || !strings.Contains(b.Report.Problems[0].Want, "UTF-8") {
		t.Errorf("%s, %v", b.Report.Totals(), b.Report.Problems)
	}
}

func TestLabels(t *testing.T) {
	for label, want := range map[string]string{"UTF-8": "UTF-8", "65001": "UTF-8", "936": "GB18030", "GBK": "GB18030", "ANSI 936": "GB18030", "950": "big5", "Big5": "big5",
		"1252": "windows-1252", "ANSI 1252": "windows-1252", "ISO 8859-1": "windows-1252", "ISO-8859-1": "windows-1252", "ISO 88592": "iso-8859-2", "88591": "", "932": "shift_jis", "UTF-16LE": "utf-16le"} {
		if got, _, err := encodingNamed(label); got != want || (err == nil) != (want != "") {
			t.Errorf("%s is %q, %v, want %q", label, got, err, want)
		}
	}
}

func FuzzEncoding(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), "")
	f.Add([]byte("\xb1\xe0\xba\xc5,\xc3\xfb\n"), "gbk")
	f.Add([]byte("a\x00,\x00"), "")
	p := profile(f, "hangzhou")
	f.Fuzz(func(t *testing.T, text []byte, label string) {
		b, err := Read(context.Background(), "a", bytes.NewReader(text), -1, Options{Profile: p, Encoding: label})
		if err == nil {
			addsUp(t, b)
		}
	})
}

// TestShapefileTables reads one table in GBK by its .cpg, by its language byte
// and by its texts, with names and a value that were cut.
func TestShapefileTables(t *testing.T) {
	p := profile(t, "hangzhou")
	dir := t.TempDir()
	from := filepath.Join(dir, "in.geojson")
	text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"风险源编号":"A-1","单位名称":"武林加油站","行业领域":"I04","风险等级":"较大","统一社会信用代码":"91350100M000100Y43"},"geometry":{"type":"Point","coordinates":[120.1631,30.2721]}},
{"type":"Feature","properties":{"风险源编号":"A-2","单位名称":"无处","行业领域":"I04","风险等级":"低"},"geometry":null}]}`
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ogr2ogr(t, filepath.Join(dir, "a.shp"), from, "-f", "ESRI Shapefile", "-lco", "ENCODING=GBK")
	check := func(how string, opts Options, encoding string) {
		t.Helper()
		opts.Profile = p
		b := readFile(t, filepath.Join(dir, "a.shp"), opts)
		if b.Report.Accepted != 1 || b.Report.Kinds["geometry_missing"] != 1 {
			t.Errorf("%s: %s, %v", how, b.Report.Totals(), b.Report.Problems)
			return
		}
		r := b.Records[0]
		if r.Hazard.ID != "A-1" || r.Hazard.Name != "武林加油站" || r.Detail.USCC != "91350100M000100Y43" || b.Report.Files[0].Encoding != encoding {
			t.Errorf("%s: %s %s %s read as %s", how, r.Hazard.ID, r.Hazard.Name, r.Detail.USCC, b.Report.Files[0].Encoding)
		}
	}
	check("cpg", Options{}, "GB18030")
	if err := os.Remove(filepath.Join(dir, "a.cpg")); err != nil {
		t.Fatal(err)
	}
	check("language byte", Options{}, "GB18030")
	dbf := filepath.Join(dir, "a.dbf")
	table, err := os.ReadFile(dbf)
	if err != nil {
		t.Fatal(err)
	}
	table[29] = 0
	if err := os.WriteFile(dbf, table, 0o600); err != nil {
		t.Fatal(err)
	}
	check("texts", Options{}, "GB18030")
	check("asked", Options{Encoding: "gbk"}, "GB18030")

	// Without a .prj what the coordinates are must be said.
	if err := os.Remove(filepath.Join(dir, "a.prj")); err != nil {
		t.Fatal(err)
	}
	refused := func(opts Options, words ...string) {
		t.Helper()
		f, err := os.Open(filepath.Join(dir, "a.shp"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		opts.Profile = p
		_, err = Read(context.Background(), "a.shp", f, -1, opts)
		for _, w := range words {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%v, want %q", err, w)
			}
		}
	}
	refused(Options{Beside: os.DirFS(dir)}, ".prj", "--datum")
	check("datum", Options{Datum: "cgcs2000"}, "GB18030")
	xian := `PROJCS["Xian_1980_3_Degree_GK_CM_120E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],UNIT["Meter",1.0]]`
	if err := os.WriteFile(filepath.Join(dir, "a.prj"), []byte(xian), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(Options{Beside: os.DirFS(dir)}, "Xian_1980", "not known")
	refused(Options{}, "zip", ".dbf")
	if err := os.Remove(dbf); err != nil {
		t.Fatal(err)
	}
	refused(Options{Beside: os.DirFS(dir), Datum: "wgs84"}, ".dbf")
}
