package liveness_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

// line is a vendor at the other end of connections, whatever those are made of.
type line struct {
	url   string
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	roots *x509.CertPool
	asked chan string // the IDs of requests, as they were read
	told  chan string // what tests wait for: that a side has come so far, or has closed its connection
	conns atomic.Int64

	timeout time.Duration // of the client's calls

	mu   sync.Mutex
	open []net.Conn
	wait sync.WaitGroup
}

// side is the vendor's side of one connection.
type side struct {
	net.Conn
	in   *bufio.Reader
	line *line
	out  chan string // nil: the connection has a buffer of its own
}

// next reads one request and returns the ID it asks for, "" for a token.
func (s *side) next() (id string, ok bool) {
	req, err := http.ReadRequest(s.in)
	if err != nil {
		return "", false
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return "", false
	}
	if _, rest, found := strings.Cut(string(body), `"signatureId":"`); found {
		id, _, _ = strings.Cut(rest, `"`)
	}
	s.line.asked <- id
	return id, true
}

// say writes what nobody may be left to read.
func (s *side) say(texts ...string) {
	text := strings.Join(texts, "")
	if s.out != nil {
		s.out <- text
		return
	}
	_, _ = io.WriteString(s.Conn, text)
}

// result is a whole answer to an ID.
func result(id string) string { return resultBy(id, "t-"+id) }

func resultBy(id, transaction string) string {
	return response("200 OK", "", fmt.Sprintf(`{"code":"SUCCESS","message":%q,"transactionId":%q,"pricingStrategy":"PAY","data":null}`, id, transaction))
}

// lines are the kinds of connections that every law has to hold on.
func lines(t *testing.T, test func(t *testing.T, open func(handle func(*side)) *line)) {
	t.Helper()
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			test(t, func(handle func(*side)) *line { return listen(t, scheme, handle) })
		})
	}
	t.Run("pipe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			test(t, func(handle func(*side)) *line { return pipes(t, handle) })
		})
	})
}

func listen(t *testing.T, scheme string, handle func(*side)) *line {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{url: scheme + "://" + inner.Addr().String(), asked: make(chan string, 10_000), told: make(chan string, 10_000)}
	if scheme == "https" {
		cert := selfSigned(t)
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		l.roots = x509.NewCertPool()
		l.roots.AddCert(leaf)
		inner = tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{cert}})
	}
	l.wait.Go(func() {
		for {
			conn, err := inner.Accept()
			if err != nil {
				return // closed
			}
			l.serve(conn, handle)
		}
	})
	t.Cleanup(func() {
		_ = inner.Close()
		l.end()
	})
	return l
}

// pipes is a line in memory, for bubbles of synctest.
func pipes(t *testing.T, handle func(*side)) *line {
	t.Helper()
	l := &line{url: "http://127.0.0.1:1", asked: make(chan string, 10_000), told: make(chan string, 10_000)}
	l.dial = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		l.serve(theirs, handle)
		return ours, nil
	}
	t.Cleanup(l.end)
	return l
}

func (l *line) serve(conn net.Conn, handle func(*side)) {
	l.conns.Add(1)
	l.mu.Lock()
	l.open = append(l.open, conn)
	l.mu.Unlock()
	l.wait.Go(func() {
		s := &side{Conn: conn, in: bufio.NewReader(conn), line: l}
		flushed := make(chan struct{})
		if l.dial == nil {
			close(flushed)
		} else { // a pipe has no buffer
			s.out = make(chan string, 1000)
			go func() {
				defer close(flushed)
				for text := range s.out {
					_, _ = io.WriteString(conn, text)
				}
			}()
		}
		handle(s)
		if s.out != nil {
			close(s.out)
		}
		<-flushed
		_ = conn.Close() // often closed already
		l.told <- "closed"
	})
}

func (l *line) end() {
	l.mu.Lock()
	for _, c := range l.open {
		_ = c.Close() // most are
	}
	l.mu.Unlock()
	l.wait.Wait()
}

// client returns a client whose calls go over the line.
func (l *line) client(t *testing.T, o liveness.TransportOptions) (*liveness.Client, liveness.Token) {
	t.Helper()
	o.Dial, o.RootCAs = l.dial, l.roots
	if o.MaxConns == 0 {
		o.MaxConns = 8
	}
	tr := liveness.NewTransport(o)
	t.Cleanup(func() { tr.Close(t.Context()) })
	return clientOf(t, l.url, liveness.Options{Transport: tr, AllowedHosts: []string{"127.0.0.1"}, Timeout: cmp.Or(l.timeout, 5*time.Second)})
}

