package tiles

import (
	"bytes"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func TestSeal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	tile := make([]byte, 300)
	for i := range tile {
		tile[i] = byte(rng.Uint32())
	}
	key := Key{1, 2, 3}
	sealed := seal(key, tile)
	if got, ok := unseal(sealed, key); !ok || !bytes.Equal(got, tile) {
		t.Fatal("a sealed tile does not come back")
	}
	if _, ok := unseal(sealed, Key{1, 2, 4}); ok {
		t.Error("another key's tile was taken")
	}
	for i := range sealed {
		b := bytes.Clone(sealed)
		b[i] ^= 1 << (i % 8)
		if _, ok := unseal(b, key); ok {
			t.Fatalf("a flipped bit in byte %d was not seen", i)
		}
		if _, ok := unseal(sealed[:i], key); ok {
			t.Fatalf("cut at %d, taken", i)
		}
	}
	if _, ok := unseal(append(sealed, 0), key); ok {
		t.Error("a byte too many, taken")
	}
	if _, ok := unseal(seal(key, nil), key); ok {
		t.Error("an empty tile, taken")
	}
}

func TestBreaker(t *testing.T) {
	var open atomic.Int64
	b := breaker{open: &open}
	now := time.Unix(0, 0)
	check := func(what string, ok, probe bool) {
		t.Helper()
		if gotOK, gotProbe := b.allow(now); gotOK != ok || gotProbe != probe {
			t.Errorf("%s: ask %v probe %v, want %v %v", what, gotOK, gotProbe, ok, probe)
		}
	}
	check("at first", true, false)
	b.failed(now)
	b.failed(now) // another that was on its way
	check("after a failure", false, false)
	now = now.Add(firstPause)
	check("after the pause", false, true)
	check("while the probe is out", false, false)
	b.probed(false, now)
	now = now.Add(firstPause)
	check("the second pause is longer", false, false)
	now = now.Add(firstPause)
	check("after it", false, true)
	b.probed(true, now)
	check("after a good probe", true, false)
	b.failed(now)
	now = now.Add(2 * firstPause)
	check("the pause is still long", false, false)
	now = now.Add(2 * firstPause)
	check("and ends", false, true)
	b.probed(true, now)
	for range steady {
		b.succeeded()
	}
	b.failed(now)
	now = now.Add(firstPause)
	check("steady answers make it short", false, true)
	for range 20 {
		b.probed(false, now)
	}
	now = now.Add(mostPause)
	check("and it never grows past the most", false, true)
}

func TestRedisURL(t *testing.T) {
	for _, url := range []string{"localhost:6379", "http://x", "redis://h:port", "redis://h/notanumber"} {
		if _, err := NewRenderer(NewViewer(townProfile(townCuts), "internal"), Options{Redis: url}); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
}

// wholeTown asks for some tiles that have something in them.
func wholeTown(t *testing.T, r *Renderer, reqs []Request) map[int]Tile {
	t.Helper()
	out := map[int]Tile{}
	for i, req := range reqs {
		if tile := mustTile(t, r, req); !tile.Empty {
			out[i] = tile
		}
	}
	return out
}

func sameTiles(t *testing.T, what string, got, want map[int]Tile) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d tiles, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !bytes.Equal(got[i].Data, w.Data) || got[i].ETag != w.ETag {
			t.Fatalf("%s: request %d differs", what, i)
		}
	}
}

// patient is for tests that count answers: on a machine at its limits an answer
// may take longer than a server would wait.
const patient = 20 * time.Second

