package list

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in place of a list is refused, and nobody waits for somebody who writes into it.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ids.csv")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *Error
	if _, err := Hash(path); !errors.As(err, &refused) || refused.Problem != "not a regular file" {
		t.Errorf("hash: %v", err)
	}
	if got := readListFile(path, Options{}); !errors.As(got.err, &refused) || refused.Problem != "not a regular file" {
		t.Errorf("read: %v", got.err)
	}
}
