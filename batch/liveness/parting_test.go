package liveness_test

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

// duplex is a connection in memory of which each side can end its own sending.
type duplex struct {
	net.Conn          // what comes
	out      net.Conn // what goes
}

func (d duplex) Write(p []byte) (int, error) { return d.out.Write(p) }
func (d duplex) CloseWrite() error           { return d.out.Close() }

func (d duplex) Close() error {
	_ = d.out.Close() // ended before, perhaps
	return d.Conn.Close()
}

func (d duplex) SetDeadline(t time.Time) error {
	_ = d.out.SetWriteDeadline(t) // an ended side needs none
	return d.SetReadDeadline(t)
}

// duplexes is a line in memory like pipes.
func duplexes(t *testing.T, handle func(*side)) *line {
	t.Helper()
	l := pipes(t, handle)
	l.dial = func(context.Context, string, string) (net.Conn, error) {
		in, theirOut := net.Pipe()
		out, theirIn := net.Pipe()
		l.serve(duplex{theirIn, theirOut}, handle)
		return duplex{in, out}, nil
	}
	return l
}

// TestOneCallIsBelievedAtItsEnd: behind the answer to a connection's only call the
// end is waited for until the call times out; without it nothing is believed.
func TestOneCallIsBelievedAtItsEnd(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			switch id, _ := s.next(); id {
			case "ends":
				s.say(result(id))
				time.Sleep(200 * time.Millisecond)
				return
			case "stray":
				s.say(resultBy("nobody", "extra"))
				time.Sleep(400 * time.Millisecond)
				s.say(result(id))
			case "copy and stray":
				s.say(resultBy("nobody", "other"), resultBy("nobody", "other"))
				time.Sleep(400 * time.Millisecond)
				s.say(result(id))
			case "naked body":
				s.say(resultBy("nobody", "bare"), `{"code":"SUCCESS"}`)
				return
			case "lower case":
				s.say(resultBy("nobody", "lower"))
				time.Sleep(200 * time.Millisecond)
				s.say(strings.Replace(result(id), "HTTP/1.1", "http/1.1", 1))
				return
			case "copy":
				s.say(result(id), result(id))
				return
			case "empty line":
				s.say(result(id), "\r\n")
				return
			case "stays":
				s.say(result(id))
			case "":
				s.say(response("200 OK", "", `{"code":"SUCCESS","transactionId":"t","data":{"token":"token-value"}}`))
			}
			_, _ = s.in.ReadByte() // until the client ends it
		})
		l.timeout = 600 * time.Millisecond
		c, token := l.client(t, liveness.TransportOptions{OneCall: true})
		book := newLedger()
		if _, err := c.Token(t.Context()); err != nil {
			t.Errorf("a token needs no end: %v", err)
		}
		for id, want := range map[string]string{"ends": "answered ", "stray": "unanswered unasked", "copy and stray": "unanswered unasked",
			"naked body": "unanswered unasked", "lower case": "unanswered unasked", "copy": "unanswered unasked", "empty line": "answered ",
			"stays": "unanswered left_open", "silent": "unanswered timeout"} {
			r := book.ask(t, c, token, id)
			if got := string(r.Delivery) + " " + r.Cause; got != want {
				t.Errorf("%s: %s (%v), want %s", id, got, r.Err, want)
			}
		}
		if len(book.wrong)+len(book.suspects()) > 0 {
			t.Errorf("wrong %v, suspect %v", book.wrong, book.suspects())
		}
	})
}

// TestLongWaitForTheEnd: an answer is looked for as long as a call may take, and
// no longer; one in a hurry looks for two seconds.
func TestLongWaitForTheEnd(t *testing.T) {
	const timeout = 30 * time.Second
	for name, tt := range map[string]struct {
		late, hurry time.Duration // of the true answer after the last request; of the caller: never if zero
		suspects    bool
		takes       time.Duration
	}{
		"late answer":             {late: 28 * time.Second, suspects: true, takes: 28 * time.Second},
		"no end":                  {late: time.Hour, takes: timeout},
		"no end, a hurry":         {late: time.Hour, hurry: 5 * time.Second, takes: 7 * time.Second},
		"late answer and a hurry": {late: 6 * time.Second, hurry: 5 * time.Second, suspects: true, takes: 6 * time.Second},
		"a hurry near the end":    {late: time.Hour, hurry: 29 * time.Second, takes: timeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := duplexes(t, func(s *side) {
					first, _ := s.next()
					s.say(resultBy("nobody", "extra"))
					second, _ := s.next()
					s.say(result(first))
					time.Sleep(tt.late)
					s.say(result(second))
				})
				runAhead(t, l, timeout, tt.hurry, tt.suspects, tt.takes)
			})
		})
	}
}

