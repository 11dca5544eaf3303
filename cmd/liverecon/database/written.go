package database

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"liverecon/cmd/liverecon/config"
)

// besides lists how the names end of files that stand beside a database.
var besides = []string{"-wal", "-shm", "-journal", ".lock", ".record"}

// OpenLog opens a file to add a log to, under --log-file. A new one is its owner's alone.
func OpenLog(file string) (*os.File, error) {
	if err := RefuseOther(file, "log", "{"); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, config.Usage("name a file that can be written", "--log-file: %w", err)
	}
	return f, nil
}

// RefuseOther refuses a file that is to be written where another one is than of its kind: one that does not begin as its
// kind does, such as a database, or that belongs to a database. kind names what is written. It opens the file, so that
// it is called before the database is: closing a database drops the locks of the whole process. "" and "-" are no files.
func RefuseOther(file, kind, begins string) error {
	if slices.ContainsFunc(besides, func(end string) bool { return strings.HasSuffix(file, end) }) {
		return config.Usage("give another name", "%s has the name of a file of a database", file)
	}
	info, err := os.Stat(file)
	switch {
	case file == "", file == "-", errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", kind, err)
	case !info.Mode().IsRegular(), info.Size() == 0:
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	defer func() { _ = f.Close() }() // nothing is written to it
	head := make([]byte, len(begins))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if !bytes.EqualFold(head, []byte(begins)) {
		return config.Usage("give another name", "%s is there and is no %s: it is left as it is", file, kind)
	}
	return nil
}
