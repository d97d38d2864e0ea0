package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"riskatlas/data/city"
	"riskatlas/data/gpkg"
)

type restoreCommand struct {
	storeFlags
	Backup string `arg:"" help:"The backup, its manifest beside it." placeholder:"BACKUP.gpkg"`
	Force  bool   `help:"Put it in the place of the store that is there, unless a server has that open."`
}

// Run makes the store the one that was backed up. Everything is checked before
// the store has its name; what fails leaves the old one as it is.
func (c *restoreCommand) Run(p *process) error {
	if c.Store == "" {
		return fmt.Errorf("--store is missing: give the GeoPackage file to make, for example --store city.gpkg")
	}
	profile, err := city.Load(c.City)
	if err != nil {
		return err
	}
	if err := c.free(); err != nil {
		return err
	}
	m, err := readManifest(manifestOf(c.Backup))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(c.Store), ".restore-*")
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(folder)
	made := filepath.Join(folder, "store")
	if err := copyBackup(c.Backup, made, m); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := c.check(p, made, profile, m); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := c.place(p, made); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(p.out, "%s: revision %d, %d sources, digest %s\n", c.Store, m.Revision, m.Records, m.Digest)
	return nil
}

// free refuses to take the place of what is there, unless that is asked for.
func (c *restoreCommand) free() error {
	for _, path := range []string{c.Store, c.Store + "-wal"} {
		if _, err := os.Lstat(path); err == nil && !c.Force {
			return fmt.Errorf("restore: %s is there already: --force puts the backup in its place", path)
		}
	}
	return nil
}

// copyBackup copies the backup and checks that it is the one of the manifest.
func copyBackup(from, to string, m *backupManifest) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), in)
	if err := errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close()); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); n != m.Bytes || sum != m.SHA256 {
		return fmt.Errorf("%s is damaged: %d bytes of SHA-256 %s, the manifest says %d of %s", from, n, sum, m.Bytes, m.SHA256)
	}
	return nil
}

// check reads the copy whole and compares it with the manifest.
func (c *restoreCommand) check(ctx context.Context, path string, profile *city.Profile, m *backupManifest) error {
	in, err := gpkg.Inspect(ctx, path, profile.Taxonomy)
	if err != nil {
		return err
	}
	have := *m
	if have.holds(in); have != *m {
		return fmt.Errorf("%s holds revision %d, %d sources, %d units, digest %s; the manifest says %d, %d, %d, %s",
			c.Backup, have.Revision, have.Records, have.Units, have.Digest, m.Revision, m.Records, m.Units, m.Digest)
	}
	return nil
}

// place gives the copy the store's name in one step.
func (c *restoreCommand) place(ctx context.Context, made string) error {
	if _, err := os.Stat(c.Store); errors.Is(err, os.ErrNotExist) {
		// A log without its file would be taken for the new one's.
		if err := removeLog(c.Store); err != nil {
			return err
		}
		if err := os.Link(made, c.Store); err != nil { // fails where the name is taken meanwhile
			return err
		}
		return syncFolder(filepath.Dir(c.Store))
	}
	release, err := gpkg.Seize(ctx, c.Store)
	if err != nil {
		return err
	}
	defer release()
	if err := removeLog(c.Store); err != nil {
		return err
	}
	if err := os.Rename(made, c.Store); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(c.Store))
}

// removeLog removes the files of a write-ahead log that nobody has open.
func removeLog(store string) error {
	for _, ending := range []string{"-wal", "-shm"} {
		if err := os.Remove(store + ending); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
