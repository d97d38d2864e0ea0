package main

import (
	"fmt"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/gpkg"
)

// storeFlags name a store and the city that it is of.
type storeFlags struct {
	Store string `help:"The store: a GeoPackage file, created when missing." placeholder:"FILE.gpkg" env:"RISKATLAS_STORE"`
	City  string `help:"The city's profile: hangzhou, generic or a profile file." default:"hangzhou" env:"RISKATLAS_CITY"`
}

// unitStore is a store that keeps units as well, as all of ours do.
type unitStore interface {
	data.Store
	data.Units
}

// open loads the profile and opens the store. The caller closes the store.
func (f *storeFlags) open() (unitStore, *city.Profile, error) {
	profile, err := city.Load(f.City)
	if err != nil {
		return nil, nil, err
	}
	if f.Store == "" {
		return nil, nil, fmt.Errorf("--store is missing: give a GeoPackage file, for example --store city.gpkg")
	}
	if strings.Contains(f.Store, "://") {
		return nil, nil, fmt.Errorf("--store %q: want a GeoPackage file", f.Store)
	}
	store, err := gpkg.Open(f.Store, profile.Taxonomy, gpkg.Options{})
	if err != nil {
		return nil, nil, err
	}
	return store, profile, nil
}
