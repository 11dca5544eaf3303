package simulator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// over makes a caller use connections in memory.
func over(v *simulator.Vendor, c *caller) *http.Transport {
	rt := &http.Transport{
		DialContext: v.Dial, TLSClientConfig: &tls.Config{RootCAs: v.RootCAs(), MinVersion: tls.VersionTLS12},
		DisableCompression: true, MaxIdleConnsPerHost: 4,
	}
	c.rt, c.base = rt, "http://127.0.0.1"
	return rt
}

// On every way to connect the vendor answers, keeps the connection, and numbers it.
func TestConnections(t *testing.T) {
	for name, connect := range map[string]func(*testing.T, *simulator.Vendor, *caller){
		"memory": func(_ *testing.T, v *simulator.Vendor, c *caller) { over(v, c) },
		"memory with TLS": func(_ *testing.T, v *simulator.Vendor, c *caller) {
			over(v, c)
			c.base = "https://th-api.advance.ai"
		},
		"listener": func(t *testing.T, v *simulator.Vendor, c *caller) {
			c.rt, c.base = &http.Transport{}, "http://"+listen(t, v)
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, c := inProcess(t, simulator.Config{Seed: 4})
			connect(t, v, c)
			for i := range 5 {
				a := c.do(http.MethodPost, c.base+path(c, paths["th"]), c.tokenAt(path(c, "/openapi/auth/ticket/v1/generate-token")),
					encode(map[string]any{"signatureId": fmt.Sprintf("%016x", i)}))
				if a.err != nil || a.code() == "" || a.code() == "IAM_FAILED" {
					t.Fatalf("answer %d %s %v", a.status, a.body, a.err)
				}
			}
			for _, e := range v.Entries() {
				if e.Conn != 1 {
					t.Errorf("not over the first connection: %+v", e)
				}
			}
			if got := v.Complaints(); got["shared_connection"] != 1 || len(v.Unasked()) != 0 {
				t.Errorf("complaints %v, %d things unasked", got, len(v.Unasked()))
			}
			v.CloseConnections()
		})
	}
}

// path puts the endpoint's name before a path where the host does not tell it.
func path(c *caller, p string) string {
	if strings.HasPrefix(c.base, "https") {
		return p
	}
	return "/th" + p
}

// tokenAt gets a token from a path once and keeps it.
func (c *caller) tokenAt(path string) string {
	if c.tokens["th"] == "" {
		d := simulator.DefaultCredential
		a := c.do(http.MethodPost, c.base+path, "", c.tokenBody(d.AccessKey, d.SecretKey, 3600))
		c.tokens["th"], _ = a.data()["token"].(string)
	}
	return c.tokens["th"]
}

// listen serves the vendor on a port of this machine until the test ends.
func listen(t *testing.T, v *simulator.Vendor) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- v.Serve(l) }()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		v.CloseConnections()
	})
	return l.Addr().String()
}

// Faults of a call befall it on a connection in memory as they do on a socket.
func TestFaultsOnConnections(t *testing.T) {
	id := idOf(t, 4, succeeds)
	for f, want := range faultOutcomes {
		want := want
		switch f {
		case simulator.DNS, simulator.Refused, simulator.TLS: // there is a connection already
			want = outcome{err: isBroken}
		case simulator.ResetBefore, simulator.HangUp:
			continue // net/http may see either end; TestHangUp
		case simulator.Redirect:
			want = outcome{}
		}
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, c := inProcess(t, simulator.Config{Seed: 4, Latency: 100 * time.Millisecond})
				defer v.CloseConnections()
				defer over(v, c).CloseIdleConnections()
				c.token("th")
				v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: f}})
				checkOutcome(t, want, c.ask("th", id), calls(v))
			})
		})
	}
}

// line is a connection on which a test writes and reads bytes.
type line struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	c    *caller
}

