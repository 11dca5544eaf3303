package list

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestCheckList: what is said of a list's header is what reading the list would say.
func TestCheckList(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ text, problem string }{
		{"signatureId\nc01dface5eedf001\n", ""},
		{"signatureId\nno ID at all,and too many cells\n", ""}, // rows are for the run
		{"customer,amount\nC-1,5.00\n", "no livenessId or signatureId column"},
		{"", "no text in it"},
		{"\x1f\x8b\x08 cut off", "damaged gzip data"},
	} {
		path := filepath.Join(dir, "ids_ID.csv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Check(path, Options{})
		var refused *Error
		switch {
		case c.problem == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.problem != "" && (!errors.As(err, &refused) || refused.File != path):
			t.Errorf("%q: %v, want a list that is refused", c.text, err)
		case c.problem != "":
			_, readErr := Read(t.Context(), path, Options{}, func(Row) error { return nil }, func(Reject) error { return nil })
			if readErr == nil || readErr.Error() != err.Error() {
				t.Errorf("%q: header %v, list %v", c.text, err, readErr)
			}
		}
	}
}

// TestListNobodyMayRead asks as somebody whom a file's mode binds, also when the tests run as root.
func TestListNobodyMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ids_ID.csv")
	if err := os.WriteFile(path, []byte("signatureId\nc01dface5eedf001\n"), 0o000); err != nil {
		t.Fatal(err)
	}
	open := map[string]func() error{
		"hash":   func() error { _, _, err := Hash(path); return err },
		"header": func() error { return Check(path, Options{}) },
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
