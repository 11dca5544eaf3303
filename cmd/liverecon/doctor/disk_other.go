//go:build !unix

package doctor

import "errors"

// freeBytes returns [errors.ErrUnsupported]: no run is made on this system.
func freeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }

// mayWrite leaves it to the writing to tell.
func mayWrite(string) bool { return true }
