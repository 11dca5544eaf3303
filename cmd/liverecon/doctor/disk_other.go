//go:build !unix

package doctor

import "errors"

// freeBytes returns [errors.ErrUnsupported]: no run is made on this system.
func freeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }

// mayAccess reports whether this user may do with a file what the bits say, where nobody knows: yes.
func mayAccess(string, uint32) bool { return true }

func belongsTo(string) string { return "" }

func othersDatabase(string) (name string, other bool) { return "", false }
