package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"
)

// Layer is the head of a plain GeoPackage file of one table of features, which
// is no store: any program may read and change it.
type Layer struct {
	Name        string // of the table
	Description string
	Columns     []Column
}

// Column is one column beside fid and geom. Type is one of the standard's
// (OGC 12-128r17, table 1): TEXT, INTEGER, DOUBLE, BOOLEAN.
type Column struct{ Name, Type string }

// Feature is one row: Values are by column, nil for nothing.
type Feature struct {
	Shape  orb.Geometry // WGS 84
	Values []any
}

// layerTime is the time that a file states as its last change: the same features
// are the same bytes.
const layerTime = "2000-01-01T00:00:00.000Z"

// WriteLayer makes a GeoPackage file of one layer, where there must be none. The
// same features in the same order give the same bytes. After an error what is
// there is no file to read.
func WriteLayer(path string, l Layer, features iter.Seq2[*Feature, error]) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	// Nothing is read from the file before it is whole, so it needs no journal.
	source := url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)", "page_size(4096)", "cache_size(-16000)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?"+source.Encode())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	err = l.write(context.Background(), db, features)
	return errors.Join(err, db.Close())
}

func (l *Layer) write(ctx context.Context, db *sql.DB, features iter.Seq2[*Feature, error]) error {
	if _, err := db.ExecContext(ctx, l.schema()); err != nil {
		return fmt.Errorf("layer %s: %w", l.Name, err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it is nothing
	put, err := tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (geom%s) VALUES (?%s)", quoted(l.Name), l.names(), strings.Repeat(", ?", len(l.Columns))))
	if err != nil {
		return err
	}
	defer put.Close()
	extent := extent{}
	args := make([]any, 1+len(l.Columns))
	for f, err := range features {
		if err != nil {
			return err
		}
		blob := encode(f.Shape)
		extent.add(blob)
		args[0] = blob
		copy(args[1:], f.Values)
		if _, err := put.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	if extent.some {
		e := extent.now
		if _, err := tx.ExecContext(ctx, "UPDATE gpkg_contents SET min_x = ?, max_x = ?, min_y = ?, max_y = ?", e[0], e[1], e[2], e[3]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (l *Layer) names() string {
	var b strings.Builder
	for _, c := range l.Columns {
		b.WriteString(", " + quoted(c.Name))
	}
	return b.String()
}

func (l *Layer) schema() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PRAGMA application_id = %d;\nPRAGMA user_version = %d;\n", applicationID, userVersion)
	b.WriteString(coreTables)
	fmt.Fprintf(&b, "CREATE TABLE %s (fid INTEGER PRIMARY KEY NOT NULL, geom GEOMETRY NOT NULL", quoted(l.Name))
	for _, c := range l.Columns {
		fmt.Fprintf(&b, ", %s %s", quoted(c.Name), c.Type)
	}
	fmt.Fprintf(&b, ");\nINSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) VALUES (%s, 'features', %[1]s, %s, '%s', %d);\n",
		literal(l.Name), literal(l.Description), layerTime, wgs84)
	fmt.Fprintf(&b, "INSERT INTO gpkg_geometry_columns VALUES (%s, 'geom', 'GEOMETRY', %d, 0, 0);\n", literal(l.Name), wgs84)
	return b.String()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func literal(s string) string   { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
