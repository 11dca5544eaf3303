// Package pipe makes connections in memory.
package pipe

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// window sets how many bytes one direction of a connection in memory holds before its writer has to wait, as a socket's
// buffers do.
const window = 256 << 10

// New makes a connection in memory. Unlike net.Pipe's it has buffers, so that bytes can lie waiting for a reader who
// has not asked for any. It has deadlines, and is broken by Close and Reset as a TCP connection is. Nothing in it
// sleeps but in ways that a synctest bubble knows.
func New() (client, server *Conn) {
	up, down := newStream(), newStream()
	return &Conn{in: down, out: up}, &Conn{in: up, out: down}
}

// stream describes one direction of a pipe.
type stream struct {
	mu     sync.Mutex
	change sync.Cond // something below is not what it was
	held   []byte
	err    error // what a reader gets once nothing is held; nil while the writer lives
	gone   error // what a writer gets; nil while the reader lives
	read   deadline
	write  deadline
}

func newStream() *stream {
	s := &stream{}
	s.change.L = &s.mu
	return s
}

// deadline represents a point in time after which an operation fails.
type deadline struct {
	passed bool
	timer  *time.Timer
}

// set changes one of the stream's two deadlines.
func (s *stream) set(d *deadline, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer, d.passed = nil, false
	if at.IsZero() {
		return
	}
	wait := time.Until(at)
	if wait <= 0 {
		d.passed = true
		s.change.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == timer {
			d.passed = true
			s.change.Broadcast()
		}
	})
	d.timer = timer
}

func (s *stream) take(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.gone != nil:
			return 0, net.ErrClosed
		case s.read.passed:
			return 0, os.ErrDeadlineExceeded
		case len(s.held) > 0 || len(p) == 0:
			n := copy(p, s.held)
			s.held = s.held[n:]
			s.change.Broadcast()
			return n, nil
		case s.err != nil:
			return 0, s.err
		}
		s.change.Wait()
	}
}

func (s *stream) put(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := 0
	for {
		switch {
		case s.err != nil:
			return done, net.ErrClosed
		case s.gone != nil:
			return done, s.gone
		case s.write.passed:
			return done, os.ErrDeadlineExceeded
		case done == len(p):
			return done, nil
		case len(s.held) < window:
			n := min(len(p)-done, window-len(s.held))
			s.held = append(s.held, p[done:done+n]...)
			done += n
			s.change.Broadcast()
		default:
			s.change.Wait()
		}
	}
}

// end ends the writer's side; what is held is lost where it is no orderly end.
func (s *stream) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		if !errors.Is(err, io.EOF) {
			s.held = nil
		}
	}
	s.change.Broadcast()
}

// leave ends the reader's side.
func (s *stream) leave(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone == nil {
		s.gone, s.held = err, nil
	}
	s.change.Broadcast()
}

// Conn describes one end of a connection in memory.
type Conn struct {
	in, out *stream
	// GoingOut is called as a Write begins, before its bytes are on the way; nil for nobody.
	GoingOut func()
}

// address represents that of both ends of a connection in memory.
type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }

// Read reads what the other end wrote.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.take(p)
	return n, opError("read", err)
}

// Write sends bytes, and waits while the window is full.
func (c *Conn) Write(p []byte) (int, error) {
	if c.GoingOut != nil {
		c.GoingOut()
	}
	n, err := c.out.put(p)
	return n, opError("write", err)
}

// opError dresses an error as package net does; the end of a stream stays bare.
func opError(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Addr: address{}, Err: err}
}

// Close ends the connection in order: what was written can still be read.
func (c *Conn) Close() error {
	c.out.end(io.EOF)
	c.in.leave(os.NewSyscallError("write", syscall.EPIPE))
	return nil
}

// CloseWrite ends the sending: what was written can still be read, and the other side can still write.
func (c *Conn) CloseWrite() error {
	c.out.end(io.EOF)
	return nil
}

// Reset ends the connection at once: what was written and not yet read is lost.
func (c *Conn) Reset() {
	c.out.end(os.NewSyscallError("read", syscall.ECONNRESET))
	c.in.leave(os.NewSyscallError("write", syscall.ECONNRESET))
}

// LocalAddr returns that of every end.
func (c *Conn) LocalAddr() net.Addr { return address{} }

// RemoteAddr returns that of every end.
func (c *Conn) RemoteAddr() net.Addr { return address{} }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline bounds reading; the zero time: it is not.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.set(&c.in.read, t)
	return nil
}

// SetWriteDeadline bounds writing; the zero time: it is not.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.set(&c.out.write, t)
	return nil
}
