package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Holder says who has a database's lock.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Verb  string    `json:"verb"`
	Since time.Time `json:"since"`
}

// LockedError is returned by Acquire when another process holds the lock.
type LockedError struct {
	Path   string
	Holder Holder
}

// Error names the holder, as far as it is known.
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("%s is locked by another process", e.Path)
	}
	return fmt.Sprintf("%s is locked by liverecon %s, process %d on %s, since %s", e.Path,
		e.Holder.Verb, e.Holder.PID, e.Holder.Host, e.Holder.Since.UTC().Format(time.RFC3339))
}

// Lock is the exclusive right to write one database. The operating system drops it when the process ends, however it
// ends, so a crash leaves nothing to clean up.
type Lock struct{ flock *flock.Flock }

// Acquire takes the lock of the database at path without waiting. The lock file stands beside the database and names its
// holder.
func Acquire(path, verb string) (*Lock, error) {
	name := path + ".lock"
	l := flock.New(name, flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		return nil, &LockedError{Path: path, Holder: readHolder(name)}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	holder, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Verb: verb, Since: time.Now().UTC()})
	if err == nil {
		err = os.WriteFile(name, append(holder, '\n'), 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), l.Close())
	}
	return &Lock{flock: l}, nil
}

// Release gives the lock back. The file stays: removing it would race with a process that has it open.
func (l *Lock) Release() error {
	if err := os.Truncate(l.flock.Path(), 0); err != nil {
		return errors.Join(err, l.flock.Close())
	}
	return l.flock.Close()
}

// readHolder returns the zero Holder when the file is empty or unreadable: the lock itself is what counts.
func readHolder(name string) Holder {
	var h Holder
	text, err := os.ReadFile(name)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}
