package gpkg

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"

	"riskatlas/data"
)

// Kinds is data.Units'.
func (s *Store) Kinds(ctx context.Context) ([]string, error) {
	var out []string
	err := s.read(ctx, "kinds", func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, "SELECT DISTINCT kind FROM units ORDER BY kind")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind string
			if err := rows.Scan(&kind); err != nil {
				return err
			}
			out = append(out, kind)
		}
		return rows.Err()
	})
	return out, err
}

// Units is data.Units'. It reads the whole set before it gives the first.
func (s *Store) Units(ctx context.Context, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		var units []data.Unit
		err := s.read(ctx, "units", func(conn *sql.Conn) (err error) {
			units, err = readUnits(ctx, conn, kind)
			return err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range units {
			if !yield(&units[i], nil) {
				return
			}
		}
	}
}

func readUnits(ctx context.Context, conn *sql.Conn, kind string) ([]data.Unit, error) {
	rows, err := conn.QueryContext(ctx, "SELECT code, name, name_en, class, props, geom FROM units WHERE kind = ? ORDER BY code", kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []data.Unit
	for rows.Next() {
		var u data.Unit
		var nameEn, class, props sql.NullString
		var geom sql.RawBytes
		if err := rows.Scan(&u.Code, &u.Name, &nameEn, &class, &props, &geom); err != nil {
			return nil, err
		}
		u.NameEn, u.Class = nameEn.String, class.String
		if u.Shape, err = decode(geom); err == nil && props.Valid {
			err = json.Unmarshal([]byte(props.String), &u.Props)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, u.Code, err)
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// Replace is data.Units'. An empty set removes the kind.
func (s *Store) Replace(ctx context.Context, note data.Note, kind string, units []data.Unit) (data.Revision, error) {
	set, err := data.CheckUnits(kind, units)
	if err != nil {
		return 0, err
	}
	return s.write(ctx, "replace "+kind, note, kind, func(w *writer, next data.Revision) (int, error) {
		return w.replace(ctx, kind, set, next)
	})
}

func (w *writer) units(ctx context.Context, kind string, set []data.Unit) error {
	within := context.WithoutCancel(ctx)
	put, err := w.conn.PrepareContext(within, "INSERT INTO units (kind, code, name, name_en, class, props, geom) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer put.Close()
	for i := range set {
		u := &set[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		var props any
		if len(u.Props) > 0 {
			b, err := json.Marshal(u.Props)
			if err != nil {
				return fmt.Errorf("%s %s: %w", kind, u.Code, err)
			}
			props = string(b)
		}
		if _, err := put.ExecContext(within, kind, u.Code, u.Name, orNull(u.NameEn), orNull(u.Class), props, encode(u.Shape)); err != nil {
			return fmt.Errorf("%s %s: %w", kind, u.Code, err)
		}
	}
	return nil
}
