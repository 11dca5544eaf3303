package main

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"liverecon/cmd/liverecon/internal/early"
	"liverecon/store"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// TestMain lets scripts run this test binary as `liverecon`: the real main, in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"liverecon": main, "watched": watched})
}

// TestScripts runs testdata/script, which reads as the manual: each file is one thing an operator does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script", UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			cases, err := filepath.Abs("../../testdata/statements/cases")
			e.Setenv("CASES", cases)
			e.Values[scriptStorage{}] = &scriptStorage{}
			return err
		},
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"vendor":     startVendor,
			"monitor":    startMonitors,
			"mailserver": startMail,
			"storage":    startStorage,
			"stored":     listStorage,
			"exits":      exits,
			"stopped":    stopped,
			"killed":     killed,
			"calls":      waitForCalls,
			"asleep":     asleep,
			"awake":      func(ts *testscript.TestScript, _ bool, _ []string) { signalAll(ts, syscall.SIGCONT) },
			"served":     func(ts *testscript.TestScript, _ bool, args []string) { compareMeter(ts, args, "served") },
			"charged":    func(ts *testscript.TestScript, _ bool, args []string) { compareMeter(ts, args, "charged") },
			"nowhere":    nowhere,
			"locked":     whileLocked,
			"fillin":     fillIn,
			"type":       typeIn,
			"reads":      reads,
			"shows":      shows,
			"aged":       aged,
			"parked":     parked,
			"statement":  fetchStatement,
			"told":       keepTold,
			"backdated":  backdate,
			"journal":    journalAs,
			"aged-runs": func(ts *testscript.TestScript, _ bool, args []string) {
				age(ts, args, "runs SET started_at = started_at", "runs SET ended_at = ended_at")
			},
		},
	})
}

// placeholder stands in a script's configuration for wherever its vendor listens.
const placeholder = "http://127.0.0.1:9000"

// startVendor is `vendor [flags]`: it serves the simulated vendor until the script ends, under the address that takes the
// placeholder's place in the script's configurations.
func startVendor(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command("liverecon", append([]string{"simulate"}, args...)...)
	cmd.Dir = ts.Getenv("WORK")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		// The vendor is told to end and waited for; how it ended is for its own script to say.
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line := make([]byte, len("ready http://127.0.0.1:65535"))
	_, err = io.ReadFull(out, line)
	ts.Check(err)
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "ready ")
	if !ok {
		ts.Fatalf("vendor says %q", line)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	ts.Setenv("VENDOR", url)
	files, err := filepath.Glob(ts.MkAbs("*.toml"))
	ts.Check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		ts.Check(err)
		socket := func(url string) []byte { return []byte(strings.TrimPrefix(url, "http://")) } // it stands alone where hosts are allowed
		ts.Check(os.WriteFile(file, bytes.ReplaceAll(text, socket(placeholder), socket(url)), 0o600))
	}
}

// exits is `exits CODE COMMAND...`.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// stopped is `stopped [-twice] CALLS CODE COMMAND...`: SIGTERM comes once the vendor has served that many calls, and again
// when the first one was heard: at once, which is the same order, and a moment later, which ends it.
func stopped(ts *testscript.TestScript, _ bool, args []string) {
	twice := args[0] == "-twice"
	if twice {
		args = args[1:]
	}
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY="+ts.Getenv("LIVERECON_ACCESS_KEY"), "LIVERECON_SECRET_KEY="+ts.Getenv("LIVERECON_SECRET_KEY"))
	heard := &listener{word: "once more ends at once, but not within a second", heard: make(chan struct{})}
	same := &listener{word: "is the same order", heard: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = ts.Stdout(), io.MultiWriter(ts.Stderr(), heard, same)
	ts.Check(cmd.Start())
	waitForCalls(ts, false, args[:1])
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	if twice {
		<-heard.heard
		ts.Check(cmd.Process.Signal(syscall.SIGTERM)) // at once: the same order, as timeout and its like give it
		<-same.heard
		time.Sleep(early.OneOrder + 100*time.Millisecond)
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[1] {
		ts.Fatalf("ended with %v, want exit code %s", err, args[1])
	}
}

// killed is `killed CALLS COMMAND...`: kill -9 comes once the vendor has served that many calls.
func killed(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY="+ts.Getenv("LIVERECON_ACCESS_KEY"), "LIVERECON_SECRET_KEY="+ts.Getenv("LIVERECON_SECRET_KEY"))
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	waitForCalls(ts, false, args[:1])
	ts.Check(cmd.Process.Kill())
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		ts.Fatalf("ended with %v before it was killed", err)
	}
}

// listener waits for a word in what a process writes.
type listener struct {
	word  string
	text  bytes.Buffer
	heard chan struct{} // closed
	done  bool
}

func (l *listener) Write(text []byte) (int, error) {
	l.text.Write(text)
	if !l.done && strings.Contains(l.text.String(), l.word) {
		l.done = true
		close(l.heard)
	}
	return len(text), nil
}

// meter is the vendor's own count.
func meter(ts *testscript.TestScript) map[string]int {
	res, err := http.Get(ts.Getenv("VENDOR") + "/meter")
	ts.Check(err)
	defer res.Body.Close()
	var body struct {
		Total struct {
			Served  int `json:"served"`
			Charged int `json:"charged"`
		} `json:"total"`
	}
	ts.Check(json.NewDecoder(res.Body).Decode(&body))
	return map[string]int{"served": body.Total.Served, "charged": body.Total.Charged}
}

// compareMeter is `served N` and `charged N`.
func compareMeter(ts *testscript.TestScript, args []string, what string) {
	if got := meter(ts)[what]; strconv.Itoa(got) != args[0] {
		ts.Fatalf("the vendor has %s %d calls, want %s", what, got, args[0])
	}
}

// waitForCalls is `calls N`: it waits until the vendor has served N calls.
func waitForCalls(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	for end := time.Now().Add(30 * time.Second); meter(ts)["served"] < want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("the vendor has served %d calls after 30 s, want %d", meter(ts)["served"], want)
		}
	}
}

