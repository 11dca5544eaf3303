package table

import (
	"bytes"
	"regexp"
)

// ForeignError represents a file of another kind, by what it begins with.
type ForeignError struct {
	Kind string // what it is
	Todo string // what to do about it
}

// Error returns both.
func (e *ForeignError) Error() string { return e.Kind + ": " + e.Todo }

// foreignFiles lists the files that are most often taken for a table, by their first bytes.
var foreignFiles = []struct {
	magic string
	ForeignError
}{
	{"%PDF", ForeignError{"a PDF", "ask for the table as CSV or XLSX"}},
	{"\xd0\xcf\x11\xe0", ForeignError{"an old Excel workbook, or one with a password",
		"save it as XLSX without one, or as CSV"}},
	{"\x1f\x8b", ForeignError{"compressed twice", "unpack it once"}},
	{"PK\x03\x04", ForeignError{"an archive or a workbook within another", "unpack it"}},
	{"Rar!\x1a\x07", ForeignError{"a RAR archive", "unpack it, or pack it as .gz or .zip"}},
	{"7z\xbc\xaf\x27\x1c", ForeignError{"a 7z archive", "unpack it, or pack it as .gz or .zip"}},
	{"\xfd7zXZ\x00", ForeignError{"compressed with xz", "unpack it, or pack it as .gz or .zip"}},
	{"\x28\xb5\x2f\xfd", ForeignError{"compressed with zstd", "unpack it, or pack it as .gz or .zip"}},
	{"BZh", ForeignError{"compressed with bzip2", "unpack it, or pack it as .gz or .zip"}},
	{"PAR1", ForeignError{"a Parquet file", "export the table as CSV or XLSX"}},
	{"SQLite format 3\x00", ForeignError{"an SQLite database", "export the table as CSV or XLSX"}},
	{"{\\rtf", ForeignError{"a text document (RTF)", "save the table as CSV or XLSX"}},
	{"\x89PNG", ForeignError{"a picture", "export the table as CSV or XLSX"}},
	{"\xff\xd8\xff", ForeignError{"a picture", "export the table as CSV or XLSX"}},
}

// foreignFile returns nil for what may be a text.
func foreignFile(head []byte) error {
	for _, f := range foreignFiles {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			if f.magic == "BZh" && (len(head) < 10 || string(head[4:10]) != "1AY&SY") {
				continue // a name of a column
			}
			return &f.ForeignError
		}
	}
	return nil
}

// foreignTexts lists texts that are no tables, by what they begin with behind blanks.
var foreignTexts = []struct {
	begin *regexp.Regexp
	ForeignError
}{
	{regexp.MustCompile(`(?i)^<(!doctype html|html|head|body|table|meta|style|div|script)\b`),
		ForeignError{"a web page, not CSV", "open it in a spreadsheet and save it as XLSX or CSV"}},
	{regexp.MustCompile(`(?i)^<(\?xml\b|!--|!doctype\b|[a-z][a-z0-9_.-]*(:[a-z0-9_.-]+)?(\s+[a-z][^<>]*=[^<>]*)?\s*>\s*<)`),
		ForeignError{"XML, not CSV", "open it in a spreadsheet and save it as XLSX or CSV"}},
	{regexp.MustCompile(`^(\{\s*("|\})|\[\s*(\{|\[|"|\]))`),
		ForeignError{"JSON, not CSV", "export the table as CSV or XLSX"}},
	{regexp.MustCompile(`(?i)^MIME-Version:`),
		ForeignError{"a web page in one file, not CSV", "open it in a spreadsheet and save it as XLSX or CSV"}},
}

// foreignText returns nil for what may be a table.
func foreignText(head []byte) error {
	start := bytes.TrimLeft(head, " \t\r\n\u00a0")
	for _, f := range foreignTexts {
		if f.begin.Match(start) {
			return &f.ForeignError
		}
	}
	return nil
}
