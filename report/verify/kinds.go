package verify

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// cellKind names where a cell of a workbook that this program wrote has its value from.
type cellKind uint8

const (
	written    cellKind = iota // by the program
	calculated                 // by a formula
	toFillIn                   // from people
)

// kindReader reads the kinds of a sheet's cells row by row, however long the sheet is.
type kindReader struct {
	archive *zip.ReadCloser
	part    io.ReadCloser
	text    *bufio.Reader
	open    map[string]bool // numbers of the styles that may be typed into

	row   int // that was begun, and is not yet complete
	cells []cellKind
	last  int // column of the newest cell, from 0
	ended bool
}

// readKinds opens the sheet of a number, from 0, of the workbook at path, which Write wrote and f is.
func readKinds(path string, sheet int, f *excelize.File) (*kindReader, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	part, err := archive.Open(xlsx.SheetPart(sheet))
	if err != nil {
		return nil, errors.Join(err, archive.Close())
	}
	k := &kindReader{archive: archive, part: part, text: bufio.NewReader(part), open: map[string]bool{}}
	for i, x := range f.Styles.CellXfs.Xf {
		if p := x.Protection; p != nil && p.Locked != nil && !*p.Locked {
			k.open[strconv.Itoa(i)] = true
		}
	}
	return k, nil
}

func (k *kindReader) close() error { return errors.Join(k.part.Close(), k.archive.Close()) }

// next gives the kinds of a row's cells, the first column's first; rows are asked for in order. What it gives holds
// until it is called again.
func (k *kindReader) next(row int) ([]cellKind, error) {
	for !k.ended && k.row < row {
		if err := k.read(); err != nil {
			return nil, err
		}
	}
	if k.row != row {
		return nil, nil
	}
	for !k.ended && k.row == row {
		done := k.cells
		if err := k.read(); err != nil || k.row != row {
			return done, err
		}
	}
	return k.cells, nil
}

// read takes the next tag.
func (k *kindReader) read() error {
	tag, err := k.tag()
	if errors.Is(err, io.EOF) {
		k.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	name, rest, _ := strings.Cut(strings.TrimSuffix(tag, "/"), " ")
	switch name {
	case "row":
		k.cells, k.last = nil, 0
		if k.row, err = strconv.Atoi(attribute(rest, "r")); err != nil {
			return fmt.Errorf("row: %w", err)
		}
	case "c":
		column, _, err := excelize.CellNameToCoordinates(attribute(rest, "r"))
		if err != nil {
			return err
		}
		k.last = column - 1
		for len(k.cells) < column {
			k.cells = append(k.cells, written)
		}
		if k.open[attribute(rest, "s")] {
			k.cells[k.last] = toFillIn
		}
	case "f":
		if k.last < len(k.cells) && k.cells[k.last] == written {
			k.cells[k.last] = calculated
		}
	}
	return nil
}

// tag returns the next tag without its brackets. In what Write writes, no tag of a row or cell has a bracket within.
func (k *kindReader) tag() (string, error) {
	for {
		_, err := k.text.ReadSlice('<')
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	tag, err := k.text.ReadBytes('>')
	return string(bytes.TrimSuffix(tag, []byte(">"))), err
}

// attribute returns the value of an attribute among several, "" without it.
func attribute(all, name string) string {
	_, rest, found := strings.Cut(" "+all, " "+name+`="`)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
