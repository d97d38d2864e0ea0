package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// syntheticList is a list of n made-up sources in GCJ-02.
func syntheticList(n int) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	var b bytes.Buffer
	b.WriteString("编号,名称,行业,风险等级,经度,纬度,区县,区划年份,地址,员工人数,评估方法,事故类型\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%07d,风险源%d,I%02d,%d,%.6f,%.6f,%s,2021,示例路%d号,%d,LEC,FIRE\n",
			i, i, 1+rng.IntN(16), 1+rng.IntN(4), 118.6+rng.Float64()*2, 29.3+rng.Float64()*1.2, "330106", i%1000, rng.IntN(500))
	}
	return b.Bytes()
}

// readByCSV is what the ratios compare with: encoding/csv over the same bytes,
// doing nothing with the rows.
func readByCSV(text []byte) (rows int, spent time.Duration) {
	start := time.Now()
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return rows, time.Since(start)
		}
		rows++
	}
}

func benchRead(b *testing.B, n int, write bool) {
	p := profile(b, "hangzhou")
	text := syntheticList(n)
	var plain, ours time.Duration
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		_, spent := readByCSV(text)
		plain += spent
		store := memory.New(p.Taxonomy)
		start := time.Now()
		batch, err := Read(context.Background(), "a.csv", bytes.NewReader(text), int64(len(text)), Options{Profile: p, Datum: "gcj02"})
		if err == nil && write {
			err = batch.Write(context.Background(), store, p.Taxonomy, data.Note{})
		}
		ours += time.Since(start)
		if err != nil || batch.Report.Accepted != n {
			b.Fatalf("%v, %v", err, batch.Report.Totals())
		}
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-csv")
	b.ReportMetric(ours.Seconds()*1e6/float64(b.N)/float64(n), "µs/row")
}

func BenchmarkRead1e4(b *testing.B)   { benchRead(b, 10_000, false) }
func BenchmarkRead1e5(b *testing.B)   { benchRead(b, 100_000, false) }
func BenchmarkImport1e4(b *testing.B) { benchRead(b, 10_000, true) }
func BenchmarkImport1e5(b *testing.B) { benchRead(b, 100_000, true) }

// BenchmarkAgain1e5 imports a list that the store holds already.
func BenchmarkAgain1e5(b *testing.B) {
	const n = 100_000
	p := profile(b, "hangzhou")
	text, store := syntheticList(n), memory.New(p.Taxonomy)
	run := func() *Report {
		r, err := Import(context.Background(), store, "a.csv", bytes.NewReader(text), -1, Options{Profile: p, Datum: "gcj02"}, data.Note{})
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	run()
	var plain, ours time.Duration
	b.ReportAllocs()
	for b.Loop() {
		_, spent := readByCSV(text)
		plain += spent
		start := time.Now()
		if r := run(); r.Unchanged != n {
			b.Fatal(r.Totals())
		}
		ours += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-csv")
}

// BenchmarkGeoJSON1e4 reads features, beside encoding/json over the same bytes.
func BenchmarkGeoJSON1e4(b *testing.B) {
	const n = 10_000
	p := profile(b, "hangzhou")
	batch := parse(b, "a.csv", string(syntheticList(n)), Options{Profile: p})
	parts := make([]json.RawMessage, 0, n)
	for _, r := range batch.Records {
		text, err := p.Taxonomy.AppendFeature(nil, r)
		if err != nil {
			b.Fatal(err)
		}
		parts = append(parts, text)
	}
	text, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": parts})
	if err != nil {
		b.Fatal(err)
	}
	var plain, ours time.Duration
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			b.Fatal(err)
		}
		plain += time.Since(start)
		start = time.Now()
		got, err := Read(context.Background(), "a.json", bytes.NewReader(text), -1, Options{Profile: p})
		ours += time.Since(start)
		if err != nil || got.Report.Accepted != n {
			b.Fatalf("%v, %v", err, got.Report.Totals())
		}
	}
	b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-json")
}
