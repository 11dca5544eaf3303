package pipe

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d bytes of %q: %v", n, text, err)
	}
}

func reads(t *testing.T, c net.Conn, want string, wantErr error) {
	t.Helper()
	p := make([]byte, 64)
	n, err := c.Read(p)
	if string(p[:n]) != want || !errors.Is(err, wantErr) {
		t.Fatalf("read %q, %v; want %q, %v", p[:n], err, want, wantErr)
	}
}

// Bytes wait for a reader, in order, and outlive an orderly end but no reset.
func TestPipeHoldsBytes(t *testing.T) {
	client, server := New()
	write(t, server, "early ")
	write(t, server, "bytes")
	reads(t, client, "early bytes", nil)
	write(t, server, "last")
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	reads(t, client, "last", nil)
	reads(t, client, "", io.EOF)
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to an end that was closed: %v", err)
	}
	reads(t, server, "", net.ErrClosed)

	client, server = New()
	write(t, client, "last request")
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reads(t, server, "last request", nil)
	reads(t, server, "", io.EOF)
	write(t, server, "last answer")
	reads(t, client, "last answer", nil)
	if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after the end of writing: %v", err)
	}

	client, server = New()
	write(t, server, "lost")
	server.Reset()
	reads(t, client, "", syscall.ECONNRESET)
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("write to an end that was reset: %v", err)
	}
}

// A read past its deadline fails whatever lies waiting, as a socket's does; a later deadline makes it work again.
func TestPipeDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := New()
		began := time.Now()
		if err := client.SetReadDeadline(began.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		reads(t, client, "", os.ErrDeadlineExceeded)
		if took := time.Since(began); took != time.Second {
			t.Errorf("the deadline came after %v", took)
		}
		write(t, server, "waiting")
		reads(t, client, "", os.ErrDeadlineExceeded)
		if err := client.SetDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		reads(t, client, "waiting", nil)
		if err := client.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(2*time.Hour, func() { write(t, server, "later") })
		reads(t, client, "later", nil)
		var timeout net.Error
		if err := client.SetReadDeadline(time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v is no timeout", err)
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// A writer waits for room, and is woken by a reader, a deadline or the other's end.
func TestPipeHasRoomForAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := New()
		long := bytes.Repeat([]byte("x"), 2*window)
		if err := server.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := server.Write(long); n != window || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
		if err := server.SetWriteDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.CopyN(io.Discard, client, 2*window) }()
		if n, err := server.Write(long[:window]); n != window || err != nil {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
		synctest.Wait()
		time.AfterFunc(time.Second, func() { _ = client.Close() })
		if n, err := server.Write(long); n != window || !errors.Is(err, syscall.EPIPE) {
			t.Errorf("wrote %d bytes, %v", n, err)
		}
	})
}
