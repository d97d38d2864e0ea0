package features

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
	"modernc.org/sqlite/vfs"

	"riskatlas/data"
)

// File is an open GeoPackage. It is for one goroutine.
type File struct {
	files *vfs.FS
	db    *sql.DB
	conn  *sql.Conn
}

// Layer is a feature table.
type Layer struct {
	Name    string
	Columns []string // without the geometry's
	Key     int      // of Columns: the number of the row, -1 where there is none
	System  System

	geometry string
}

// System is what a layer's coordinates are. Its Definition is well-known text,
// "" where the file calls it undefined.
type System struct {
	ID           int // in this file
	Organization string
	Code         int
	Definition   string
}

// Bounds of what a file may have.
const (
	mostLayers  = 1000
	mostColumns = 2000
)

// Open opens a GeoPackage of size bytes. mostBytes bounds one value. A new File
// must be closed.
func Open(ctx context.Context, r io.ReaderAt, size int64, mostBytes int) (*File, error) {
	name, files, err := vfs.New(&one{r, size})
	if err != nil {
		return nil, fmt.Errorf("opening the GeoPackage: %w", err)
	}
	f := &File{files: files}
	if err := f.connect(ctx, name, mostBytes); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) connect(ctx context.Context, name string, mostBytes int) (err error) {
	// immutable: no locks, no journals, no shared memory.
	f.db, err = sql.Open("sqlite", "file:"+fileName+"?vfs="+name+"&mode=ro&immutable=1"+
		"&_pragma=trusted_schema(OFF)&_pragma=query_only(ON)&_pragma=cell_size_check(ON)&_pragma=cache_size(-4000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return err
	}
	f.db.SetMaxOpenConns(1)
	if f.conn, err = f.db.Conn(ctx); err != nil {
		return broken(err)
	}
	if _, err := sqlite.Limit(f.conn, sqlite3.SQLITE_LIMIT_LENGTH, mostBytes); err != nil {
		return err
	}
	return nil
}

// broken describes an error of the database.
func broken(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &data.Invalid{Field: "GeoPackage", Value: err.Error(), Want: "an undamaged file with the tables of a GeoPackage"}
}

// Close closes the file.
func (f *File) Close() error {
	var errs []error
	if f.conn != nil {
		errs = append(errs, f.conn.Close())
	}
	if f.db != nil {
		errs = append(errs, f.db.Close())
	}
	return errors.Join(append(errs, f.files.Close())...)
}

// Layers gives the feature tables, by name.
func (f *File) Layers(ctx context.Context) ([]Layer, error) {
	rows, err := f.conn.QueryContext(ctx, `SELECT c.table_name, g.column_name, g.srs_id, coalesce(s.organization, ''),
			coalesce(s.organization_coordsys_id, 0), coalesce(s.definition, '')
		FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
			JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
			LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
		WHERE c.data_type = 'features' ORDER BY c.table_name LIMIT ?`, mostLayers)
	if err != nil {
		return nil, broken(err)
	}
	defer rows.Close()
	var layers []Layer
	for rows.Next() {
		var l Layer
		s := &l.System
		if err := rows.Scan(&l.Name, &l.geometry, &s.ID, &s.Organization, &s.Code, &s.Definition); err != nil {
			return nil, broken(err)
		}
		if strings.EqualFold(s.Definition, "undefined") || s.ID <= 0 {
			s.Definition = ""
		}
		layers = append(layers, l)
	}
	if err := rows.Err(); err != nil {
		return nil, broken(err)
	}
	for i := range layers {
		if err := f.columns(ctx, &layers[i]); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

// columns finds a layer's columns: those that are stored, so that no expression
// of the file's own is run.
func (f *File) columns(ctx context.Context, l *Layer) error {
	rows, err := f.conn.QueryContext(ctx, `SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid LIMIT ?`, l.Name, mostColumns)
	if err != nil {
		return broken(err)
	}
	defer rows.Close()
	l.Key = -1
	shaped := false
	for rows.Next() {
		var name string
		var key int
		if err := rows.Scan(&name, &key); err != nil {
			return broken(err)
		}
		if strings.EqualFold(name, l.geometry) {
			shaped = true
			continue
		}
		if key > 0 {
			l.Key = len(l.Columns)
		}
		l.Columns = append(l.Columns, name)
	}
	if err := rows.Err(); err != nil {
		return broken(err)
	}
	if !shaped {
		return &data.Invalid{Field: "layer", Value: l.Name, Want: "its geometry column " + l.geometry + ", which gpkg_geometry_columns names"}
	}
	return nil
}

// Row is one feature. Its values are the reader's own memory until the next.
type Row struct {
	Number int // counted from 1
	Values []string
	Shape  orb.Geometry
	Broken *data.Invalid // why the shape cannot be read; nil where it can
}

// Read calls each for every row of a layer, by row number. vertices bounds those
// of one shape.
func (f *File) Read(ctx context.Context, l *Layer, vertices int, each func(*Row) error) error {
	var b strings.Builder
	b.WriteString("SELECT " + quoted(l.geometry))
	for _, c := range l.Columns {
		b.WriteString(", +" + quoted(c)) // the + drops the declared type, by which the driver would convert
	}
	b.WriteString(" FROM " + quoted(l.Name) + " NOT INDEXED")
	rows, err := f.conn.QueryContext(ctx, b.String())
	if err != nil {
		return broken(err)
	}
	defer rows.Close()
	var blob any
	values := make([]any, len(l.Columns))
	into := []any{&blob}
	for i := range values {
		into = append(into, &values[i])
	}
	row := Row{Values: make([]string, len(values))}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return broken(err)
		}
		row.Number++
		for i, v := range values {
			row.Values[i] = text(v)
		}
		row.Shape, row.Broken = nil, nil
		switch blob := blob.(type) {
		case nil:
		case []byte:
			row.Shape, row.Broken = decode(blob, vertices, l.System.ID)
		default:
			row.Broken = &data.Invalid{Field: "geometry", Value: fmt.Sprintf("%T", blob), Want: "a GeoPackage geometry"}
		}
		if err := each(&row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return broken(err)
	}
	return nil
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// fileName is that of the only file of a file system of one.
const fileName = "in.gpkg"

// one is a file system with one file, which any reader at any place is.
type one struct {
	io.ReaderAt
	size int64
}

func (o *one) Open(name string) (fs.File, error) {
	if name != fileName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &opened{io.NewSectionReader(o, 0, o.size)}, nil
}

// opened is the one file, open. It is its own FileInfo.
type opened struct{ *io.SectionReader }

func (o *opened) Close() error               { return nil }
func (o *opened) Stat() (fs.FileInfo, error) { return o, nil }
func (o *opened) Name() string               { return fileName }
func (o *opened) Mode() fs.FileMode          { return 0o444 }
func (o *opened) ModTime() time.Time         { return time.Time{} }
func (o *opened) IsDir() bool                { return false }
func (o *opened) Sys() any                   { return nil }

// Has reports whether the file has a table.
func (f *File) Has(ctx context.Context, table string) (bool, error) {
	n := 0
	if err := f.conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", table).Scan(&n); err != nil {
		return false, broken(err)
	}
	return n > 0, nil
}
