//go:build !unix

package owner

import "errors"

// FreeBytes returns [errors.ErrUnsupported]: no run is made on this system.
func FreeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }

// MayAccess reports whether this user may do with a file what the bits say; where nobody knows: yes.
func MayAccess(string, uint32) bool { return true }

// ReadOnly reports whether a file lies on a file system that cannot be written; nobody knows.
func ReadOnly(string) bool { return false }

// Other names the owner of a file; nobody knows.
func Other(string) (name string, other bool) { return "", false }

// IsRoot reports whether this process may do everything.
func IsRoot() bool { return false }
