package liveness

import (
	"io"
	"net"
	"syscall"
	"time"
)

// glance sets how long a look waits where the system cannot be asked whether
// there is something to read: on a pipe.
const glance = 20 * time.Microsecond

// socket represents a connection below TLS. It knows how many bytes it has passed on,
// and it can be read without waiting, so that TLS above it says what there is:
// encrypted bytes alone say nothing, since session tickets wait on good
// connections.
type socket struct {
	net.Conn
	looking bool  // Read returns at once
	written int64 // bytes that the other side may have got

	raw  syscall.RawConn // nil on a pipe
	read func(fd uintptr)
	p    []byte // what read reads into, and what came of it
	n    int
	err  error
}

func newSocket(c net.Conn) *socket {
	s := &socket{Conn: c}
	s.ask(c)
	return s
}

// Read implements [io.Reader]. While looking it fails with errQuiet where it
// would wait.
//
// A deadline does not end it as long as there is something to read: the process
// may have been stopped, or its machine suspended, until after the deadline, and
// what came in the meantime came in time for all that anybody knows.
func (s *socket) Read(p []byte) (int, error) {
	switch {
	case s.looking && s.raw == nil:
		return s.glance(p)
	case s.looking:
		return s.readNow(p)
	}
	n, err := s.Conn.Read(p)
	if n > 0 || err == nil || s.raw == nil || !isTimeout(err) { // on a pipe nothing waits to be read
		return n, err
	}
	if n, now := s.readNow(p); n > 0 || !isTimeout(now) {
		return n, now
	}
	return 0, err
}

// readNow asks the system once, whatever the deadline.
func (s *socket) readNow(p []byte) (int, error) {
	s.p = p
	if err := s.raw.Control(s.read); err != nil {
		return 0, err
	}
	switch {
	case s.err == syscall.EAGAIN: //nolint:errorlint // as the system said it
		return 0, errQuiet{}
	case s.err != nil:
		return 0, s.err
	case s.n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return s.n, nil
}

func (s *socket) glance(p []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(glance)); err != nil {
		return 0, err
	}
	n, err := s.Conn.Read(p)
	if n == 0 && err != nil && isTimeout(err) {
		err = errQuiet{}
	}
	if again := s.SetReadDeadline(time.Time{}); err == nil {
		err = again
	}
	return n, err
}

// Write implements [io.Writer] and counts.
func (s *socket) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	s.written += int64(n)
	return n, err
}

// errQuiet reports that there is nothing to read now. It is a temporary error of
// the network, after which TLS reads on.
type errQuiet struct{}

func (errQuiet) Error() string   { return "nothing to read" }
func (errQuiet) Timeout() bool   { return true }
func (errQuiet) Temporary() bool { return true }
