//go:build mutants

package batch_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMutants plants each fault into a copy of the sources and expects its tests to fail; without a fault they pass.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, tests := range [][]string{nights, crashes, drains, power, wires, unasked, aliases, records} {
		t.Run("none/"+tests[2], func(t *testing.T) {
			if out, err := runTests(root, "", tests); err != nil {
				t.Fatalf("without a planted fault %v: %v\n%s", tests, err, out)
			}
		})
	}
	if t.Failed() {
		return
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			out, err := runTests(root, overlay(t, root, plant(t, root, m.edits)), m.tests)
			switch {
			case strings.Contains(out, "[build failed]"):
				t.Fatalf("the fault does not compile:\n%s", out)
			case err == nil:
				t.Errorf("not caught by go test %s", strings.Join(m.tests, " "))
			default:
				t.Logf("caught: %s", firstComplaint(out))
			}
		})
	}
}

func runTests(root, overlay string, args []string) (string, error) {
	cmd := exec.Command("go", append([]string{"test", "-count=1", "-timeout=15m", "-overlay=" + overlay}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// firstComplaint is the line of a failed test that says what was wrong.
func firstComplaint(out string) string {
	for line := range strings.Lines(out) {
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "---") && !strings.Contains(s, "night: exit") && !strings.Contains(s, "replay") && !strings.Contains(s, "requests served") {
			return s
		}
	}
	return "(no words)"
}
