// Package load reads exports and proves them first: every file by its SHA-256, and what is read by its rows and sums.
package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/store/parquet"
)

// ErrUnproven wraps what is wrong with an export: a file that is missing, changed or of no manifest.
var ErrUnproven = errors.New("the export is not what its manifest says")

// Lake represents an export whose files are those of its manifest.
type Lake struct {
	Root     string
	Manifest *parquet.Manifest
}

// Open reads a manifest and compares every file below a directory with it. Nothing is left out and nothing added: a
// file that is missing, changed or named nowhere is an ErrUnproven with its name.
func Open(ctx context.Context, root string) (*Lake, error) {
	text, err := os.ReadFile(filepath.Join(root, parquet.ManifestName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	l := &Lake{Root: root}
	if l.Manifest, err = parquet.ParseManifest(text); err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	for _, month := range l.Manifest.Months {
		for _, f := range month.Files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := l.prove(f); err != nil {
				return nil, err
			}
		}
	}
	return l, l.proveNoOther()
}

func (l *Lake) at(name string) string { return filepath.Join(l.Root, filepath.FromSlash(name)) }

func (l *Lake) unproven(name, what string) error {
	return fmt.Errorf("%w: %s %s", ErrUnproven, l.at(name), what)
}

func (l *Lake) prove(f parquet.File) error {
	file, err := os.Open(l.at(f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return l.unproven(f.Path, parquet.Missing)
	}
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return l.unproven(f.Path, parquet.Changed)
	}
	return nil
}

// proveNoOther looks for files that readers would take for a part of the export.
func (l *Lake) proveNoOther() error {
	named := l.Manifest.Paths()
	return filepath.WalkDir(l.Root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".parquet") {
			return err
		}
		short, err := filepath.Rel(l.Root, name)
		if err == nil && !named[filepath.ToSlash(short)] {
			err = l.unproven(filepath.ToSlash(short), "is in no manifest")
		}
		return err
	})
}

// Each gives the rows of a table of a month, region by region. It is an ErrUnproven where their number or a sum is
// another than the manifest has. A row is valid during the call only.
func (l *Lake) Each(month, table string, each func(*Row) error) error {
	for _, f := range l.Manifest.Months[month].Files {
		if f.Table != table {
			continue
		}
		if err := l.file(f, each); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) file(f parquet.File, each func(*Row) error) error {
	rows, sums := int64(0), map[string]map[string]decimal.Decimal{}
	for column := range f.Sums {
		sums[column] = map[string]decimal.Decimal{}
	}
	err := readRows(l.at(f.Path), func(r *Row) error {
		r.Region = f.Region
		rows++
		for column, by := range sums {
			var (
				currency string
				amount   decimal.Decimal
			)
			switch {
			case r.Null(column):
				continue
			case r.money(column):
				currency, amount = r.Text("currency"), r.Money(column)
			default:
				amount = decimal.NewFromInt(r.Int(column))
			}
			by[currency] = by[currency].Add(amount)
		}
		return each(r)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", l.at(f.Path), err)
	}
	if rows != f.Rows {
		return l.unproven(f.Path, "has "+strconv.FormatInt(rows, 10)+" rows and not "+strconv.FormatInt(f.Rows, 10))
	}
	for column, by := range sums {
		for currency, sum := range by {
			if f.Sums[column][currency] != sum.String() {
				return l.unproven(f.Path, fmt.Sprintf("adds up to %s of %s %s and not %s", sum, column, currency,
					f.Sums[column][currency]))
			}
		}
	}
	return nil
}

// Months returns the names of the months that it has, in order.
func (l *Lake) Months() (names []string) {
	for name := range l.Manifest.Months {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
