package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mostResident is what reading a hostile file may take of memory, the program's
// own and its tables included.
const mostResident = 100_000_000

// TestReadAlone is the child process of TestBoundedMemory: it reads one file and
// tells how that ended and how much memory was in use at most.
func TestReadAlone(t *testing.T) {
	path := os.Getenv("RISKATLAS_READ_ALONE")
	if path == "" {
		t.Skip("it is run by TestBoundedMemory")
	}
	opts := Options{Profile: profile(t, "hangzhou"), Beside: os.DirFS(filepath.Dir(path))}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := Read(context.Background(), filepath.Base(path), f, -1, opts)
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			var kB int64
			_, _ = fmt.Sscanf(line, "VmHWM: %d kB", &kB)
			fmt.Printf("resident %d\n", kB*1024)
		}
	}
	if err != nil {
		fmt.Printf("refused %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Printf("read %s\n", b.Report.Totals())
}

// deflated packs parts; endless ones are made as they are written.
func deflated(t *testing.T, parts map[string]io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, r := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// repeated gives head, then the text over and over up to so many bytes, then tail.
func repeated(head, text string, bytes int64, tail string) io.Reader {
	text = strings.Repeat(text, 1+10_000/len(text))
	return io.MultiReader(strings.NewReader(head), io.LimitReader(&again{text: text}, bytes/int64(len(text))*int64(len(text))), strings.NewReader(tail))
}

type again struct {
	text string
	i    int
}

func (a *again) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], a.text[a.i:])
		n, a.i = n+k, (a.i+k)%len(a.text)
	}
	return n, nil
}

// book is a workbook's parts with a sheet and shared texts.
// Beside them lie so many bytes that do not pack: an archive may unfold to a
// hundred times its size.
func book(sheet, shared io.Reader, beside int64) map[string]io.Reader {
	return map[string]io.Reader{
		"noise":                      io.LimitReader(rand.NewChaCha8([32]byte{2}), beside),
		"[Content_Types].xml":        strings.NewReader("<Types/>"),
		"xl/workbook.xml":            strings.NewReader(`<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>`),
		"xl/_rels/workbook.xml.rels": strings.NewReader(`<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>`),
		"xl/worksheets/s.xml":        sheet,
		"xl/sharedStrings.xml":       shared,
	}
}

// The least that a table and a system need.
var emptyTable = "\x03" + strings.Repeat("\x00", 7) + "\x41\x00\x02\x00" + strings.Repeat("\x00", 20) +
	"NAME" + strings.Repeat("\x00", 7) + "C\x00\x00\x00\x00\x01\x00" + strings.Repeat("\x00", 14) + "\r"

const wgs84Text = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// endOfArchive is the end of a ZIP whose list of entries has 9 MB.
var endOfArchive = []byte("PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\x90\x00\x00\x00\x00\x00\x00\x00")

// lie overwrites the sizes that an archive's list says its entries unfold to.
func lie(packed []byte) []byte {
	for i := 0; i+46 < len(packed); i++ {
		if string(packed[i:i+4]) == "PK\x01\x02" && binary.LittleEndian.Uint32(packed[i+24:]) > 1<<20 {
			binary.LittleEndian.PutUint32(packed[i+24:], 1000)
		}
	}
	return packed
}

// soaked are the files that are tried where there is time: each has a likeness
// among the others.
var soaked = map[string]bool{"row.xlsx": true, "none.xlsx": true, "many.xlsx": true, "merged.xlsx": true, "lies.xlsx": true, "list.zip": true, "deep.kml": true, "quote.csv": true}

func TestBoundedMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the system does not tell a process its memory")
	}
	const sheetHead, sheetTail = "<worksheet><sheetData>", "</sheetData></worksheet>"
	empty := func() io.Reader { return strings.NewReader("<sst/>") }
	noSheet := func() io.Reader { return strings.NewReader(sheetHead + sheetTail) }
	noise := make([]byte, 600_000)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(noise)
	header := `<row r="1"><c t="str"><v>lon</v></c><c t="str"><v>lat</v></c></row>`
	for name, c := range map[string]struct {
		file func() []byte
		want string
	}{
		// Hundreds of megabytes of rows in one.
		"rows.xlsx": {func() []byte {
			return deflated(t, book(repeated(sheetHead+header, "<row><c><v>1</v></c><c><v>2</v></c></row>", 150<<20, sheetTail), empty(), 0))
		}, "unfolds"},
		"lies.xlsx": {func() []byte {
			return lie(deflated(t, book(repeated(sheetHead+header, "<row><c><v>1</v></c></row>", 50<<20, sheetTail), empty(), 0)))
		}, "unpacked"},
		"row.xlsx": {func() []byte {
			return deflated(t, book(repeated(sheetHead+header+"<row>", "<c/>", 20<<20, "</row>"+sheetTail), empty(), 900_000))
		}, "16384"},
		"cell.xlsx": {func() []byte {
			return deflated(t, book(repeated(sheetHead+header+`<row><c t="str"><v>`, "x", 20<<20, "</v></c></row>"+sheetTail), empty(), 900_000))
		}, "in one piece"},
		"texts.xlsx": {func() []byte {
			return deflated(t, book(noSheet(), repeated("<sst>", "<si><t>a text of some length, shared by nobody</t></si>", 45<<20, "</sst>"), 900_000))
		}, "less text"},
		"none.xlsx": {func() []byte {
			return deflated(t, book(noSheet(), repeated("<sst>", "<si/>", 30<<20, "</sst>"), 900_000))
		}, "less text"},
		"many.xlsx": {func() []byte { return deflated(t, book(noSheet(), repeated("<sst>", "<si/>", 30<<20, "</sst>"), 0)) }, "unfolds"},
		"merged.xlsx": {func() []byte {
			return deflated(t, book(repeated(sheetHead+`<row r="1"><c t="str"><v>lon</v></c></row></sheetData><mergeCells>`,
				`<mergeCell ref="A1:XFD1048576"/>`, 6<<20, "</mergeCells></worksheet>"), empty(), 0))
		}, "merged cells"},
		"a.kmz": {func() []byte {
			return deflated(t, map[string]io.Reader{"doc.kml": repeated("<kml>", "<Placemark></Placemark>", 50<<20, "</kml>")})
		}, "unfolds"},
		"text.kmz": {func() []byte {
			return deflated(t, map[string]io.Reader{"doc.kml": repeated("<kml><Placemark><name>", "x", 15<<20, "</name></Placemark></kml>")})
		}, "element of over"},
		"deep.kml": {func() []byte { return []byte("<kml>" + strings.Repeat("<Folder>", 1<<20)) }, "nested deeper"},
		"laughs.kml": {func() []byte {
			return []byte(`<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><kml><Placemark><name>&b;</name></Placemark></kml>`)
		}, "entity"},
		"a.zip": {func() []byte {
			return deflated(t, map[string]io.Reader{"a.shp": repeated("", "\x00", 50<<20, ""), "a.dbf": strings.NewReader(emptyTable), "a.prj": strings.NewReader(wgs84Text)})
		}, "unfolds"},
		"inner.zip": {func() []byte {
			return deflated(t, map[string]io.Reader{"a.zip": bytes.NewReader(deflated(t, map[string]io.Reader{"a.csv": strings.NewReader("lon,lat\n")}))})
		}, "archive in an archive"},
		"list.zip": {func() []byte {
			return append(bytes.Repeat([]byte("PK\x03\x04 and nothing that follows"), 300_000), endOfArchive...)
		}, "list of entries"},
		"line.csv":  {func() []byte { return bytes.Repeat([]byte("x"), 20_000_000) }, "over 4194304 bytes"},
		"quote.csv": {func() []byte { return append([]byte("lon,lat\n1,\""), bytes.Repeat([]byte("x\n"), 10_000_000)...) }, "over 4194304 bytes"},
		"noise.csv": {func() []byte { return noise }, "zero bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if soaked[name] && os.Getenv("RISKATLAS_SOAK") == "" {
				t.Skip("RISKATLAS_SOAK is not set")
			}
			file := c.file()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, ".xlsx") && len(file) > 1_500_000 {
				t.Errorf("the bomb has %d bytes", len(file))
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReadAlone$", "-test.v")
			cmd.Env = append(os.Environ(), "RISKATLAS_READ_ALONE="+path)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var resident int64
			refused := ""
			for line := range strings.Lines(string(out)) {
				if n, err := fmt.Sscanf(line, "resident %d", &resident); err == nil && n == 1 {
					continue
				}
				if rest, ok := strings.CutPrefix(line, "refused "); ok {
					refused = rest
				}
			}
			t.Logf("%d bytes, %.0f MB in use: %s", len(file), float64(resident)/1e6, refused)
			if !strings.Contains(refused, c.want) {
				t.Errorf("ended with %q, want it refused with %q\n%s", refused, c.want, out)
			}
			if resident == 0 || resident > mostResident {
				t.Errorf("%d bytes were in use, want at most %d", resident, mostResident)
			}
		})
	}
}