// ledger is a caller's memory: who got which answer on which connection.
type ledger struct {
	mu    sync.Mutex
	seen  map[string]bool
	conns map[uint64][]string
	ahead map[uint64]bool
	wrong []string // IDs that were given another ID's answer

	unproven atomic.Int64 // connections
}

func newLedger() *ledger {
	return &ledger{seen: map[string]bool{}, conns: map[uint64][]string{}, ahead: map[uint64]bool{}}
}

func (l *ledger) watch() liveness.Watch {
	return liveness.Watch{
		Seen: func(transaction string, _ [sha256.Size]byte) liveness.Sighting {
			l.mu.Lock()
			defer l.mu.Unlock()
			before := l.seen[transaction]
			l.seen[transaction] = true
			if before {
				return liveness.Elsewhere
			}
			return liveness.Unseen
		},
		Ahead: func(conn uint64) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.ahead[conn] = true
		},
		Unproven: func(uint64) { l.unproven.Add(1) },
	}
}

func (l *ledger) ask(t *testing.T, c *liveness.Client, token liveness.Token, id string) liveness.Reply {
	t.Helper()
	r := c.Detect(t.Context(), token, liveness.Query{SignatureID: id}, l.watch())
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Delivery == liveness.Answered {
		l.conns[r.Conn] = append(l.conns[r.Conn], id)
		if r.Envelope.Message != id {
			l.wrong = append(l.wrong, id)
		}
	}
	return r
}

// suspects are the IDs that connections found ahead have answered.
func (l *ledger) suspects() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for conn := range l.ahead {
		ids = append(ids, l.conns[conn]...)
	}
	slices.Sort(ids)
	return ids
}

func idOf(n int) string { return fmt.Sprintf("id-%05d", n) }

// TestCopies: an answer that comes twice, at any delay, is never another ID's,
// and makes no ID suspect.
func TestCopies(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for _, delay := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond, 8 * time.Millisecond, -1} {
			l := open(func(s *side) {
				last := ""
				for n := 0; ; n++ {
					id, ok := s.next()
					if !ok {
						return
					}
					if delay < 0 { // the copy goes out when the next request has come
						s.say(last)
						last = ""
						if n%5 == 1 {
							last = result(id)
						}
						s.say(result(id))
						continue
					}
					s.say(result(id))
					if n%5 == 1 {
						time.Sleep(delay)
						s.say(result(id))
					}
				}
			})
			c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
			book := newLedger()
			got := map[string]int{}
			for n := range 30 {
				r := book.ask(t, c, token, idOf(n))
				got[string(r.Delivery)+" "+r.Cause]++
				if n%7 == 3 {
					time.Sleep(2 * time.Millisecond)
				}
			}
			c.Close(t.Context())
			if len(book.wrong) > 0 || len(book.suspects()) > 0 {
				t.Errorf("copy after %v: wrong %v, suspect %v", delay, book.wrong, book.suspects())
			}
			if got["answered "] < 20 || got["answered "]+got["unsent unasked"]+got["unsent closed"]+got["unanswered repeated"]+got["unanswered unasked"] != 30 {
				t.Errorf("copy after %v: %v", delay, got)
			}
			if delay < 0 && got["unanswered repeated"] == 0 {
				t.Errorf("no copy was met: %v", got)
			}
		}
	})
}

