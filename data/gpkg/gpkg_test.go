package gpkg_test

import (
	"path/filepath"
	"testing"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
)

func open(t testing.TB, path string) *gpkg.Store {
	t.Helper()
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) data.Store { return open(t, filepath.Join(t.TempDir(), "city #1 100%?.gpkg")) })
}
