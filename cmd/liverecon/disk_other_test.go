//go:build !linux

package main

import (
	"fmt"
	"testing"
)

// smallDisk limits the size of files; see that of Linux. Nothing gives room back: the limit is the shell's alone.
func smallDisk(_ *testing.T, _ string, bytes int) (limit string, free func()) {
	return fmt.Sprintf("ulimit -f %d;", bytes/1024), func() {}
}