// TestCopiesOfBusyAnswers: SERVICE_BUSY that comes twice, at any delay, is never another ID's. Without a transaction ID it
// cannot be told from the next one, and nothing else is asked on its connection.
func TestCopiesOfBusyAnswers(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for _, transaction := range []string{"null", `"t-%s"`} {
			for _, delay := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond, 8 * time.Millisecond, -1} {
				l := open(func(s *side) {
					for last := ""; ; {
						id, ok := s.next()
						if !ok {
							return
						}
						busy := response("200 OK", "", `{"code":"SERVICE_BUSY","message":"`+id+`","transactionId":`+
							strings.ReplaceAll(transaction, "%s", id)+`,"pricingStrategy":"FREE","data":null}`)
						if delay < 0 {
							s.say(last)
							last = busy
						}
						if s.say(busy); delay >= 0 {
							time.Sleep(delay)
							s.say(busy)
						}
					}
				})
				c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
				book := newLedger()
				got := map[string]int{}
				for n := range 20 {
					r := book.ask(t, c, token, idOf(n))
					got[string(r.Delivery)+" "+r.Cause]++
				}
				c.Close(t.Context())
				if len(book.wrong) > 0 || len(book.suspects()) > 0 {
					t.Errorf("%s after %v: wrong %v, suspect %v", transaction, delay, book.wrong, book.suspects())
				}
				if proven := transaction == "null"; got["answered "] < 10 || proven && got["answered "] != 20 ||
					!proven && delay < 0 && got["unanswered repeated"] == 0 {
					t.Errorf("%s after %v: %v", transaction, delay, got)
				}
			}
		}
	})
}

// TestEarlyBytes: what comes before a request is written is no answer, and the
// call has not left.
func TestEarlyBytes(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		first := atomic.Bool{}
		first.Store(true)
		l := open(func(s *side) {
			if first.Swap(false) {
				s.say(result("nobody"))
				s.line.told <- "early"
			}
			for id, ok := s.next(); ok; id, ok = s.next() {
				s.say(result(id))
			}
		})
		c, token := l.client(t, liveness.TransportOptions{})
		book := newLedger()
		w := book.watch()
		w.Turn = func(context.Context) error {
			<-l.told // the bytes are there
			return nil
		}
		r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "a"}, w)
		if r.Delivery != liveness.Unsent || r.Cause != liveness.CauseUnasked || len(l.asked) != 0 {
			t.Errorf("%s, %s, %v; %d requests", r.Delivery, r.Cause, r.Err, len(l.asked))
		}
		if r = book.ask(t, c, token, "b"); r.Delivery != liveness.Answered || len(l.asked) != 1 {
			t.Errorf("the next call: %s, %s, %v", r.Delivery, r.Cause, r.Err)
		}
		c.Close(t.Context())
		if len(book.wrong)+len(book.ahead) > 0 {
			t.Errorf("wrong %v, ahead %v", book.wrong, book.ahead)
		}
	})
}

// TestAnswersThatEndConnections: what a copy could not be told from is the last
// answer of its connection, also where the copy follows at once.
func TestAnswersThatEndConnections(t *testing.T) {
	envelope := `{"code":"RETRY_LATER","message":"later","pricingStrategy":"FREE"}`
	for name, tt := range map[string]struct {
		answer string
		kept   bool
	}{
		"envelope":               {result("x"), true},
		"without transaction ID": {response("200 OK", "", envelope), false},
		"no envelope":            {response("200 OK", "", "<html>"), false},
		"HTTP 502":               {response("502 Bad Gateway", "", "<html>"), false},
		"envelope on HTTP 500":   {strings.Replace(result("x"), "200 OK", "500 Oops", 1), false},
		"redirect":               {response("302 Found", "Location: /elsewhere\r\n", ""), false},
		"closes":                 {strings.Replace(result("x"), "\r\n", "\r\nConnection: close\r\n", 1), false},
		"HTTP/1.0":               {strings.Replace(result("x"), "HTTP/1.1", "HTTP/1.0", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			lines(t, func(t *testing.T, open func(func(*side)) *line) {
				for _, copies := range []int{1, 2} {
					l := open(func(s *side) {
						for id, ok := s.next(); ok; id, ok = s.next() {
							if id == "first" {
								s.say(strings.Repeat(tt.answer, copies))
							} else {
								s.say(result(id))
							}
						}
					})
					c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
					book := newLedger()
					first := c.Detect(t.Context(), token, liveness.Query{SignatureID: "first"}, book.watch())
					second := book.ask(t, c, token, "second")
					if second.Delivery != liveness.Answered || len(book.wrong) > 0 {
						t.Errorf("%d copies: the next call: %s, %v; wrong %v", copies, second.Delivery, second.Err, book.wrong)
					}
					if same := first.Conn == second.Conn; same != (tt.kept && copies == 1) {
						t.Errorf("%d copies: connection used again: %t", copies, same)
					}
					c.Close(t.Context())
				}
			})
		})
	}
}

