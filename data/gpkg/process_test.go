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
	"runtime"
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
	case "once":
		err = childOnce(path)
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

// childOnce applies one batch of two records that say the same number, on one
// thread, and prints the revision once it stands.
func childOnce(path string) error {
	runtime.LockOSThread() // strace counts the calls of each thread
	s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		return err
	}
	rev, err := s.Apply(context.Background(), data.Note{Who: "child", Key: "once"}, numbered("a", 2), numbered("b", 2))
	if err != nil {
		return err
	}
	fmt.Println(rev)
	return s.Close()
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
	if rev := apply(t, patient, put("a", 1)); rev != 2 {
		t.Errorf("revision %d", rev)
	}
}

// Contexts that end at any moment of a call leave nothing behind.
func TestContextsEndAtAnyMoment(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "city.gpkg"))
	applied, ended := data.Revision(0), 0
	batch := relax(fill(30))
	for n := range 150 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n*30)*time.Microsecond)
		rev, err := s.Apply(ctx, data.Note{}, batch...)
		switch {
		case err == nil && rev == applied+1:
			applied = rev
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			ended++
		default:
			t.Fatalf("revision %d after %d, %v", rev, applied, err)
		}
		if _, err := s.Detail(ctx, "HZ-000001", "HZ-000002"); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		for _, err := range s.Watch(ctx, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		cancel()
	}
	for range 12 { // more than the pool has connections
		if rev, _ := load(t, s); rev != applied {
			t.Fatalf("revision %d, want %d", rev, applied)
		}
	}
	if rev := apply(t, s, batch...); rev != applied+1 || ended == 0 {
		t.Errorf("revision %d, want %d; %d contexts ended in time", rev, applied+1, ended)
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
