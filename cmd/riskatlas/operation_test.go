package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// start runs the program as a process that serves and gives its address.
func start(t *testing.T, cmd *exec.Cmd) (url string, ended chan error) {
	t.Helper()
	l := newLogs()
	cmd.Stderr = l
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended = make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		ended <- cmd.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-gone
	})
	found := l.wait(listening, gone)
	if found == nil || l.wait(regexp.MustCompile(`msg=ready`), gone) == nil {
		t.Fatalf("the server does not start:\n%s", l)
	}
	return "http://" + found[1], ended
}

// SIGTERM under load: first /readyz says 503, no answer is cut, and the process
// ends by itself within ten seconds.
func TestStopsGracefullyUnderLoad(t *testing.T) {
	cmd := another("serve", "--demo", "--demo-hazards", "500", "--listen", "127.0.0.1:0", "--drain", "1s")
	url, ended := start(t, cmd)
	stopped := make(chan struct{})
	var answered, refused, cut atomic.Int64
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: w%2 == 0}}
			for i := 0; ; i++ {
				select {
				case <-stopped:
					return
				default:
				}
				resp, err := client.Get(fmt.Sprintf("%s/tiles/risk,hazards/12/%d/%d.mvt?level=%d", url, 3410+i%12, 1682+w, 1+i%4))
				if err != nil {
					refused.Add(1) // the listener is closed: not accepted, so not cut
					continue
				}
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode >= 400 {
					cut.Add(1)
				} else {
					answered.Add(1)
				}
			}
		})
	}
	for answered.Load() < 50 {
		if resp, _ := get(t, url+"/readyz"); resp.StatusCode != http.StatusOK {
			t.Fatalf("readyz %d under load", resp.StatusCode)
		}
	}
	signalled := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	drained := false
	for !drained && time.Since(signalled) < 900*time.Millisecond {
		resp, err := http.Get(url + "/readyz")
		if err != nil {
			break
		}
		resp.Body.Close()
		drained = resp.StatusCode == http.StatusServiceUnavailable
	}
	if !drained {
		t.Error("readyz never said 503 before the connections ended")
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the process ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the process does not end within 10 s")
	}
	took := time.Since(signalled)
	close(stopped)
	workers.Wait()
	if cut.Load() > 0 {
		t.Errorf("%d answers were cut", cut.Load())
	}
	t.Logf("%d answers, %d connections refused after the stop, ended after %v", answered.Load(), refused.Load(), took.Round(time.Millisecond))
}

// GDAL reads the store while the server has it open.
func TestOgrinfoReadsTheStoreWhileItIsServed(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("ogrinfo is not here: 'make tools' installs it where it may")
	}
	store := filepath.Join(t.TempDir(), "city.gpkg")
	must(t, "demo", "--store", store, "--hazards", "250")
	serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	out, err := exec.Command("ogrinfo", "-ro", "-so", store, "hazards").CombinedOutput()
	if err != nil {
		t.Fatalf("ogrinfo: %v\n%s", err, out)
	}
	for _, want := range []string{"Layer name: hazards", "Feature Count: 250", "Extent: (1"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "Warning") || strings.Contains(string(out), "ERROR") {
		t.Errorf("ogrinfo complains:\n%s", out)
	}
}

// Prometheus's own checker finds nothing to say about the metrics.
func TestPromtoolAcceptsTheMetrics(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not here: 'make tools' installs it where it may")
	}
	url := serveForTest(t, "serve", "--demo", "--demo-hazards", "200", "--listen", "127.0.0.1:0")
	get(t, url+"/tiles/risk,hazards/12/3415/1686.mvt")
	_, body := get(t, url+"/metrics")
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = bytes.NewReader(body)
	if out, err := check.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	if !bytes.Contains(body, []byte("riskatlas_")) {
		t.Error("no metric of our own")
	}
}

// As in the image: a numeric user without rights, a root that it cannot write,
// one folder that it can.
func TestRunsAsNobodyWithOneWritableFolder(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may become another user")
	}
	dir, err := os.MkdirTemp("/var/tmp", "riskatlas-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "riskatlas")
	if out, err := exec.Command("cp", os.Args[0], binary).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	as := func(args ...string) *exec.Cmd {
		cmd := exec.Command(binary, args...)
		cmd.Env = []string{asProcess + "=1"}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		return cmd
	}
	store := filepath.Join(data, "city.gpkg")
	if out, err := as("demo", "--store", store, "--hazards", "100").CombinedOutput(); err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	url, _ := start(t, as("serve", "--store", store, "--listen", "127.0.0.1:0"))
	if out, err := as("healthcheck", "--url", url+"/readyz").CombinedOutput(); err != nil {
		t.Errorf("healthcheck: %v\n%s", err, out)
	}
	resp, body := get(t, url+"/api/v1/summary?by=level")
	var total struct {
		Count int `json:"count"`
	}
	if err := json.Unmarshal(body, &total); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("summary: %d %s", resp.StatusCode, body)
	}
}
