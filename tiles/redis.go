package tiles

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// shared is the cache that servers share: a Redis. All its failures are misses.
// Safe for concurrent use.
type shared struct {
	client   *redis.Client
	breaker  breaker
	deadline time.Duration // of one question with all that it needs
	ttl      time.Duration
	stats    *Stats
	probes   sync.WaitGroup
}

// newShared makes the cache of a redis:// or rediss:// URL. It does not connect:
// a Redis that is away is found out by the first question.
func newShared(url string, deadline, ttl time.Duration, stats *Stats) (*shared, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redis: want redis://[user:password@]host:port[/database]: %w", err)
	}
	opt.ContextTimeoutEnabled = true
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout = deadline, deadline, deadline
	opt.PoolTimeout = deadline
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	// One way of asking, which every server of the last ten years and every
	// proxy before one understands; nothing is announced that could fail.
	opt.Protocol = 2
	opt.DisableIdentity = true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// A Redis that is away is a metric and one line at the edge, not a line of
	// the client's own for each question.
	logging.Disable()
	s := &shared{client: redis.NewClient(opt), deadline: deadline, ttl: ttl, stats: stats}
	s.breaker.open = &stats.RedisOpen
	return s, nil
}

func (s *shared) close() error {
	if s == nil {
		return nil
	}
	s.probes.Wait()
	return s.client.Close()
}

func redisName(k Key) string { return "riskatlas:tile:" + k.String() }

// get gives the tile's bytes, or nil. foreign reports that something stood under
// the key that was not this tile.
func (s *shared) get(ctx context.Context, k Key) (data []byte, foreign bool) {
	if s == nil || !s.allow() {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	// A range, since nothing bounds what another program may have put here.
	got, err := s.client.GetRange(ctx, redisName(k), 0, mostSealed-1).Bytes()
	s.judge(ctx, err)
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		s.stats.RedisErrors.Add(1)
		return nil, false
	case len(got) == 0:
		s.stats.RedisMisses.Add(1)
		return nil, false
	}
	data, ok := unseal(got, k)
	if !ok {
		s.stats.RedisForeign.Add(1)
		return nil, true
	}
	s.stats.RedisHits.Add(1)
	return data, false
}

// set stores a tile's bytes.
func (s *shared) set(ctx context.Context, k Key, data []byte) {
	if s == nil || len(data) == 0 || len(data) > mostSealed-sealBytes || !s.allow() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	err := s.client.Set(ctx, redisName(k), seal(k, data), s.ttl).Err()
	s.judge(ctx, err)
	if err != nil {
		s.stats.RedisErrors.Add(1)
		return
	}
	s.stats.RedisStored.Add(1)
}

// allow asks the breaker, and sends a probe when it is time for one. No request
// waits for the probe.
func (s *shared) allow() bool {
	ok, probe := s.breaker.allow(time.Now())
	if probe {
		s.probes.Go(s.probe)
	}
	if !ok {
		s.stats.RedisSkipped.Add(1)
	}
	return ok
}

func (s *shared) probe() {
	ctx, cancel := context.WithTimeout(context.Background(), s.deadline)
	defer cancel()
	s.breaker.probed(s.client.Ping(ctx).Err() == nil, time.Now())
}

// judge tells the breaker how a question went. An error that Redis itself sent
// (out of memory, wrong type) came in time and closes nothing; neither does a
// question that its asker gave up.
func (s *shared) judge(ctx context.Context, err error) {
	var answered redis.Error
	switch {
	case err == nil, errors.As(err, &answered):
		s.breaker.succeeded()
	case errors.Is(context.Cause(ctx), context.Canceled):
	default:
		s.breaker.failed(time.Now())
	}
}

// A stored value is its own proof: mark, key, length and checksum of key and
// tile, then the tile.
const (
	sealMark   = "rat1"
	sealBytes  = len(sealMark) + len(Key{}) + 4 + 8
	mostSealed = 4 << 20
)

func seal(k Key, data []byte) []byte {
	b := make([]byte, 0, sealBytes+len(data))
	b = append(b, sealMark...)
	b = append(b, k[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = binary.LittleEndian.AppendUint64(b, checksum(k, data))
	return append(b, data...)
}

func unseal(b []byte, k Key) ([]byte, bool) {
	if len(b) < sealBytes || string(b[:len(sealMark)]) != sealMark {
		return nil, false
	}
	rest := b[len(sealMark):]
	if Key(rest[:len(k)]) != k {
		return nil, false
	}
	rest = rest[len(k):]
	length, sum, data := binary.LittleEndian.Uint32(rest), binary.LittleEndian.Uint64(rest[4:]), rest[12:]
	if int(length) != len(data) || length == 0 || checksum(k, data) != sum {
		return nil, false
	}
	return data, true
}

func checksum(k Key, data []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	d.Write(k[:])
	d.Write(data)
	return d.Sum64()
}
