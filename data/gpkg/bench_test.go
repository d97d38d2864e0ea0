package gpkg_test

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/memory"
	"riskatlas/data/storetest"
)

// fill makes n changes that put synthetic records.
func fill(n int) []data.Change {
	cs := make([]data.Change, n)
	for i := range cs {
		id := data.ID(fmt.Sprintf("HZ-%06d", i))
		cs[i] = data.Change{ID: id, New: storetest.Record(id, i)}
	}
	return cs
}

// cpu is the processor time that this process has used, which tells more than
// the clock on a machine that does other work too.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoad loads 10^5 hazards from a file, and for its ratio the same ones
// by parsing each record's GeoJSON.
func BenchmarkLoad(b *testing.B) {
	const n = 100_000
	s := open(b, filepath.Join(b.TempDir(), "city.gpkg"))
	defer s.Close()
	ctx := context.Background()
	if _, err := s.Apply(ctx, data.Note{}, fill(n)...); err != nil {
		b.Fatal(err)
	}
	tax := storetest.Taxonomy()
	features := make([][]byte, 0, n/50)
	for i := range n / 50 {
		id := data.ID(fmt.Sprintf("HZ-%06d", i))
		f, err := tax.AppendFeature(nil, storetest.Record(id, i))
		if err != nil {
			b.Fatal(err)
		}
		features = append(features, f)
	}
	began := time.Now()
	for _, f := range features {
		if _, err := tax.ParseFeature(f); err != nil {
			b.Fatal(err)
		}
	}
	parse := time.Since(began) * 50
	b.ReportAllocs()
	used := cpu(b)
	for b.Loop() {
		held := make([]*data.Hazard, 0, n)
		_, all := s.Load(ctx)
		for h, err := range all {
			if err != nil {
				b.Fatal(err)
			}
			held = append(held, h)
		}
		if len(held) != n {
			b.Fatal(len(held))
		}
	}
	b.ReportMetric((cpu(b)-used).Seconds()/float64(b.N), "cpu-s/op")
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(parse)/float64(each), "x-json")
	b.ReportMetric(n/each.Seconds(), "hazards/s")
}

// BenchmarkApply writes 10^5 new records as one revision into a new file, and
// for its ratio into memory.
func BenchmarkApply(b *testing.B) {
	const n = 100_000
	changes := fill(n)
	ctx := context.Background()
	began := time.Now()
	if _, err := memory.New(storetest.Taxonomy()).Apply(ctx, data.Note{}, changes...); err != nil {
		b.Fatal(err)
	}
	inMemory := time.Since(began)
	b.ReportAllocs()
	used := cpu(b)
	for b.Loop() {
		s := open(b, filepath.Join(b.TempDir(), "city.gpkg"))
		if _, err := s.Apply(ctx, data.Note{}, changes...); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu(b)-used).Seconds()/float64(b.N), "cpu-s/op")
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(each)/float64(inMemory), "x-memory")
	b.ReportMetric(n/each.Seconds(), "records/s")
}

// BenchmarkApplyOne changes one record of 10^4 at a time, durably.
func BenchmarkApplyOne(b *testing.B) {
	const n = 10_000
	s := open(b, filepath.Join(b.TempDir(), "city.gpkg"))
	defer s.Close()
	ctx := context.Background()
	if _, err := s.Apply(ctx, data.Note{}, fill(n)...); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := data.ID(fmt.Sprintf("HZ-%06d", i%n))
		if _, err := s.Apply(ctx, data.Note{}, data.Change{ID: id, If: data.Any, New: storetest.Record(id, i)}); err != nil {
			b.Fatal(err)
		}
	}
}
