//go:build mutants

package batch_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// edit replaces one piece of a source file; the piece must stand there exactly once.
type edit struct{ file, old, new string }

// mutant is a planted fault, and the tests whose judge must catch it.
type mutant struct {
	name  string
	edits []edit
	tests []string // arguments of go test
}

var (
	nights  = []string{"./batch", "-run", "TestNights", "-args", "-seeds=60"}
	crashes = []string{"./cmd/liverecon", "-run", "TestCrash", "-args", "-kills=20"}
	drains  = []string{"./batch", "-run", "TestSignalDrains"}
	power   = []string{"./store", "-run", "TestPowerCut$"}
)

var mutants = []mutant{
	{"an intent is not waited for", []edit{{"store/journal.go", "	err := j.apply(batch)\n", `	err := j.apply(batch)
	for i, e := range batch {
		if e.result == nil {
			batch[i] = &event{intent: e.intent, replied: make(chan struct{}, 1)}
			e.replied <- struct{}{}
		}
	}
`}}, power},
	{"synchronous is NORMAL", []edit{
		{"store/store.go", `"synchronous(FULL)"`, `"synchronous(NORMAL)"`},
		{"store/store.go", "synchronous < 2", "synchronous < 1"},
	}, power},
	{"GetBody is kept", []edit{{"batch/liveness/exchange.go", "	return req.WithContext(ctx)\n",
		"	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.payload)), nil }\n	return req.WithContext(ctx)\n"}}, nights},
	{"redirects are followed", []edit{{"batch/liveness/exchange.go", "t.RoundTrip(c.request(", "(&http.Client{Transport: t}).Do(c.request("}}, nights},
	{"doubts are repeated always", []edit{{"batch/policy.go", "decision{state: store.InDoubt, effect: failing, doubtful: true}", "decision{state: store.InDoubt, again: againLater, effect: failing, doubtful: true}"}}, nights},
	{"the cap is off by one call", []edit{{"batch/billing/amounts.go", "a[m.Currency].GreaterThan(m.Amount)", "a[m.Currency].Sub(decimal.New(35, -3)).GreaterThan(m.Amount)"}}, nights},
	{"lists are not deduplicated", []edit{{"store/lists.go", "hash := HashID(r.Kind, r.ID)\n	_, err := in.row", "hash := HashID(r.Kind, fmt.Sprint(r.ID, r.Line))\n	_, err := in.row"}}, nights},
	{"the gate is open, and the limiter has a burst of 10", []edit{
		{"batch/pace.go", "oldest.Add(p.span + 1)", "oldest"},
		{"batch/pace.go", "1+int(perSecond*catchUp.Seconds())", "10"},
		{"batch/pace.go", "rate.NewLimiter(0, 1)", "rate.NewLimiter(0, 10)"},
	}, nights},
	{"the group cancels its calls", []edit{
		{"batch/fetch.go", "	var all errgroup.Group // plain: one country's trouble is not another's\n", "	all, ctx := errgroup.WithContext(ctx)\n"},
		{"batch/ask.go", "Detect(context.WithoutCancel(ctx), token", "Detect(ctx, token"},
	}, drains},
	{"an outcome is left to others", []edit{{"batch/ask.go", "	durable = l.fetch.journal.Finish(callID, intent, result)\n",
		"	go func() { time.Sleep(20 * time.Millisecond); _ = l.fetch.journal.Finish(callID, intent, result)() }()\n"}}, crashes},
	{"a paid failure is repeated", []edit{{"batch/policy.go", "	case !free: ", "	case !free && false: "}}, nights},
	{"an answered ID stays pending", []edit{{"batch/policy.go", "	case liveness.Absent, liveness.NotFound:\n		return decision{state: store.Absent,", "	case liveness.Absent, liveness.NotFound:\n		return decision{state: store.Pending,"}}, nights},
}

// TestMutants plants each fault into a copy of the sources and expects its tests to fail; without a fault they pass.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, tests := range [][]string{nights, crashes, drains, power} {
		if out, err := runTests(root, "", tests); err != nil {
			t.Fatalf("without a planted fault %v: %v\n%s", tests, err, out)
		}
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			out, err := runTests(root, m.plant(t, root), m.tests)
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
	cmd := exec.Command("go", append([]string{"test", "-count=1", "-timeout=5m", "-overlay=" + overlay}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// plant writes the edited files and an overlay that puts them in the place of the real ones.
func (m mutant) plant(t *testing.T, root string) string {
	dir := t.TempDir()
	replace := map[string]string{}
	for i, e := range m.edits {
		real := filepath.Join(root, e.file)
		from := real
		if planted, ok := replace[real]; ok {
			from = planted
		}
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), e.old); n != 1 {
			t.Fatalf("%s: the piece to replace stands there %d times:\n%s", e.file, n, e.old)
		}
		replace[real] = filepath.Join(dir, strings.Repeat("x", i+1)+".go")
		if err := os.WriteFile(replace[real], []byte(strings.Replace(string(text), e.old, e.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
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
