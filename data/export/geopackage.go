package export

import (
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"riskatlas/data"
	"riskatlas/data/gpkg"
)

// columnTypes are a GeoPackage's types of the kinds of cells.
var columnTypes = map[kind]string{text: "TEXT", list: "TEXT", object: "TEXT", whole: "INTEGER", decimal: "DOUBLE", truth: "BOOLEAN"}

// writeGeoPackage writes a GeoPackage of one layer, sources.
func writeGeoPackage(w io.Writer, tax *data.Taxonomy, records Records, opts Options) error {
	dir, err := os.MkdirTemp("", "riskatlas-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sources.gpkg")
	table := NewTable(tax, opts.Revisions)
	layer := gpkg.Layer{Name: "sources", Description: "Risk sources, by the names of the interchange"}
	var at []int // the cells of the layer's columns: a place is its geometry's
	for i, c := range table.columns {
		if c.name != "lon" && c.name != "lat" && c.kind != wktText {
			layer.Columns, at = append(layer.Columns, gpkg.Column{Name: c.name, Type: columnTypes[c.kind]}), append(at, i)
		}
	}
	if err := gpkg.WriteLayer(path, layer, features(table, at, records)); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// features turns records into the layer's rows.
func features(table *Table, at []int, records Records) iter.Seq2[*gpkg.Feature, error] {
	return func(yield func(*gpkg.Feature, error) bool) {
		f := gpkg.Feature{Values: make([]any, len(at))}
		for r, err := range records {
			if err == nil {
				err = fill(&f, table, at, r)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&f, nil) {
				return
			}
		}
	}
}

func fill(f *gpkg.Feature, table *Table, at []int, r *data.Record) error {
	cells, err := table.Row(r)
	if err != nil {
		return err
	}
	f.Shape = r.Hazard.Shape
	for i, n := range at {
		if f.Values[i], err = stored(table.columns[n], cells[n]); err != nil {
			return fmt.Errorf("record %s: %s: %w", r.Hazard.ID, table.columns[n].name, err)
		}
	}
	return nil
}

// stored is a cell as a GeoPackage has it; nil is nothing.
func stored(c column, s string) (any, error) {
	switch {
	case s == "":
		return nil, nil
	case c.kind == whole:
		return strconv.ParseInt(s, 10, 64)
	case c.kind == decimal:
		return strconv.ParseFloat(s, 64)
	case c.kind == truth:
		return int64(1), nil
	}
	return s, nil
}
