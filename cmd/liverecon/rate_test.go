//go:build linux

package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// clockwork is a vendor that does nothing but note when each paid call arrived. It takes the kernel's own time of the
// packet (SO_TIMESTAMPNS): a server that looks at its clock when it gets to read would note its own turn on a busy
// machine, and calls that arrived 1.1 s apart may then seem to have come within one second, or the other way round.
type clockwork struct {
	listener net.Listener
	wait     sync.WaitGroup

	mu      sync.Mutex
	open    []net.Conn
	arrived []time.Time
	unsure  int // of them, those for which the kernel gave no time
}

func newClockwork(t *testing.T) *clockwork {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &clockwork{listener: l}
	if err := stamped(l.(*net.TCPListener)); err != nil {
		t.Fatal(err)
	}
	c.wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			c.mu.Lock()
			c.open = append(c.open, conn)
			c.mu.Unlock()
			c.wait.Go(func() { c.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.mu.Lock()
		for _, conn := range c.open {
			_ = conn.Close()
		}
		c.mu.Unlock()
		c.wait.Wait()
	})
	return c
}

// stamped asks the kernel to note when packets arrive. Connections inherit it from their listener.
func stamped(socket syscall.Conn) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1) })
	return errors.Join(err, set)
}

// serve answers the requests of one connection. liverecon sends one at a time, each in one piece.
func (c *clockwork) serve(conn *net.TCPConn) {
	var request []byte
	for n := 0; ; n++ {
		piece, at, err := receive(conn)
		if err != nil || len(piece) == 0 {
			return
		}
		request = append(request, piece...)
		head, body, whole := bytes.Cut(request, []byte("\r\n\r\n"))
		if _, length, found := strings.Cut(string(head), "Content-Length: "); found && whole {
			length, _, _ = strings.Cut(length, "\r\n")
			want, err := strconv.Atoi(length)
			whole = err == nil && len(body) >= want
		}
		if !whole {
			continue
		}
		answer := fmt.Sprintf(`{"code":"SUCCESS","transactionId":"%p-%d","pricingStrategy":"PAY","data":{"livenessScore":99,"token":"token-value"}}`, conn, n)
		if bytes.Contains(body, []byte("signatureId")) {
			c.mu.Lock()
			if at.IsZero() {
				at = time.Now()
				c.unsure++
			}
			c.arrived = append(c.arrived, at)
			c.mu.Unlock()
		}
		request = nil
		if _, err := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer); err != nil {
			return
		}
	}
}

// receive reads what has come, and when the kernel got it.
func receive(conn *net.TCPConn) (piece []byte, at time.Time, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, at, err
	}
	buffer, control := make([]byte, 8192), make([]byte, 256)
	var n, size int
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		n, size, _, _, failed = syscall.Recvmsg(int(fd), buffer, control, 0)
		return failed != syscall.EAGAIN //nolint:errorlint // as the system said it
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, at, err
	}
	messages, err := syscall.ParseSocketControlMessage(control[:size])
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_TIMESTAMPNS {
			at = time.Unix(0, (*syscall.Timespec)(unsafe.Pointer(&m.Data[0])).Nano())
		}
	}
	return buffer[:n], at, err
}

// times returns when calls arrived, in order.
func (c *clockwork) times(t *testing.T) []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if 10*c.unsure > len(c.arrived) {
		t.Errorf("the kernel told no time for %d of %d calls", c.unsure, len(c.arrived))
	}
	all := slices.Clone(c.arrived)
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// waitArrived waits until so many calls have arrived.
func (c *clockwork) waitArrived(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		arrived := len(c.arrived)
		c.mu.Unlock()
		if arrived >= n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d calls arrived in a minute, want %d", arrived, n)
		}
	}
}

