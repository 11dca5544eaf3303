package verify

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"liverecon/report/xlsx"
)

// Edited reports whether another program has saved the workbook at path since this one wrote it: spreadsheet programs
// put their own name into the file's properties. A file that is not there was not edited; one that is no workbook was.
func Edited(path string) (edited bool, err error) {
	z, err := zip.OpenReader(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.Is(err, zip.ErrFormat):
		return true, nil
	case err != nil:
		return false, err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	part, err := z.Open("docProps/app.xml")
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	const most = 1 << 20 // of a part that holds some names
	text, err := io.ReadAll(io.LimitReader(part, most))
	return !bytes.Contains(text, []byte("<Application>"+xlsx.GeneratorName)), err
}
