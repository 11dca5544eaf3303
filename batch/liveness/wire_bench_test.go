package liveness_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

// serveBench makes this test binary the vendor of BenchmarkWire, a process of its own: what it uses of the processor is
// not the client's.
var serveBench = flag.String("serve-bench", "", "internal: how long the vendor of BenchmarkWire takes for an answer")

func TestMain(m *testing.M) {
	flag.Parse()
	if *serveBench != "" {
		if err := benchVendor(*serveBench); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// benchVendor answers over TLS until its standard input ends. It says its address and its certificate.
func benchVendor(latency string) error {
	wait, err := time.ParseDuration(latency)
	if err != nil {
		return err
	}
	cert, err := newCertificate()
	if err != nil {
		return err
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("%s %x\n", inner.Addr(), cert.Certificate[0])
	var handshakes, calls atomic.Int64
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		time.Sleep(wait)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.Replace(benchBody, "#", fmt.Sprintf("%016x", calls.Add(1)), 1)) // the client counts
	})}
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			handshakes.Add(1)
		}
	}
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			fmt.Println(handshakes.Swap(0))
		}
		_ = server.Close() // the process ends
	}()
	err = server.Serve(tls.NewListener(inner, &tls.Config{Certificates: []tls.Certificate{cert}}))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

const benchBody = `{"code":"SUCCESS","message":"OK","data":{"detectionResult":"https://images.example/face/0123456789abcdef.jpg",` +
	`"livenessScore":99.5,"attackType":null,"attackSubType":null,"auditImageUrl":"https://images.example/audit/0123456789abcdef.zip",` +
	`"imageFarUrl":null,"imageNearUrl":null,"farImageTime":1795894239082,"nearImageTime":1795894239582},"extra":null,"transactionId":"#","pricingStrategy":"PAY"}`

// benchLine is the vendor's process as the benchmark sees it.
type benchLine struct {
	address string
	roots   *x509.CertPool
	in      io.Writer
	out     *bufio.Reader
}

func startBenchVendor(b *testing.B, latency time.Duration) *benchLine {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-serve-bench="+latency.String())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // its end is all that is wanted
	})
	l := &benchLine{in: in, out: bufio.NewReader(out), roots: x509.NewCertPool()}
	var der []byte
	if _, err := fmt.Fscanf(l.out, "%s %x\n", &l.address, &der); err != nil {
		b.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		b.Fatal(err)
	}
	l.roots.AddCert(leaf)
	return l
}

// handshakes returns how many connections the vendor has accepted since it was asked last.
func (l *benchLine) handshakes(b *testing.B) (n int) {
	b.Helper()
	if _, err := fmt.Fprintln(l.in); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fscanln(l.out, &n); err != nil {
		b.Fatal(err)
	}
	return n
}

// processor returns what this process has used of it.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// netHTTP is net/http's transport as liverecon used it before it had its own: what kept and one-call are measured
// against.
func netHTTP(roots *x509.CertPool, conns int) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols: protocols, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, TLSHandshakeTimeout: 10 * time.Second,
		MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns, IdleConnTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, DisableCompression: true,
	}
}

// BenchmarkWire is paid calls over TLS on loopback, 64 in flight: calls a second, the client's processor time a call,
// and handshakes a thousand calls.
func BenchmarkWire(b *testing.B) {
	const inFlight = 64
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for name, transport := range map[string]func(*x509.CertPool) http.RoundTripper{
			"net-http": func(roots *x509.CertPool) http.RoundTripper { return netHTTP(roots, inFlight) },
			"kept": func(roots *x509.CertPool) http.RoundTripper {
				return liveness.NewTransport(liveness.TransportOptions{MaxConns: inFlight, RootCAs: roots})
			},
			"one-call": func(roots *x509.CertPool) http.RoundTripper {
				return liveness.NewTransport(liveness.TransportOptions{MaxConns: inFlight, RootCAs: roots, OneCall: true})
			},
		} {
			b.Run(fmt.Sprintf("%s/%v", name, latency), func(b *testing.B) {
				l := startBenchVendor(b, latency)
				c, token := clientOf(b, "https://"+l.address, liveness.Options{Transport: transport(l.roots), AllowedHosts: []string{"127.0.0.1"}})
				calls := func(n int) {
					var all sync.WaitGroup
					left := make(chan struct{}, n)
					for range n {
						left <- struct{}{}
					}
					close(left)
					for range inFlight {
						all.Go(func() {
							for range left {
								r := c.Detect(context.Background(), token, liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
								if r.Delivery != liveness.Answered {
									b.Error(r.Err)
								}
							}
						})
					}
					all.Wait()
				}
				calls(2 * inFlight)
				l.handshakes(b)
				used, began := processor(b), time.Now()
				b.ResetTimer()
				calls(b.N)
				b.StopTimer()
				c.Close(b.Context())
				used, took := processor(b)-used, time.Since(began)
				b.ReportMetric(float64(used.Nanoseconds())/float64(b.N)/1000, "cpu-us/call")
				b.ReportMetric(float64(b.N)/took.Seconds(), "calls/s")
				b.ReportMetric(1000*float64(l.handshakes(b))/float64(b.N), "handshakes/1000")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
