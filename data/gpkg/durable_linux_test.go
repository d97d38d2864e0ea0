package gpkg_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/gpkg"
	"riskatlas/data/storetest"
)

// A process that dies as it enters any one of the calls that write or sync leaves
// the state before its batch or after it, and after it when it had said so.
func TestKilledAtEveryWrite(t *testing.T) {
	dir := t.TempDir()
	base := filepath.Join(dir, "base.gpkg")
	s, err := gpkg.Open(base, storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, append([]data.Change{numbered("a", 1), numbered("b", 1)}, fill(30)...)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, last := 0, 0, 0
	for n, killed := 1, true; killed; n += stride() {
		path := filepath.Join(dir, fmt.Sprintf("city-%d.gpkg", n))
		copyFile(t, base, path)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "GPKG_TEST_CHILD=once", "GPKG_TEST_PATH="+path, "GOMAXPROCS=2")
		var out string
		killed, out = storetest.KilledAt(t, n, path, cmd)
		if n > 300 {
			t.Fatal("the process never ends by itself")
		}
		last = n
		s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
		if err != nil {
			t.Fatalf("killed at write %d: %v", n, err)
		}
		rev := checkWhole(t, s, fmt.Sprint("killed at write ", n))
		switch {
		case rev == 2:
			after++
		case rev != 1 || strings.Contains(out, "2\n"):
			t.Errorf("killed at write %d: revision %d, it had said %q", n, rev, out)
		default:
			before++
		}
		// It takes changes again, and the same batch is made once.
		if again, err := s.Apply(context.Background(), data.Note{Key: "once"}, numbered("a", 2), numbered("b", 2)); err != nil || again != 2 {
			t.Errorf("killed at write %d: again: revision %d, %v", n, again, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_ = os.Remove(path)
	}
	t.Logf("killed at every write up to number %d, %d at a time: the batch was lost whole %d times and kept whole %d times", last-1, stride(), before, after)
	if before < 5 || after < 2 {
		t.Errorf("%d moments before, %d after: the kills do not hit the writes", before, after)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkWhole checks a store of numbered pairs: the file, its log, its index, and
// that no batch is half there. It gives the revision.
func checkWhole(t *testing.T, s *gpkg.Store, when string) data.Revision {
	t.Helper()
	in, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	ab, err := s.Detail(context.Background(), "a", "b")
	switch {
	case err != nil:
		t.Fatalf("%s: %v", when, err)
	case (ab[0] == nil) != (ab[1] == nil), ab[0] != nil && *ab[0].Detail.Staff != *ab[1].Detail.Staff:
		t.Fatalf("%s: half a batch", when)
	}
	if sum, err := s.Digest(context.Background()); err != nil || sum != in.Digest {
		t.Errorf("%s: digest %x, then %x, %v", when, in.Digest, sum, err)
	}
	return in.Revision
}

// moments is how many random moments a test kills at.
func moments() int {
	if os.Getenv("RISKATLAS_SOAK") != "" {
		return 200
	}
	return 10
}

// stride is how many writes are passed over between two moments.
func stride() int {
	if os.Getenv("RISKATLAS_SOAK") != "" {
		return 1
	}
	return 3
}

// A writer that is killed at random moments loses nothing that it had said stood.
func TestKilledAtRandomMoments(t *testing.T) {
	dir, path := t.TempDir(), ""
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	acked, least := 0, 0
	for n := range moments() {
		if n%10 == 0 { // looking through a long log takes long
			path, acked, least = filepath.Join(dir, fmt.Sprint(n, ".gpkg")), 0, 0
		}
		cmd, _, lines := process(t, "write", path)
		for range 1 + rng.IntN(3) {
			if !lines.Scan() {
				t.Fatal("the child ended")
			}
			acked, _ = strconv.Atoi(lines.Text())
		}
		moment := time.NewTimer(time.Duration(rng.IntN(20_000)) * time.Microsecond)
		<-moment.C
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it had said when it died
			acked, _ = strconv.Atoi(lines.Text())
		}
		_ = cmd.Wait()
		s, err := gpkg.Open(path, storetest.Taxonomy(), gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if rev := checkWhole(t, s, fmt.Sprint("moment ", n)); int(rev) < acked {
			t.Fatalf("revision %d after %d was said to stand", rev, acked)
		}
		checkIndex(t, s, raw(t, path))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if acked <= least {
			t.Fatal("nothing was written")
		}
		least = acked
	}
}

// On a full disk a change is refused as such and nothing of it stays; reading
// goes on, and with room again so does writing.
func TestFullDisk(t *testing.T) {
	dir := storetest.SmallDisk(t, 4000)
	s := open(t, filepath.Join(dir, "city.gpkg"))
	apply(t, s, fill(100)...)
	want, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		free := storetest.FillDisk(t, dir)
		refused := 0
		for n := range 60 {
			rev, err := s.Apply(context.Background(), data.Note{}, relax(fill(100))...)
			if err == nil { // the log beside the file had room still
				want, refused = digestOf(t, s), 0
				continue
			}
			if !errors.Is(err, data.ErrFull) || errors.Is(err, data.ErrReadOnly) {
				t.Fatalf("round %d, %d: revision %d, %v", round, n, rev, err)
			}
			if refused++; refused == 3 {
				break
			}
		}
		if refused != 3 {
			t.Fatal("the disk never was full")
		}
		if got := digestOf(t, s); got != want {
			t.Fatalf("digest %x, want %x", got, want)
		}
		free()
		if rev := apply(t, s, put("a", round)); rev == 0 {
			t.Fatal("nothing was written")
		}
		want = digestOf(t, s)
		if _, err := s.Inspect(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func digestOf(t *testing.T, s *gpkg.Store) uint64 {
	t.Helper()
	sum, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
