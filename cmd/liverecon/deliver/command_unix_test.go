//go:build unix

package deliver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommand: a command of a shell is given the page, its name and its subject; what it says of a failure hides secrets.
func TestCommand(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	c := &commandChannel{[]string{"sh", "-c", `ls "$LIVERECON_DELIVERY" > "$0"; echo "$LIVERECON_SUBJECT" >> "$0"; cat >> "$0"`, out}}
	if err := c.send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(got), "risk_2026-11-29.html\nLiveness risk report — 2026-11-29: 2 findings\n") ||
		!strings.Contains(string(got), "Nothing changed & all is well.") {
		t.Errorf("%s, %v", got, err)
	}
	c = &commandChannel{[]string{"sh", "-c", "echo first; echo no such bucket >&2; exit 3", "--token=abcdef"}}
	if text := said(c.send(t.Context(), sample()), c.secrets()); text != "exit status 3: no such bucket" {
		t.Errorf("%q", text)
	}
	c = &commandChannel{[]string{"sh", "-c", "echo bad --token=abcdef >&2; exit 1", "--token=abcdef"}}
	if text := said(c.send(t.Context(), sample()), c.secrets()); strings.Contains(text, "abcdef") {
		t.Errorf("%q", text)
	}
}
