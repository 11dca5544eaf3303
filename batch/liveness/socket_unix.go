//go:build unix

package liveness

import (
	"net"
	"syscall"
)

// ask lets the system be asked what there is to read, unless c is a pipe.
func (s *socket) ask(c net.Conn) {
	if system, ok := c.(syscall.Conn); ok {
		if raw, err := system.SyscallConn(); err == nil {
			s.raw, s.read = raw, s.readFrom
		}
	}
}

func (s *socket) readFrom(fd uintptr) {
	for {
		s.n, s.err = syscall.Read(int(fd), s.p)
		if s.err != syscall.EINTR { //nolint:errorlint // as the system said it
			return
		}
	}
}