func dial(t *testing.T, v *simulator.Vendor, c *caller) *line {
	conn, err := v.Dial(t.Context(), "tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	return &line{t: t, conn: conn, in: bufio.NewReader(conn), c: c}
}

// asks writes a request for one ID.
func (l *line) asks(id string) {
	l.t.Helper()
	l.write(http.MethodPost, "/th"+paths["th"], encode(map[string]any{"signatureId": id, "resultType": "IMAGE_URL"}))
}

func (l *line) asksToken() {
	l.t.Helper()
	d := simulator.DefaultCredential
	l.write(http.MethodPost, "/th/openapi/auth/ticket/v1/generate-token", l.c.tokenBody(d.AccessKey, d.SecretKey, 3600))
}

func (l *line) write(method, path string, body []byte) {
	l.t.Helper()
	req, err := http.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-ACCESS-TOKEN", l.c.tokens["th"])
	if err := req.Write(l.conn); err != nil {
		l.t.Fatal(err)
	}
}

// answer reads one response.
func (l *line) answer() string {
	l.t.Helper()
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", string(body))
}

// lies returns the bytes that lie waiting, once everybody rests.
func (l *line) lies() string {
	l.t.Helper()
	synctest.Wait()
	if err := l.conn.SetReadDeadline(time.Now().Add(time.Microsecond)); err != nil {
		l.t.Fatal(err)
	}
	b, err := io.ReadAll(l.in)
	var late net.Error
	if err != nil && (!errors.As(err, &late) || !late.Timeout()) {
		l.t.Fatal(err)
	}
	if err := l.conn.SetReadDeadline(time.Time{}); err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// transaction is the transaction of a response.
func transaction(text string) string {
	_, rest, _ := strings.Cut(text, `"transactionId":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// unasked lists what a fault sends, by what its bytes look like beside the answer they follow.
var unasked = map[simulator.Fault]func(bytes, own, other, token string) bool{
	simulator.Copy: func(b, own, _, _ string) bool { return transaction(b) == own },
	simulator.CopyOther: func(b, _, other, _ string) bool {
		return transaction(b) == other && strings.HasPrefix(b, "HTTP/1.1 200 OK")
	},
	simulator.CopyToken: func(b, _, _, token string) bool {
		return transaction(b) == token && strings.Contains(b, "expiredTime")
	},
	simulator.StrayNew: func(b, own, other, token string) bool {
		return !slices.Contains([]string{"", own, other, token}, transaction(b)) && strings.Contains(b, "livenessScore")
	},
	simulator.StrayPage:  func(b, _, _, _ string) bool { return strings.HasSuffix(b, "</html>\r\n") },
	simulator.StrayEmpty: func(b, _, _, _ string) bool { return strings.Contains(b, "\r\nContent-Length: 0\r\n") },
	simulator.Stray204:   func(b, _, _, _ string) bool { return strings.HasPrefix(b, "HTTP/1.1 204 No Content\r\n") },
	simulator.StrayPart:  func(b, _, _, _ string) bool { return strings.HasPrefix("HTTP/1.1 200 OK\r\n"+b[min(17, len(b)):], b) },
	simulator.StrayByte:  func(b, _, _, _ string) bool { return b == "H" },
	simulator.StrayLine:  func(b, _, _, _ string) bool { return b == "\r\n" },
}

// TestUnasked lets each thing that can be sent unasked be sent at each moment: nothing before it, all of it then, once,
// and a word in the ledger.
func TestUnasked(t *testing.T) {
	id := idOf(t, 4, succeeds)
	for what, looks := range unasked {
		for _, wait := range []time.Duration{0, time.Millisecond, 50 * time.Millisecond, time.Minute} {
			t.Run(fmt.Sprint(what, wait), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, first := askWith(t, id, what.After(wait))
					if wait > 0 {
						time.Sleep(wait - 10*time.Microsecond)
						if b := l.lies(); b != "" {
							t.Fatalf("too early: %q", b)
						}
						time.Sleep(10 * time.Microsecond)
					}
					first.check(what, looks, l.lies())
				})
			})
		}
		t.Run(string(what.AtNext()), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, first := askWith(t, id, what.AtNext())
				time.Sleep(time.Hour)
				if b := l.lies(); b != "" {
					t.Fatalf("before the next request: %q", b)
				}
				// A part of a request is enough: it is on its way.
				if _, err := l.conn.Write([]byte("POST ")); err != nil {
					t.Fatal(err)
				}
				first.check(what, looks, l.lies())
			})
		})
		t.Run(string(what.AtAsked()), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, first := askWith(t, id, what.AtAsked())
				time.Sleep(time.Hour)
				if _, err := l.conn.Write([]byte("POST ")); err != nil {
					t.Fatal(err)
				}
				if b := l.lies(); b != "" {
					t.Fatalf("before the next request was there: %q", b)
				}
				if _, err := io.WriteString(l.conn, "/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				b, _, _ := strings.Cut(l.lies(), "HTTP/1.1 404") // the answer to this one
				first.check(what, looks, b)
			})
		})
	}
}

// firstAnswer holds what a test knows when the faulty request was answered.
type firstAnswer struct {
	t                 *testing.T
	v                 *simulator.Vendor
	own, other, token string
}

// askWith asks for a token and an ID on two connections, and for another ID with a fault on a third.
func askWith(t *testing.T, id string, f simulator.Fault) (*line, firstAnswer) {
	t.Helper()
	v, c := inProcess(t, simulator.Config{Seed: 4, Latency: 20 * time.Millisecond})
	t.Cleanup(v.CloseConnections)
	first := firstAnswer{t: t, v: v}
	tokens, others, l := dial(t, v, c), dial(t, v, c), dial(t, v, c)
	tokens.asksToken()
	text := tokens.answer()
	first.token = transaction(text)
	_, rest, _ := strings.Cut(text, `"token":"`)
	c.tokens["th"], _, _ = strings.Cut(rest, `"`)
	others.asks(fmt.Sprintf("%016x", 77))
	first.other = transaction(others.answer())
	v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: f}})
	l.asks(id)
	text = l.answer()
	first.own = transaction(text)
	if e := v.Entries()[2]; !strings.HasPrefix(text, "200 ") || e.TransactionID != first.own || e.Delivered != simulator.Whole || e.Conn != 3 || !e.Charged {
		t.Fatalf("the answer itself is %s, in the ledger %+v", text, e)
	}
	t.Cleanup(func() {
		for _, l := range []*line{tokens, others, l} {
			if err := l.conn.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return l, first
}

func (a firstAnswer) check(what simulator.Fault, looks func(bytes, own, other, token string) bool, b string) {
	a.t.Helper()
	if b == "" || !looks(b, a.own, a.other, a.token) {
		a.t.Errorf("%s sent %q", what, b)
	}
	sent := a.v.Unasked()
	if len(sent) != 1 || sent[0].Fault != what || sent[0].Conn != 3 || sent[0].Endpoint != "th" || sent[0].New != (what == simulator.StrayNew) ||
		sent[0].Token != (what == simulator.CopyToken) || transaction(b) != sent[0].TransactionID && what != simulator.StrayPart {
		a.t.Errorf("%s in the ledger: %+v", what, sent)
	}
	if got := a.v.Complaints(); len(got) > 0 {
		a.t.Errorf("complaints %v", got)
	}
}

// A connection ends at its moment, in order or by a reset, and takes no call with it.
func TestHangUp(t *testing.T) {
	id := idOf(t, 4, succeeds)
	ends := map[string]bool{}
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			v, c := inProcess(t, simulator.Config{Seed: seed})
			defer v.CloseConnections()
			l := dial(t, v, c)
			l.asksToken()
			_, rest, _ := strings.Cut(l.answer(), `"token":"`)
			c.tokens["th"], _, _ = strings.Cut(rest, `"`)
			v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: simulator.HangUp.After(time.Second)}})
			l.asks(id)
			_ = l.answer()
			began := time.Now()
			_, err := l.in.ReadByte()
			if time.Since(began) != time.Second || err == nil {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
			ends[fmt.Sprint(errors.Is(err, io.EOF))] = true
			if n := len(calls(v)); n != 1 {
				t.Errorf("%d calls served", n)
			}
		})
	}
	if len(ends) != 2 {
		t.Errorf("ends in order: %v, want both", ends)
	}
}

