package gpkg_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"riskatlas/data"
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

// BenchmarkLoad loads 10^5 hazards from a file, and for its ratios gets the same
// columns by a bare SELECT, and the same hazards by parsing each record's GeoJSON.
func BenchmarkLoad(b *testing.B) {
	const n = 100_000
	path := filepath.Join(b.TempDir(), "city.gpkg")
	s := open(b, path)
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
	used := cpu(b)
	for _, f := range features {
		if _, err := tax.ParseFeature(f); err != nil {
			b.Fatal(err)
		}
	}
	parse := (cpu(b) - used) * 50
	used = cpu(b)
	bareSelect(b, path)
	bare := cpu(b) - used
	b.ReportAllocs()
	used = cpu(b)
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
	each := (cpu(b) - used) / time.Duration(b.N)
	b.ReportMetric(each.Seconds(), "cpu-s/op")
	b.ReportMetric(float64(parse)/float64(each), "x-json")
	b.ReportMetric(float64(bare)/float64(each), "x-bare-select")
	b.ReportMetric(n/(b.Elapsed()/time.Duration(b.N)).Seconds(), "hazards/s")
}

// bareSelect gets what Load reads by database/sql, and drops it.
func bareSelect(b *testing.B, path string) {
	rows, err := raw(b, path).Query("SELECT id, rev, geom, name, name_en, industry, level, district, vintage, status, sensitivity, regulator, scenarios FROM hazards")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var rev, level int64
	var geom, scenarios []byte
	var texts [9]sql.NullString
	for rows.Next() {
		if err := rows.Scan(&texts[0], &rev, &geom, &texts[1], &texts[2], &texts[3], &level, &texts[4], &texts[5], &texts[6], &texts[7], &texts[8], &scenarios); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkApply writes 10^5 new records as one revision into a new file, and for
// its ratio the records' JSON alone into a table without any index.
func BenchmarkApply(b *testing.B) {
	const n = 100_000
	changes := fill(n)
	ctx := context.Background()
	used := cpu(b)
	bareInsert(b, filepath.Join(b.TempDir(), "bare.db"), changes)
	bare := cpu(b) - used
	b.ReportAllocs()
	used = cpu(b)
	for b.Loop() {
		s := open(b, filepath.Join(b.TempDir(), "city.gpkg"))
		if _, err := s.Apply(ctx, data.Note{}, changes...); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	each := (cpu(b) - used) / time.Duration(b.N)
	b.ReportMetric(each.Seconds(), "cpu-s/op")
	b.ReportMetric(float64(each)/float64(bare), "x-bare-insert")
	b.ReportMetric(n/(b.Elapsed()/time.Duration(b.N)).Seconds(), "records/s")
}

func bareInsert(b *testing.B, path string, changes []data.Change) {
	tax := storetest.Taxonomy()
	tx, err := raw(b, path).Begin()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := tx.Exec("CREATE TABLE hazards (fid INTEGER PRIMARY KEY, record TEXT)"); err != nil {
		b.Fatal(err)
	}
	put, err := tx.Prepare("INSERT INTO hazards (record) VALUES (?)")
	if err != nil {
		b.Fatal(err)
	}
	for i := range changes {
		record, err := tax.AppendProperties(nil, changes[i].New)
		if err == nil {
			_, err = put.Exec(string(record))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
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
