package parquet

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"liverecon/store/disk"
)

// Directory represents a place in a file system. Readers that look for *.parquet find one file a table, month and
// region at every moment: a new one takes the old one's place by a rename, and its own name by another.
type Directory struct {
	root   string
	lock   *os.File
	open   *os.File      // the file that is being written
	buffer *bufio.Writer // of it
	ended  []File        // out of sight
	step   func() error  // of tests: before each change of the file system; an error is a death
}

// OpenDirectory opens a directory, makes it where it is not there, and locks it against other exports. Close ends that.
func OpenDirectory(root string) (*Directory, error) {
	if err := os.MkdirAll(root, 0o750); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(root, "_export.lock"))
	if err != nil {
		return nil, err
	}
	return &Directory{root: root, lock: lock, step: func() error { return nil }}, nil
}

// ErrBusy refuses an export while another one is under way.
var ErrBusy = errors.New("another export into it is under way")

// Close gives the lock back.
func (d *Directory) Close() error { return errors.Join(d.Drop(), d.lock.Close()) }

func (d *Directory) at(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// hidden returns where a file waits for its manifest: no reader looks for such a name.
func hidden(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".tmp") }

const beginning = ".beginning.tmp" // what is not whole yet is called

// Manifest reads the manifest.
func (d *Directory) Manifest(context.Context) ([]byte, error) { return os.ReadFile(d.at(ManifestName)) }

// Begin begins the next file of a folder.
func (d *Directory) Begin(folder string) (io.Writer, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.at(folder), 0o750); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.at(path.Join(folder, beginning)), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	d.open = f
	if d.buffer == nil {
		d.buffer = bufio.NewWriterSize(f, 256<<10)
	}
	d.buffer.Reset(f)
	return d.buffer, nil
}

// End makes the file durable.
func (d *Directory) End(f File) error {
	err := errors.Join(d.buffer.Flush(), d.open.Sync(), d.open.Close())
	name := d.open.Name()
	d.open = nil
	if err = cmp.Or(err, d.step()); err != nil {
		return err
	}
	d.ended = append(d.ended, f)
	return os.Rename(name, d.at(hidden(f.Path)))
}

// Commit puts files in place.
func (d *Directory) Commit(_ context.Context, manifest []byte, stale []File) error {
	for _, f := range d.ended {
		if err := disk.SyncFolder(filepath.Dir(d.at(f.Path))); err != nil {
			return err
		}
	}
	if err := d.step(); err != nil {
		return err
	}
	if err := disk.Replace(d.at(ManifestName), func(w io.Writer) error {
		_, err := w.Write(manifest)
		return err
	}); err != nil {
		return err
	}
	if err := os.Chmod(d.at(ManifestName), 0o640); err != nil { // for the group that reads the files
		return err
	}
	ended := d.ended
	d.ended = nil
	for _, f := range ended {
		if err := d.show(f); err != nil {
			return err
		}
	}
	return d.remove(stale)
}

// show puts a file that waits in place of the one that is there, if any.
func (d *Directory) show(f File) error {
	folder := d.at(path.Dir(f.Path))
	others, err := parts(folder)
	if err != nil {
		return err
	}
	place := filepath.Base(f.Path)
	if len(others) > 0 && !slices.Contains(others, place) {
		place = others[0]
	}
	if err := d.step(); err != nil {
		return err
	}
	if err := os.Rename(d.at(hidden(f.Path)), filepath.Join(folder, place)); err != nil {
		return err
	}
	if err := d.step(); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(folder, place), d.at(f.Path)); err != nil {
		return err
	}
	return disk.SyncFolder(folder)
}

// remove removes files that may be gone already, and the folders that they leave empty.
func (d *Directory) remove(files []File) error {
	for _, f := range files {
		if err := d.step(); err != nil {
			return err
		}
		if err := os.Remove(d.at(f.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for folder := path.Dir(f.Path); folder != "."; folder = path.Dir(folder) {
			if os.Remove(d.at(folder)) != nil { // it has other files
				break
			}
		}
	}
	return nil
}

// Skip removes the file that was begun.
func (d *Directory) Skip() error {
	if d.open == nil {
		return nil
	}
	err := errors.Join(d.open.Close(), os.Remove(d.open.Name()))
	d.open = nil
	return err
}

// Drop removes what was begun and not committed.
func (d *Directory) Drop() (err error) {
	err = d.Skip()
	for _, f := range d.ended {
		if gone := os.Remove(d.at(hidden(f.Path))); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	d.ended = nil
	return err
}

// Damaged compares files with what is there.
func (d *Directory) Damaged(ctx context.Context, files []File, thorough bool) (bad []Damage, err error) {
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		is, err := os.Stat(d.at(f.Path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			bad = append(bad, Damage{f, Missing})
			continue
		case err != nil:
			return nil, err
		}
		same := is.Size() == f.Bytes
		if same && thorough {
			sum, err := sumOf(d.at(f.Path))
			if err != nil {
				return nil, err
			}
			same = sum == f.SHA256
		}
		if !same {
			bad = append(bad, Damage{f, Changed})
		}
	}
	return bad, nil
}

var partName = regexp.MustCompile(`^part-[0-9a-f]{16}\.parquet$`)

// IsPart reports whether a path is one that a file of an export may have.
func IsPart(name string) bool { return partName.MatchString(path.Base(name)) }

// parts returns the names of the files of an export in a folder.
func parts(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if partName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Recover puts the files of the manifest in place that an export had no time for, and removes what is of no manifest.
func (d *Directory) Recover(_ context.Context, m *Manifest) error {
	for name, month := range m.Months {
		for _, f := range month.Files {
			if err := d.recover(f); err != nil {
				return fmt.Errorf("recover %s of %s: %w", f.Table, name, err)
			}
		}
	}
	return d.clean(m.Paths())
}

// recover puts one file of the manifest in place, where it is not and can be found.
func (d *Directory) recover(f File) error {
	if _, err := os.Stat(d.at(f.Path)); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(d.at(hidden(f.Path))); err == nil {
		return d.show(f)
	}
	others, err := parts(d.at(path.Dir(f.Path)))
	if err != nil {
		return err
	}
	for _, other := range others { // it has the place of the one before, and not its own name yet
		name := filepath.Join(d.at(path.Dir(f.Path)), other)
		if sum, err := sumOf(name); err == nil && sum == f.SHA256 {
			return os.Rename(name, d.at(f.Path))
		}
	}
	return nil // it was taken away: Damaged tells
}

// clean removes what exports have left that were cut short.
func (d *Directory) clean(listed map[string]bool) error {
	left, err := filepath.Glob(d.at("._manifest.json.*.tmp"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return err
	}
	for _, t := range Tables() {
		err := filepath.WalkDir(d.at(t), func(name string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || e.IsDir() {
				return err
			}
			short, err := filepath.Rel(d.root, name)
			if err != nil {
				return err
			}
			if base := e.Name(); strings.HasPrefix(base, ".part-") && strings.HasSuffix(base, ".parquet.tmp") ||
				base == beginning || partName.MatchString(base) && !listed[filepath.ToSlash(short)] {
				return os.Remove(name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func sumOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
