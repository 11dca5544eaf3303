package batch_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	wires   = []string{"./batch/liveness", "-run", "TestRedirects"}
	unasked = []string{"./batch", "-run", "TestUnasked$"}
	earlier = []string{"./batch", "-run", "TestCopiesOfEarlier"}
	parts   = []string{"./batch/liveness", "-run", "TestOneCallIsBelieved|TestStopped|TestOwed"}
	aliases = []string{"./cmd/liverecon", "-run", "TestAliases"}
	records = []string{"./store", "-run", "TestLostLog|TestRecordsFollow"}
)

var mutants = []mutant{
	{"an intent is not waited for", []edit{{"store/journal.go", "	err = j.apply(ctx, batch)\n", `	err = j.apply(ctx, batch)
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
	{"redirects are followed", []edit{{"batch/liveness/wire.go", "	case whole:\n", `	case r.Cause == CauseRedirect:
		to, err := m.to.Parse(resp.Header.Get("Location"))
		if err != nil {
			return r
		}
		m.to = to
		return x.exchangeOn(ctx, t, m, Watch{Seen: w.Seen, Ahead: w.Ahead})
	case whole:
`}}, wires},
	{"doubts are repeated always", []edit{{"batch/policy.go", "decision{state: t.check.State.AfterLoss(), effect: failing,", "decision{state: t.check.State.AfterLoss(), again: againLater, effect: failing,"}}, nights},
	{"the cap is off by one call", []edit{{"batch/billing/amounts.go", "a[m.Currency].GreaterThan(m.Amount)", "a[m.Currency].Sub(decimal.New(35, -3)).GreaterThan(m.Amount)"}}, nights},
	{"lists are not deduplicated", []edit{{"store/lists.go", "hash := HashID(r.Kind, r.ID)\n\t_, err := in", "hash := HashID(r.Kind, fmt.Sprint(r.ID, r.Line))\n\t_, err := in"}}, nights},
	{"the gate is open, and the limiter has a burst of 10", []edit{
		{"batch/pace/pace.go", "oldest.Add(p.span + 1)", "oldest"},
		{"batch/pace/pace.go", "1+int(perSecond*catchUp.Seconds())", "10"},
		{"batch/pace/pace.go", "rate.NewLimiter(0, 1)", "rate.NewLimiter(0, 10)"},
	}, nights},
	{"the gate is at the worker, not at the write", []edit{
		{"batch/ask.go", "	watch := liveness.Watch{\n", `	if err := turn.Take(ctx); err != nil {
		return liveness.Reply{Delivery: liveness.Unsent, Cause: causeDrained, EndedAt: time.Now()}
	}
	turn.Sent(time.Now())
	watch := liveness.Watch{
`},
		{"batch/ask.go", "err := turn.Take(ctx)\n			release()", "var err error\n			release()"},
	}, nights},
	{"connections are kept without the guard", []edit{
		{"batch/liveness/conn.go", "func (c *conn) look() sight {\n", "func (c *conn) look() sight {\n	if len(c.answers) > 0 {\n		return quiet\n	}\n"},
		{"batch/liveness/wire.go", "	case r.Copied, seen == Elsewhere, seen == Retold && !single:", "	case seen < Unseen:"},
	}, nights},
	{"what an ID was told before is believed once more", []edit{
		{"batch/liveness/wire.go", "seen == Elsewhere, seen == Retold && !single:", "seen == Elsewhere, seen == Retold && false:"},
		{"store/told_again.go", "!same || retold && !r.Alone", "!same || retold && false"},
	}, earlier},
	{"nobody looks at a connection before it is used again", []edit{
		{"batch/liveness/conn.go", "func (c *conn) look() sight {\n", "func (c *conn) look() sight {\n	if len(c.answers) > 0 {\n		return quiet\n	}\n"},
	}, unasked},
	{"nobody is told of a connection that is ahead", []edit{{"batch/liveness/conn.go", "	if found != nil {\n", "	if found != nil && false {\n"}}, unasked},
	{"the only answer is believed without the connection's end", []edit{{"batch/liveness/wire.go", "	case found == unended:\n", "	case found == rest(-1):\n"}}, parts},
	{"a deadline hides what lies in the socket", []edit{{"batch/liveness/socket.go", "n, now := s.readNow(p); n > 0", "n, now := 0, err; n > 0"}}, parts},
	{"a connection that owes an answer is closed at once", []edit{{"batch/liveness/wire.go", "		}\n		return ended\n", "		}\n		return broken\n"}}, parts},
	{"who had a transaction first is above suspicion", []edit{{"store/suspects.go", "again.FirstCall != 0 && !again.Copy", "again.FirstCall != 0 && again.Copy"}},
		[]string{"./store", "-run", "TestFirstHolders"}},
	{"the lock is on a file beside the database, by name", []edit{
		{"store/dbfile/lock.go", "	l := &Lock{path: site.Path}\n", "	l := &Lock{path: path}\n"},
		{"store/dbfile/lock.go", "		ok, err := lockByte(l.file)\n", `		named, err := os.OpenFile(l.info(), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return false, err
		}
		held = append(held, named)
		ok, err := lockByte(named)
`},
		{"store/dbfile/lock.go", "const lockSuffix", "var held []*os.File\n\nconst lockSuffix"},
	}, aliases},
	{"the records are written at the end of a run", []edit{{"store/journal.go", "	j.db.records.call(newestCall(batch))\n", ""}}, records},
	{"of the runs that a copy lacks the longest alone counts", []edit{{"store/record/known.go", "		l.Calls += beyond + lost\n", "		l.Calls = max(l.Calls, beyond+lost)\n"}}, nights},
	{"the group cancels its calls", []edit{
		{"batch/fetch.go", "	var all errgroup.Group // plain: one country's trouble is not another's\n", "	all, ctx := errgroup.WithContext(ctx)\n"},
		{"batch/ask.go", "Detect(context.WithoutCancel(ctx), token", "Detect(ctx, token"},
	}, drains},
	{"an outcome is left to others", []edit{{"batch/ask.go", "	durable = l.fetch.journal.Finish(callID, intent, result)\n",
		"	go func() { time.Sleep(20 * time.Millisecond); _ = l.fetch.journal.Finish(callID, intent, result)() }()\n"}}, crashes},
	{"a paid failure is repeated", []edit{{"batch/policy.go", "	case !free: ", "	case !free && false: "}}, nights},
	{"of a field that comes twice the first value counts", []edit{{"batch/liveness/repeated.go", "		case !d.two(m):\n", "		case !d.two(m) || m.name != \"code\":\n"}}, []string{"./batch", "-run", "TestFaults"}},
	{"an answered ID stays pending", []edit{{"batch/policy.go", "a recheck may cost, too\n		return decision{state: store.Absent,", "a recheck may cost, too\n		return decision{state: store.Pending,"}}, nights},
}

// TestMutantsCanBePlanted: the piece that each planted fault replaces stands in the sources exactly once, and what takes its
// place compiles. `make mutants` plants them one by one and tests each, and takes a while; here those that are in nobody's
// way are compiled together.
func TestMutantsCanBePlanted(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		plant(t, root, m.edits)
		if len(m.tests) == 0 {
			t.Errorf("%s: no test has to catch it", m.name)
		}
	}
	for rest := mutants; len(rest) > 0; {
		var together []edit
		var names []string
		var later []mutant
		for _, m := range rest {
			if slices.ContainsFunc(m.edits, func(e edit) bool {
				return slices.ContainsFunc(together, func(o edit) bool { return o.file == e.file })
			}) {
				later = append(later, m)
				continue
			}
			together, names = append(together, m.edits...), append(names, m.name)
		}
		packages := map[string]bool{}
		for _, e := range together {
			packages["./"+filepath.ToSlash(filepath.Dir(e.file))] = true
		}
		cmd := exec.Command("go", append([]string{"build", "-overlay", overlay(t, root, plant(t, root, together)), "-o", os.DevNull},
			slices.Sorted(maps.Keys(packages))...)...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("one of %q does not compile: %v\n%s", names, err, out)
		}
		rest = later
	}
}

// plant returns the texts of the files that edits change.
func plant(t *testing.T, root string, edits []edit) (texts map[string]string) {
	t.Helper()
	texts = map[string]string{}
	for _, e := range edits {
		text, ok := texts[e.file]
		if !ok {
			read, err := os.ReadFile(filepath.Join(root, e.file))
			if err != nil {
				t.Fatal(err)
			}
			text = string(read)
		}
		if n := strings.Count(text, e.old); n != 1 {
			t.Fatalf("%s: the piece to replace stands there %d times:\n%s", e.file, n, e.old)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	return texts
}

// overlay writes texts, and what has the go command read them in the place of the real files.
func overlay(t *testing.T, root string, texts map[string]string) (file string) {
	t.Helper()
	dir, replace := t.TempDir(), map[string]string{}
	for name, text := range texts {
		real := filepath.Join(root, name)
		replace[real] = filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(replace[real], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
