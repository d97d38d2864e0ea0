package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// The test binary stands in for the program where a test needs a process of its
// own: it then runs its arguments as the command line.
const asProcess = "RISKATLAS_TEST_AS_PROCESS"

// onOneThread keeps the process's own work on one thread: strace counts the calls
// of each.
const onOneThread = "RISKATLAS_TEST_ON_ONE_THREAD"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	if os.Getenv(onOneThread) != "" {
		runtime.LockOSThread()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// another makes a process of the program with these arguments.
func another(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProcess+"=1")
	return cmd
}

// must runs a command in this process and gives what it answers.
func must(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(context.Background(), args, &out, &errs); status != 0 {
		t.Fatalf("riskatlas %s: status %d\n%s%s", strings.Join(args, " "), status, out.String(), errs.String())
	}
	return out.String()
}

func TestVersionAndUsage(t *testing.T) {
	if got := must(t, "version"); !strings.HasPrefix(got, "riskatlas ") {
		t.Errorf("version says %q", got)
	}
	if got := must(t, "--help"); !strings.Contains(got, "serve") || !strings.Contains(got, "import") {
		t.Errorf("help names no commands: %q", got)
	}
	if status := run(context.Background(), []string{"fly"}, io.Discard, io.Discard); status == 0 {
		t.Error("an unknown command ended well")
	}
}
