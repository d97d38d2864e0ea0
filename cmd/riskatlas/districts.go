package main

import (
	"fmt"
	"os"
	"path/filepath"

	"riskatlas/data/ingest"
)

type districtsCommand struct {
	File string `arg:"" help:"File of polygons: GeoJSON, GeoPackage, Shapefile (.shp or zipped) or KML, or a table (CSV, XLSX) with a geometry column."`
	storeFlags
	readFlags
	Vintage string `help:"Which state of the division into districts the file has, such as 2021. Default: the profile's."`
	Zone    string `help:"Write zones of this name with free codes in the place of districts." placeholder:"NAME"`
}

// Run puts the file's districts, or zones, in the place of what the store holds
// of that vintage or name: all of them or nothing.
func (c *districtsCommand) Run(p *process) error {
	if c.Zone != "" && c.Vintage != "" {
		return fmt.Errorf("--zone %s and --vintage %s: want one of them", c.Zone, c.Vintage)
	}
	return c.units(p, &c.storeFlags, c.File, func(f *os.File, size int64, opts ingest.Options) (*ingest.Units, error) {
		if c.Zone != "" {
			return ingest.ReadZones(p, filepath.Base(c.File), f, size, opts, c.Zone)
		}
		return ingest.ReadDistricts(p, filepath.Base(c.File), f, size, opts, c.Vintage)
	})
}

// units reads a file of units and writes it into the store.
func (r *readFlags) units(p *process, s *storeFlags, file string, read func(*os.File, int64, ingest.Options) (*ingest.Units, error)) error {
	store, profile, err := r.openFor(s)
	if err != nil {
		return err
	}
	defer store.Close()
	opts, err := r.options(profile, store)
	if err != nil {
		return err
	}
	var u *ingest.Units
	err = reading(p, file, &opts, func(f *os.File, size int64) (err error) {
		u, err = read(f, size, opts)
		return err
	})
	if err != nil {
		return err
	}
	if r.DryRun {
		_, _, err = u.Plan(p, store)
	} else {
		err = u.Write(p, store, r.note(u.Kind, file))
	}
	if told := r.tell(p, u.Report); err == nil {
		err = told
	}
	return err
}
