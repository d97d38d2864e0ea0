package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checked is the last line of check: the digest and revision of a whole store.
func checked(t *testing.T, store string) string {
	t.Helper()
	return lastLine(must(t, "check", "--store", store))
}

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	store, copied, restored := filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "backup.gpkg"), filepath.Join(dir, "restored.gpkg")
	must(t, "demo", "--store", store, "--hazards", "120")
	serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	must(t, "backup", "--store", store, copied)
	before := checked(t, store)
	if !strings.Contains(before, "log of every revision are whole") {
		t.Fatal(before)
	}
	var m backupManifest
	raw, err := os.ReadFile(manifestOf(copied))
	if err != nil || json.Unmarshal(raw, &m) != nil || !strings.HasPrefix(before, "digest "+m.Digest+" at revision ") || m.Records != 120 {
		t.Fatalf("%s %v", raw, err)
	}
	must(t, "restore", copied, "--store", restored)
	if got := checked(t, restored); got != before {
		t.Errorf("%s, want %s", got, before)
	}
	// Later changes are gone in a store that is restored over.
	file := write(t, dir, "a.csv", sources)
	must(t, "import", file, "--store", restored)
	if checked(t, restored) == before {
		t.Error("an import changed nothing")
	}
	for words, args := range map[string][]string{
		"is there already: --force":          {"restore", copied, "--store", restored},
		"has it open":                        {"restore", copied, "--store", store, "--force"},
		"a backup never takes another's":     {"backup", "--store", store, copied},
		"there is no such file":              {"backup", "--store", filepath.Join(dir, "none.gpkg"), filepath.Join(dir, "b")},
		"no such file or directory":          {"restore", filepath.Join(dir, "none"), "--store", filepath.Join(dir, "x.gpkg")},
		"not an SQLite file":                 {"restore", copied, "--store", file, "--force"},
		"--store is missing":                 {"restore", copied},
		"x.gpkg: there is no such file":      {"check", "--store", filepath.Join(dir, "x.gpkg")},
		"backup.gpkg.json: no such file or ": {"restore", alone(t, copied), "--store", filepath.Join(dir, "x.gpkg")},
	} {
		if status, out, errs := command(args...); status != 1 || !strings.Contains(errs, words) {
			t.Errorf("%q: status %d, want %q\n%s%s", args, status, words, out, errs)
		}
	}
	must(t, "restore", copied, "--store", restored, "--force")
	if got := checked(t, restored); got != before {
		t.Errorf("%s, want %s", got, before)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// alone copies a backup without its manifest.
func alone(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, t.TempDir(), "backup.gpkg", string(raw))
}

// One changed bit anywhere in a backup or its manifest is noticed, and nothing is
// restored.
func TestDamagedBackupIsRefused(t *testing.T) {
	dir := t.TempDir()
	store, copied := filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "backup.gpkg")
	must(t, "import", write(t, dir, "a.csv", sources), "--store", store)
	must(t, "backup", "--store", store, copied)
	target := filepath.Join(dir, "restored.gpkg")
	must(t, "restore", copied, "--store", target)
	want, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, path := range []string{copied, manifestOf(copied)} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tries := 60
		if os.Getenv("RISKATLAS_SOAK") != "" {
			tries = 3000
		}
		for n := range tries {
			at := n
			if tries < len(whole) {
				at = rng.IntN(len(whole))
			}
			if at >= len(whole) {
				break
			}
			damaged := bytes.Clone(whole)
			damaged[at] ^= 1 << rng.IntN(8)
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if status, out, errs := command("restore", copied, "--store", target, "--force"); status != 1 {
				t.Fatalf("%s, byte %d: status %d\n%s%s", path, at, status, out, errs)
			}
		}
		for _, cut := range []int{0, 1, len(whole) - 1} {
			if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _, _ := command("restore", copied, "--store", target, "--force"); status != 1 {
				t.Errorf("%s cut to %d bytes was restored", path, cut)
			}
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(target); err != nil || !bytes.Equal(now, want) {
		t.Error("a refused backup changed the store that was there")
	}
	// A manifest that was made anew for a damaged file does not help.
	m, err := readManifest(manifestOf(copied))
	if err != nil {
		t.Fatal(err)
	}
	m.Digest = digestText(1)
	text, err := m.text()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifestOf(copied), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := command("restore", copied, "--store", target, "--force"); status != 1 || !strings.Contains(errs, "the manifest says") {
		t.Errorf("another digest: status %d %s", status, errs)
	}
}
