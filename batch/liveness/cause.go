package liveness

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
)

// unsentCause names why no connection was had.
func unsentCause(ctx context.Context, err error, tlsFailed bool) string {
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		return contextCause(ctx)
	case errors.As(err, &dns):
		return CauseDNS
	case tlsFailed || errors.As(err, new(handshakeError)) || isTLS(err):
		return CauseTLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return CauseRefused
	case isTimeout(err):
		return CauseTimeout
	}
	return CauseDial
}

// writeCause names why nothing of a request could be written.
func writeCause(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return contextCause(ctx)
	case isTimeout(err):
		return CauseTimeout
	}
	return CauseClosed
}

// sentCause names why no whole answer came back on a connection.
func sentCause(ctx context.Context, err error) string {
	var corrupt flate.CorruptInputError
	switch {
	case ctx.Err() != nil:
		return contextCause(ctx)
	case isTimeout(err):
		return CauseTimeout
	case errors.Is(err, errHeadTooLarge):
		return CauseOversize
	case errors.Is(err, io.ErrUnexpectedEOF):
		return CauseTruncated
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return CauseBadEncoding
	case errors.As(err, new(malformedError)),
		strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "chunk"):
		// net/http has no types for these.
		return CauseMalformed
	}
	return CauseReset
}

func contextCause(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return CauseTimeout
	}
	return CauseCanceled
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// isTLS recognises handshake errors of transports that do not trace them.
func isTLS(err error) bool {
	var (
		record tls.RecordHeaderError
		cert   *tls.CertificateVerificationError
		alert  tls.AlertError
	)
	return errors.As(err, &record) || errors.As(err, &cert) || errors.As(err, &alert)
}
