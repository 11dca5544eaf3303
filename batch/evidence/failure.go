package evidence

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// Fate names what becomes of an image after a try.
type Fate int

// The fates. A Failure has one of the last three.
const (
	Stored  Fate = iota
	Again        // may be tried again
	Expired      // the link is dead
	Refused      // it will never be an image that we take
)

// Failure describes why an image was not had. Reason is one of this package's own words: a link, a host's name or a
// server's text never stands in it.
type Failure struct {
	Fate   Fate
	Reason string
}

// Error returns the reason.
func (f *Failure) Error() string { return f.Reason }

func refused(reason string) *Failure { return &Failure{Refused, reason} }

// errPrivate refuses to connect to an address that is not public.
var errPrivate = refused("private_address")

// classify finds the word for an error of the network, and drops its text, which may hold anything.
func classify(err error) *Failure {
	var known *Failure
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		return known
	case isTLS(err):
		return &Failure{Again, "tls"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &Failure{Again, "no_such_host"} // resolvers say so, too, when they are out of order
	case errors.Is(err, context.Canceled):
		return &Failure{Again, "stopped"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &Failure{Again, "timeout"}
	}
	return &Failure{Again, "connection"}
}

func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &name) ||
		errors.As(err, &invalid) ||
		errors.As(err, &record) || errors.As(err, &alert)
}
