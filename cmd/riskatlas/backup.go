package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/gpkg"
)

type backupCommand struct {
	storeFlags
	Out string `arg:"" help:"The backup to write, a store itself; its manifest is OUT.json." placeholder:"OUT.gpkg"`
}

// Run writes the backup of one revision, also while a server reads and writes the
// store. It checks what it wrote before the backup has its name.
func (c *backupCommand) Run(p *process) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	for _, path := range []string{c.Out, manifestOf(c.Out)} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("backup: %s is there already: a backup never takes another's place (%v)", path, err)
		}
	}
	opened, profile, err := c.open()
	if err != nil {
		return err
	}
	defer opened.Close()
	store, ok := opened.(*gpkg.Store)
	if !ok {
		return errors.New("backup: want a GeoPackage store")
	}
	folder, err := os.MkdirTemp(filepath.Dir(c.Out), ".backup-*")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.RemoveAll(folder)
	made, err := backup(p, store, profile, filepath.Join(folder, "store"))
	if err == nil {
		err = placeBackup(folder, c.Out, made)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(p.out, "%s: revision %d, %d sources, %d bytes, digest %s\n", c.Out, made.Revision, made.Records, made.Bytes, made.Digest)
	return nil
}

// backupManifest says what a backup holds. Its own hash is the last member, of
// all before it: no byte of it or of the backup can change unnoticed.
type backupManifest struct {
	Format   string        `json:"format"`
	Program  string        `json:"program"`
	City     string        `json:"city"`
	Revision data.Revision `json:"revision"`
	Records  int           `json:"records"`
	Units    int           `json:"units"`
	Digest   string        `json:"digest"` // of the records, as check prints it
	Bytes    int64         `json:"bytes"`
	SHA256   string        `json:"sha256"`
	Self     string        `json:"manifest_sha256"`
}

const backupFormat = "riskatlas-backup/1"

// manifestOf is where a backup's manifest stands.
func manifestOf(path string) string { return path + ".json" }

// text is the manifest as it is written, with its own hash.
func (m backupManifest) text() ([]byte, error) {
	m.Self = ""
	var out [2]bytes.Buffer
	if err := writeJSON(&out[0], m); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(out[0].Bytes())
	m.Self = hex.EncodeToString(sum[:])
	err := writeJSON(&out[1], m)
	return out[1].Bytes(), err
}

// readManifest reads a manifest and refuses one of which a byte is not as it was
// written.
func readManifest(path string) (*backupManifest, error) {
	const most = 1 << 16
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, err
	}
	var m backupManifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	if m.Format != backupFormat {
		return nil, fmt.Errorf("%s: format %q, want %s", path, m.Format, backupFormat)
	}
	if want, err := m.text(); err != nil || !bytes.Equal(want, raw) {
		return nil, fmt.Errorf("%s is damaged: it is not as it was written", path)
	}
	return &m, nil
}

// backup writes the store to a path and says what it holds by reading it again.
func backup(ctx context.Context, store *gpkg.Store, profile *city.Profile, path string) (*backupManifest, error) {
	if err := store.Backup(ctx, path); err != nil {
		return nil, err
	}
	in, err := gpkg.Inspect(ctx, path, profile.Taxonomy)
	if err != nil {
		return nil, err
	}
	m := &backupManifest{Format: backupFormat, Program: "riskatlas " + version, City: profile.Key}
	m.holds(in)
	m.Bytes, m.SHA256, err = hashed(path)
	return m, err
}

func (m *backupManifest) holds(in *gpkg.Inspection) {
	m.Revision, m.Records, m.Units, m.Digest = in.Revision, in.Records, in.Units, digestText(in.Digest)
}

func digestText(digest uint64) string { return fmt.Sprintf("%016x", digest) }

func hashed(path string) (bytes int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	bytes, err = io.Copy(h, f)
	return bytes, hex.EncodeToString(h.Sum(nil)), err
}

// placeBackup gives the backup in the folder and its manifest their names. The
// manifest comes first: where there is a backup, it has one.
func placeBackup(folder, out string, m *backupManifest) error {
	text, err := m.text()
	if err != nil {
		return err
	}
	manifest := filepath.Join(folder, "manifest")
	if err := writeSynced(manifest, text); err != nil {
		return err
	}
	if err := os.Link(manifest, manifestOf(out)); err != nil { // fails where the name is taken
		return err
	}
	if err := os.Link(filepath.Join(folder, "store"), out); err != nil {
		return errors.Join(err, os.Remove(manifestOf(out)))
	}
	return syncFolder(filepath.Dir(out))
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}
