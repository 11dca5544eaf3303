package simulator

import (
	"bytes"
	"context"
	"io"

	"liverecon/batch/liveness/simulator/internal/body"
)

// open gives the body as it comes off the wire. ctx ends a slow one.
func (rep reply) open(ctx context.Context) io.ReadCloser {
	switch {
	case rep.mangled == Truncated:
		return io.NopCloser(body.Truncated(rep.body[:rep.cut]))
	case rep.mangled == Oversize:
		return io.NopCloser(body.Oversize(rep.body))
	case rep.drip > 0:
		return body.Slow(ctx, rep.body, rep.drip)
	}
	return io.NopCloser(bytes.NewReader(rep.body))
}

// length returns the answer's Content-Length.
func (rep reply) length() int64 {
	if rep.mangled == Oversize {
		return int64(len(rep.body)) + body.Padding
	}
	return int64(len(rep.body))
}
