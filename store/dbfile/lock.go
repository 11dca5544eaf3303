package dbfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Holder describes who has a database's lock.
type Holder struct {
	PID   int       `json:"pid"` // 0: unknown
	Host  string    `json:"host"`
	Verb  string    `json:"verb"`
	Since time.Time `json:"since"`
}

// String names the holder, as far as it is known.
func (h Holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("liverecon %s, process %d on %s, since %s", h.Verb, h.PID, h.Host,
		h.Since.UTC().Format(time.RFC3339))
}

// RunState words what a run that has not ended does while this one has the lock. Where the file that names the holder is
// gone, it may be that run.
func (h Holder) RunState() string {
	switch {
	case h.Verb == "run":
		return "running"
	case h.PID == 0:
		return "running or interrupted: " + h.String() + " has the lock"
	}
	return "interrupted"
}

// LockedError reports, from Acquire, that another process holds the lock.
type LockedError struct {
	Path   string // as it was given
	Holder Holder
}

// Error names the holder, as far as it is known.
func (e *LockedError) Error() string { return fmt.Sprintf("%s is locked by %s", e.Path, e.Holder) }

// ErrDisplaced reports that a path does not lead to the file any more that was opened by it.
var ErrDisplaced = errors.New("the database was moved or replaced while it was open")

// Lock represents the exclusive right to write one database, whatever name it goes by: it is on the file itself. The
// operating system drops it when the process ends, however it ends, so a crash leaves nothing to clean up.
type Lock struct {
	path  string   // links followed
	file  *os.File // the database, or what is to become it
	fresh bool     // it is still to be made, under its unfinished name
}

// Acquire takes the lock of the database at path, which need not be there yet, without waiting. A file beside the
// database names the holder, for people; the lock does not depend on it. The site is refused as [Site.Check] does.
func Acquire(path, verb string) (*Lock, error) {
	site, err := LocateToOpen(path)
	if err != nil {
		return nil, err
	}
	l := &Lock{path: site.Path}
	ok, err := l.take()
	switch {
	case errors.Is(err, ErrUnlockable):
		return nil, &SiteError{Path: site.Path, Err: err}
	case errors.Is(err, ErrLost):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !ok {
		return nil, &LockedError{Path: path, Holder: ReadHolder(l.path)}
	}
	if err := l.sign(verb); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), l.Release())
	}
	return l, nil
}

// lockTries sets how often the file may be replaced between its opening and its locking.
const lockTries = 10

// take opens the file and locks it. A first start locks the file that it makes the database of, so that two of them do
// not meet either.
func (l *Lock) take() (ok bool, err error) {
	for range lockTries {
		name, err := l.begin()
		if err != nil {
			return false, err
		}
		ok, err := lockByte(l.file)
		if !ok || err != nil {
			return false, errors.Join(err, l.file.Close())
		}
		if err := l.confirm(name); err == nil {
			return true, nil
		} else if !errors.Is(err, ErrDisplaced) {
			return false, errors.Join(err, l.drop())
		}
		if err := l.drop(); err != nil {
			return false, err
		}
	}
	return false, ErrDisplaced
}

// begin opens the database or, where there is none, makes the file that is to become it.
func (l *Lock) begin() (name string, err error) {
	l.fresh = false
	l.file, err = os.OpenFile(l.path, os.O_RDWR, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return l.path, err
	}
	if err := Missing(l.path); err != nil {
		return "", err
	}
	l.fresh = true
	name = l.path + freshSuffix
	l.file, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	return name, err
}

// confirm makes sure that what is locked is still what the name leads to, and that no other process has finished a
// database meanwhile.
func (l *Lock) confirm(name string) error {
	if err := Still(name, l.file); err != nil {
		return err
	}
	if !l.fresh {
		return nil
	}
	if _, err := os.Lstat(l.path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, ErrDisplaced)
	}
	return nil
}

// Fresh reports that there is no database yet.
func (l *Lock) Fresh() bool { return l.fresh }

// Path returns the path of the database, with symbolic links followed.
func (l *Lock) Path() string { return l.path }

// File returns the open file that the lock is on; Release closes it.
func (l *Lock) File() *os.File { return l.file }

func (l *Lock) info() string { return l.path + lockSuffix }

const lockSuffix = ".lock"

// sign writes who holds the lock.
func (l *Lock) sign(verb string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	holder, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Verb: verb, Since: time.Now().UTC()})
	if err != nil {
		return err
	}
	const flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	file, err := OpenRegular(l.info(), flags, 0o600)
	if errors.Is(err, fs.ErrPermission) && os.Remove(l.info()) == nil { // another user's, whom the lock says to be dead
		file, err = OpenRegular(l.info(), flags, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(append(holder, '\n'))
	return errors.Join(err, file.Close())
}

// Release gives the lock back, after everything that has the database open has closed it.
func (l *Lock) Release() error {
	err := os.Remove(l.info()) // before somebody else signs
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if l.fresh {
		err = errors.Join(err, Remove(l.path+freshSuffix))
	}
	return errors.Join(err, l.drop())
}

// drop unlocks the file and closes it. To close it is not enough: a child that this process is just starting has the
// open file too, until it becomes another program.
func (l *Lock) drop() error { return errors.Join(unlockByte(l.file), l.file.Close()) }

// ReadHolder returns the zero Holder when the file beside the database is missing or unreadable: the lock itself is
// what counts.
func ReadHolder(path string) Holder {
	var h Holder
	file, err := OpenRegular(path+lockSuffix, os.O_RDONLY, 0)
	if err != nil {
		return Holder{}
	}
	defer file.Close() //nolint:errcheck // opened for reading
	if json.NewDecoder(io.LimitReader(file, 1<<16)).Decode(&h) != nil {
		return Holder{}
	}
	return h
}

// CurrentHolder returns who has the lock of the database at path; ok is false when nobody has. It asks the system
// without trying the lock: for the moment it had it, a run could not start. It is for those who do not have the
// database open; they ask for it with [IsLocked]. It returns ErrUnlockable, wrapped, where nobody can have it.
func CurrentHolder(path string) (h Holder, ok bool, err error) {
	site, err := Locate(path)
	if err != nil {
		return Holder{}, false, err
	}
	for _, name := range []string{site.Path, site.Path + freshSuffix} {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Holder{}, false, err
		}
		ok, err := IsLocked(file)
		if err = errors.Join(err, file.Close()); ok || err != nil {
			return ReadHolder(site.Path), ok, err
		}
	}
	return Holder{}, false, nil
}
