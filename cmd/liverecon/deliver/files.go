package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"liverecon/store/disk"
)

// directoryChannel puts pages and files into a directory, each whole or not at all. The directory has to be there: one
// that is not mounted would else be made, and filled, below its mount point.
type directoryChannel string

func (d directoryChannel) String() string { return "directory" }

func (d directoryChannel) secrets() []string { return nil }

func (d directoryChannel) send(_ context.Context, m message) error {
	if info, err := os.Stat(string(d)); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is no directory", string(d))
	}
	all, err := m.all()
	if err != nil {
		return err
	}
	for _, f := range all {
		path := filepath.Join(string(d), f.name)
		if err := disk.Replace(path, func(w io.Writer) error {
			_, err := w.Write(f.content)
			return err
		}); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o640); err != nil { // for the group that reads them, as reports are
			return err
		}
	}
	return nil
}

// commandChannel gives a message to a program: the text on its standard input, page and files in a directory that
// LIVERECON_DELIVERY names, the subject in LIVERECON_SUBJECT. The directory is gone when the program ends.
type commandChannel struct{ argv []string }

func (c *commandChannel) String() string { return "command " + filepath.Base(c.argv[0]) }

func (c *commandChannel) secrets() []string { return c.argv[1:] }

func (c *commandChannel) send(ctx context.Context, m message) (err error) {
	dir, err := os.MkdirTemp("", "liverecon-delivery-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	all, err := m.all()
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o600); err != nil {
			return err
		}
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	var told bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), io.Discard, &told
	cmd.WaitDelay = sendPatience / 10 // for those that it has started
	cmd.Env = append(os.Environ(), "LIVERECON_DELIVERY="+dir, "LIVERECON_SUBJECT="+m.subject)
	if err := cmd.Run(); err != nil {
		if last := lastLine(told.String()); last != "" {
			return fmt.Errorf("%w: %s", err, last)
		}
		return err
	}
	return nil
}

// lastLine returns the last line of what a program said; programs say there why they have failed.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
