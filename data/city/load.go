package city

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"riskatlas/data"
)

//go:embed profiles/*.json
var embedded embed.FS

// Embedded are the names of the profiles that need no file.
var Embedded = []string{"hangzhou", "generic"}

const (
	profileFormat   = "riskatlas-profile/1"
	catalogueFormat = "riskatlas-catalogue/1"
	maxFileBytes    = 64 << 20
)

// Load gives the embedded profile of that name (hangzhou, generic) or reads a
// profile file, and with it the files that it names in its own folder. The
// error is one line that names the file, and wraps a *data.Invalid with the
// member, its value and what would be right where the content is at fault.
func Load(nameOrPath string) (*Profile, error) {
	for _, name := range Embedded {
		if name == nameOrPath {
			return load(profiles(), name+".json", name)
		}
	}
	if !strings.ContainsAny(nameOrPath, "./"+string(filepath.Separator)) {
		if _, err := os.Stat(nameOrPath); err != nil {
			return nil, &data.Invalid{Field: "city", Value: nameOrPath, Want: "the path of a profile file or one of", Allowed: Embedded}
		}
	}
	// A Root keeps the names inside a profile from leading out of its folder.
	root, err := os.OpenRoot(filepath.Dir(nameOrPath))
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", nameOrPath, err)
	}
	defer root.Close()
	return load(root.FS(), filepath.Base(nameOrPath), nameOrPath)
}

func profiles() fs.FS {
	sub, err := fs.Sub(embedded, "profiles")
	if err != nil {
		panic(err) // the directive above names the folder
	}
	return sub
}

func load(files fs.FS, name, shown string) (*Profile, error) {
	raw, err := read(files, name)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", shown, err)
	}
	p, err := parse(raw, files)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", shown, err)
	}
	return p, nil
}

func read(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFileBytes {
		return nil, &data.Invalid{Field: "file", Value: name, Want: fmt.Sprintf("a file of at most %d bytes", maxFileBytes)}
	}
	return bytes.TrimPrefix(raw, []byte("\ufeff")), nil
}

// decode reads one JSON value and refuses members that T does not have.
func decode[T any](raw []byte) (*T, error) {
	var v T
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(&v)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			return nil, at(raw, dec.InputOffset(), "nothing after the one JSON value")
		}
		return &v, nil
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return nil, at(raw, syntax.Offset, "JSON ("+syntax.Error()+")")
	case errors.As(err, &kind):
		return nil, &data.Invalid{Field: kind.Field, Value: kind.Value, Want: "a " + kindName(kind.Type.Kind().String())}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, at(raw, int64(len(raw)), "JSON (it ends too early)")
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return nil, &data.Invalid{Field: strings.Trim(name, `"`), Value: "unknown member", Want: "only the members of the format"}
	}
	return nil, err
}

// kindName turns Go's name of a kind into JSON's.
func kindName(kind string) string {
	switch kind {
	case "struct", "map":
		return "JSON object"
	case "slice", "array":
		return "list"
	case "float64":
		return "number"
	}
	return kind
}

func at(raw []byte, offset int64, want string) error {
	before := raw[:min(max(offset, 0), int64(len(raw)))]
	line := bytes.Count(before, []byte("\n")) + 1
	return &data.Invalid{Field: "json", Value: fmt.Sprintf("line %d", line), Want: want}
}

// part reads a member that is a file's name or the JSON itself; where names it
// in errors. The member's absence gives nil.
func part[T any](files fs.FS, where string, m FileOrInline) (*T, error) {
	m = bytes.TrimSpace(m)
	if len(m) == 0 || bytes.Equal(m, []byte("null")) {
		return nil, nil
	}
	if m[0] == '"' {
		var name string
		if err := json.Unmarshal(m, &name); err != nil {
			return nil, &data.Invalid{Field: where, Value: string(m), Want: "the name of a file"}
		}
		raw, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		m = raw
		where += ": " + name
	}
	v, err := decode[T](m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return v, nil
}