// runAhead asks two IDs over a line that is one answer ahead, and ends it.
func runAhead(t *testing.T, l *line, timeout, hurry time.Duration, suspects bool, takes time.Duration) {
	t.Helper()
	l.timeout = timeout
	c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
	book := newLedger()
	book.ask(t, c, token, "a")
	began := time.Now()
	book.ask(t, c, token, "b")
	if !slices.Equal(book.wrong, []string{"a", "b"}) {
		t.Fatalf("wrong %v: the fault was not there", book.wrong)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if hurry > 0 {
		time.AfterFunc(hurry, cancel)
	}
	c.Close(ctx)
	if took := time.Since(began).Round(time.Millisecond); took != takes {
		t.Errorf("took %v, want %v", took, takes)
	}
	want, unproven := []string(nil), int64(1)
	if suspects {
		want, unproven = []string{"a", "b"}, 0
	}
	if got := book.suspects(); !slices.Equal(got, want) || book.unproven.Load() != unproven {
		t.Errorf("suspects %v, want %v; %d unproven, want %d", got, want, book.unproven.Load(), unproven)
	}
}

// TestOwedAnswer: where a copy comes, or a token's answer, the call's own is still
// to come, and nothing is wrong with the connection. One that comes besides shows
// that it was ahead. An answer that another connection had before may itself be
// the one that was left over: then the own one is one too many.
func TestOwedAnswer(t *testing.T) {
	const token = `{"code":"SUCCESS","transactionId":"t","pricingStrategy":"FREE","data":{"token":"x"}}`
	for name, tt := range map[string]struct {
		first, second []string // what comes after which request
		cause         string
		suspects      []string
	}{
		"a copy":                   {[]string{result("a")}, []string{result("a"), result("b")}, "repeated", nil},
		"copies of both":           {[]string{result("a")}, []string{result("a"), result("b"), result("a"), result("b")}, "repeated", nil},
		"a copy, and one ahead":    {[]string{resultBy("nobody", "extra")}, []string{resultBy("nobody", "extra"), result("a"), result("b")}, "repeated", []string{"a"}},
		"a token's":                {[]string{result("a")}, []string{response("200 OK", "", token), result("b")}, "token", nil},
		"a token's, one ahead":     {[]string{resultBy("nobody", "extra")}, []string{response("200 OK", "", token), result("a"), result("b")}, "token", []string{"a"}},
		"another's in its place":   {[]string{result("a")}, []string{resultBy("c", "t-c")}, "repeated", nil},
		"another's, and its own":   {[]string{result("a")}, []string{resultBy("c", "t-c"), result("b")}, "repeated", []string{"a"}},
		"left over, had by others": {[]string{resultBy("nobody", "extra")}, []string{resultBy("a", "t-c"), result("b")}, "repeated", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			lines(t, func(t *testing.T, open func(func(*side)) *line) {
				l := open(func(s *side) {
					for _, answers := range [][]string{tt.first, tt.second} {
						if _, ok := s.next(); !ok {
							return
						}
						s.say(answers...)
					}
				})
				c, held := l.client(t, liveness.TransportOptions{MaxConns: 1})
				book := newLedger()
				book.seen["t-c"] = true // on another connection
				first, second := book.ask(t, c, held, "a"), book.ask(t, c, held, "b")
				if first.Delivery != liveness.Answered || second.Delivery != liveness.Unanswered || second.Cause != tt.cause {
					t.Errorf("%s, then %s, %s (%v)", first.Delivery, second.Delivery, second.Cause, second.Err)
				}
				c.Close(context.Background())
				if got := book.suspects(); !slices.Equal(got, tt.suspects) || book.unproven.Load() > 0 {
					t.Errorf("suspects %v, want %v; %d unproven", got, tt.suspects, book.unproven.Load())
				}
			})
		})
	}
}

