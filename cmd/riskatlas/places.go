package main

import (
	"os"
	"path/filepath"

	"riskatlas/data/ingest"
)

type placesCommand struct {
	File string `arg:"" help:"File of points, or of lines for roads: CSV, XLSX, GeoJSON, GeoPackage, Shapefile (.shp or zipped) or KML."`
	storeFlags
	readFlags
	Kind   string `help:"Kind of all places of the file: shelter, fire_station, hospital, rescue_team, material, duty_room, road or place. Default: the file's kind column, translated by --values kind=FILE where that is given."`
	Strict bool   `help:"End with status 2 if any row was refused. Good rows are written all the same."`
}

// Run puts the file's places in the place of those that the store holds of the
// same kinds. Places of other kinds stay.
func (c *placesCommand) Run(p *process) error {
	var read *ingest.Units
	err := c.units(p, &c.storeFlags, c.File, func(f *os.File, size int64, opts ingest.Options) (u *ingest.Units, err error) {
		read, err = ingest.ReadPlaces(p, filepath.Base(c.File), f, size, opts, c.Kind)
		return read, err
	})
	if err == nil && c.Strict && read.Report.Rejected > 0 {
		return &exitError{2, read.Report.Totals()}
	}
	return err
}