// A token's answer can be followed by something unasked as well.
func TestUnaskedAfterAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{Seed: 4})
		defer v.CloseConnections()
		v.SetFaults(simulator.Faults{TokenProbability: map[simulator.Fault]float64{simulator.Copy.After(0): 1}})
		l := dial(t, v, c)
		l.asksToken()
		first, second := l.answer(), l.answer()
		if first != second || !v.Unasked()[0].Token {
			t.Errorf("%q, then %q; %+v", first, second, v.Unasked())
		}
		if err := l.conn.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// The ledger's file tells what was sent unasked, and is a ledger to go on with.
func TestUnaskedInTheLedgersFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		v, c := inProcess(t, simulator.Config{Seed: 4, Ledger: &file})
		c.token("th")
		v.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{simulator.StrayNew.After(0): .5}})
		for i := range 20 {
			l := dial(t, v, c)
			l.asks(fmt.Sprint(i))
			_ = l.answer()
			if err := l.conn.Close(); err != nil {
				t.Fatal(err)
			}
		}
		n := len(v.Unasked())
		if text := file.String(); n == 0 || strings.Count(text, `{"unasked":{`) != n || strings.Count(text, "\n") != n+21 {
			t.Errorf("%d things were sent unasked, the file is\n%s", n, text)
		}
		entries, err := simulator.LoadLedger(&file)
		if err != nil || !slices.EqualFunc(entries, v.Entries(), func(a, b simulator.Entry) bool { return a.Seq == b.Seq && a.TransactionID == b.TransactionID }) {
			t.Errorf("%d entries, %v", len(entries), err)
		}
	})
}