// TestAhead: a whole, new envelope that comes before the true answer cannot be
// told from it. Every ID of that connection is named once it is found, and no
// other.
func TestAhead(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for name, found := range map[string]string{"by a look": "look", "at the end": "end"} {
			l := open(func(s *side) {
				if s.line.conns.Load() > 1 { // the second connection is in order
					for id, ok := s.next(); ok; id, ok = s.next() {
						s.say(result(id))
					}
					return
				}
				late := ""
				for n := 0; ; n++ {
					id, ok := s.next()
					switch {
					case !ok:
						s.say(late)
						return
					case n < 2:
						s.say(result(id))
					case n == 2: // nobody asked for this one
						s.say(resultBy("nobody", "extra"))
						late = result(id)
					default:
						s.say(late)
						late = result(id)
					}
					if n == 4 && found == "look" {
						time.Sleep(time.Millisecond)
						s.say(late)
						s.line.told <- "late"
						_, _ = s.in.ReadByte() // until the client has read it
						return
					}
				}
			})
			c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
			book := newLedger()
			for n := range 5 {
				if r := book.ask(t, c, token, idOf(n)); r.Delivery != liveness.Answered {
					t.Fatalf("%s: %s, %s, %v", name, r.Delivery, r.Cause, r.Err)
				}
			}
			if found == "look" {
				<-l.told
				if r := book.ask(t, c, token, "other"); r.Delivery != liveness.Answered || r.Envelope.Message != "other" {
					t.Errorf("%s: the next call: %s, %s, %v", name, r.Delivery, r.Cause, r.Err)
				}
			}
			c.Close(t.Context())
			want := []string{idOf(0), idOf(1), idOf(2), idOf(3), idOf(4)}
			isPipe := strings.HasSuffix(l.url, ":1") && found == "end" // it cannot end one side alone
			if got := book.suspects(); !slices.Equal(got, want) && !isPipe {
				t.Errorf("%s: suspects %v, want %v", name, got, want)
			}
			if !slices.Equal(book.wrong, want[2:]) {
				t.Errorf("%s: wrong %v: the fault was not there", name, book.wrong)
			}
		}
	})
}

// TestAheadShownByNoEnvelope: the answer that is left over may be one that ends the use of its connection: none of the
// vendor's, or one without a transaction ID that says what the stray said. What was answered before is named all the same.
func TestAheadShownByNoEnvelope(t *testing.T) {
	const said = `{"code":"SUCCESS","message":"","pricingStrategy":"PAY","data":{"livenessScore":%d}}`
	page := response("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>502</html>")
	for name, c := range map[string]struct {
		stray, own string
		asked      int // questions until the client finds out
		wrong      bool
	}{
		"a page":                          {stray: resultBy("nobody", "extra"), own: page, asked: 3, wrong: true},
		"without a transaction ID":        {stray: response("200 OK", "", fmt.Sprintf(said, 1)), own: response("200 OK", "", fmt.Sprintf(said, 2)), asked: 2, wrong: true},
		"without one, and the very same":  {stray: response("200 OK", "", fmt.Sprintf(said, 1)), own: response("200 OK", "", fmt.Sprintf(said, 1)), asked: 2},
		"nothing stray, a page by itself": {own: page, asked: 2},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, "http", func(s *side) {
				late := ""
				for n := 0; ; n++ {
					id, ok := s.next()
					switch {
					case !ok:
						s.say(late)
						return
					case n != 1:
						s.say(late)
						late = ""
						if n > 1 {
							late = result(id)
							continue
						}
						s.say(result(id))
					case c.stray == "":
						s.say(c.own)
					default:
						s.say(c.stray)
						late = c.own
					}
				}
			})
			client, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
			book := newLedger()
			want := []string{}
			for n := range c.asked {
				if r := book.ask(t, client, token, idOf(n)); r.Delivery == liveness.Answered && c.wrong {
					want = append(want, idOf(n))
				}
			}
			client.Close(t.Context())
			if got := book.suspects(); !slices.Equal(got, want) {
				t.Errorf("suspects %v, want %v", got, want)
			}
		})
	}
}