// stopping is a connection of a process that is stopped in one of its reads: when
// it goes on, the deadline has passed, and what came in the meantime is there.
type stopping struct {
	*net.TCPConn
	reads   int         // before that one
	reached chan string // told when it is
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.reads--; s.reads == -1 {
		s.reached <- "stopped"
		raw, err := s.SyscallConn()
		if err != nil {
			return 0, err
		}
		err = raw.Read(func(fd uintptr) bool { // waits for what comes
			_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
			return err != syscall.EAGAIN
		})
		if err != nil {
			return 0, err
		}
		if err := s.SetReadDeadline(time.Unix(1, 0)); err != nil {
			return 0, err
		}
	}
	return s.TCPConn.Read(p)
}

// TestStoppedBeyondTheDeadline: what lies in the socket when a process goes on
// that was stopped beyond a deadline is read, and decides.
func TestStoppedBeyondTheDeadline(t *testing.T) {
	for name, tt := range map[string]struct {
		oneCall bool
		reads   int // of the connection before the one in which it is stopped
		handle  func(s *side, stopped <-chan string)
		want    string
		ahead   bool
	}{
		"before the answer": {handle: func(s *side, stopped <-chan string) {
			id, _ := s.next()
			s.say(result(id))
			_, _ = s.in.ReadByte() // until the client ends it
		}, want: "answered "},
		"before the end of the only call": {oneCall: true, reads: 1, handle: func(s *side, stopped <-chan string) {
			id, _ := s.next()
			s.say(resultBy("nobody", "extra"))
			<-stopped
			s.say(result(id))
		}, want: "unanswered unasked"},
		"before the leftover of a kept one": {reads: 1, handle: func(s *side, stopped <-chan string) {
			id, _ := s.next()
			s.say(resultBy("nobody", "extra"))
			<-stopped
			s.say(result(id))
		}, want: "answered ", ahead: true},
	} {
		t.Run(name, func(t *testing.T) {
			stop := &stopping{reads: tt.reads, reached: make(chan string, 1)}
			l := listen(t, "http", func(s *side) { tt.handle(s, stop.reached) })
			l.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				stop.TCPConn = conn.(*net.TCPConn)
				return stop, nil
			}
			l.timeout = time.Minute
			c, token := l.client(t, liveness.TransportOptions{OneCall: tt.oneCall})
			book := newLedger()
			r := book.ask(t, c, token, "a")
			c.Close(t.Context())
			if got := string(r.Delivery) + " " + r.Cause; got != tt.want {
				t.Errorf("%s (%v), want %s", got, r.Err, tt.want)
			}
			if got := len(book.suspects()) > 0; got != tt.ahead || book.unproven.Load() > 0 && tt.ahead {
				t.Errorf("suspects %v, want %t; %d unproven", book.suspects(), tt.ahead, book.unproven.Load())
			}
		})
	}
}

// TestAnswersOfOtherKinds: a token's answer is no ID's, and the connection that
// brought it is not used again; nor is one whose answer leaves open where it ends.
func TestAnswersOfOtherKinds(t *testing.T) {
	chunked := func(length string) string {
		return "HTTP/1.1 200 OK\r\n" + length + "Transfer-Encoding: chunked\r\n\r\n" +
			"59\r\n" + `{"code":"SUCCESS","message":"odd","transactionId":"t-odd","pricingStrategy":"PAY","data":` + "\r\n5\r\nnull}\r\n0\r\n\r\n"
	}
	for name, tt := range map[string]struct {
		answer, want string
		kept         bool
	}{
		"token": {response("200 OK", "", `{"code":"SUCCESS","transactionId":"t","pricingStrategy":"FREE","data":{"token":"x","expiredTime":1}}`),
			"unanswered token", false},
		"result with a token": {response("200 OK", "", `{"code":"SUCCESS","message":"odd","transactionId":"t","data":{"livenessScore":9,"token":"x"}}`),
			"answered ", true},
		"chunked":                       {chunked(""), "answered ", true},
		"chunked and of a given length": {chunked("content-length : 94\r\n"), "answered ", false},
		"chunked, and of some length":   {chunked("CONTENT-LENGTH: 4\r\n"), "answered ", false},
		"plain":                         {result("odd"), "answered ", true},
	} {
		t.Run(name, func(t *testing.T) {
			lines(t, func(t *testing.T, open func(func(*side)) *line) {
				l := open(func(s *side) {
					for id, ok := s.next(); ok; id, ok = s.next() {
						if id == "odd" {
							s.say(tt.answer)
						} else {
							s.say(result(id))
						}
					}
				})
				c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
				book := newLedger()
				odd, next := book.ask(t, c, token, "odd"), book.ask(t, c, token, "next")
				if got := string(odd.Delivery) + " " + odd.Cause; got != tt.want || (odd.Conn == next.Conn) != tt.kept {
					t.Errorf("%s (%v), want %s; connections %d and %d", got, odd.Err, tt.want, odd.Conn, next.Conn)
				}
				if next.Delivery != liveness.Answered || len(book.wrong) > 0 {
					t.Errorf("the next call: %s, %v; wrong %v", next.Delivery, next.Err, book.wrong)
				}
				c.Close(context.Background())
			})
		})
	}
}

