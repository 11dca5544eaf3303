package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// ErrBehindGzip reports that something stands behind gzip data that is none.
var ErrBehindGzip = errors.New("something that is no gzip data stands behind the end of it")

// Unzip reads gzip data of one member or several. Zero bytes behind the last one are padding, as tapes and some copying
// programs leave it; anything else there is [ErrBehindGzip].
func Unzip(in *bufio.Reader) (io.Reader, error) {
	member, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &members{in: in, member: member}, nil
}

type members struct {
	in     *bufio.Reader
	member *gzip.Reader
	ended  error
}

func (m *members) Read(p []byte) (int, error) {
	for m.ended == nil {
		n, err := m.member.Read(p)
		if n > 0 {
			return n, nil // an error comes again
		}
		if errors.Is(err, io.EOF) {
			err = m.next()
		}
		m.ended = err
	}
	return 0, m.ended
}

// next begins the next member. It returns io.EOF where there is none.
func (m *members) next() error {
	head, err := m.in.Peek(2)
	if len(head) == 0 {
		return err
	}
	if head[0] != 0 {
		if len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
			return ErrBehindGzip
		}
		err := m.member.Reset(m.in)
		m.member.Multistream(false)
		return err
	}
	rest := make([]byte, 4096)
	for {
		n, err := m.in.Read(rest)
		if len(bytes.Trim(rest[:n], "\x00")) > 0 {
			return ErrBehindGzip
		}
		if err != nil {
			return err
		}
	}
}