// TestGarbage: whatever comes behind an answer, but an empty line, is evidence that
// the connection was ahead.
func TestGarbage(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for garbage, harmless := range map[string]bool{
			"\r\n": true, "\r\n\r\n": true, "x": false, "<html>504</html>": false, "\x00\x01": false,
			`{"code":"SUCCESS"}`: false, "http/1.1 200 OK\r\n\r\n": false,
			"\r\n" + resultBy("nobody", "extra"): false, "HTTP/1.1 200": false, "HT": false, response("204 No Content", "", ""): false,
		} {
			for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
				l := open(func(s *side) {
					for id, ok := s.next(); ok; id, ok = s.next() {
						s.say(result(id))
						if id == "second" {
							time.Sleep(delay)
							s.say(garbage)
							s.line.told <- "garbage"
						}
					}
				})
				c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
				book := newLedger()
				first, second := book.ask(t, c, token, "first"), book.ask(t, c, token, "second")
				<-l.told
				third := book.ask(t, c, token, "third")
				c.Close(t.Context())
				if first.Delivery != liveness.Answered || third.Delivery != liveness.Answered || first.Conn == third.Conn {
					t.Errorf("%q after %v: %s, then %s; connections %d and %d", garbage, delay, first.Delivery, third.Delivery, first.Conn, third.Conn)
				}
				if fine := second.Delivery == liveness.Answered && len(book.suspects()) == 0; fine != harmless {
					t.Errorf("%q after %v: %s, %s, suspects %v", garbage, delay, second.Delivery, second.Cause, book.suspects())
				}
			}
		}
	})
}

// TestMalformedBehindOthers: what comes instead of an answer, behind others, says that one
// of those was not its own call's.
func TestMalformedBehindOthers(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for _, text := range []string{strings.Replace(result("first"), "HTTP/1.1", "http/1.1", 1), "{\"code\":\"SUCCESS\"}\r\n\r\n"} {
			l := open(func(s *side) {
				if _, ok := s.next(); ok {
					s.say(resultBy("nobody", "extra"))
				}
				if _, ok := s.next(); ok {
					s.say(text)
				}
			})
			c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
			book := newLedger()
			first, second := book.ask(t, c, token, "first"), book.ask(t, c, token, "second")
			c.Close(t.Context())
			if first.Delivery != liveness.Answered || second.Delivery != liveness.Unanswered || len(book.suspects()) != 1 {
				t.Errorf("%s, then %s; suspects %v", first.Delivery, second.Delivery, book.suspects())
			}
		}
	})
}

// TestSurplusBehindAnAnswer: an answer with another one behind it is not
// believed, and the IDs before it are suspect.
func TestSurplusBehindAnAnswer(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				if id == "second" {
					s.say(resultBy("nobody", "extra"), result(id))
				} else {
					s.say(result(id))
				}
			}
		})
		c, token := l.client(t, liveness.TransportOptions{})
		book := newLedger()
		book.ask(t, c, token, "first")
		r := book.ask(t, c, token, "second")
		if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseUnasked || r.Envelope != nil {
			t.Errorf("%s, %s, %v", r.Delivery, r.Cause, r.Envelope)
		}
		if r := book.ask(t, c, token, "third"); r.Delivery != liveness.Answered {
			t.Errorf("the next call: %s, %v", r.Delivery, r.Err)
		}
		c.Close(t.Context())
		if got := book.suspects(); !slices.Equal(got, []string{"first"}) || len(book.wrong) > 0 {
			t.Errorf("suspect %v, wrong %v", got, book.wrong)
		}
	})
}

// TestOneCall: a connection a call, believed when it has ended behind one answer.
func TestOneCall(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			switch id, _ := s.next(); id {
			case "extra":
				s.say(resultBy("nobody", "extra"))
				time.Sleep(300 * time.Millisecond) // as long as an honest vendor takes
				s.say(result(id))
			default:
				s.say(result(id))
			}
		})
		c, token := l.client(t, liveness.TransportOptions{OneCall: true})
		book := newLedger()
		for _, id := range []string{"a", "b", "c"} {
			if r := book.ask(t, c, token, id); r.Delivery != liveness.Answered || len(r.Envelope.Repairs) > 0 {
				t.Errorf("%s: %s, %s, %v", id, r.Delivery, r.Cause, r.Err)
			}
		}
		if r := book.ask(t, c, token, "extra"); r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseUnasked {
			t.Errorf("an unasked-for envelope: %s, %s, %v", r.Delivery, r.Cause, r.Err)
		}
		if n := l.conns.Load(); n != 4 {
			t.Errorf("%d connections for 4 calls", n)
		}
		if len(book.wrong)+len(book.suspects()) > 0 {
			t.Errorf("wrong %v, suspect %v", book.wrong, book.suspects())
		}
	})
}

