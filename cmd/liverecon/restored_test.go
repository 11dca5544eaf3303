package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/store"
)

var drills = flag.Int("drills", 4, "how many hosts TestRestored loses")

// host is a directory in which the program runs against a vendor that outlives it.
type host struct {
	t      *testing.T
	dir    string
	vendor *simulator.Vendor
}

const (
	drillRate = 150
	drillIDs  = 900
)

// newHost is a first host, whose one endpoint asks for three countries.
func newHost(t *testing.T, seed uint64) *host {
	vendor, err := simulator.New(simulator.Config{Seed: seed, Latency: 10 * time.Millisecond, LatencyJitter: 30 * time.Millisecond, Balance: -1,
		Faults: simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ErrorFree: 0.03, simulator.Processing: 0.01}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	h := &host{t, t.TempDir(), vendor}
	h.write("liverecon.toml", fmt.Sprintf(`lists = ["*.csv"]
[fetch]
repeat_in_doubt = "hold"
timeout = "5s"
[endpoint.sg]
url = %[1]q
token_url = %[2]q
regions = ["SG", "VN", "*"]
rate = %[3]d
concurrency = 12
[[price]]
endpoint = "sg"
from = "2020-01-01"
currency = "USD"
unit = "0.035"
`, server.URL+"/sg/intl/openapi/face-identity/v1/liveness-detection", server.URL+"/sg/openapi/auth/ticket/v1/generate-token", drillRate))
	h.list("ids.csv", 0, drillIDs)
	return h
}

func (h *host) write(name, text string) {
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// list writes a list of n IDs, unevenly of three countries.
func (h *host) list(name string, from, n int) {
	var text strings.Builder
	text.WriteString("signatureId,region\n")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&text, "e%015x,%s\n", i, []string{"SG", "SG", "SG", "VN", "KH"}[i%5])
	}
	h.write(name, text.String())
}

func (h *host) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command("liverecon", args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY="+simulator.DefaultCredential.SecretKey)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// do runs the program, which must end with the code.
func (h *host) do(code int, args ...string) string {
	h.t.Helper()
	cmd, out := h.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		h.t.Fatalf("%v ended with %d, want %d\n%s", args, got, code, out)
	}
	return out.String()
}

func (h *host) waitFor(calls int) {
	for end := time.Now().Add(time.Minute); h.calls() < calls; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%d calls after a minute, want %d", h.calls(), calls)
		}
	}
}

func (h *host) calls() (n int) {
	for _, e := range h.vendor.Entries() {
		if !e.Token {
			n++
		}
	}
	return n
}

// paidTwice are the IDs that the vendor has charged for more than once.
func paidTwice(ledger []simulator.Entry) (ids []string) {
	charged := map[string]int{}
	for _, e := range ledger {
		if !e.Token && e.Charged {
			if charged[e.ID]++; charged[e.ID] == 2 {
				ids = append(ids, e.ID)
			}
		}
	}
	return ids
}

