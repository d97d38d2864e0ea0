package storetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// writes are the system calls by which a file changes, or is made to last.
const writes = "write,pwrite64,pwritev,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat"

// KilledAt runs the command under strace, which kills it as one of its threads
// enters the n-th of its writes to the store's files. It reports whether that
// came, and the output. It skips the test where strace cannot be used.
func KilledAt(t testing.TB, n int, store string, cmd *exec.Cmd) (killed bool, out string) {
	t.Helper()
	bin, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here: 'make tools' installs it where it may")
	}
	args := []string{"strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + writes, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", writes, n)}
	for _, ending := range []string{"", "-wal", "-shm"} {
		args = append(args, "-P", store+ending)
	}
	cmd.Path, cmd.Args = bin, append(args, cmd.Args...)
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false, string(text)
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return true, string(text)
	case strings.Contains(strings.ToLower(string(text)), "ptrace"):
		t.Skipf("strace may not look at processes here: %s", text)
	}
	t.Fatalf("the process under strace: %v\n%s", err, text)
	return false, ""
}

// SmallDisk mounts a file system of so many kB until the test ends, or skips the
// test.
func SmallDisk(t testing.TB, kB int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kB)); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// FillDisk takes all the room that a folder's file system has left, until free is
// called.
func FillDisk(t testing.TB, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 16; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 4
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = os.Remove(path) }
}