// Shutdown waits for answers under way, and no longer than it is told to.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{Seed: 4, Latency: time.Second})
		over(v, c)
		c.token("th")
		done := make(chan answer, 2)
		go func() { done <- c.ask("th", "a") }()
		synctest.Wait()
		if err := v.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a := <-done; a.code() == "" {
			t.Errorf("answer %s %v", a.body, a.err)
		}
		v.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"th": simulator.Timeout}})
		go func() { done <- c.ask("th", "b") }()
		synctest.Wait()
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := v.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 6*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if a := <-done; !isBroken(a.err) {
			t.Errorf("answer %s %v", a.body, a.err)
		}
	})
}

// A client that ends its sending behind a request still gets the answer, and then the end. What was sent unasked before
// that answer is shown by it, and not earlier.
func TestHalfClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, first := askWith(t, idOf(t, 4, succeeds), simulator.StrayNew.AtAsked())
		l.asks("b")
		if err := l.conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got := transaction(l.answer()); got != first.v.Unasked()[0].TransactionID || first.v.Unasked()[0].Shown {
			t.Errorf("first transaction %s; %+v", got, first.v.Unasked())
		}
		if got, entries := transaction(l.answer()), first.v.Entries(); got != entries[len(entries)-1].TransactionID || !first.v.Unasked()[0].Shown {
			t.Errorf("second transaction %s; %+v", got, first.v.Unasked())
		}
		if b, err := io.ReadAll(l.in); len(b) > 0 || err != nil {
			t.Errorf("behind the last answer %q, %v", b, err)
		}
	})
}

// What was sent unasked, and taken for an answer, is shown by the true answer that comes behind it, and hidden again by
// an end that the vendor makes by itself: that may destroy the answer, or cross the next request.
func TestUnaskedIsHiddenByAnEnd(t *testing.T) {
	const second = "0000000000000002"
	for _, moment := range []simulator.Fault{simulator.HangUp.After(time.Second), simulator.HangUp.AtNext(), simulator.HangUp.AtAsked()} {
		t.Run(string(moment), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, first := askWith(t, idOf(t, 4, succeeds), simulator.StrayNew.AtAsked())
				first.v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{second: moment}})
				l.asks(second)
				_, _ = l.answer(), l.answer()
				synctest.Wait()
				if !first.v.Unasked()[0].Shown {
					t.Errorf("the true answer came: %+v", first.v.Unasked())
				}
				if moment == simulator.HangUp.AtAsked() {
					l.asks("3")
				} else if moment == simulator.HangUp.AtNext() {
					_, _ = l.conn.Write([]byte("P"))
				}
				time.Sleep(2 * time.Second)
				if first.v.Unasked()[0].Shown {
					t.Errorf("the connection ended: %+v", first.v.Unasked())
				}
			})
		})
	}
}
