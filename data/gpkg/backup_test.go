package gpkg_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
)

// digests keeps the digest of the records of each revision, by sums alone.
type digests struct {
	tax *data.Taxonomy
	now map[data.ID]uint64
	sum uint64
	at  map[data.Revision]uint64
}

func (d *digests) applied(t testing.TB, rev data.Revision, changes ...data.Change) {
	t.Helper()
	for i := range changes {
		c := &changes[i]
		d.sum -= d.now[c.ID]
		delete(d.now, c.ID)
		if c.New == nil {
			continue
		}
		r, err := d.tax.Stored(c, rev)
		if err != nil {
			t.Fatal(err)
		}
		one, err := d.tax.ContentDigest(r)
		if err != nil {
			t.Fatal(err)
		}
		d.now[c.ID] = one
		d.sum += one
	}
	d.at[rev] = d.sum
}

// Backups that are taken while 500 changes are made hold exactly what one
// revision was.
func TestBackupDuringChanges(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "city.gpkg"))
	d := &digests{storetest.Taxonomy(), map[data.ID]uint64{}, 0, map[data.Revision]uint64{}}
	first := fill(300)
	d.applied(t, apply(t, s, first...), first...)
	other := open(t, filepath.Join(dir, "city.gpkg")) // as another process
	const changes, backups = 500, 6
	made := make(chan string)
	go func() {
		defer close(made)
		for n := range backups {
			path := filepath.Join(dir, fmt.Sprintf("backup-%d", n))
			if err := other.Backup(context.Background(), path); err != nil {
				t.Error(err)
				return
			}
			made <- path
		}
	}()
	var paths []string
	for n := range changes {
		c := put(data.ID(fmt.Sprintf("HZ-%06d", n*13%400)), n)
		if n%5 == 0 {
			c.New = nil
		}
		if rev := apply(t, s, c); rev > 0 {
			d.applied(t, rev, c)
		}
		if n%(changes/backups) == 0 && len(paths) < backups {
			paths = append(paths, <-made)
		}
	}
	for path := range made {
		paths = append(paths, path)
	}
	seen := map[data.Revision]bool{}
	for _, path := range paths {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in, err := gpkg.Inspect(context.Background(), path, storetest.Taxonomy())
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := d.at[in.Revision]; !ok || in.Digest != want {
			t.Errorf("%s: revision %d has digest %x, want %x", path, in.Revision, in.Digest, want)
		}
		seen[in.Revision] = true
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Error("looking at a backup changed it")
		}
		if _, err := os.Stat(path + "-wal"); err == nil {
			t.Error("looking at a backup left a file beside it")
		}
		copied := open(t, path)
		if rev, hs := load(t, copied); rev != in.Revision || len(hs) != in.Records {
			t.Errorf("revision %d, %d records, want %+v", rev, len(hs), in)
		}
	}
	if len(seen) < 3 {
		t.Errorf("all backups are of %d revisions: nothing was written meanwhile", len(seen))
	}
	if err := s.Backup(context.Background(), paths[0]); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over another file: %v", err)
	}
}

// What is wrong with a store's log or records is found and named.
func TestInspectFindsWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ edit, words string }{
		"nothing":        {"SELECT 1", ""},
		"a gap":          {"DELETE FROM revisions WHERE revision = 2", "want every one from 1 to 3"},
		"no first":       {"DELETE FROM revisions WHERE revision = 1", "want every one from 1 to 3"},
		"a change alone": {"INSERT INTO changes (revision, id, op, was) VALUES (9, 'b', 'remove', 2)", "record b: the log has a change of it by a revision that it does not have"},
		"no version":     {"UPDATE hazards SET rev = 1 WHERE id = 'b'", "record b: its version is not in the log"},
		"an old version": {"UPDATE hazards SET rev = 1 WHERE id = 'a'", "record a: the log has a later version"},
		"a lost version": {"UPDATE changes SET op = 'remove' WHERE id = 'a' AND revision = 1", "record a: the log lacks the version that was superseded"},
		"no place":       {"DELETE FROM rtree_hazards_geom WHERE id = (SELECT fid FROM hazards WHERE id = 'b')", "b"},
		"no record":      {"UPDATE hazards SET record = '{' WHERE id = 'b'", "record b"},
		"another file":   {"DROP TABLE riskatlas_store", "GeoPackage of another program"},
	} {
		path := filepath.Join(t.TempDir(), "city.gpkg")
		s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		apply(t, s, put("a", 1))
		apply(t, s, put("b", 2), put("a", 3))
		apply(t, s, put("c", 4))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := raw(t, path)
		for _, table := range []string{"hazards", "revisions", "changes"} {
			for _, event := range []string{"insert", "update", "delete"} {
				if _, err := db.Exec(fmt.Sprintf("DROP TRIGGER riskatlas_%s_%s", table, event)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := db.Exec("PRAGMA journal_mode = DELETE; " + c.edit); err != nil {
			t.Fatal(name, err)
		}
		db.Close()
		in, err := gpkg.Inspect(context.Background(), path, storetest.Taxonomy())
		switch {
		case c.words == "":
			if err != nil || in.Revision != 3 || in.Records != 3 {
				t.Errorf("%s: %+v, %v", name, in, err)
			}
		case err == nil || !strings.Contains(err.Error(), c.words):
			t.Errorf("%s: %v, want %q", name, err, c.words)
		}
	}
}

// A store that is open anywhere is not given away; one that nobody has open is,
// with all that its write-ahead log holds.
func TestSeize(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "city.gpkg")
	cmd, in, lines := process(t, "on demand", path)
	if !lines.Scan() {
		t.Fatal("the child ended")
	}
	fmt.Fprintln(in)
	lines.Scan()
	if _, err := gpkg.Seize(ctx, path); !errors.Is(err, gpkg.ErrHeld) {
		t.Fatalf("a store that another process has open: %v", err)
	}
	fmt.Fprintln(in)
	if lines.Scan(); lines.Text() != "2" {
		t.Fatalf("the other cannot write any more: %q", lines.Text())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	release, err := gpkg.Seize(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the write-ahead log is still beside it")
	}
	if _, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{Wait: 1}); err == nil {
		t.Error("another may open what was seized")
	}
	release()
	if rev, hs := load(t, open(t, path)); rev != 2 || len(hs) != 1 {
		t.Errorf("revision %d, %d records", rev, len(hs))
	}
	text := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, []byte("some text that is no store at all, and is not to be lost"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := gpkg.Seize(ctx, text); err == nil || !strings.Contains(err.Error(), "not an SQLite file") {
		t.Errorf("a text file: %v", err)
	}
}
