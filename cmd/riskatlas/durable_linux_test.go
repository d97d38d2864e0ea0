package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
	"riskatlas/tiles"
)

// soaking reports that a test may take longer.
func soaking() bool { return os.Getenv("RISKATLAS_SOAK") != "" }

// listOf is a CSV file of n sources, all of them named for the delivery.
func listOf(n int, name string) string {
	var b strings.Builder
	b.WriteString("id,name,industry,level,lon,lat,responsible\n")
	for i := range n {
		fmt.Fprintf(&b, "S-%05d,%s %d,I04,%d,%.4f,%.4f,\n", i, name, i, 1+i%4, 120.1+float64(i%97)/1000, 30.2+float64(i%89)/1000)
	}
	return b.String()
}

// state is what a store was found to hold.
type state struct {
	revision data.Revision
	records  int
	digest   uint64
}

// inspected checks a store whole.
func inspected(t *testing.T, path, when string) state {
	t.Helper()
	s, _, err := (&storeFlags{Store: path, City: "hangzhou"}).open()
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	defer s.Close()
	in, err := s.(*gpkg.Store).Inspect(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	return state{in.Revision, in.Records, in.Digest}
}

// indexed loads the city as serve does, and compares what the index holds with
// what the city shows of the store.
func indexed(t *testing.T, path, when string) {
	t.Helper()
	ctx := context.Background()
	s, profile, err := (&storeFlags{Store: path, City: "hangzhou"}).open()
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	defer s.Close()
	seen := city.Wrap(s, profile, city.InternalView)
	l, stop, err := startLive(ctx, seen, tiles.Options{})
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	defer stop()
	var ids []data.ID
	_, all := s.Load(ctx)
	for h, err := range all {
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		ids = append(ids, h.ID)
	}
	records, err := seen.Detail(ctx, ids...)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	view, n := l.viewer.View(), 0
	var have, want uint64
	for h := range view.All(data.All(), "") {
		if n >= len(ids) || h.ID != ids[n] {
			t.Fatalf("%s: the index has %s, the store %d others", when, h.ID, len(ids))
		}
		for sum, r := range map[*uint64]*data.Record{&have: {Hazard: h, Detail: records[n].Detail}, &want: records[n]} {
			one, err := profile.Taxonomy.ContentDigest(r)
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			*sum += one
		}
		n++
	}
	if n != len(ids) || have != want {
		t.Errorf("%s: the index has %d sources, digest %x, the store %d, digest %x", when, n, have, len(ids), want)
	}
}

// importing is a store with a first delivery, and the next delivery as a file.
type importing struct {
	dir, base, file string
	before, after   state
}

// deliveries makes a store of a first delivery, and finds what it is after the
// next: of n sources twice as many, half of them changed.
func deliveries(t *testing.T, n int) *importing {
	t.Helper()
	dir := t.TempDir()
	d := &importing{dir: dir, base: filepath.Join(dir, "base.gpkg"), file: write(t, dir, "two.csv", listOf(2*n, "two"))}
	must(t, "import", write(t, dir, "one.csv", listOf(n, "one")), "--store", d.base)
	d.before = inspected(t, d.base, "before")
	done := d.copy(t, "after.gpkg")
	must(t, "import", d.file, "--store", done)
	d.after = inspected(t, done, "after")
	if d.before.revision != 1 || d.after.revision != 2 || d.after.records != 2*n {
		t.Fatalf("%+v", d)
	}
	return d
}

func (d *importing) copy(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(d.base)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, d.dir, name, string(raw))
}

// judge checks what a killed import left: all of it, or nothing, and all when it
// had said so. It reports whether it was all.
func (d *importing) judge(t *testing.T, store, out, when string) bool {
	t.Helper()
	switch got := inspected(t, store, when); got {
	case d.after:
		return true
	case d.before:
		if strings.Contains(out, "wrote ") {
			t.Errorf("%s: nothing of it is there, and it had said\n%s", when, out)
		}
	default:
		t.Errorf("%s: %+v, want %+v or %+v", when, got, d.before, d.after)
	}
	return false
}