// TestScoresOutOfRange: what the vendor's page rules out is named beside being kept.
func TestScoresOutOfRange(t *testing.T) {
	for score, want := range map[string]string{
		"0": "", "100": "", "null": "", `""`: "data.livenessScore string", "101": "data.livenessScore outside 0-100", "-1": "data.livenessScore outside 0-100",
		"1e400": "data.livenessScore outside 0-100", `"NaN"`: "data.livenessScore no number, data.livenessScore string", `"50"`: "data.livenessScore string",
	} {
		e, err := liveness.DecodeEnvelope([]byte(`{"code":"SUCCESS","data":{"livenessScore":` + score + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(e.Types, ", "); got != want {
			t.Errorf("%s: %q, want %q", score, got, want)
		}
		text := strings.Trim(score, `"`)
		if want != "" && e.Detection.ScoreText != text {
			t.Errorf("%s is kept as %q", score, e.Detection.ScoreText)
		}
	}
}

// TestResets: a reset loses what was under way, so that it leaves the call in doubt that waits for its answer, gives no
// ID another's, and proves nothing of the connection's earlier answers; they are not suspect for it either.
func TestResets(t *testing.T) {
	hangUp := func(conn net.Conn) {
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		reset(conn.(*net.TCPConn))
	}
	const calls = 6
	for _, scheme := range []string{"http", "https"} {
		for _, c := range []struct {
			name     string
			behind   time.Duration // the third answer; below zero: when the next request begins to come
			pause    time.Duration // between calls
			unproven int64         // at most
			doubts   int           // at most
		}{
			{"at once", 0, 5 * time.Millisecond, 1, 1}, {"while it is idle", time.Millisecond, 10 * time.Millisecond, 1, 0},
			{"under a request", -1, 0, 1, 1}, {"beside a request", 50 * time.Microsecond, 0, 1, 1},
		} {
			t.Run(scheme+"/"+c.name, func(t *testing.T) {
				l := listen(t, scheme, func(s *side) {
					for n := 1; ; n++ {
						id, ok := s.next()
						if !ok {
							return
						}
						s.say(result(id))
						if n != 3 || s.line.conns.Load() > 1 {
							continue
						}
						if c.behind < 0 {
							_, _ = s.in.Peek(1)
						}
						time.Sleep(c.behind)
						hangUp(s.Conn)
						return
					}
				})
				client, token := l.client(t, liveness.TransportOptions{})
				book := newLedger()
				doubts := 0
				for n := range calls {
					switch r := book.ask(t, client, token, idOf(n)); {
					case r.Delivery == liveness.Unanswered && n == 3 && r.Cause == liveness.CauseReset:
						doubts++
					case r.Delivery == liveness.Unsent && n == 3 && r.Cause == liveness.CauseClosed:
					case r.Delivery != liveness.Answered:
						t.Errorf("call %d: %s, %s, %v", n, r.Delivery, r.Cause, r.Err)
					}
					time.Sleep(c.pause)
				}
				client.Close(t.Context())
				if len(book.wrong) > 0 || len(book.ahead) > 0 {
					t.Errorf("%v got another's answer, %v are suspect", book.wrong, book.suspects())
				}
				if doubts > c.doubts || c.behind < 0 && doubts != 1 {
					t.Errorf("%d calls are in doubt", doubts)
				}
				if got := book.unproven.Load(); got != c.unproven {
					t.Errorf("%d connections could not be proven empty, want %d", got, c.unproven)
				}
			})
		}
	}
}
