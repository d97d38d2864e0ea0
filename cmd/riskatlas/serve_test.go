package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// logs collects what a running command writes, and lets a test wait for a line.
type logs struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	written chan struct{}
}

func newLogs() *logs { return &logs{written: make(chan struct{}, 1)} }

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.written <- struct{}{}:
	default:
	}
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// wait gives the first match of the expression, or "" when done is closed first.
func (l *logs) wait(expr *regexp.Regexp, done <-chan struct{}) []string {
	for {
		if m := expr.FindStringSubmatch(l.String()); m != nil {
			return m
		}
		select {
		case <-l.written:
		case <-done:
			return expr.FindStringSubmatch(l.String())
		}
	}
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// serveForTest runs a command that serves, waits until it is ready, and gives
// its address. It is stopped, and must end well, when the test ends.
func serveForTest(t *testing.T, args ...string) string {
	t.Helper()
	url, _ := serveWithLogs(t, args...)
	return url
}

func serveWithLogs(t *testing.T, args ...string) (string, *logs) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l, ended := newLogs(), make(chan struct{})
	status := 0
	go func() {
		defer close(ended)
		status = run(ctx, append(args, "--drain", "0s"), io.Discard, l)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("the server does not end")
			return
		}
		if status != 0 {
			t.Errorf("the server ended with %d:\n%s", status, l)
		}
	})
	found := l.wait(listening, ended)
	if found == nil {
		t.Fatalf("the server does not start:\n%s", l)
	}
	if l.wait(regexp.MustCompile(`msg=ready`), ended) == nil {
		t.Fatalf("the server does not get ready:\n%s", l)
	}
	return "http://" + found[1], l
}

// get asks a running server and gives the answer with its whole body.
func get(t *testing.T, url string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

func TestDefaultViewFollowsTheAddress(t *testing.T) {
	for listen, want := range map[string]string{
		":8080": "public", "0.0.0.0:80": "public", "127.0.0.1:0": "internal", "[::1]:9": "internal", "localhost:1": "internal", "10.0.0.1:80": "public"} {
		c := serveCommand{Listen: listen}
		if got, err := c.view(); err != nil || string(got) != want {
			t.Errorf("%s: %s %v, want %s", listen, got, err, want)
		}
	}
}

// A start that cannot succeed ends with one line that names the reason.
func TestStartsThatFailSayWhy(t *testing.T) {
	busy := serveForTest(t, "serve", "--demo", "--demo-hazards", "40", "--listen", "127.0.0.1:0")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--demo", "--listen", strings.TrimPrefix(busy, "http://")}, "address already in use"},
		{[]string{"serve", "--listen", "127.0.0.1:0"}, "--store"},
		{[]string{"serve", "--demo", "--city", "atlantis", "--listen", "127.0.0.1:0"}, "atlantis"},
		{[]string{"serve", "--store", "serve_test.go", "--listen", "127.0.0.1:0"}, "serve_test.go"},
		{[]string{"serve", "--demo", "--view", "everyone"}, "everyone"},
		{[]string{"bake", "x.pmtiles", "--demo", "10", "--zoom", "9-5"}, "9-5"},
		{[]string{"healthcheck", "--url", "http://127.0.0.1:1/readyz"}, "does not answer"},
	} {
		l := newLogs()
		if status := run(context.Background(), c.args, io.Discard, l); status == 0 {
			t.Errorf("%v: ended well, want an error", c.args)
		}
		if !strings.Contains(l.String(), c.want) {
			t.Errorf("%v: says %q, want it to name %q", c.args, l, c.want)
		}
	}
}