// TestKeptConnections: one after another calls share a connection, TLS tickets
// and all, and no connection answers more than a hundred.
func TestKeptConnections(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				s.say(result(id))
			}
		})
		c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
		book := newLedger()
		for n := range 250 {
			if n == 3 {
				time.Sleep(30 * time.Millisecond) // tickets of the handshake have arrived by now
			}
			if r := book.ask(t, c, token, idOf(n)); r.Delivery != liveness.Answered {
				t.Fatalf("call %d: %s, %s, %v", n, r.Delivery, r.Cause, r.Err)
			}
		}
		c.Close(t.Context())
		if n := l.conns.Load(); n != 3 || len(book.wrong)+len(book.ahead) > 0 {
			t.Errorf("%d connections for 250 calls, want 3; wrong %v, ahead %v", n, book.wrong, book.ahead)
		}
		for conn, ids := range book.conns {
			if len(ids) > 100 {
				t.Errorf("connection %d answered %d calls", conn, len(ids))
			}
		}
	})
}

// TestTokenHasItsOwnConnection: whatever the URLs, no connection carries both
// kinds of call.
func TestTokenHasItsOwnConnection(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		var mixed atomic.Bool
		l := open(func(s *side) {
			kinds := map[bool]bool{}
			for id, ok := s.next(); ok; id, ok = s.next() {
				kinds[id == ""] = true
				mixed.Store(mixed.Load() || len(kinds) > 1)
				if id != "" {
					s.say(result(id))
					continue
				}
				answer := response("200 OK", "", `{"code":"SUCCESS","transactionId":"t","data":{"token":"token-value"}}`)
				s.say(answer, answer) // and a copy
			}
		})
		c, _ := l.client(t, liveness.TransportOptions{MaxConns: 1})
		book := newLedger()
		for n := range 6 {
			token, err := c.Token(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if r := book.ask(t, c, token, idOf(n)); r.Delivery != liveness.Answered {
				t.Fatalf("%s, %s, %v", r.Delivery, r.Cause, r.Err)
			}
			if n%2 == 1 {
				c.Invalidate(token)
			}
		}
		c.Close(t.Context())
		if mixed.Load() || len(book.wrong) > 0 || l.conns.Load() != 4 {
			t.Errorf("mixed %t, wrong %v, %d connections for 3 tokens and 6 calls", mixed.Load(), book.wrong, l.conns.Load())
		}
	})
}

// TestTokensAnswerIsNoIDs: the answer that brought a token is not believed where
// it comes again, on a connection of paid calls.
func TestTokensAnswerIsNoIDs(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		const tokens = `{"code":"SUCCESS","transactionId":"t","pricingStrategy":"FREE","data":{"token":"token-value"}}`
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				if id == "" || id == idOf(1) {
					s.say(response("200 OK", "", tokens))
					continue
				}
				s.say(result(id))
			}
		})
		c, _ := l.client(t, liveness.TransportOptions{MaxConns: 1})
		token, err := c.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		book := newLedger()
		for n := range 3 {
			r := book.ask(t, c, token, idOf(n))
			if want := map[bool]string{true: "unanswered repeated", false: "answered "}[n == 1]; string(r.Delivery)+" "+r.Cause != want {
				t.Errorf("call %d: %s %s, %v, want %s", n, r.Delivery, r.Cause, r.Err, want)
			}
		}
		if r := c.Detect(t.Context(), token, liveness.Query{SignatureID: idOf(1)}, liveness.Watch{}); r.Cause != liveness.CauseRepeated {
			t.Errorf("nobody watches: %s %s", r.Delivery, r.Cause)
		}
		c.Close(t.Context())
		if len(book.wrong) > 0 || len(book.suspects()) > 0 {
			t.Errorf("wrong %v, suspect %v", book.wrong, book.suspects())
		}
	})
}

