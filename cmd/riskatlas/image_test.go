package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The lines by which the Dockerfile builds run on a clean clone, without an
// engine: its folders become folders below a temporary one.
func TestImageBuildLines(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("builds everything from nothing: 'make soak' runs it")
	}
	dir := t.TempDir()
	src := filepath.Join(dir, "src")
	if out, err := exec.Command("git", "clone", "-q", "../..", src).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	dockerfile, err := os.ReadFile(filepath.Join(src, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	at, built := src, 0
	for _, line := range strings.Split(string(dockerfile), "\n") {
		verb, rest, _ := strings.Cut(line, " ")
		rest = strings.ReplaceAll(strings.ReplaceAll(rest, "-o /riskatlas", "-o "+dir+"/riskatlas"), "mkdir /data", "mkdir "+dir+"/data")
		switch verb {
		case "WORKDIR":
			at = strings.Replace(rest, "/src", src, 1)
		case "RUN":
			cmd := exec.Command("sh", "-ec", rest)
			cmd.Dir = at
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", rest, err, out)
			}
			built++
		}
	}
	if built < 5 {
		t.Errorf("only %d lines ran", built)
	}
	binary := filepath.Join(dir, "riskatlas")
	if out, err := exec.Command(binary, "version").CombinedOutput(); err != nil {
		t.Errorf("%v %s", err, out)
	}
	if out, err := exec.Command("file", binary).CombinedOutput(); err == nil && !strings.Contains(string(out), "statically linked") {
		t.Errorf("not static: %s", out)
	}
}
