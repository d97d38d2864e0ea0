package ingest

import (
	"fmt"
	"io"
	"path"
	"strings"

	"riskatlas/data"
	featuretables "riskatlas/data/gpkg/features"
)

// geoPackage reads the feature tables of a GeoPackage: those that the options
// name, else all.
func (b *builder) geoPackage(c *content, most int) error {
	if err := c.checkLog(b.opts); err != nil {
		return err
	}
	counted := &countingAt{c.at, b.progress}
	f, err := featuretables.Open(b.ctx, counted, c.size, most)
	if err != nil {
		return err
	}
	defer f.Close()
	if ours, err := f.Has(b.ctx, "riskatlas_store"); err != nil || ours {
		if err == nil {
			err = &data.Invalid{Field: "file", Value: "a store of riskatlas", Want: "an export of it: as a store it is opened with --store, and a copy of the file is all of it"}
		}
		return err
	}
	layers, err := f.Layers(b.ctx)
	if err != nil {
		return err
	}
	names, byName := []string{}, map[string]*featuretables.Layer{}
	for i := range layers {
		names = append(names, layers[i].Name)
		byName[layers[i].Name] = &layers[i]
	}
	if len(names) == 0 {
		return &data.Invalid{Field: "GeoPackage", Value: "no feature table", Want: "at least one table of features"}
	}
	chosen, err := b.chosen(names)
	if err != nil {
		return err
	}
	for _, name := range chosen {
		title := name
		if len(names) == 1 {
			title = ""
		}
		if err := b.layer(f, byName[name], title); err != nil {
			return fmt.Errorf("layer %s: %w", name, err)
		}
	}
	return nil
}

// checkLog refuses a database with a log of changes beside it that are not yet in
// the file: without them it may be of any age, or none.
func (c *content) checkLog(opts *Options) error {
	if opts.Beside == nil {
		return nil
	}
	for _, ending := range []string{"-wal", "-journal"} {
		f, err := opts.Beside.Open(path.Base(c.name) + ending)
		if err != nil {
			continue
		}
		n, _ := io.ReadFull(f, make([]byte, 32))
		f.Close()
		if n == 32 {
			return &data.Invalid{Field: "file", Value: path.Base(c.name) + ending + " beside it", Want: "a file that no program has open: its last changes are still in that log"}
		}
	}
	return nil
}

func (b *builder) layer(f *featuretables.File, l *featuretables.Layer, title string) error {
	if err := b.begin(gpkgFormat, title, utf8Name, b.beside...); err != nil {
		return err
	}
	var err error
	if b.frame, err = b.frameOfSystem(&l.System); err != nil {
		return err
	}
	cols, err := newColumns(b.mapping, l.Columns, true, func(s string) bool { return s == strings.ToValidUTF8(s, "") })
	if err != nil {
		return err
	}
	cols.passing = l.Key
	err = f.Read(b.ctx, l, b.most, func(r *featuretables.Row) error {
		cols.row.reset(len(b.table))
		cols.row.feature, cols.row.drawn = r.Number, r.Shape
		if cols.row.broken = r.Broken; r.Broken == nil {
			cols.fill(r.Values, utf8Name)
		}
		return b.take(cols.row)
	})
	if err != nil {
		return err
	}
	return b.end()
}

// frameOfSystem reads a layer's system: by its EPSG code, else by its text.
func (b *builder) frameOfSystem(s *featuretables.System) (frame, error) {
	by := fmt.Sprintf("its srs_id %d", s.ID)
	if strings.EqualFold(s.Organization, "EPSG") {
		if said, err := epsgFrame(s.Code); err == nil {
			return chooseBetween(b.opts.Datum, by, said, true, nil)
		}
	}
	return b.frameOf(s.Definition, by)
}

type countingAt struct {
	io.ReaderAt
	done func(int)
}

func (r *countingAt) ReadAt(p []byte, at int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, at)
	r.done(n)
	return n, err
}
