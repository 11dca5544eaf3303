package record

import (
	"path/filepath"
	"testing"
)

// BenchmarkWrite measures what a group commit pays for a record.
func BenchmarkWrite(b *testing.B) {
	f, err := Open(filepath.Join(b.TempDir(), "r"), entry(1))
	if err != nil {
		b.Fatal(err)
	}
	for n := range b.N {
		if err := f.Write(entry(int64(n))); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
