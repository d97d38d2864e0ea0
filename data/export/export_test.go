package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/ingest"
)

func write(t testing.TB, tax *data.Taxonomy, records []*data.Record, opts Options) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := Write(&out, tax, sequence(records), opts)
	if err != nil || n != len(records) {
		t.Fatalf("%s: %d of %d records, %v", opts.Format, n, len(records), err)
	}
	return out.Bytes()
}

// imported reads a file back as import does, and wants every row of it.
func imported(t testing.TB, p *city.Profile, format string, file []byte) []*data.Record {
	t.Helper()
	b, err := ingest.Read(context.Background(), "sources."+format, bytes.NewReader(file), int64(len(file)), ingest.Options{Profile: p})
	if err != nil {
		t.Fatal(err)
	}
	if b.Report.Accepted != b.Report.Read {
		out := slices.DeleteFunc(b.Report.Problems, func(q ingest.Problem) bool { return q.Severity == ingest.Warning })
		t.Fatalf("%s: %s: %+v", format, b.Report.Totals(), out[:min(3, len(out))])
	}
	return b.Records
}

// roundTrip writes, reads and writes again: the same records, the same bytes.
func roundTrip(t testing.TB, p *city.Profile, records []*data.Record, format string) {
	t.Helper()
	first := write(t, p.Taxonomy, records, Options{Format: format})
	back := imported(t, p, format, first)
	if len(back) != len(records) {
		t.Fatalf("%s: %d records came back as %d", format, len(records), len(back))
	}
	if digest(t, p.Taxonomy, back) != digest(t, p.Taxonomy, records) {
		for i := range back {
			if digest(t, p.Taxonomy, back[i:i+1]) != digest(t, p.Taxonomy, records[i:i+1]) {
				t.Fatalf("%s: not the same record\n%s\n%s", format, describe(p.Taxonomy, interchange(records[i], false)), describe(p.Taxonomy, back[i]))
			}
		}
	}
	if again := write(t, p.Taxonomy, back, Options{Format: format}); !bytes.Equal(again, first) {
		t.Fatalf("%s: the same records are other bytes: %d, then %d", format, len(first), len(again))
	}
}

// roundTrips are the formats that import reads so far.
var roundTrips = []string{"csv", "geojson"}

func TestRandomRecordsComeBack(t *testing.T) {
	p := hangzhou(t)
	for seed := range uint64(6) {
		records := random(rand.New(rand.NewPCG(seed, 1)), p, 30)
		for _, format := range roundTrips {
			roundTrip(t, p, records, format)
		}
	}
}

func TestTheDemonstrationCityComesBack(t *testing.T) {
	p := hangzhou(t)
	records := slices.SortedFunc(demo.Hazards(p, 800, 3), func(a, b *data.Record) int {
		return strings.Compare(string(a.Hazard.ID), string(b.Hazard.ID))
	})
	for _, format := range roundTrips {
		roundTrip(t, p, records, format)
	}
}

// Melbourne's petrol stations, as import gives them.
func TestRealRecordsComeBack(t *testing.T) {
	dir := os.Getenv("RISKATLAS_REALDATA")
	if dir == "" {
		dir = "../../../shared/realdata"
	}
	p, err := city.Load("generic")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"melbourne/Petrol_Stations.geojson", "melbourne/Petrol_Stations.csv"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Skipf("real data is not here: %v (set RISKATLAS_REALDATA to its folder)", err)
		}
		b, err := ingest.Read(context.Background(), name, f, -1, ingest.Options{Profile: p, Set: map[string]string{"industry": "I04", "level": "1"}})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		records := b.Records
		slices.SortFunc(records, func(a, b *data.Record) int { return strings.Compare(string(a.Hazard.ID), string(b.Hazard.ID)) })
		for _, format := range roundTrips {
			roundTrip(t, p, records, format)
		}
	}
}

