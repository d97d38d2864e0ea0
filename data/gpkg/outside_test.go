package gpkg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
)

// TestMain lets the tests start this binary as another process.
func TestMain(m *testing.M) {
	child, path := os.Getenv("GPKG_TEST_CHILD"), os.Getenv("GPKG_TEST_PATH")
	var err error
	switch child {
	case "":
		os.Exit(m.Run())
	case "write":
		err = childWrite(path)
	case "on demand":
		err = childOnDemand(path)
	case "full disk":
		err = childLimited(path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process starts this binary as the child. It is killed when the test ends.
func process(t *testing.T, child, path string) (*exec.Cmd, io.WriteCloser, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GPKG_TEST_CHILD="+child, "GPKG_TEST_PATH="+path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, in, bufio.NewScanner(out)
}

// childWrite writes batches without end, each of two records that say its
// number and now and then of many more, and prints each revision once it stands.
func childWrite(path string) error {
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		cs := []data.Change{numbered("a", n), numbered("b", n)}
		if n%3 == 0 {
			cs = append(cs, relax(fill(200))...)
		}
		rev, err := s.Apply(context.Background(), data.Note{Who: "child"}, cs...)
		if err != nil {
			return err
		}
		fmt.Println(rev)
	}
}

func numbered(id data.ID, n int) data.Change {
	c := put(id, 0)
	c.New.Detail.Staff = &n
	return c
}

func TestKilledWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	acked := 0
	for _, acks := range []int{1, 2, 7} {
		cmd, _, lines := process(t, "write", path)
		for range acks {
			if !lines.Scan() {
				t.Fatal("the child ended")
			}
			acked, _ = strconv.Atoi(lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it had said when it died
			acked, _ = strconv.Atoi(lines.Text())
		}
		_ = cmd.Wait()

		s := open(t, path)
		rev, hs := load(t, s)
		if int(rev) < acked {
			t.Fatalf("revision %d after %d was said to stand", rev, acked)
		}
		ab, err := s.Detail(context.Background(), "a", "b")
		if err != nil || *ab[0].Detail.Staff != *ab[1].Detail.Staff {
			t.Fatalf("half a batch: %v, %v", ab, err)
		}
		replayed := map[data.ID]data.Revision{}
		for b, err := range s.Watch(context.Background(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range b.Changes {
				replayed[c.ID] = b.Revision
			}
			if b.Revision == rev {
				break
			}
		}
		for _, h := range hs {
			if replayed[h.ID] != h.Rev {
				t.Fatalf("%s: at %d, in the log at %d", h.ID, h.Rev, replayed[h.ID])
			}
		}
		if len(replayed) != len(hs) {
			t.Fatalf("%d hazards, %d in the log", len(hs), len(replayed))
		}
		checkIndex(t, s, raw(t, path))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// childOnDemand applies one change for each line that it reads.
func childOnDemand(path string) error {
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("ready")
	for n, lines := 0, bufio.NewScanner(os.Stdin); lines.Scan(); n++ {
		rev, err := s.Apply(context.Background(), data.Note{Who: "child"}, put("a", n))
		if err != nil {
			return err
		}
		fmt.Println(rev)
	}
	return nil
}

func TestAnotherProcessIsSeenWithinASecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	_, in, lines := process(t, "on demand", path)
	if !lines.Scan() {
		t.Fatal("the child ended")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	seen := make(chan data.Batch)
	go func() {
		defer close(seen)
		for b, err := range s.Watch(ctx, 0) {
			if err != nil {
				t.Error(err)
				return
			}
			select {
			case seen <- b:
			case <-ctx.Done():
			}
		}
	}()
	best := time.Hour
	for n := range 5 {
		fmt.Fprintln(in)
		if !lines.Scan() {
			t.Fatal("the child ended")
		}
		stood := time.Now()
		b, ok := <-seen
		if !ok || b.Revision != data.Revision(n+1) || b.Note.Who != "child" {
			t.Fatalf("%+v, %v", b, ok)
		}
		best = min(best, time.Since(stood))
	}
	// A machine under load may be late now and then, not each time.
	if best > time.Second {
		t.Errorf("seen after %v at best", best)
	}
	cancel()
	for range seen {
	}
}

func TestTwoStoresOfOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	a, b := open(t, path), open(t, path)
	const each = 10
	var wg sync.WaitGroup
	for i, s := range []*gpkg.Store{a, b} {
		wg.Go(func() {
			for n := range each {
				if _, err := s.Apply(context.Background(), data.Note{}, data.Change{ID: data.ID(fmt.Sprintf("%d-%d", i, n)), New: storetest.Record(data.ID(fmt.Sprintf("%d-%d", i, n)), n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, s := range []*gpkg.Store{a, b} {
		if rev, hs := load(t, s); rev != 2*each || len(hs) != 2*each {
			t.Errorf("revision %d, %d hazards", rev, len(hs))
		}
	}
	_, err := b.Apply(context.Background(), data.Note{}, data.Change{ID: "0-0", If: 99, New: storetest.Record("0-0", 1)})
	if !errors.Is(err, data.ErrConflict) {
		t.Errorf("%v, want a conflict", err)
	}
}

func TestManyMakeTheFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if _, err := s.Apply(context.Background(), data.Note{}, put(data.ID(fmt.Sprint(n)), n)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if rev, hs := load(t, open(t, path)); rev != 6 || len(hs) != 6 {
		t.Errorf("revision %d, %d hazards", rev, len(hs))
	}
}

func TestWaitForAnotherWriterEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{Wait: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	patient := open(t, path)
	other, err := raw(t, path).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Apply(context.Background(), data.Note{}, put("a", 1))
	if err == nil || !strings.Contains(err.Error(), "another process is writing") || errors.Is(err, data.ErrReadOnly) {
		t.Errorf("%v", err)
	}
	// The client that leaves ends its own wait.
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := patient.Apply(ctx, data.Note{}, put("a", 1)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	if rev, _ := load(t, s); rev != 0 { // readers do not wait
		t.Error(rev)
	}
	if _, err := other.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if rev := apply(t, s, put("a", 1)); rev != 1 {
		t.Errorf("revision %d", rev)
	}
}

// childLimited lets the disk take only so many bytes more, and says how the next
// batch ended, and what the store did afterwards.
func childLimited(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		return err
	}
	rev, err := s.Apply(context.Background(), data.Note{}, put("a", 1))
	if err != nil {
		return err
	}
	log, err := os.Stat(path + "-wal")
	if err != nil {
		return err
	}
	for budget := int64(0); ; budget += 8000 {
		var before syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			return err
		}
		limit := before
		limit.Cur = uint64(log.Size() + budget)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
		next, failed := s.Apply(context.Background(), data.Note{}, relax(fill(40))...)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			return err
		}
		if failed == nil {
			fmt.Println("passed", next, budget)
			return s.Close()
		}
		if !errors.Is(failed, data.ErrReadOnly) {
			return fmt.Errorf("with %d bytes: %w", budget, failed)
		}
		// There is space again, but what the failed write left is not known.
		if _, err := s.Apply(context.Background(), data.Note{}, put("b", 1)); !errors.Is(err, data.ErrReadOnly) {
			return fmt.Errorf("with %d bytes: the store took another change: %v", budget, err)
		}
		seen, all := s.Load(context.Background())
		n := 0
		for _, err := range all {
			if err != nil {
				return err
			}
			n++
		}
		if seen != rev || n != 1 {
			return fmt.Errorf("with %d bytes: revision %d, %d hazards, want %d, 1", budget, seen, n, rev)
		}
		if err := s.Close(); err != nil {
			return err
		}
		fmt.Println("failed", failed)
		if s, err = gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{}); err != nil {
			return err
		}
		if _, err := s.Apply(context.Background(), data.Note{Key: "again"}, put("a", 1)); err != nil {
			return err
		}
		if rev, _ = s.Load(context.Background()); rev == 0 {
			return errors.New("nothing is left")
		}
		if log, err = os.Stat(path + "-wal"); err != nil {
			return err
		}
	}
}

// The first, second, third … write to the disk fails, until a batch passes.
func TestDiskFailsAtEveryPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	cmd, _, lines := process(t, "full disk", path)
	failures, passed := 0, ""
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "failed") {
			failures++
		} else {
			passed = lines.Text()
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d failures, then %s", failures, passed)
	if failures < 5 || passed == "" {
		t.Errorf("%d failures, then %q", failures, passed)
	}
	s := open(t, path)
	if _, hs := load(t, s); len(hs) != 41 {
		t.Errorf("%d hazards", len(hs))
	}
	checkIndex(t, s, raw(t, path))
}

func TestFileReplacedUnderneath(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "city.gpkg"), filepath.Join(dir, "other.gpkg")
	s := open(t, path)
	apply(t, s, put("a", 1))
	apply(t, open(t, other), put("a", 1))
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var failed error
	for _, err := range s.Watch(ctx, 1) {
		failed = err
	}
	if failed == nil || !strings.Contains(failed.Error(), "replaced") {
		t.Fatalf("watch: %v", failed)
	}
	if _, err := s.Apply(ctx, data.Note{}, put("a", 2)); !errors.Is(err, data.ErrReadOnly) {
		t.Errorf("a write into a file that nobody will find: %v", err)
	}
}

// An edit by another program fails by the name of what it lacks, and changes nothing.
func TestEditFromOutsideFailsLoudly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	apply(t, s, fill(20)...)
	if _, err := s.Replace(context.Background(), data.Note{}, data.PlaceKind, []data.Unit{{Code: "p", Shape: storetest.Record("p", 0).Hazard.Shape}}); err != nil {
		t.Fatal(err)
	}
	before, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, edit := range []string{
		"UPDATE hazards SET level = 4", "DELETE FROM hazards", "INSERT INTO hazards (geom, id, name, industry, level, status, rev, scenarios, record) SELECT geom, 'x', name, industry, level, status, rev, scenarios, record FROM hazards LIMIT 1",
		"UPDATE units SET name = 'x'", "DELETE FROM revisions", "UPDATE changes SET op = 'remove'",
	} {
		for _, program := range [][]string{{"sqlite3", path, edit}, {"ogrinfo", path, "-sql", edit}} {
			bin, err := exec.LookPath(program[0])
			if err != nil {
				continue
			}
			tried++
			out, err := exec.Command(bin, program[1:]...).CombinedOutput()
			if !strings.Contains(string(out), "no such function: change_this_file_only_through_riskatlas") {
				t.Errorf("%v: %v: %s", program, err, out)
			}
		}
	}
	if tried == 0 {
		t.Skip("needs sqlite3 or ogrinfo (package gdal-bin)")
	}
	if after, err := s.Digest(context.Background()); err != nil || after != before {
		t.Errorf("digest %x, want %x, %v", after, before, err)
	}
	if rev := apply(t, s, put("a", 1)); rev != 3 {
		t.Errorf("revision %d", rev)
	}
}

var (
	featureCount = regexp.MustCompile(`Feature Count: (\d+)`)
	extentLine   = regexp.MustCompile(`Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)`)
)

func TestReadByOgrinfoWhileWritten(t *testing.T) {
	ogrinfo, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("needs ogrinfo (package gdal-bin)")
	}
	path := filepath.Join(t.TempDir(), "city.gpkg")
	s := open(t, path)
	apply(t, s, fill(400)...)
	ask := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(ogrinfo, append([]string{"-ro", "-so", path}, args...)...).CombinedOutput()
		if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	count := func(out string) int {
		m := featureCount.FindStringSubmatch(out)
		if m == nil {
			t.Fatal(out)
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.Apply(context.Background(), data.Note{}, put(data.ID(fmt.Sprintf("w%d", n%7)), n)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	halt := sync.OnceFunc(func() { close(stop); wg.Wait() })
	defer halt()
	layers := ask()
	for _, layer := range []string{": hazards\n", ": units\n", ": revisions (None)\n", ": changes (None)\n"} {
		if !strings.Contains(layers, layer) {
			t.Errorf("no layer %q in %s", layer, layers)
		}
	}
	for range 3 {
		if n := count(ask("hazards")); n < 400 || n > 407 {
			t.Errorf("%d features while being written", n)
		}
	}
	halt()

	_, hs := load(t, s)
	out := ask("hazards")
	if n := count(out); n != len(hs) || !strings.Contains(out, "WGS 84") || !strings.Contains(out, "FID Column = fid") {
		t.Errorf("%d features, want %d: %s", n, len(hs), out)
	}
	bound, inside := hs[0].Bound(), 0
	west := storetest.Record("x", 3).Hazard.Bound()
	for _, h := range hs {
		bound = bound.Union(h.Bound())
		if h.Bound().Intersects(west.Pad(0.2)) {
			inside++
		}
	}
	m := extentLine.FindStringSubmatch(out)
	if m == nil {
		t.Fatal(out)
	}
	for i, want := range []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]} {
		if got, _ := strconv.ParseFloat(m[i+1], 64); got-want > 1e-6 || want-got > 1e-6 {
			t.Errorf("extent %v, want %v", m[1:], bound)
		}
	}
	// A window is answered from the R-tree, and GDAL then tests the shapes themselves.
	w := west.Pad(0.2)
	arg := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if n := count(ask("-spat", arg(w.Min[0]), arg(w.Min[1]), arg(w.Max[0]), arg(w.Max[1]), "hazards")); n == 0 || n > inside || inside-n > len(hs)/20 {
		t.Errorf("%d features in %v, %d bounds meet it", n, w, inside)
	}
}
