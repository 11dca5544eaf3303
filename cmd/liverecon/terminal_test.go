package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
)

// session shows what a person sees who types `liverecon run --simulate` on a terminal.
func session(t *testing.T, columns uint16, env ...string) (screen, stdout string) {
	t.Helper()
	dir := t.TempDir()
	var ids strings.Builder
	ids.WriteString("signatureId,region\n")
	for i := range 120 {
		fmt.Fprintf(&ids, "e%015x,%s\n", i, []string{"ID", "TH"}[i%2])
	}
	for name, text := range map[string]string{"ids.csv": ids.String(), "liverecon.toml": "lists = \"ids.csv\"\n[endpoint.id]\nrate = 100\n[endpoint.th]\nrate = 100\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	terminal, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command("liverecon", "run", "--simulate", "--config", "liverecon.toml")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, slave, &out, slave
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "TERM=") || strings.HasPrefix(pair, "NO_COLOR=")
	}), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := slave.Close(); err != nil {
		t.Fatal(err)
	}
	shown, err := io.ReadAll(terminal)
	if err != nil && !errors.Is(err, syscall.EIO) { // what a terminal says when nobody holds its other side any more
		t.Fatal(err)
	}
	if err := errors.Join(cmd.Wait(), terminal.Close()); err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	return string(shown), out.String()
}

var (
	escape = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	// A line of progress of one endpoint.
	laneLine = regexp.MustCompile(`^(id|th) .*[0-9]+/60`)
)

// laneLines are the lines of progress, as they were drawn one after the other.
func laneLines(screen string) []string {
	var lines []string
	for _, line := range strings.FieldsFunc(escape.ReplaceAllString(screen, "\n"), func(r rune) bool { return r == '\r' || r == '\n' }) {
		if laneLine.MatchString(line) {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return lines
}

// On a terminal that can move its cursor there is one line an endpoint, which fits however narrow the terminal is.
func TestProgressOnATerminal(t *testing.T) {
	for _, c := range []struct {
		columns uint16
		want    string
	}{
		{120, `^id   \[=+ *\] +[0-9]+/60 +[0-9]+/s  paid [0-9]+ +doubt [0-9]+ `},
		{80, `^id   \[=+ *\] +[0-9]+/60 +[0-9]+/s  paid [0-9]+ +doubt [0-9]+ `},
		{60, `^id +[0-9]+/60 .*doubt [0-9]+ `},
		{30, `^id +[0-9]+/60 `},
	} {
		t.Run(fmt.Sprint(c.columns), func(t *testing.T) {
			t.Parallel()
			screen, stdout := session(t, c.columns, "TERM=xterm-256color", "NO_COLOR=1")
			lines := laneLines(screen)
			if !slices.ContainsFunc(lines, regexp.MustCompile(c.want).MatchString) {
				t.Errorf("no line looks like %s:\n%s", c.want, strings.Join(lines, "\n"))
			}
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "th") && strings.Contains(line, "60/60") }) {
				t.Errorf("th is never shown as done:\n%s", strings.Join(lines, "\n"))
			}
			for _, line := range lines {
				if utf8.RuneCountInString(line) > int(c.columns) {
					t.Errorf("%d columns do not fit into %d: %s", utf8.RuneCountInString(line), c.columns, line)
				}
			}
			if colour.MatchString(screen) {
				t.Errorf("there is colour in %q", screen)
			}
			checkVerdict(t, stdout)
		})
	}
}

// A terminal that cannot move its cursor gets lines of a log, and no escape sequences.
func TestProgressOnADumbTerminal(t *testing.T) {
	for _, c := range []struct {
		columns uint16
		env     []string
	}{{80, []string{"TERM=dumb"}}, {80, nil}, {0, []string{"TERM=xterm"}}} { // of the last nobody knows how large it is
		t.Run(fmt.Sprint(c.columns, c.env), func(t *testing.T) {
			t.Parallel()
			screen, stdout := session(t, c.columns, c.env...)
			if strings.Contains(screen, "\x1b") || len(laneLines(screen)) > 0 {
				t.Errorf("screen %q", screen)
			}
			if !strings.Contains(screen, "msg=\"list read\"") {
				t.Errorf("no log for people: %q", screen)
			}
			checkVerdict(t, stdout)
		})
	}
}

// checkVerdict makes sure that standard output is the result alone, and that its last line is the verdict.
func checkVerdict(t *testing.T, stdout string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if verdict := lines[len(lines)-1]; !strings.HasPrefix(verdict, "DONE: 120 of 120 answered") || strings.Contains(stdout, "\x1b") {
		t.Errorf("standard output %q", stdout)
	}
}
