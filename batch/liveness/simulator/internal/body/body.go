// Package body makes answers that no healthy server sends: cut off, slow, or larger than anybody may read.
package body

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"sync"
	"time"
)

// Padding sets how many blanks stand before the last brace of an oversize answer: with them it is more than 32 MiB and
// still a valid envelope.
const Padding = 33 << 20

// drops holds the number of pieces a slow body comes in.
const drops = 20

// Slow returns a body that comes in so many pieces within a time. ctx ends it.
func Slow(ctx context.Context, body []byte, within time.Duration) io.ReadCloser {
	return &drip{ctx: ctx, rest: body, each: len(body)/drops + 1, pause: within / drops, closed: make(chan struct{})}
}

// Oversize returns a body with the padding before its last byte.
func Oversize(body []byte) io.Reader {
	head, tail := body[:len(body)-1], body[len(body)-1:]
	return io.MultiReader(bytes.NewReader(head), io.LimitReader(blanks{}, Padding), bytes.NewReader(tail))
}

// Truncated returns a body that ends with its connection.
func Truncated(body []byte) io.Reader { return io.MultiReader(bytes.NewReader(body), broken{}) }

// broken represents a connection that ended before its Content-Length did.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// drip represents a body that comes in small pieces with pauses before each.
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

// Bomb compresses an oversize envelope. A gzip file may have several members (RFC 1952, 2.2), so the long one in the
// middle is made only once.
func Bomb(envelope, middle []byte) []byte {
	last := len(envelope) - 1
	b := zip(bytes.NewReader(envelope[:last]))
	b = append(b, middle...)
	return append(b, zip(bytes.NewReader(envelope[last:]))...)
}

// BombMiddle makes the long one, of members that are each a part of the padding.
func BombMiddle() []byte {
	const part = 1 << 20
	return bytes.Repeat(zip(io.LimitReader(blanks{}, part)), Padding/part)
}

// zip compresses into memory, where neither writing nor closing can fail.
func zip(r io.Reader) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.Copy(z, r)
	_ = z.Close()
	return b.Bytes()
}
