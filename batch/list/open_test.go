package list

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestListNobodyMayRead asks as somebody whom a file's mode binds, also when the tests run as root.
func TestListNobodyMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ids_ID.csv")
	if err := os.WriteFile(path, []byte("signatureId\nc01dface5eedf001\n"), 0o000); err != nil {
		t.Fatal(err)
	}
	open := map[string]func() error{
		"hash": func() error { _, err := Hash(path); return err },
		"rows": func() error { return readListFile(path, Options{}).err },
	}
	results := make(chan map[string]error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and with it the other identity
		found := map[string]error{}
		if os.Geteuid() == 0 {
			if err := becomeNobody(); err != nil {
				found["other identity"] = err
			}
		}
		for name, do := range open {
			found[name] = do()
		}
		results <- found
	}()
	for name, err := range <-results {
		var refused *Error
		if !errors.As(err, &refused) || refused.Hint == "" {
			t.Errorf("%s: %v, want a list that is refused, with a hint", name, err)
		}
	}
}
