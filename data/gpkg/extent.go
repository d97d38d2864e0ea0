package gpkg

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// extent keeps the box of a table in gpkg_contents exact, without looking at
// all rows unless one that touched the box's edge went away.
type extent struct {
	table string
	now   envelope
	some  bool // there is a box
	moved bool // it grew
	stale bool // it may have shrunk
}

func (w *writer) extent(ctx context.Context, table string) (*extent, error) {
	var v [4]sql.NullFloat64
	err := w.conn.QueryRowContext(ctx, "SELECT min_x, max_x, min_y, max_y FROM gpkg_contents WHERE table_name = ?", table).
		Scan(&v[0], &v[1], &v[2], &v[3])
	e := &extent{table: table, some: v[0].Valid && v[1].Valid && v[2].Valid && v[3].Valid}
	for i := range v {
		e.now[i] = v[i].Float64
	}
	return e, err
}

// add is told of a row that comes, by its geometry.
func (e *extent) add(blob []byte) {
	in, _, err := splitBlob(blob)
	if err != nil {
		return // it is we who encoded it
	}
	before := e.now
	if !e.some {
		e.now, e.some = in, true
	}
	e.now = envelope{min(e.now[0], in[0]), max(e.now[1], in[1]), min(e.now[2], in[2]), max(e.now[3], in[3])}
	e.moved = e.moved || e.now != before
}

// drop is told of a row that goes, by the head of its geometry.
func (e *extent) drop(blob []byte) {
	out, _, err := splitBlob(blob)
	e.stale = e.stale || err != nil || out[0] <= e.now[0] || out[1] >= e.now[1] || out[2] <= e.now[2] || out[3] >= e.now[3]
}

// save writes the box.
func (e *extent) save(ctx context.Context, w *writer) error {
	if e.stale {
		if err := e.measure(ctx, w); err != nil {
			return err
		}
	} else if !e.moved {
		return nil
	}
	args := []any{nil, nil, nil, nil, e.table}
	if e.some {
		args = []any{e.now[0], e.now[1], e.now[2], e.now[3], e.table}
	}
	_, err := w.conn.ExecContext(ctx, "UPDATE gpkg_contents SET min_x = ?, max_x = ?, min_y = ?, max_y = ? WHERE table_name = ?", args...)
	return err
}

// measure takes the box of all rows. The index knows the outermost ones, though
// only to float32; those few tell it exactly.
func (e *extent) measure(ctx context.Context, w *writer) error {
	e.some = true
	for i, side := range []struct{ most, column, exact string }{
		{"min", "minx", "ST_MinX"}, {"max", "maxx", "ST_MaxX"}, {"min", "miny", "ST_MinY"}, {"max", "maxy", "ST_MaxY"}} {
		var v sql.NullFloat64
		query := fmt.Sprintf("SELECT %s(%s(t.geom)) FROM rtree_%[4]s_geom r JOIN %[4]s t ON t.fid = r.id WHERE r.%[3]s = (SELECT %[1]s(%[3]s) FROM rtree_%[4]s_geom)",
			side.most, side.exact, side.column, e.table)
		if err := w.conn.QueryRowContext(ctx, query).Scan(&v); err != nil {
			return err
		}
		e.some = e.some && v.Valid
		e.now[i] = v.Float64
	}
	if !e.some {
		e.now = envelope{}
	} else if math.IsNaN(e.now[0]) {
		return fmt.Errorf("the index of %s is damaged", e.table)
	}
	return nil
}
