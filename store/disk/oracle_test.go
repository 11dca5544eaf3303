package disk_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"liverecon/store/disk"
)

// writeNew wrote the files of an installation; disk.Create takes its place.
func writeNew(path string, text []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// replaceRecord put a record in the place of another file; disk.Replace takes its place.
func replaceRecord(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".record-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func TestAsBefore(t *testing.T) {
	for n := range 300 {
		text, mode, there := make([]byte, rand.IntN(20_000)), fs.FileMode(0o600|rand.IntN(0o100)), rand.IntN(3)
		for i := range text {
			text[i] = byte(rand.Uint32())
		}
		plain := func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		}
		for kind, by := range map[string][2]func(string) error{
			"create":  {func(p string) error { return writeNew(p, text, mode) }, func(p string) error { return disk.Create(p, mode, plain) }},
			"replace": {func(p string) error { return replaceRecord(p, text) }, func(p string) error { return disk.Replace(p, plain) }},
		} {
			var ends [2]string
			for side, write := range by {
				dir := t.TempDir()
				path := filepath.Join(dir, "a")
				switch there {
				case 1:
					must(t, os.WriteFile(path, []byte("old"), 0o640))
				case 2:
					must(t, os.Symlink(filepath.Join(dir, "elsewhere"), path))
				}
				err := write(path)
				got, _ := os.ReadFile(path)
				info, _ := os.Lstat(path)
				files, _ := os.ReadDir(dir)
				ends[side] = string(got)
				if info != nil {
					ends[side] += info.Mode().String()
				}
				if err == nil && !bytes.Equal(got, text) {
					t.Fatalf("%d %s: wrote other bytes", n, kind)
				}
				if errors.Is(err, fs.ErrExist) {
					ends[side] += " there"
				} else if err != nil {
					t.Fatal(err)
				}
				ends[side] += string(rune('0' + len(files)))
			}
			if ends[0] != ends[1] {
				t.Fatalf("%d %s, %d there: ends differ", n, kind, there)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