// TestTurn: the caller's leave is asked for with the connection in hand; what it
// refuses has not left, and the connection is as good as before.
func TestTurn(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				s.say(result(id))
			}
		})
		c, token := l.client(t, liveness.TransportOptions{})
		var told []string
		w := liveness.Watch{
			Turn: func(context.Context) error { told = append(told, fmt.Sprint("turn, asked ", len(l.asked))); return nil },
			Sent: func(at time.Time) { told = append(told, "sent") },
			Seen: func(id string, _ [sha256.Size]byte) liveness.Sighting {
				told = append(told, "seen "+id)
				return liveness.Unseen
			},
		}
		first := c.Detect(t.Context(), token, liveness.Query{SignatureID: "a"}, w)
		if got := strings.Join(told, "; "); got != "turn, asked 0; sent; seen t-a" || first.Delivery != liveness.Answered {
			t.Errorf("%s, told %s", first.Delivery, got)
		}
		w.Turn = func(context.Context) error { return errors.New("not now") }
		told = nil
		if r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "b"}, w); r.Delivery != liveness.Unsent || len(told) > 0 || len(l.asked) != 1 {
			t.Errorf("%s, %s, told %v, %d requests", r.Delivery, r.Cause, told, len(l.asked))
		}
		if r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "c"}, liveness.Watch{}); r.Conn != first.Conn {
			t.Errorf("connection %d, want %d", r.Conn, first.Conn)
		}
	})
}

// TestConnectionOverBeforeTheRequest: no byte has left on a connection that
// ended while its call waited for its turn.
func TestConnectionOverBeforeTheRequest(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		for name, last := range map[string]string{"end": "", "408": response("408 Request Timeout", "Connection: close\r\n", "")} {
			l := open(func(s *side) {
				id, ok := s.next()
				if !ok {
					return
				}
				s.say(result(id))
				for s.line.conns.Load() == 1 && <-s.line.asked != "go on" { // the next call waits for its turn
				}
				if last != "" {
					s.say(last)
					s.line.told <- "said"
				}
			})
			c, token := l.client(t, liveness.TransportOptions{})
			book := newLedger()
			if r := book.ask(t, c, token, "a"); r.Delivery != liveness.Answered {
				t.Fatal(r.Err)
			}
			w := book.watch()
			w.Turn = func(context.Context) error {
				l.asked <- "go on"
				<-l.told
				return nil
			}
			r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "b"}, w)
			if r.Delivery != liveness.Unsent || r.Cause != liveness.CauseClosed && r.Cause != liveness.CauseUnasked {
				t.Errorf("%s: %s, %s, %v", name, r.Delivery, r.Cause, r.Err)
			}
			if r = book.ask(t, c, token, "c"); r.Delivery != liveness.Answered {
				t.Errorf("%s: the next call: %s, %s, %v", name, r.Delivery, r.Cause, r.Err)
			}
			c.Close(t.Context())
			if len(book.ahead) > 0 {
				t.Errorf("%s: a server that gave up waiting makes connections suspect", name)
			}
		}
	})
}

// TestEmptyLinesBeforeAnAnswer: an empty line that some servers send behind a body may come so late that the next
// request was written. It is no answer to that one, and says nothing of the one before.
func TestEmptyLinesBeforeAnAnswer(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				switch id {
				case "late":
					s.say("\r\n", result(id))
				case "slow":
					s.say("\r")
					time.Sleep(5 * time.Millisecond)
					s.say("\n", result(id))
				case "chunked":
					_, body, _ := strings.Cut(result(id), "\r\n\r\n")
					s.say("\r\n", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body))
				case "many":
					s.say(strings.Repeat("\r\n", 1000), result(id))
				default:
					s.say(result(id))
				}
			}
		})
		for _, c := range []struct {
			id, want string
			kept     bool // the connection is used again
			suspects int
		}{
			{"late", "answered ", true, 0},
			{"slow", "answered ", true, 0},
			{"chunked", "answered ", false, 0}, // what it says of its length twice is still seen
			{"many", "unanswered malformed", false, 1},
		} {
			client, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
			book := newLedger()
			book.ask(t, client, token, "first")
			r := book.ask(t, client, token, c.id)
			after := book.ask(t, client, token, "after")
			client.Close(t.Context())
			if got := string(r.Delivery) + " " + r.Cause; got != c.want || after.Delivery != liveness.Answered ||
				(after.Conn == r.Conn) != c.kept || len(book.suspects()) != c.suspects {
				t.Errorf("%s: %s (%v), want %s; then %s; connections %d and %d; suspects %v", c.id, got, r.Err, c.want, after.Delivery, r.Conn, after.Conn, book.suspects())
			}
		}
	})
}