func TestRestartTakesTilesFromRedis(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 3, 100)
	reqs := manyRequests(rand.New(rand.NewPCG(3, 3)), w.profile.Taxonomy, 60)
	opts := Options{Redis: redis.URL, RedisTimeout: patient}
	first := w.renderer(opts)
	want := wholeTown(t, first, reqs)
	first.Close()
	keys := map[string]bool{}
	for _, tile := range want {
		keys[tile.ETag] = true
	}
	if n := first.stats.RedisStored.Load(); n != uint64(len(keys)) {
		t.Fatalf("%d stored, want %d", n, len(keys))
	}

	// The same city in another process: a new store, index and renderer.
	second := newTown(t, w.profile, w.hazards).renderer(opts)
	sameTiles(t, "after a restart", wholeTown(t, second, reqs), want)
	s := &second.stats
	if s.RedisHits.Load() != uint64(len(keys)) || s.RedisErrors.Load() != 0 {
		t.Errorf("hits %d of %d, errors %d", s.RedisHits.Load(), len(keys), s.RedisErrors.Load())
	}
	for i, req := range reqs {
		if tile := mustTile(t, second, req); !tile.Empty && tile.From != "memory" {
			t.Errorf("request %d came from %s the second time", i, tile.From)
		}
	}
	// Empty tiles are never there, and are all that was computed.
	second.Close()
	if n := redis.rdb.DBSize(t.Context()).Val(); n != int64(len(keys)) {
		t.Errorf("%d keys in Redis, want %d", n, len(keys))
	}
	if computed, stored := s.Computed.Load(), s.RedisStored.Load(); stored != 0 || computed > uint64(len(reqs)-len(want)) {
		t.Errorf("computed %d, stored %d: only empty tiles may be computed", computed, stored)
	}
	if ttl := redis.rdb.TTL(t.Context(), redis.rdb.RandomKey(t.Context()).Val()).Val(); ttl <= 0 || ttl > DefaultRedisTTL {
		t.Errorf("a tile stays for %v, want at most %v", ttl, DefaultRedisTTL)
	}
}

func TestOnlyDearTilesGoToRedis(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 3, 50)
	r := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient, RedisLeastCost: time.Hour})
	want := wholeTown(t, r, manyRequests(rand.New(rand.NewPCG(3, 4)), w.profile.Taxonomy, 20))
	r.Close()
	if r.stats.RedisStored.Load() != 0 || r.stats.RedisCheap.Load() == 0 || len(want) == 0 {
		t.Errorf("stored %d, too cheap %d of %d", r.stats.RedisStored.Load(), r.stats.RedisCheap.Load(), len(want))
	}
}

// How much of a city's map is dear enough by default depends on the machine, so
// it is said and not judged.
func TestShareOfTilesThatGoToRedis(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 3, 100)
	r := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient, RedisLeastCost: DefaultRedisLeastCost})
	wholeTown(t, r, manyRequests(rand.New(rand.NewPCG(3, 5)), w.profile.Taxonomy, 50))
	r.Close()
	stored, cheap := r.stats.RedisStored.Load(), r.stats.RedisCheap.Load()
	if stored+cheap == 0 {
		t.Fatal("no tile was built")
	}
	t.Logf("of %d built tiles %d took %v or longer and went to Redis: %.0f %%",
		stored+cheap, stored, DefaultRedisLeastCost, 100*float64(stored)/float64(stored+cheap))
}

// Four cities, alike but for one thing each, share one Redis and one client that
// sends the last ETag that it was given. Every answer must be that of a server
// without any Redis.
func TestCitiesShareRedis(t *testing.T) {
	redis := startRedis(t)
	hazards := func(seed uint64) []*data.Hazard { return nearHazards(seed, 80) }
	a := newTown(t, townProfile(townCuts), hazards(1))
	b := newTown(t, townProfile(townCuts), hazards(2)) // the same ids, other content
	c := newTown(t, townProfile([4]float64{1e-9, 1e-6, 3e-6, 1e-5}), hazards(1))
	d := newTown(t, townProfile(townCuts), hazards(1))
	moved := citytest.Districts("2021", downtown.Pad(0.01))
	d.wait(d.replace(data.DistrictKind("2021"), moved))

	reqs := manyRequests(rand.New(rand.NewPCG(9, 9)), a.profile.Taxonomy, 35)
	type held struct{ etag, body string }
	client := make([]held, len(reqs))
	renewed, kept := 0, 0
	for round, w := range []*town{a, b, a, c, d, a, c} {
		r := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient})
		alone := w.renderer(Options{})
		for i, req := range reqs {
			req.Known = client[i].etag
			got := mustTile(t, r, req)
			req.Known = ""
			want := mustTile(t, alone, req)
			if got.NotModified {
				kept++
			} else {
				renewed++
				client[i] = held{got.ETag, string(got.Data)}
			}
			if got.ETag != want.ETag || client[i].body != string(want.Data) {
				t.Fatalf("round %d, request %d (%v %s): the client holds another tile than the city's", round, i, req.Tile, req.Layers)
			}
		}
		r.Close()
	}
	if renewed == 0 || kept == 0 {
		t.Errorf("%d renewed, %d kept: want some of both", renewed, kept)
	}
}

