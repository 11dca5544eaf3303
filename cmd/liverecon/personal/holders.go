package personal

import (
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"liverecon/store"
	"liverecon/store/mention"
)

// holdersIn names the files below a directory in which one of the texts stands. Workbooks and .gz files are unpacked to
// look into them. The open database, should it be there, is left alone; it is searched by itself. A directory that is
// not there holds nothing.
func holdersIn(dir string, s *store.Store, texts []string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if info, err := entry.Info(); err != nil || s.Locks(info) {
			return err
		}
		holds, err := fileHolds(path, texts)
		if holds {
			found = append(found, path)
		}
		return err
	})
	return found, err
}

func fileHolds(path string, texts []string) (holds bool, err error) {
	if strings.HasSuffix(path, ".xlsx") {
		if holds, err = zipHolds(path, texts); !errors.Is(err, zip.ErrFormat) {
			return holds, err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var content io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if content, err = gzip.NewReader(f); err != nil {
			return false, err
		}
	}
	return mention.Contains(content, texts)
}

func zipHolds(path string, texts []string) (holds bool, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			return false, err
		}
		holds, err := mention.Contains(r, texts)
		if err = errors.Join(err, r.Close()); holds || err != nil {
			return holds, err
		}
	}
	return false, nil
}
