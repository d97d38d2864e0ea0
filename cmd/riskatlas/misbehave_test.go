package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Clients that read a kilobyte a second, and others that never end their header,
// hold connections and nothing else: those who behave hardly notice, and the
// server is rid of them in time. A long run: RISKATLAS_SOAK=1.
func TestMisbehavingClients(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("takes a minute: make soak runs it")
	}
	base, pid := startOutside(t, 2000)
	address := strings.TrimPrefix(base, "http://")
	client := benchClient(1)
	// The median of five rounds: one p99 alone is as much the machine's as the
	// server's.
	p99 := func() time.Duration {
		var rounds []time.Duration
		for range 5 {
			var took []time.Duration
			for i := range 1000 {
				start := time.Now()
				res, err := client.Get(fmt.Sprintf("%s/api/v1/nearby?limit=10&lon=120.%04d&lat=30.2741", base, 1000+i))
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			rounds = append(rounds, took[len(took)*99/100])
		}
		slices.Sort(rounds)
		return rounds[2]
	}
	dial := func(n int, say string) []net.Conn {
		var out []net.Conn
		for range n {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatalf("after %d connections: %v", len(out), err)
			}
			if _, err := io.WriteString(c, say); err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
			t.Cleanup(func() { c.Close() })
		}
		return out
	}
	p99() // warms up
	quiet := p99()

	// The answer is larger than what the kernel's buffers hold, so that who does
	// not read it holds its writer.
	slow := dial(2000, "GET /api/v1/hazards?limit=10000 HTTP/1.1\r\nHost: "+address+"\r\n\r\n")
	stop, reading := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(reading)
		kilobyte := make([]byte, 1024)
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			for _, c := range slow {
				raw, err := c.(*net.TCPConn).SyscallConn()
				if err != nil {
					continue
				}
				raw.Read(func(fd uintptr) bool { // what is there, without waiting: one loop reads for all
					syscall.Read(int(fd), kilobyte)
					return true
				})
			}
			select {
			case <-stop:
				return
			case <-second.C:
			}
		}
	}()
	settle(pid)
	withSlow := p99()
	memory := resident(t, pid)
	close(stop)
	<-reading
	for _, c := range slow {
		c.Close()
	}
	settle(pid)

	half := dial(10_000, "GET /api/v1/nearby?limit=10 HTTP/1.1\r\nHost: "+address+"\r\nX-Half: ")
	withHalf := p99()
	// A header has 5 seconds.
	for i, c := range half {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Fatalf("half header %d is not sent away: %v", i, err)
		}
	}
	settle(pid)
	// One quiet moment differs from another by more than what is looked for.
	after := p99()
	t.Logf("p99 of others: %v quiet before and %v after, %v beside 2,000 slow readers (%.0f MB resident), %v beside 10,000 half headers", quiet, after, withSlow, memory, withHalf)
	for name, got := range map[string]time.Duration{"slow readers": withSlow, "half headers": withHalf} {
		if got > max(quiet, after)*12/10+200*time.Microsecond { // the clock of one run on a shared machine
			t.Errorf("beside %s the others' p99 is %v, quiet %v and %v", name, got, quiet, after)
		}
	}
}