func TestRedisThatLies(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 4, 80)
	reqs := manyRequests(rand.New(rand.NewPCG(4, 4)), w.profile.Taxonomy, 40)
	opts := Options{Redis: redis.URL, RedisTimeout: patient}
	first := w.renderer(opts)
	want := wholeTown(t, first, reqs)
	first.Close()
	ctx := t.Context()
	keys := redis.rdb.Keys(ctx, "*").Val()
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = redis.rdb.Get(ctx, k).Val()
	}
	big := string(make([]byte, mostSealed+10))
	lists := 0
	for i, k := range keys {
		switch i % 5 {
		case 0:
			redis.rdb.Set(ctx, k, values[(i+1)%len(keys)], 0) // another tile
		case 1:
			redis.rdb.Set(ctx, k, values[i][:len(values[i])-1], 0)
		case 2:
			redis.rdb.Set(ctx, k, "garbage", 0)
		case 3:
			redis.rdb.Set(ctx, k, big, 0)
		case 4:
			lists++
			redis.rdb.Del(ctx, k)
			redis.rdb.LPush(ctx, k, values[i])
		}
	}
	second := w.renderer(opts)
	sameTiles(t, "with a Redis that lies", wholeTown(t, second, reqs), want)
	second.Close()
	s := &second.stats
	if s.RedisHits.Load() != 0 || s.RedisForeign.Load() != uint64(len(keys)-lists) || s.RedisErrors.Load() < uint64(lists) {
		t.Errorf("hits %d, foreign %d of %d, errors %d of %d", s.RedisHits.Load(), s.RedisForeign.Load(), len(keys)-lists, s.RedisErrors.Load(), lists)
	}
	// What stood there wrongly was put right.
	third := w.renderer(opts)
	sameTiles(t, "afterwards", wholeTown(t, third, reqs), want)
	if n := third.stats.RedisForeign.Load(); n != 0 {
		t.Errorf("%d values are still wrong", n)
	}
}

func TestRedisFullAndFlushed(t *testing.T) {
	redis := startRedis(t, "--maxmemory", "100kb", "--maxmemory-policy", "noeviction")
	w := compactTown(t, 5, 80)
	reqs := manyRequests(rand.New(rand.NewPCG(5, 5)), w.profile.Taxonomy, 40)
	want := wholeTown(t, w.renderer(Options{}), reqs)
	full := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient})
	sameTiles(t, "with a full Redis", wholeTown(t, full, reqs), want)
	full.Close()
	if s := &full.stats; s.RedisErrors.Load() == 0 || s.RedisStored.Load() != 0 || s.RedisOpen.Load() != 0 {
		t.Errorf("errors %d, stored %d, held to be away %d: a full Redis refuses what it is given and still answers",
			s.RedisErrors.Load(), s.RedisStored.Load(), s.RedisOpen.Load())
	}
	redis.rdb.ConfigSet(t.Context(), "maxmemory", "0")
	for range 3 {
		r := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient})
		redis.rdb.FlushAll(t.Context())
		sameTiles(t, "with a flushed Redis", wholeTown(t, r, reqs), want)
		r.Close()
	}
}

