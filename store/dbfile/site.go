// Package dbfile knows a database as a file, whatever is in it: where it stands, who has its lock, how a new one gets
// its name, what of it is damaged, lost or in use.
package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/sys/mountinfo"
)

// The reasons why a file is refused for the place where it lies; nothing in it was
// changed.
var (
	// ErrLinked: SQLite names its log after the database, so under two names a file has two logs.
	ErrLinked = errors.New("the file has another name as well (a hard link), and would have a log under each")
	// ErrMounted: the log, lock and spill file beside it would be somewhere else, and lost with it.
	ErrMounted = errors.New("the file is mounted by itself, without its directory: what is written beside it " +
		"would be lost")
	// ErrNetwork: neither locks nor the memory that SQLite's processes share are what they are on a disk of this
	// machine.
	ErrNetwork = errors.New("a database belongs on a disk of this machine")
	// ErrSpecial: what is written beside a database is written over and read back, which a link may lead anywhere and a
	// device answers with whatever it likes.
	ErrSpecial = errors.New("it is no regular file, as what stands beside a database has to be")
	// ErrUnlockable: nothing keeps a second process out.
	ErrUnlockable = errors.New("this system or file system has no lock that belongs to a file that is open")
)

// Site represents the place of a database, under whatever name it is asked for.
type Site struct {
	Path     string // the name given, with symbolic links followed: -wal, .lock and .spill stand beside this one
	Missing  bool   // there is no file yet
	Names    uint64 // hard links to the file
	Mounted  bool   // the file is a mount point
	Network  string // kind of a file system that other machines, or programs, serve; "" for one of this machine
	Fleeting string // kind of a file system that does not outlast the machine's or the container's next start; else ""
}

// Locate follows the symbolic links of a database's path and looks at what is there. It opens nothing. A link to a file
// that is not there is refused with ErrLost, what is no regular file with ErrForeign.
func Locate(path string) (Site, error) {
	s := Site{Path: path}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			if _, err := os.Stat(path); err == nil { // another process has made it since
				return Locate(path)
			}
			return s, fmt.Errorf("%s is a link to a file that is not there: %w", path, ErrLost)
		}
		s.Missing = true
		if real, err = filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			real = filepath.Join(real, filepath.Base(path))
		}
	}
	if err != nil {
		return s, err
	}
	s.Path = real
	if err := s.lookAtFile(); err != nil {
		return s, err
	}
	s.Network, s.Fleeting, err = fileSystem(filepath.Dir(real))
	return s, err
}

func (s *Site) lookAtFile() error {
	if s.Missing {
		return nil
	}
	info, err := os.Stat(s.Path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory: %w", s.Path, ErrForeign)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file: %w", s.Path, ErrForeign)
	}
	s.Names = names(info)
	if s.Mounted, err = mountinfo.Mounted(s.Path); err != nil {
		return fmt.Errorf("%s: is it a mount point? %w", s.Path, err)
	}
	return nil
}

// SiteError represents a database that is refused for where it stands.
type SiteError struct {
	Path    string
	Network string // kind of its file system, with ErrNetwork
	Err     error  // ErrLinked, ErrMounted, ErrNetwork, ErrSpecial or ErrUnlockable
}

// Error names the file and what is wrong about its site.
func (e *SiteError) Error() string {
	if e.Network != "" {
		return fmt.Sprintf("%s is on %s: %v", e.Path, e.Network, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

// Unwrap gives what is wrong.
func (e *SiteError) Unwrap() error { return e.Err }

// Check refuses a site in which the file's log would not be found again, with a [*SiteError] of ErrLinked or
// ErrMounted, and one where its lock or spill file is a link, a device or a directory, with ErrSpecial. A record that
// is one of these is made anew.
func (s Site) Check() error {
	switch {
	case s.Names > 1:
		return &SiteError{Path: s.Path, Err: ErrLinked}
	case s.Mounted:
		return &SiteError{Path: s.Path, Err: ErrMounted}
	}
	for _, suffix := range []string{lockSuffix, SpillSuffix} {
		if info, err := os.Lstat(s.Path + suffix); err == nil && !info.Mode().IsRegular() {
			return &SiteError{Path: s.Path + suffix, Err: ErrSpecial}
		}
	}
	return nil
}

// OpenRegular opens a file that stands beside a database, and refuses with a [*SiteError] of ErrSpecial what is none.
func OpenRegular(path string, flag int, mode fs.FileMode) (*os.File, error) {
	special := &SiteError{Path: path, Err: ErrSpecial}
	file, err := os.OpenFile(path, flag|noFollow|noWait, mode)
	if err != nil {
		if info, e := os.Lstat(path); e == nil && !info.Mode().IsRegular() {
			return nil, special
		}
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(special, err, file.Close())
	}
	return file, nil
}

// CheckLocal refuses a site on a file system that is not this machine's own, with a [*SiteError] of ErrNetwork.
func (s Site) CheckLocal() error {
	if s.Network == "" {
		return nil
	}
	return &SiteError{s.Path, s.Network, ErrNetwork}
}

// LocateToOpen locates, as Locate does, for somebody who is to open the file.
func LocateToOpen(path string) (Site, error) {
	s, err := Locate(path)
	if err == nil {
		err = s.Check()
	}
	return s, err
}

// Still makes sure that a path leads to the very file that is open.
func Still(path string, file *os.File) error {
	have, err := file.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err != nil || !os.SameFile(have, now):
		return fmt.Errorf("%s: %w", path, ErrDisplaced)
	}
	return nil
}
