package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"riskatlas/data"
	"riskatlas/data/ingest"
)

type peopleCommand struct {
	File string `arg:"" help:"File of polygons or points, each with its number of people: CSV, XLSX, GeoJSON, GeoPackage, Shapefile (.shp or zipped) or KML."`
	storeFlags
	readFlags
	Field  string `help:"Column or property with the number of people. Default: people, population, pop, 人口, 常住人口 or a like name; the newest year where there are several." placeholder:"COLUMN"`
	Strict bool   `help:"End with status 2 if any row was refused. Good rows are written all the same."`
}

// Run puts the file's people in the place of all those that the store holds.
func (c *peopleCommand) Run(p *process) error {
	if other := c.Map[data.PeopleProp]; c.Field != "" && other != "" && other != c.Field {
		return fmt.Errorf("--field %s and --map %s=%s: want one of them", c.Field, data.PeopleProp, other)
	}
	var read *ingest.Units
	err := c.units(p, &c.storeFlags, c.File, func(f *os.File, size int64, opts ingest.Options) (u *ingest.Units, err error) {
		if c.Field != "" {
			if opts.Map = maps.Clone(opts.Map); opts.Map == nil {
				opts.Map = map[string]string{}
			}
			opts.Map[data.PeopleProp] = c.Field
		}
		read, err = ingest.ReadPeople(p, filepath.Base(c.File), f, size, opts)
		return read, err
	})
	if err == nil && c.Strict && read.Report.Rejected > 0 {
		return &exitError{2, read.Report.Totals()}
	}
	return err
}