// lose starts a night, takes a copy of the database in the midst of it, as a replica would have it, and kills the host some
// time later, perhaps in another night, which has read another list. It returns the replacement, with lists and
// configuration, and since when its database lacks what was done.
func (h *host) lose(rng *rand.Rand, copied int, another bool) (*host, time.Time) {
	cmd, out := h.command("run")
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.waitFor(h.calls() + copied)
	signal := func(s syscall.Signal) {
		if err := cmd.Process.Signal(s); err != nil {
			h.t.Fatalf("%v\n%s", err, out)
		}
	}
	next := &host{h.t, h.t.TempDir(), h.vendor}
	signal(syscall.SIGSTOP) // database and log of one moment
	time.Sleep(20 * time.Millisecond)
	for _, name := range []string{"liverecon.db", "liverecon.db-wal"} {
		next.copy(h, name)
	}
	since := time.Now()
	signal(syscall.SIGCONT)
	h.waitFor(h.calls() + 30) // the copy is behind, however slow the machine is
	time.Sleep(time.Duration(rng.Int64N(int64(1500 * time.Millisecond))))
	signal(syscall.SIGKILL)
	_ = cmd.Wait() // it was killed
	if another {
		h.list("later.csv", drillIDs, 40)
		cmd, _ := h.command("run")
		if err := cmd.Start(); err != nil {
			h.t.Fatal(err)
		}
		h.waitFor(h.calls() + 50 + rng.IntN(100))
		if err := cmd.Process.Kill(); err != nil {
			h.t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	lists, err := filepath.Glob(filepath.Join(h.dir, "*.csv"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, list := range append(lists, filepath.Join(h.dir, "liverecon.toml")) {
		next.copy(h, filepath.Base(list))
	}
	return next, since
}

// copy takes a file of another host, with its time.
func (h *host) copy(from *host, name string) {
	text, err := os.ReadFile(filepath.Join(from.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(name, string(text))
	info, err := os.Stat(filepath.Join(from.dir, name))
	if err == nil {
		err = os.Chtimes(filepath.Join(h.dir, name), info.ModTime(), info.ModTime())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// judge compares the books with the vendor's ledger: what they lack of some times is held.
func (h *host) judge(lost ...judge.Span) {
	h.t.Helper()
	s, err := store.OpenReader(h.t.Context(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	books, err := judge.Read(h.t.Context(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	held, err := s.Checks().Held(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	loss := judge.Loss{Times: lost}
	for _, n := range held {
		loss.Counted += n.Checks
	}
	if err := (judge.Case{Entries: h.vendor.Entries(), Books: books, Loss: loss}).Check(); err != nil {
		h.t.Error(err)
	}
}

// restore takes a host's copy into use: what is foretold is done.
func (h *host) restore(args ...string) string {
	h.t.Helper()
	preview := h.do(0, append([]string{"restored"}, args...)...)
	done := h.do(0, append([]string{"restored", "--yes"}, args...)...)
	if held(preview) != held(done) || held(done) == "" {
		h.t.Errorf("foretold\n%s\ndone\n%s", preview, done)
	}
	h.t.Logf("%v: %s", args, done)
	return done
}

// What befalls the replacement of a host in TestRestored.
const (
	careless    = iota // nothing; without restored IDs are paid for twice
	anotherList        // nothing, but another night was lost
	lostToo            // it is lost in mid-night, too
	forked             // the first host's database comes back, and is put in the other's place: both went on in one run
	fates
)

// TestRestored loses hosts in mid-night, and goes on with copies that are behind: what the copy lost is held, and nobody is
// paid for twice, also where the replacement is lost in its turn, or the first database is found again. Without `restored`
// IDs are: the drill shows that, too.
func TestRestored(t *testing.T) {
	t.Parallel()
	for drill := range *drills {
		t.Run(fmt.Sprint(drill), func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			rng := rand.New(rand.NewPCG(seed, 1))
			first := newHost(t, seed)
			second, since := first.lose(rng, 100+rng.IntN(200), drill%fates == anotherList)
			lag, ledger := time.Since(since), first.vendor.Entries()
			noCare := &host{t, t.TempDir(), first.vendor}
			if drill%fates == careless {
				if out, err := exec.Command("cp", "-a", second.dir+"/.", noCare.dir).CombinedOutput(); err != nil {
					t.Fatalf("%v %s", err, out)
				}
			}
			second.restore("--lag", lag.String())
			lost := []judge.Span{{From: since, Until: time.Now()}}
			time.Sleep(20 * time.Millisecond)
			second.list("new.csv", drillIDs+100, 30)
			switch drill % fates {
			case lostToo:
				second.list("more.csv", 2*drillIDs, 400)
				third, since := second.lose(rng, 50+rng.IntN(100), rng.IntN(2) == 0)
				third.restore("--lag", time.Since(since).String())
				second, lost = third, append(lost, judge.Span{From: since, Until: time.Now()})
			case forked:
				second.do(batch.ExitPartial, "run")
				for _, name := range []string{"liverecon.db", "liverecon.db-wal", "liverecon.db-shm", "liverecon.db.spill"} {
					if err := os.Remove(filepath.Join(second.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatal(err)
					}
					second.copy(first, name)
				}
				second.do(batch.ExitInput, "run")
				second.restore() // the records know what was asked since then
				lost = []judge.Span{{From: lost[0].Until, Until: time.Now()}}
			}
			verdict := second.do(batch.ExitPartial, "run")
			if twice := paidTwice(first.vendor.Entries()); len(twice) > 0 {
				t.Errorf("%d IDs paid for twice: %v\n%s", len(twice), twice, verdict)
			}
			if !strings.Contains(verdict, " held that may have been paid for (USD ") {
				t.Errorf("the verdict says nothing of what is held:\n%s", verdict)
			}
			second.judge(lost...)
			if drill%fates == careless {
				noCare.do(batch.ExitInput, "run") // it was copied in the midst of a run
				before := len(first.vendor.Entries())
				noCare.do(0, "init", "--new")
				noCare.do(batch.ExitPartial, "run")
				if n := len(paidTwice(slices.Concat(ledger, first.vendor.Entries()[before:]))); n == 0 {
					t.Error("without restored nothing was paid for twice: the copy was not behind")
				} else {
					t.Logf("without restored: %d IDs paid for twice", n)
				}
			}
			second.do(0, "restored", "--release", "all", "--by", "ann", "--yes")
			second.do(batch.ExitPartial, "run") // what is in doubt waits for a statement
			if out := second.do(0, "status", "--json"); !strings.Contains(out, `"held": 0,`) {
				t.Errorf("held still:\n%s", out)
			}
		})
	}
}

// putBacks is a host whose database is replaced by copies of it, older and newer ones, again and again.
type putBacks struct {
	*host
	rng           *rand.Rand
	lists, copies int
	away          []string // lists
}

// putBackCap is the cap of a month's calls.
const putBackCap = 120

func newPutBacks(t *testing.T, seed uint64) *putBacks {
	vendor, err := simulator.New(simulator.Config{Seed: seed, Latency: time.Millisecond, Balance: -1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	h := &host{t, t.TempDir(), vendor}
	p := &putBacks{host: h, rng: rand.New(rand.NewPCG(seed, 1))}
	h.write("liverecon.toml", fmt.Sprintf(`lists = ["*.csv"]
time_zone = "UTC"
[limits]
calls_per_month = %d
calls_per_run = %d
[endpoint.sg]
url = %q
token_url = %q
regions = ["SG", "VN", "*"]
rate = 200
concurrency = %d
`, putBackCap, 12+p.rng.IntN(20), server.URL+"/sg/intl/openapi/face-identity/v1/liveness-detection",
		server.URL+"/sg/openapi/auth/ticket/v1/generate-token", 1+p.rng.IntN(4)))
	return p
}

// any runs the program, and returns how it ended.
func (p *putBacks) any(args ...string) (code int, out string) {
	p.t.Helper()
	cmd, text := p.command(args...)
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	p.t.Logf("%v: %d %s", args, cmd.ProcessState.ExitCode(), strings.ReplaceAll(text.String(), "\n", " / "))
	return cmd.ProcessState.ExitCode(), text.String()
}

// night adds a list and runs.
func (p *putBacks) night() {
	p.list(fmt.Sprintf("n%02d.csv", p.lists), 100*p.lists, 5+p.rng.IntN(15))
	p.lists++
	p.any("run")
}

func (p *putBacks) backup() {
	p.any("backup", fmt.Sprintf("c%02d.db", p.copies))
	p.copies++
}

// move takes a list but the first away, or brings one back, with a new time or its own.
func (p *putBacks) move() {
	found, err := filepath.Glob(filepath.Join(p.dir, "n[0-9]*.csv"))
	found = slices.DeleteFunc(found, func(path string) bool { return filepath.Base(path) == "n00.csv" })
	if err != nil {
		p.t.Fatal(err)
	}
	if len(found) > 0 && (len(p.away) == 0 || p.rng.IntN(2) == 0) {
		path := found[p.rng.IntN(len(found))]
		if err := os.Rename(path, path+".away"); err != nil {
			p.t.Fatal(err)
		}
		p.away = append(p.away, path)
		p.t.Logf("away %s", path)
		return
	}
	if len(p.away) == 0 {
		return
	}
	i := p.rng.IntN(len(p.away))
	path := p.away[i]
	p.away = slices.Delete(p.away, i, i+1)
	if err := os.Rename(path+".away", path); err != nil {
		p.t.Fatal(err)
	}
	if p.rng.IntN(3) > 0 {
		if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
			p.t.Fatal(err)
		}
	}
	p.t.Logf("back %s", path)
}

// putBack puts one of the copies in the database's place. A run asks for nothing then, until what it lacks is held.
func (p *putBacks) putBack() {
	for _, name := range []string{"liverecon.db", "liverecon.db-wal", "liverecon.db-shm", "liverecon.db.spill"} {
		if err := os.RemoveAll(filepath.Join(p.dir, name)); err != nil {
			p.t.Fatal(err)
		}
	}
	name := fmt.Sprintf("c%02d.db", p.rng.IntN(p.copies))
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("liverecon.db", string(text))
	p.t.Logf("put back %s", name)
	before := p.calls()
	if code, _ := p.any("run"); code == batch.ExitInput {
		if n := p.calls() - before; n > 0 {
			p.t.Errorf("a run that was refused made %d calls", n)
		}
		p.do(0, "restored", "--yes")
	}
}

// laws asserts what holds after each step: nobody is paid for twice, the books count no fewer calls than were charged, and
// the cap is kept.
func (p *putBacks) laws(began time.Time) {
	p.t.Helper()
	charged := 0
	for _, e := range p.vendor.Entries() {
		if e.Charged {
			charged++
		}
	}
	if twice := paidTwice(p.vendor.Entries()); len(twice) > 0 {
		p.t.Fatalf("%d IDs paid for twice: %v", len(twice), twice)
	}
	if charged > putBackCap {
		p.t.Fatalf("%d calls were charged under a cap of %d", charged, putBackCap)
	}
	var status struct {
		Spend []struct {
			Scope string `json:"scope"`
			Calls int    `json:"calls_at_most"`
		} `json:"spend"`
	}
	if err := json.Unmarshal([]byte(p.do(0, "status", "--json")), &status); err != nil {
		p.t.Fatal(err)
	}
	for _, s := range status.Spend {
		if strings.HasPrefix(s.Scope, "month") && s.Calls < charged && time.Now().UTC().Month() == began.Month() {
			p.t.Fatalf("%s: at most %d calls are counted, and %d were charged", s.Scope, s.Calls, charged)
		}
	}
}

// TestPutBack puts copies back in any order, each a state of the database that may be of another history, while lists stay, go
// away and come back: the records know what was done in all of them.
func TestPutBack(t *testing.T) {
	t.Parallel()
	for drill := range *drills {
		t.Run(fmt.Sprint(drill), func(t *testing.T) {
			t.Parallel()
			seed, began := uint64(drill+1), time.Now().UTC()
			t.Logf("seed %d", seed)
			p := newPutBacks(t, seed)
			for range 3 { // states to be put back, of which no list but the first need be there
				p.night()
				p.backup()
			}
			p.move()
			p.move()
			for range 14 {
				switch p.rng.IntN(7) {
				case 0:
					p.night()
				case 1:
					p.backup()
				case 2, 3:
					p.move()
					p.any("run")
				default:
					p.putBack()
				}
				p.laws(began)
			}
		})
	}
}

// held is the line that counts.
func held(out string) string {
	for line := range strings.Lines(out) {
		if strings.Contains(line, " held that may") {
			return strings.ReplaceAll(line, "would be ", "")
		}
	}
	return ""
}

// TestDrillIsTheManuals: the script of the restore drill types what the manual says, word by word.
func TestDrillIsTheManuals(t *testing.T) {
	page, _ := manual.Page("restoring")
	script, err := os.ReadFile("../../testdata/script/38_drill.txt")
	if err != nil {
		t.Fatal(err)
	}
	drill, _, _ := strings.Cut(string(page), "\n## ")
	typed := 0
	for line := range strings.Lines(drill) {
		command, isCommand := strings.CutPrefix(line, "    ")
		if !isCommand {
			continue
		}
		command, _, _ = strings.Cut(command, "  #")
		command = strings.TrimSpace(command)
		typed++
		if !strings.Contains(string(script), " "+command+"\n") && !strings.Contains(string(script), "'"+command+"'\n") {
			t.Errorf("the script does not type %q", command)
		}
	}
	if typed < 5 {
		t.Errorf("the manual's drill has %d commands", typed)
	}
}
