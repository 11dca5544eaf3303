package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"sync"
	"time"
)

// padding is how many blanks stand before the last brace of an oversize answer: with them it is more than 32 MiB and
// still a valid envelope.
const padding = 33 << 20

// drops is the number of pieces a slow body comes in.
const drops = 20

// open gives the body as it comes off the wire. ctx ends a slow one.
func (rep reply) open(ctx context.Context) io.ReadCloser {
	switch {
	case rep.mangled == Truncated:
		return io.NopCloser(io.MultiReader(bytes.NewReader(rep.body[:rep.cut]), broken{}))
	case rep.mangled == Oversize:
		head, tail := rep.body[:len(rep.body)-1], rep.body[len(rep.body)-1:]
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), io.LimitReader(blanks{}, padding),
			bytes.NewReader(tail)))
	case rep.drip > 0:
		return &drip{ctx: ctx, rest: rep.body, each: len(rep.body)/drops + 1, pause: rep.drip / drops,
			closed: make(chan struct{})}
	}
	return io.NopCloser(bytes.NewReader(rep.body))
}

// length is the answer's Content-Length.
func (rep reply) length() int64 {
	if rep.mangled == Oversize {
		return int64(len(rep.body)) + padding
	}
	return int64(len(rep.body))
}

// broken is a connection that ended before its Content-Length did.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// drip is a body that comes in small pieces with pauses before each.
type drip struct {
	ctx    context.Context
	rest   []byte
	each   int
	pause  time.Duration
	once   sync.Once
	closed chan struct{}
}

func (d *drip) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		return 0, io.EOF
	}
	t := time.NewTimer(d.pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-d.ctx.Done():
		return 0, context.Cause(d.ctx)
	case <-d.closed:
		return 0, io.ErrClosedPipe
	}
	n := copy(p, d.rest[:min(d.each, len(d.rest))])
	d.rest = d.rest[n:]
	return n, nil
}

func (d *drip) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

// zipBomb compresses an oversize envelope. A gzip file may have several members (RFC 1952, 2.2), so the long one in the
// middle is made only once.
func zipBomb(envelope, middle []byte) []byte {
	last := len(envelope) - 1
	b := zip(bytes.NewReader(envelope[:last]))
	b = append(b, middle...)
	return append(b, zip(bytes.NewReader(envelope[last:]))...)
}

// zipBlanks makes the long one, of members that are each a part of the padding.
func zipBlanks() []byte {
	const part = 1 << 20
	return bytes.Repeat(zip(io.LimitReader(blanks{}, part)), padding/part)
}

// zip compresses into memory, where neither writing nor closing can fail.
func zip(r io.Reader) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.Copy(z, r)
	_ = z.Close()
	return b.Bytes()
}
