package liveness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// Why describes in a few words, for a person, what kept a request from being sent, or
// its answer from coming; "" where nothing more is known than that it was so. No
// word of a server's stands in it.
func Why(err error) string {
	var told toldError
	if errors.As(err, &told) {
		return told.why
	}
	var proxy *ProxyError
	if errors.As(err, &proxy) && proxy.Proxy != "" {
		if why := whyNot(proxy.Err); why != "" {
			return "proxy " + proxy.Proxy + ": " + why
		}
		return "proxy " + proxy.Proxy + " gives no way"
	}
	return whyNot(err)
}

func whyNot(err error) string {
	var dns *net.DNSError
	var refused connectError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many open files: raise ulimit -n"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host: " + dns.Name
	case errors.As(err, &dns):
		return "no answer about the name " + dns.Name
	}
	if why := whyUntrusted(err); why != "" {
		return why
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no route to it"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no free port on this machine"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "no answer in time"
	case errors.As(err, &refused):
		return fmt.Sprintf("CONNECT is refused with HTTP %d", refused.status)
	case errors.As(err, new(handshakeError)) && isEnd(err):
		return "it hangs up before TLS is agreed on"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case isTLS(err), errors.As(err, new(handshakeError)):
		return "no TLS with it"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it hangs up in the middle of its answer"
	case errors.Is(err, io.EOF):
		return "it hangs up without an answer"
	case errors.As(err, new(malformedError)), errors.Is(err, errHeadTooLarge):
		return "what it answers is no HTTP"
	}
	return ""
}

// whyCut describes why the body of an answer did not come as it should.
func whyCut(cause string, err error) string {
	switch cause {
	case CauseTruncated:
		return "it hangs up in the middle of its answer"
	case CauseOversize:
		return "its answer is too long"
	case CauseBadEncoding:
		return "its answer is packed in a way that nobody can read"
	}
	return whyNot(err)
}

// whyUntrusted describes what is wrong with a server's certificate.
func whyUntrusted(err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var roots x509.SystemRootsError
	var failed *tls.CertificateVerificationError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		if now := time.Now(); now.Before(invalid.Cert.NotBefore) {
			return fmt.Sprintf("its certificate is valid from %s on: is this clock right?",
				invalid.Cert.NotBefore.UTC().Format(time.DateOnly))
		}
		return fmt.Sprintf("its certificate expired on %s", invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "its certificate is of an unknown authority: SSL_CERT_FILE names a file with others"
	case errors.As(err, &roots):
		return "this machine knows no authorities: install ca-certificates, or set SSL_CERT_FILE"
	case errors.As(err, &name):
		return "its certificate is another host's"
	case errors.As(err, &failed):
		return "its certificate is not valid"
	}
	return ""
}

// toldError represents an error whose text is free of secrets, with what Why knew of it.
type toldError struct{ text, why string }

func (e toldError) Error() string { return e.text }