// busiest is the most calls that arrived in any one second.
func busiest(times []time.Time) int {
	most, first := 0, 0
	for i, at := range times {
		for at.Sub(times[first]) > time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// night runs the real program against the clockwork; meanwhile happens beside it.
func (c *clockwork) night(t *testing.T, perSecond, ids int, meanwhile func(*os.Process)) []time.Time {
	t.Helper()
	dir := t.TempDir()
	list := "signatureId,region\n"
	for i := range ids {
		list += fmt.Sprintf("e%015x,PH\n", i)
	}
	url := "http://" + c.listener.Addr().String()
	settings := fmt.Sprintf("lists = [\"ids.csv\"]\n[limits]\nconcurrency = 64\n[endpoint.ph]\nurl = \"%s/result\"\ntoken_url = \"%s/token\"\nrate = %d\n", url, url, perSecond)
	for name, text := range map[string]string{"ids.csv": list, "liverecon.toml": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("liverecon", "run")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY=any-secret")
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	meanwhile(cmd.Process)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	times := c.times(t)
	if len(times) != ids {
		t.Fatalf("%d calls for %d IDs\n%s", len(times), ids, out)
	}
	return times
}

// TestRate runs beside no other test, which would take the processors; these two hardly need them.
func TestRate(t *testing.T) {
	t.Run("after a stop", rateAfterAStop)
	t.Run("used on sockets", rateIsUsedOnSockets)
}

// rateAfterAStop: a process that was stopped for seconds does not make up for it.
func rateAfterAStop(t *testing.T) {
	t.Parallel()
	c := newClockwork(t)
	times := c.night(t, 50, 250, func(p *os.Process) {
		for _, calls := range []int{30, 110} {
			c.waitArrived(t, calls)
			send(t, p, syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			send(t, p, syscall.SIGCONT)
		}
	})
	if n := busiest(times); n > 50 {
		t.Errorf("%d calls in one second at a rate of 50", n)
	}
	longest := time.Duration(0)
	for i := range times[1:] {
		longest = max(longest, times[i+1].Sub(times[i]))
	}
	if longest < 2900*time.Millisecond {
		t.Errorf("the longest pause was %v: the process was not stopped between calls", longest)
	}
}

func send(t *testing.T, p *os.Process, s syscall.Signal) {
	t.Helper()
	if err := p.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestRateOnABusyMachine: other programs that take the processors make calls late, never early.
func TestRateOnABusyMachine(t *testing.T) {
	for range 6 {
		cmd := exec.Command("sh", "-c", "ulimit -t 60; while :; do :; done")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // killed: that is its end
		})
	}
	times := newClockwork(t).night(t, 120, 480, func(*os.Process) {})
	if n := busiest(times); n > 120 {
		t.Errorf("%d calls in one second at a rate of 120", n)
	}
}

// lateness watches the machine: which share of short sleeps end so late that calls would be late as well.
func lateness(ended <-chan struct{}) func() float64 {
	const nap, late = 5 * time.Millisecond, 5 * time.Millisecond
	naps, over := 0, 0
	var watch sync.WaitGroup
	watch.Go(func() {
		for begun := time.Now(); ; begun = time.Now() {
			select {
			case <-ended:
				return
			case <-time.After(nap):
			}
			naps++
			if time.Since(begun) > nap+late {
				over++
			}
		}
	})
	return func() float64 {
		watch.Wait()
		return float64(over) / float64(max(naps, 1))
	}
}

// rateIsUsedOnSockets: undisturbed, 95 % of the rate are used. A machine that does other things takes its share: the
// best of some nights counts, and those in which the test itself was kept waiting do not.
func rateIsUsedOnSockets(t *testing.T) {
	t.Parallel()
	const perSecond = 100
	best, quiet := 0.0, 0
	for range 5 {
		ended := make(chan struct{})
		late := lateness(ended)
		times := newClockwork(t).night(t, perSecond, 300, func(*os.Process) {})
		close(ended)
		steady := times[20:] // behind the first call alone, and those that start apart from each other
		used := float64(len(steady)-1) / steady[len(steady)-1].Sub(steady[0]).Seconds()
		if n := busiest(times); n > perSecond {
			t.Errorf("%d calls in one second at a rate of %d", n, perSecond)
		}
		if best = max(best, used); best >= 0.95*perSecond {
			return
		}
		if late() < 0.01 {
			quiet++
		}
	}
	if quiet == 0 {
		t.Skipf("%.1f of %d calls a second, but the machine was never quiet", best, perSecond)
	}
	t.Errorf("%.1f of %d calls a second", best, perSecond)
}
