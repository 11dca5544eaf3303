package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// chatterbox is a server of everything that a night asks for (tokens, results, images, a monitor) that also says what
// nobody has asked for: to a connection before its first request, and behind its answers. It is full of what must not
// be shown.
type chatterbox struct {
	address string
	served  [4]atomic.Int64 // tokens, results, images, pings
	said    atomic.Int64    // texts that nobody asked for
}

const unaskedBody = `{"token":"canary-token-value","livenessScore":73.815926,"detectionResult":"https://images.example/canary-link.jpg"}` + "\x1b[2J"

func unasked() string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nX-Access-Token: canary-token-value\r\nContent-Length: %d\r\n\r\n%s", len(unaskedBody), unaskedBody)
}

func newChatterbox(t *testing.T) *chatterbox {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &chatterbox{address: l.Addr().String()}
	var conns sync.WaitGroup
	conns.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			conns.Go(func() {
				defer conn.Close()
				if n%5 == 1 {
					c.say(conn, unasked())
				}
				c.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		conns.Wait()
	})
	return c
}

func (c *chatterbox) say(conn net.Conn, text string) {
	c.said.Add(1)
	_, _ = io.WriteString(conn, text) // whoever hung up does not want to hear it
}

func (c *chatterbox) serve(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		n, body := int64(0), ""
		switch {
		case strings.HasPrefix(req.URL.Path, "/token"):
			n, body = c.served[0].Add(1), `{"code":"SUCCESS","transactionId":"t","data":{"token":"canary-token-value"}}`
		case strings.HasPrefix(req.URL.Path, "/result"):
			n = c.served[1].Add(1)
			body = fmt.Sprintf(`{"code":"SUCCESS","transactionId":"r-%d","pricingStrategy":"PAY","data":{"livenessScore":73.815926,"detectionResult":"http://%s/image/canary-link-%d.jpg"}}`, n, c.address, n)
		case strings.HasPrefix(req.URL.Path, "/image"):
			n, body = c.served[2].Add(1), "\xff\xd8\xff\xe0 a picture \xff\xd9"
		default:
			n, body = c.served[3].Add(1), "OK"
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if n%2 == 0 {
			time.Sleep(time.Duration(n%5) * 10 * time.Millisecond)
			c.say(conn, unasked())
		}
	}
}

// TestUnaskedBytesAreNotShown: what servers say unasked comes to no stream of ours, from whatever part of the program
// and at whatever level.
func TestUnaskedBytesAreNotShown(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"info", "debug"} {
		c, dir := newChatterbox(t), t.TempDir()
		settings := fmt.Sprintf("lists = [\"ids.csv\"]\n[endpoint.ph]\nurl = \"http://%[1]s/result\"\ntoken_url = \"http://%[1]s/token\"\nrate = 500\n"+
			"[evidence]\ndownload = \"all\"\nrate = 200\nlinger = \"5s\"\nallowed_hosts = [\"%[1]s\"]\n[notify]\nping_url = \"http://%[1]s/ping/canary-monitor\"\n", c.address)
		list := "signatureId,region\n"
		for i := range 60 {
			list += fmt.Sprintf("e%015x,PH\n", i)
		}
		for name, text := range map[string]string{"ids.csv": list, "liverecon.toml": settings} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		for range 2 { // IDs whose connection was spoilt each time wait for the next run
			cmd := exec.Command("liverecon", "run", "--log-level", level)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY=canary-secret-key")
			cmd.Stdout, cmd.Stderr = &out, &out
			_ = cmd.Run() // pending IDs are no success
		}
		shown := out.String()
		for _, canary := range []string{"canary", "73.815926", "X-Access-Token", "\x1b"} {
			if strings.Contains(shown, canary) {
				t.Errorf("level %s: %q is shown:\n%s", level, canary, shown)
			}
		}
		if spoke := strings.Contains(shown, "a library speaks"); spoke != (level == "debug") {
			t.Errorf("level %s: libraries speak: %t\n%s", level, spoke, shown)
		}
		for i, what := range []string{"tokens", "results", "images", "pings"} {
			if c.served[i].Load() == 0 {
				t.Errorf("no %s were asked for\n%s", what, shown)
			}
		}
		if c.said.Load() < 30 {
			t.Errorf("%d texts said unasked\n%s", c.said.Load(), shown)
		}
	}
}
