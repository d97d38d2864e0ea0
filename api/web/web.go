package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// The built pages stand in dist/site; a build without Node has only the page
// that says how to build them.
//
//go:embed all:dist
var dist embed.FS

const site, unbuilt = "dist/site", "dist/unbuilt.html"

// Built reports whether the pages are in this binary.
func Built() bool {
	_, err := fs.Stat(dist, site+"/index.html")
	return err == nil
}

// asset is one file, ready to send.
type asset struct {
	kind, etag  string
	plain, gzip []byte
	immutable   bool // its name holds a hash of its content
}

// Site serves the pages. Immutable, safe for concurrent use.
type Site struct{ assets map[string]*asset }

// New reads and compresses the embedded pages once.
func New() (*Site, error) {
	s := &Site{assets: map[string]*asset{}}
	if !Built() {
		return s, s.add("/", unbuilt)
	}
	return s, fs.WalkDir(dist, site, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		url := strings.TrimPrefix(name, site)
		url = strings.TrimSuffix(url, "index.html")
		if page, ok := strings.CutSuffix(url, ".html"); ok {
			url = page
		}
		return s.add(url, name)
	})
}

func (s *Site) add(url, name string) error {
	b, err := fs.ReadFile(dist, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	a := &asset{plain: b, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: mime.TypeByExtension(path.Ext(name)),
		immutable: strings.Contains(url, "/assets/")}
	if path.Ext(name) == ".mjs" || path.Ext(name) == ".js" {
		a.kind = "text/javascript; charset=utf-8"
	}
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if small.Len() < len(b)*9/10 {
		a.gzip = small.Bytes()
	}
	s.assets[url] = a
	return nil
}

// Has reports whether there is a page or file at this path.
func (s *Site) Has(path string) bool { return s.assets[path] != nil }

// ServeHTTP sends the file at the request's path. Paths that Has does not know
// get an empty 404: ask it first.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.assets[r.URL.Path]
	if a == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if a.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := a.plain
	h.Set("ETag", a.etag)
	if a.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", strings.TrimSuffix(a.etag, `"`)+`-gzip"`)
		body = a.gzip
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
