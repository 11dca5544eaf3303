package record

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Paths describes where the records of a database are: one beside it, and one in another directory, which people who
// copy or remove a database by its name leave alone. The paths may be relative, and lead through links.
type Paths struct {
	Database      string
	Reports       string // directory of the second record; it may be shared with other databases
	Configuration string // file that names the database, "" for none
}

// Found represents a record that is about a database, or about the one that should be in its place.
type Found struct {
	Path  string
	Entry Entry
	Known Known // of all histories, as its lines say; a record of before has none
	Err   error // why it cannot be read; then there is no entry
}

// Suffix ends the name of a record.
const Suffix = ".record"

// beside returns the path of the first record. Of a database that is a link it stands beside the file itself.
func (p Paths) beside() string {
	if info, err := os.Lstat(p.Database); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return resolved(p.Database) + Suffix
	}
	return p.Database + Suffix
}

const reportsPrefix = ".liverecon-"

// inReports returns the path of the second record. Databases that share the directory have one each.
func (p Paths) inReports(identity string) string {
	return filepath.Join(p.Reports, reportsPrefix+identity[:min(len(identity), 16)]+Suffix)
}

// Paths returns where the records of the database with an identity belong.
func (p Paths) Paths(identity string) []string {
	return []string{p.beside(), p.inReports(identity)}
}

// Find returns the records that concern the database with an identity, "" where there is none: those of that identity;
// the one beside it; and, of the directory that is shared, those that name its path or its configuration. Records that
// cannot be read are among them when their names say that they are the database's. A place that cannot be looked at has
// none.
func (p Paths) Find(identity string) []Found {
	var found []Found
	if one := Look(p.beside()); !errors.Is(one.Err, fs.ErrNotExist) {
		found = append(found, one)
	}
	entries, err := os.ReadDir(p.Reports)
	if err != nil {
		return found
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), reportsPrefix) || !strings.HasSuffix(e.Name(), Suffix) {
			continue
		}
		if one := Look(filepath.Join(p.Reports, e.Name())); p.concerns(one, identity) {
			found = append(found, one)
		}
	}
	return found
}

// Sharing returns the records of other databases, which other configurations name, in the directory that they share.
func (p Paths) Sharing(identity string) (others []Found) {
	entries, err := os.ReadDir(p.Reports)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), reportsPrefix) || !strings.HasSuffix(e.Name(), Suffix) {
			continue
		}
		if one := Look(filepath.Join(p.Reports, e.Name())); one.Err == nil && !p.concerns(one, identity) {
			others = append(others, one)
		}
	}
	return others
}

// Look reads the record at path.
func Look(path string) Found {
	e, err := Read(path)
	if err != nil {
		return Found{Path: path, Err: err}
	}
	a, err := readAddition(path)
	return Found{path, e, a.known, err}
}

// concerns reports whether a record in the shared directory is about this database, or the one that should be here.
func (p Paths) concerns(f Found, identity string) bool {
	if f.Err != nil {
		return identity != "" && f.Path == p.inReports(identity)
	}
	return f.Entry.Identity == identity || f.Entry.Database == p.from(f.Path, p.Database) ||
		p.Configuration != "" && f.Entry.Configuration == p.from(f.Path, p.Configuration)
}

// longPath sets how many bytes of a path a record has room for.
const longPath = 1000

// from returns how a record names a file: by the way from its own directory, so that moving both together changes
// nothing.
func (p Paths) from(record, file string) string {
	if file == "" {
		return ""
	}
	file = resolved(file)
	way, err := filepath.Rel(resolved(filepath.Dir(record)), file)
	if err != nil {
		way = file
	}
	way = filepath.ToSlash(way)
	if len(way) > longPath {
		sum := sha256.Sum256([]byte(way))
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	return way
}

// resolved returns a path that is absolute and leads through no link, as far as what it names is there.
func resolved(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir := filepath.Dir(path); dir != path {
		return filepath.Join(resolved(dir), filepath.Base(path))
	}
	return path
}

// Entry completes what a record at path says of the database.
func (p Paths) Entry(path string, e Entry) Entry {
	e.Database, e.Configuration = p.from(path, p.Database), p.from(path, p.Configuration)
	e.Boot, e.WrittenAt = Boot(), time.Now().UTC()
	return e
}

// Remove takes away the records that concern the place of a database but are of another identity than its own. A
// directory, which is none, is left alone.
func (p Paths) Remove(identity string) ([]string, error) {
	var removed []string
	for _, f := range p.Find(identity) {
		if f.Err == nil && f.Entry.Identity == identity {
			continue
		}
		if info, err := os.Lstat(f.Path); err == nil && info.IsDir() {
			continue
		}
		if err := remove(f.Path); err != nil {
			return removed, fmt.Errorf("remove record: %w", err)
		}
		removed = append(removed, f.Path)
	}
	return removed, nil
}

// Boot names the time since the machine was started, so that what was not yet on its disk is known to be there still;
// "" where the system does not tell.
func Boot() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