// signalAll is `asleep` and `awake`: what runs in the background stands still, with all that it holds, and goes on. What
// happens beside it may take as long as the machine needs.
func signalAll(ts *testscript.TestScript, s syscall.Signal) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(s))
	}
}

// asleep is `asleep`: what the script has started stands still until `awake`. A script that fails before that waits for all
// that it has started, and a process that stands still hears no signal to end: so it goes on by itself after a while.
func asleep(ts *testscript.TestScript, _ bool, _ []string) {
	signalAll(ts, syscall.SIGSTOP)
	for _, cmd := range ts.BackgroundCmds() {
		time.AfterFunc(time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGCONT) }) // it may have ended
	}
}

// whileLocked is `locked [-for TIME] DATABASE CODE COMMAND...`: exits, while another program has a transaction open that
// writes, for so long.
func whileLocked(ts *testscript.TestScript, _ bool, args []string) {
	limit := time.Hour
	if args[0] == "-for" {
		var err error
		limit, err = time.ParseDuration(args[1])
		ts.Check(err)
		args = args[2:]
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	conn, err := db.Conn(context.Background())
	ts.Check(err)
	_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	ts.Check(err)
	ended := make(chan struct{})
	release := time.AfterFunc(limit, func() {
		defer close(ended)
		ts.Check(errors.Join(conn.Close(), db.Close()))
	})
	defer func() {
		if release.Stop() {
			release.Reset(0)
		}
		<-ended
	}()
	exits(ts, false, args[1:])
}

// aged is `aged DATABASE DAYS`: what the database holds was read and answered so many days earlier than it was.
func aged(ts *testscript.TestScript, _ bool, args []string) {
	age(ts, args, "lists SET read_at = read_at", "checks SET changed_at = changed_at", "answers SET answered_at = answered_at", "evidence SET settled_at = settled_at",
		"score_counts SET day = day", "score_counts SET ends = ends")
}

// age takes so many days from columns that hold times.
func age(ts *testscript.TestScript, args []string, columns ...string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, column := range columns {
		_, err := db.Exec("UPDATE "+column+" - ?", int64(days)*24*int64(time.Hour/time.Millisecond))
		ts.Check(err)
	}
	for _, cache := range []string{"rollups", "score_counts", "call_counts", "origin_days"} { // of the times as they were
		_, err := db.Exec("DELETE FROM " + cache)
		ts.Check(err)
	}
	ts.Check(db.Close())
}

// nowhere is `nowhere REGEXP DIR...`: no file there holds the text, workbooks unpacked.
func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	secret := regexp.MustCompile(args[0])
	files := 0
	for _, dir := range args[1:] {
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files++
			content, err := os.ReadFile(path)
			if err == nil && strings.HasSuffix(path, ".xlsx") {
				content, err = unpack(content)
			}
			if secret.Match(content) {
				ts.Fatalf("%s holds %s", path, args[0])
			}
			return err
		}))
	}
	if files == 0 {
		ts.Fatalf("nothing to search in %v", args[1:])
	}
}

// unpack puts all parts of a workbook one behind the other.
func unpack(content []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for _, part := range archive.File {
		r, err := part.Open()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(&all, r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
	}
	return all.Bytes(), nil
}

// parked is `parked ENDPOINT REASON [AHEAD]`: as a run an hour ago leaves an endpoint whose quota it found used up, not to be
// asked for so long.
func parked(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(context.Background(), ts.MkAbs("liverecon.db"))
	ts.Check(err)
	now, ahead := time.Now(), 10*time.Minute
	if len(args) > 2 {
		ahead, err = time.ParseDuration(args[2])
		ts.Check(err)
	}
	err = s.Endpoints().Remember(context.Background(), store.EndpointMemory{Endpoint: args[0], ParkedReason: args[1], ParkedUntil: now.Add(ahead), UpdatedAt: now.Add(-time.Hour)})
	ts.Check(errors.Join(err, s.Close()))
}