// An import that is killed at random moments is there whole or not at all, the
// city loads again, and the next import ends what it began.
func TestImportKilledAtRandomMoments(t *testing.T) {
	d := deliveries(t, 300)
	began := time.Now()
	if out, err := another("import", d.file, "--store", d.copy(t, "timed.gpkg")).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	whole := time.Since(began)
	rng := rand.New(rand.NewPCG(uint64(began.UnixNano()), 1))
	moments, kept, store := 10, 0, ""
	if soaking() {
		moments = 200
	}
	for n := range moments {
		store = d.copy(t, "city.gpkg")
		var out strings.Builder
		cmd := another("import", d.file, "--store", store)
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Reading comes first and writing last: most moments are of the second half.
		moment := time.NewTimer(whole/3 + time.Duration(rng.Int64N(int64(whole))))
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-moment.C:
			_ = cmd.Process.Kill()
			<-ended
		case <-ended:
		}
		when := fmt.Sprint("moment ", n)
		if d.judge(t, store, out.String(), when) {
			kept++
		}
		indexed(t, store, when)
		removeStore(t, store)
	}
	t.Logf("an import of %v: kept whole %d times of %d", whole.Round(time.Millisecond), kept, moments)
}

func removeStore(t *testing.T, store string) {
	t.Helper()
	for _, ending := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(store + ending); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// The same where it dies as it enters each call that writes the store or makes it
// last: all of them where there is time.
func TestImportKilledAtEveryWrite(t *testing.T) {
	d := deliveries(t, 20)
	stride, before, after, last := 12, 0, 0, 0
	if soaking() {
		stride = 1
	}
	store := ""
	for n, killed := 1, true; killed; n += stride {
		if store != "" {
			removeStore(t, store)
		}
		store = d.copy(t, "city.gpkg")
		cmd := another("import", d.file, "--store", store)
		cmd.Env = append(cmd.Env, onOneThread+"=1")
		var out string
		killed, out = storetest.KilledAt(t, n, store, cmd)
		if n > 2000 {
			t.Fatal("the process never ends by itself")
		}
		last = n
		if d.judge(t, store, out, fmt.Sprint("killed at write ", n)) {
			after++
		} else {
			before++
		}
	}
	t.Logf("killed at every write up to number %d, %d at a time: lost whole %d times, kept whole %d times", last-1, stride, before, after)
	if before < 2 || after < 2 {
		t.Errorf("%d moments before, %d after: the kills do not hit the writes", before, after)
	}
	// After all that a server starts on the store, and GDAL reads it.
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	resp, body := get(t, url+"/api/v1/export.geojson")
	if want := must(t, "export", "--store", store, "--view", "internal", "-o", "-", "--format", "geojson"); resp.StatusCode != http.StatusOK || string(body) != want {
		t.Errorf("the server gives %d, %d bytes, the store %d", resp.StatusCode, len(body), len(want))
	}
	if bin, err := exec.LookPath("ogrinfo"); err == nil {
		out, err := exec.Command(bin, "-ro", "-so", store, "hazards").CombinedOutput()
		if err != nil || !strings.Contains(string(out), fmt.Sprint("Feature Count: ", d.after.records)) || strings.Contains(string(out), "ERROR") {
			t.Errorf("ogrinfo: %v\n%s", err, out)
		}
	}
}

// An import on a full disk says so and leaves the store as it was; with room it is
// made.
func TestImportOnAFullDisk(t *testing.T) {
	disk := storetest.SmallDisk(t, 6000)
	d := deliveries(t, 300)
	raw, err := os.ReadFile(d.base)
	if err != nil {
		t.Fatal(err)
	}
	store := write(t, disk, "city.gpkg", string(raw))
	url := serveForTest(t, "serve", "--store", store, "--listen", "127.0.0.1:0")
	free := storetest.FillDisk(t, disk)
	status, out, errs := command("import", d.file, "--store", store)
	if status != 1 || !strings.Contains(errs, "the disk is full") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if resp, body := get(t, url+"/api/v1/hazards/S-00001"); resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "one 1") {
		t.Errorf("reading: %d %s", resp.StatusCode, body)
	}
	if got := inspected(t, store, "full"); got != d.before {
		t.Errorf("%+v, want %+v", got, d.before)
	}
	free()
	must(t, "import", d.file, "--store", store)
	if got := inspected(t, store, "with room again"); got != d.after {
		t.Errorf("%+v, want %+v", got, d.after)
	}
	// The same over HTTP: 507, and the server goes on.
	free = storetest.FillDisk(t, disk)
	made, refused := 0, 0
	for n := 0; n < 60 && refused < 3; n++ { // the log beside the store may have room still
		switch status, body := post(t, http.DefaultClient, url, fmt.Sprint("F-", n)); status {
		case http.StatusCreated:
			made++
		case http.StatusInsufficientStorage:
			if refused++; !strings.Contains(body, "disk is full") {
				t.Errorf("%s", body)
			}
		default:
			t.Fatalf("status %d %s", status, body)
		}
	}
	if refused < 3 {
		t.Fatalf("%d sources were stored on a full disk", made)
	}
	for _, path := range []string{"/readyz", "/api/v1/hazards/S-00001", "/api/v1/risk?lon=120.15&lat=30.27"} {
		if resp, body := get(t, url+path); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	free()
	if status, body := post(t, http.DefaultClient, url, "F-last"); status != http.StatusCreated {
		t.Errorf("with room again: %d %s", status, body)
	}
	if got := inspected(t, store, "at the end"); got.records != d.after.records+made+1 {
		t.Errorf("%+v after %d more", got, made+1)
	}
}

// post stores a new source and gives the status, 0 where the server is gone.
func post(t *testing.T, client *http.Client, url, id string) (status int, body string) {
	t.Helper()
	resp, err := client.Post(url+"/api/v1/hazards", "application/geo+json", strings.NewReader(fmt.Sprintf(
		`{"type":"Feature","id":%q,"geometry":{"type":"Point","coordinates":[120.1551,30.2741]},"properties":{"name":"new","industry":"I04","level":1}}`, id)))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// A server that is killed while four clients write has lost nothing that it had
// answered, and starts again on what it left.
func TestServerKilledWhileWriting(t *testing.T) {
	store := filepath.Join(t.TempDir(), "city.gpkg")
	must(t, "import", write(t, t.TempDir(), "one.csv", listOf(50, "one")), "--store", store)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	moments := 3
	if soaking() {
		moments = 60
	}
	var acked []data.ID
	for n := range moments {
		cmd := another("serve", "--store", store, "--listen", "127.0.0.1:0")
		url, ended := start(t, cmd)
		acks := make(chan data.ID)
		var clients sync.WaitGroup
		for c := range 4 {
			clients.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				for i := 0; ; i++ {
					id := fmt.Sprintf("W-%d-%d-%d", n, c, i)
					switch status, body := post(t, client, url, id); status {
					case 0:
						return
					case http.StatusCreated:
						acks <- data.ID(id)
					default:
						t.Errorf("%s: %d %s", id, status, body)
						return
					}
				}
			})
		}
		go func() { clients.Wait(); close(acks) }()
		least, seen := 1+rng.IntN(12), 0
		for id := range acks {
			acked = append(acked, id)
			if seen++; seen == least {
				time.AfterFunc(time.Duration(rng.IntN(10_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		<-ended
		if seen < least {
			t.Fatalf("moment %d: %d answers, then none", n, seen)
		}
		when := fmt.Sprint("moment ", n)
		got := inspected(t, store, when)
		if got.records < 50+len(acked) || got.records > 50+len(acked)+4*(n+1) || int(got.revision) != got.records-50+1 {
			t.Errorf("%s: %+v after %d answers", when, got, len(acked))
		}
		for i, r := range recordsOf(t, store, acked) {
			if r == nil {
				t.Fatalf("%s: %s was answered and is lost", when, acked[i])
			}
		}
		indexed(t, store, when)
	}
	t.Logf("%d writes were answered, none was lost in %d kills", len(acked), moments)
}

func recordsOf(t *testing.T, store string, ids []data.ID) []*data.Record {
	t.Helper()
	s, _, err := (&storeFlags{Store: store, City: "hangzhou"}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	records, err := s.Detail(context.Background(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	return records
}
