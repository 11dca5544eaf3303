package parquet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Schema counts the versions of tables and columns. A later one only adds to an earlier one, or is told by its number.
//
//	2: table corrections; service_month and withdrawn of statement_lines; rows in the month that bears them
const Schema = 2

// ManifestName names the manifest at an export's root.
const ManifestName = "_manifest.json"

// The states of a month in a manifest.
const (
	MonthOpen   = "open"   // its files are replaced by the next export
	MonthClosed = "closed" // its files stay as they are
)

// Manifest lists what an export holds. A file that it does not name is no part of it.
type Manifest struct {
	Schema   int              `json:"schema_version"`
	Database string           `json:"database"` // its identity
	Months   map[string]Month `json:"months"`   // by 2026-11
}

// Month describes the files of a month, as they were written at one moment of the database.
type Month struct {
	State      string    `json:"state"`          // MonthOpen or MonthClosed
	Schema     int       `json:"schema_version"` // of its files
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	ExportedAt time.Time `json:"exported_at"`
	Version    string    `json:"version"`                  // of the program
	Digest     string    `json:"closure_sha256,omitempty"` // of the closing, in hexadecimal
	Basis      string    `json:"basis_sha256,omitempty"`   // of what an open month rests on: the same, the same rows
	WithIDs    bool      `json:"with_ids,omitempty"`
	Columns    []string  `json:"columns,omitempty"` // of lists, that went with the checks
	Files      []File    `json:"files"`
}

// File describes one file.
type File struct {
	Path   string                       `json:"path"` // from the root, with slashes
	Table  string                       `json:"table"`
	Region string                       `json:"region,omitempty"`
	Rows   int64                        `json:"rows"`
	Bytes  int64                        `json:"bytes"`
	SHA256 string                       `json:"sha256"`         // in hexadecimal
	Sums   map[string]map[string]string `json:"sums,omitempty"` // by column and currency; "" of what is no money
}

// ParseManifest reads a manifest; of a schema that is newer than this program's it is an error with both versions.
func ParseManifest(text []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	if m.Schema > Schema {
		return nil, fmt.Errorf("%s has schema version %d, and this program knows up to %d: update it", ManifestName,
			m.Schema, Schema)
	}
	for name, month := range m.Months {
		for _, f := range month.Files {
			if f.Path != f.path(name) {
				return nil, fmt.Errorf("%s names %.80q, which is not where a file of %s is", ManifestName, f.Path, name)
			}
		}
	}
	return &m, nil
}

// Paths returns the paths of all files.
func (m *Manifest) Paths() map[string]bool {
	paths := map[string]bool{}
	for _, month := range m.Months {
		for _, f := range month.Files {
			paths[f.Path] = true
		}
	}
	return paths
}

// Text returns the manifest as it is written.
func (m *Manifest) Text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// Rows returns how many rows a month has by table.
func (m Month) Rows() map[string]int64 {
	rows := map[string]int64{}
	for _, f := range m.Files {
		rows[f.Table] += f.Rows
	}
	return rows
}

// folder returns the directory that a file of a month is in.
func (f File) folder(month string) string {
	parts := []string{f.Table, hive("month", month)}
	if regional(f.Table) {
		parts = append(parts, hive("region", f.Region))
	}
	return strings.Join(parts, "/")
}

// path returns where a file of a month is.
func (f File) path(month string) string {
	return fmt.Sprintf("%s/part-%.16s.parquet", f.folder(month), f.SHA256)
}

func regional(name string) bool {
	return slices.ContainsFunc(tables(Options{}), func(t table) bool { return t.name == name && t.byRegion != "" })
}