// Every member that the interchange has is a column, or inside one.
func TestColumnsAreAllFields(t *testing.T) {
	have := map[string]bool{"rev": true}
	for _, c := range columns {
		head, _, _ := strings.Cut(c.name, ".")
		if have[c.name] {
			t.Errorf("%s stands twice", c.name)
		}
		have[head], have[c.name] = true, true
	}
	for i := range reflect.TypeFor[data.Detail]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[data.Detail]().Field(i).Tag.Get("json"), ",")
		if !have[name] {
			t.Errorf("%s is in no column", name)
		}
	}
	p := hangzhou(t)
	for _, r := range random(rand.New(rand.NewPCG(1, 2)), p, 50) {
		raw, err := p.Taxonomy.AppendProperties(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		var props map[string]json.RawMessage
		if err := json.Unmarshal(raw, &props); err != nil {
			t.Fatal(err)
		}
		for name := range props {
			if !have[name] {
				t.Errorf("%s is in no column", name)
			}
		}
	}
}

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "=1": "'=1", "'=1": "''=1", "'": "'", "'a": "'a", "＋1": "'＋1", "\tx": "'\tx", "-": "'-", "a=": "a=", "''": "''"} {
		if got := data.Harmless(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		} else if back := data.Unguarded(got); back != in {
			t.Errorf("%q: %q comes back as %q", in, got, back)
		}
	}
	// No cell of a CSV file begins as a formula does, but for numbers.
	p := hangzhou(t)
	table := NewTable(p.Taxonomy, false)
	for _, r := range random(rand.New(rand.NewPCG(3, 4)), p, 200) {
		cells, err := table.HarmlessRow(r)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range cells {
			if strings.ContainsAny(firstOf(c), data.FormulaStarts) && columns[i].kind != decimal {
				t.Errorf("%s: %q", columns[i].name, c)
			}
		}
	}
}

func firstOf(s string) string {
	for _, c := range s {
		return string(c)
	}
	return ""
}

func TestWithRevisions(t *testing.T) {
	p := hangzhou(t)
	records := random(rand.New(rand.NewPCG(5, 6)), p, 20)
	for _, format := range roundTrips {
		with, without := write(t, p.Taxonomy, records, Options{Format: format, Revisions: true}), write(t, p.Taxonomy, records, Options{Format: format})
		if bytes.Equal(with, without) || strings.Contains(string(without), `"rev"`) {
			t.Errorf("%s: revisions in both, or in none", format)
		}
		if got := imported(t, p, format, with); digest(t, p.Taxonomy, got) != digest(t, p.Taxonomy, records) {
			t.Errorf("%s: other records", format)
		}
	}
}

func TestWriteFailsClearly(t *testing.T) {
	p := hangzhou(t)
	var bad *data.Invalid
	if _, err := Write(&bytes.Buffer{}, p.Taxonomy, sequence(nil), Options{Format: "pdf"}); !errors.As(err, &bad) || bad.Field != "format" {
		t.Errorf("%v", err)
	}
	records := random(rand.New(rand.NewPCG(7, 8)), p, 3)
	broken := errors.New("broken")
	for _, format := range Formats {
		_, err := Write(&bytes.Buffer{}, p.Taxonomy, func(yield func(*data.Record, error) bool) {
			if yield(records[0], nil) {
				yield(nil, broken)
			}
		}, Options{Format: format})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v, want what the records ended with", format, err)
		}
		if _, err := Write(&failing{left: 100}, p.Taxonomy, sequence(records), Options{Format: format}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want what the writer said", format, err)
		}
	}
	h := *records[1].Hazard
	h.Name = "a\x01b"
	records[1] = &data.Record{Hazard: &h}
	if _, err := Write(&bytes.Buffer{}, p.Taxonomy, sequence(records), Options{Format: "xlsx"}); !errors.As(err, &bad) || bad.Field != "name" || !strings.Contains(bad.Want, string(h.ID)) {
		t.Errorf("%v", err)
	}
}

var errFull = errors.New("full")

type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}