// A stopped Redis accepts connections and never answers: the worst way to be
// away. One question waits for it, the others do not.
func TestRedisStopped(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 6, 80)
	reqs := manyRequests(rand.New(rand.NewPCG(6, 6)), w.profile.Taxonomy, 60)
	want := wholeTown(t, w.renderer(Options{}), reqs)
	r := w.renderer(Options{Redis: redis.URL})
	mustTile(t, r, reqs[0])
	if err := redis.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	sameTiles(t, "with a stopped Redis", wholeTown(t, r, reqs), want)
	r.flights.wait()
	s := &r.stats
	if s.RedisOpen.Load() != 1 || s.RedisSkipped.Load() == 0 {
		t.Errorf("held to be away: %d, questions not asked: %d", s.RedisOpen.Load(), s.RedisSkipped.Load())
	}
	// A few may have been on their way before the first had failed.
	if n := s.RedisErrors.Load(); n == 0 || n > 4 {
		t.Errorf("%d questions waited for a stopped Redis, want one or a few", n)
	}
	if err := redis.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { r.shared.allow(); return s.RedisOpen.Load() == 0 }) {
		t.Error("Redis is back and not asked")
	}
}

// eventually asks until the answer is yes, for half a minute at most.
func eventually(f func() bool) bool {
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(time.Millisecond) {
		if f() {
			return true
		}
	}
	return false
}

func TestRedisAway(t *testing.T) {
	w := compactTown(t, 7, 60)
	reqs := manyRequests(rand.New(rand.NewPCG(7, 7)), w.profile.Taxonomy, 30)
	want := wholeTown(t, w.renderer(Options{}), reqs)
	for name, serve := range map[string]func(net.Conn){
		"garbage":       func(c net.Conn) { c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n$$$\r\n*-7\r\n")) },
		"a closed door": func(c net.Conn) { c.Close() },
		"half answers":  func(c net.Conn) { c.Write([]byte("$1000\r\nabc")) },
		"odd types":     func(c net.Conn) { c.Write(bytes.Repeat([]byte(":1\r\n"), 100)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := w.renderer(Options{Redis: "redis://" + answer(t, serve)})
			sameTiles(t, name, wholeTown(t, r, reqs), want)
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		r := w.renderer(Options{Redis: "redis://" + freeAddress(t)})
		sameTiles(t, "without", wholeTown(t, r, reqs), want)
	})
}

// answer listens and gives each connection to serve, with what comes in thrown
// away.
func answer(t *testing.T, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				serve(c)
				for buf := make([]byte, 1024); ; {
					if _, err := c.Read(buf); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// The wire itself fails: answers are late, cut or reset in the middle.
func TestRedisOverABadWire(t *testing.T) {
	redis := startRedis(t)
	w := compactTown(t, 8, 60)
	reqs := manyRequests(rand.New(rand.NewPCG(8, 8)), w.profile.Taxonomy, 30)
	filler := w.renderer(Options{Redis: redis.URL, RedisTimeout: patient})
	want := wholeTown(t, filler, reqs)
	filler.Close()
	for name, toxic := range map[string]string{
		"late":  `{"type": "latency", "attributes": {"latency": 400}}`,
		"cut":   `{"type": "limit_data", "attributes": {"bytes": 700}}`,
		"reset": `{"type": "reset_peer", "attributes": {"timeout": 1}}`,
		"slow":  `{"type": "bandwidth", "attributes": {"rate": 20}}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := w.renderer(Options{Redis: "redis://" + badWire(t, redis.Addr, toxic)})
			sameTiles(t, name, wholeTown(t, r, reqs), want)
			if r.stats.RedisErrors.Load() == 0 {
				t.Error("the wire was good")
			}
		})
	}
}

// badWire is a proxy to the address that treats what comes back as the toxic
// says. It ends with the test.
func badWire(t *testing.T, upstream, toxic string) string {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "redis", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Fatal(err)
	}
	return proxy.Listen
}
