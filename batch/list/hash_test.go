package list

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Looking whether a list was read already allocates next to nothing, as there may be tens of thousands of them.
func TestHashCostsLittle(t *testing.T) {
	const lists = 1000
	dir := t.TempDir()
	for i := range lists {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.csv", i)), []byte("livenessId\nf302f5d2454a85c2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range lists {
		if c, err := Hash(filepath.Join(dir, fmt.Sprintf("%d.csv", i))); err != nil || c.Size != 28 {
			t.Fatalf("%d bytes, %v", c.Size, err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / lists; each > 2<<10 {
		t.Errorf("%d bytes a list", each)
	}
}
