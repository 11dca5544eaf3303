package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// helperVerb is set in the environment of a test binary that plays another process.
const helperVerb = "STORE_TEST_HELPER"

func TestMain(m *testing.M) {
	store.OwnLocks() // tests use SQLite by itself, too, perhaps first
	if verb := os.Getenv(helperVerb); verb != "" {
		if err := help(verb, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// help is the other process. It says "ready" and lives until its standard input ends.
func help(verb, path string) error {
	switch verb {
	case "lock":
		if _, err := dbfile.Acquire(path, "run"); err != nil {
			return err
		}
	case "write":
		return helpWrite(path)
	default:
		return fmt.Errorf("unknown helper verb %q", verb)
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// helpWrite opens the database, reads the file by other means, and stores a run for every line it gets.
func helpWrite(path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	if _, err := os.ReadFile(path); err != nil { // the kernel drops a process's POSIX locks on a file it closes
		return err
	}
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); fmt.Println("stored") {
		if _, _, err := s.Runs().Open(ctx, in.Text(), true); err != nil {
			return err
		}
	}
	return s.Close()
}

// helper is the other process as the test sees it.
type helper struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// startHelper returns once the other process is ready. It is killed with the test.
func startHelper(t *testing.T, verb, path string) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), helperVerb+"="+verb)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	h := &helper{cmd, stdin, bufio.NewReader(stdout)}
	t.Cleanup(h.kill)
	h.hear(t, "ready")
	return h
}

func (h *helper) hear(t *testing.T, want string) {
	t.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("helper said %q, %v, want %q", line, err, want)
	}
}

// kill ends the other process as kill -9 does and waits until the system has cleaned up behind it.
func (h *helper) kill() {
	if h.cmd.ProcessState != nil {
		return
	}
	_ = h.cmd.Process.Kill() // it may have ended by itself
	_ = h.cmd.Wait()         // says how it ended, which is known
}
