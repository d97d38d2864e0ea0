package gpkg

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"

	"riskatlas/data"
)

// keepUnits keeps the set of a kind that the revision is about to replace.
func (w *writer) keepUnits(ctx context.Context, kind string, replaced data.Revision) error {
	rows, err := w.conn.QueryContext(ctx, "SELECT code, name, coalesce(name_en, ''), coalesce(class, ''), coalesce(props, ''), geom FROM units WHERE kind = ? ORDER BY code", kind)
	if err != nil {
		return err
	}
	packed, err := packUnits(rows)
	if err != nil {
		return fmt.Errorf("keeping the units %s: %w", kind, err)
	}
	_, err = w.conn.ExecContext(ctx, "INSERT INTO past_units (kind, replaced, packed) VALUES (?, ?, ?)", kind, int64(replaced), packed)
	return err
}

// packedUnit is a unit as it is packed: its row, the geometry as it is stored.
type packedUnit struct {
	Code   string          `json:"code"`
	Name   string          `json:"name,omitempty"`
	NameEn string          `json:"name_en,omitempty"`
	Class  string          `json:"class,omitempty"`
	Props  json.RawMessage `json:"props,omitempty"`
	Geom   []byte          `json:"geom"`
}

// packUnits packs rows of units, which it closes: a line of JSON each, in one
// stream of zstd.
func packUnits(rows *sql.Rows) ([]byte, error) {
	defer rows.Close()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	lines := json.NewEncoder(z)
	for rows.Next() {
		var u packedUnit
		var props string
		var geom sql.RawBytes
		if err := rows.Scan(&u.Code, &u.Name, &u.NameEn, &u.Class, &props, &geom); err != nil {
			return nil, err
		}
		u.Props, u.Geom = json.RawMessage(props), geom
		if err := lines.Encode(&u); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(rows.Err(), z.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpackUnits(packed []byte) (out []data.Unit, err error) {
	z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	for lines := json.NewDecoder(z); ; {
		var p packedUnit
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		u := data.Unit{Code: p.Code, Name: p.Name, NameEn: p.NameEn, Class: p.Class}
		if u.Shape, err = decode(p.Geom); err == nil && len(p.Props) > 0 {
			err = json.Unmarshal(p.Props, &u.Props)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Code, err)
		}
		out = append(out, u)
	}
}

// KindsAt is data.Past's.
func (s *Store) KindsAt(ctx context.Context, at data.Revision) ([]string, error) {
	var out []string
	err := s.read(ctx, "kinds", func(conn *sql.Conn) error {
		if err := reached(ctx, conn, at); err != nil {
			return err
		}
		// A kind holds something where its last replacement put something there.
		rows, err := conn.QueryContext(ctx, "SELECT DISTINCT kind FROM revisions WHERE kind IS NOT NULL AND revision <= ? ORDER BY kind", int64(at))
		if err != nil {
			return err
		}
		kinds, err := texted(rows)
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			set, err := unitsAt(ctx, conn, at, kind)
			if err != nil {
				return err
			}
			if len(set) > 0 {
				out = append(out, kind)
			}
		}
		return nil
	})
	return out, err
}

// texted reads rows of one text and closes them.
func texted(rows *sql.Rows) (out []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// UnitsAt is data.Past's. It reads the whole set before it gives the first.
func (s *Store) UnitsAt(ctx context.Context, at data.Revision, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		var units []data.Unit
		err := s.read(ctx, "units", func(conn *sql.Conn) (err error) {
			if err := reached(ctx, conn, at); err != nil {
				return err
			}
			units, err = unitsAt(ctx, conn, at, kind)
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

// unitsAt reads a kind's set as it was: the one that the first replacement after
// the revision took away, or the present one where there was none.
func unitsAt(ctx context.Context, conn *sql.Conn, at data.Revision, kind string) ([]data.Unit, error) {
	var before, after sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT max(revision) FILTER (WHERE revision <= ?1), min(revision) FILTER (WHERE revision > ?1) FROM revisions WHERE kind = ?2",
		int64(at), kind).Scan(&before, &after); err != nil {
		return nil, err
	}
	switch {
	case !before.Valid: // nothing had been put there
		return nil, nil
	case !after.Valid:
		return readUnits(ctx, conn, kind)
	}
	var packed []byte
	err := conn.QueryRowContext(ctx, "SELECT packed FROM past_units WHERE kind = ? AND replaced = ?", kind, after.Int64).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("the set of units %s that revision %d replaced %w", kind, after.Int64, data.ErrForgotten)
	}
	if err != nil {
		return nil, err
	}
	out, err := unpackUnits(packed)
	if err != nil {
		return nil, fmt.Errorf("the units %s before revision %d: %w", kind, after.Int64, err)
	}
	return out, nil
}

// reached is the error of a revision that the file has not come to.
func reached(ctx context.Context, conn querier, at data.Revision) error {
	last, err := newest(ctx, conn)
	if err == nil && at > last {
		err = data.PastRevision(at, last)
	}
	return err
}