// TestInterimAnswers: 1xx is no answer, and no reason for one.
func TestInterimAnswers(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		hint := "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				switch id {
				case "some":
					s.say("HTTP/1.1 100 Continue\r\n\r\n", hint, result(id))
				case "many":
					s.say(strings.Repeat(hint, 1000))
				case "head":
					s.say("HTTP/1.1 200 OK\r\nX: ", strings.Repeat("x", 70<<10), "\r\n")
				}
			}
		})
		c, token := l.client(t, liveness.TransportOptions{})
		for id, want := range map[string]string{"some": "answered ", "many": "unanswered malformed", "head": "unanswered oversize"} {
			r := newLedger().ask(t, c, token, id)
			if got := string(r.Delivery) + " " + r.Cause; got != want {
				t.Errorf("%s: %s (%v), want %s", id, got, r.Err, want)
			}
		}
	})
}

// TestCanceledCallsLeaveNothingBehind: a context that ends with its call does
// not reach the next call of the connection.
func TestCanceledCallsLeaveNothingBehind(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			for id, ok := s.next(); ok; id, ok = s.next() {
				s.say(result(id))
			}
		})
		c, token := l.client(t, liveness.TransportOptions{MaxConns: 1})
		book := newLedger()
		for n := range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			w := book.watch()
			w.Sent = func(time.Time) { go cancel() }
			c.Detect(ctx, token, liveness.Query{SignatureID: idOf(n)}, w)
			cancel()
			if r := book.ask(t, c, token, "after "+idOf(n)); r.Delivery == liveness.Unanswered {
				t.Fatalf("%s, %v", r.Cause, r.Err)
			}
		}
		if len(book.wrong) > 0 {
			t.Errorf("wrong %v", book.wrong)
		}
	})
}

// TestRoundTrip: what is no paid call has a connection of its own.
func TestRoundTrip(t *testing.T) {
	l := listen(t, "https", func(s *side) {
		for id, ok := s.next(); ok; id, ok = s.next() {
			s.say(response("200 OK", "", "hello"+id))
		}
	})
	tr := liveness.NewTransport(liveness.TransportOptions{RootCAs: l.roots})
	client := &http.Client{Transport: tr, Timeout: 5 * time.Second}
	for range 3 {
		resp, err := client.Post(l.url+"/ping", "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "hello" || resp.Body.Close() != nil {
			t.Errorf("%q, %v", body, err)
		}
	}
	if n := l.conns.Load(); n != 3 {
		t.Errorf("%d connections for 3 requests", n)
	}
}

// A gateway that turns a request away and passes its answer on all the same: the refusal is no proof that nothing was
// charged, and the caller is told, even where the answer is dropped once the client has ended its side.
func TestAnswerBehindARefusal(t *testing.T) {
	lines(t, func(t *testing.T, open func(func(*side)) *line) {
		l := open(func(s *side) {
			id, ok := s.next()
			if !ok {
				return
			}
			s.say(response("429 Too Many Requests", "", "slow down"))
			ended := make(chan struct{})
			go func() {
				_, _ = s.in.ReadByte() // until the client has ended its side
				close(ended)
			}()
			select {
			case <-time.After(3 * time.Millisecond):
				s.say(result(id))
				<-ended
			case <-ended:
			}
		})
		c, token := l.client(t, liveness.TransportOptions{})
		ahead := make(chan uint64, 1)
		w := liveness.Watch{Ahead: func(conn uint64) { ahead <- conn }}
		r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "a"}, w)
		c.Close(t.Context())
		if r.Cause != liveness.CauseThrottled || r.Conn == 0 {
			t.Errorf("%s, %s, %v", r.Delivery, r.Cause, r.Err)
		}
		select {
		case conn := <-ahead:
			if conn != r.Conn {
				t.Errorf("connection %d is told of, want %d", conn, r.Conn)
			}
		default:
			t.Error("nobody was told of the answer that came behind the refusal")
		}
	})
}
