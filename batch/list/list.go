// Package list reads CSV lists of IDs, hostile ones too: rows to ask about, and rejects with their reasons.
package list

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gocarina/gocsv"

	"liverecon/batch/table"
)

// The canonical names of the columns a list may have. They are the keys of
// [ListOptions.Columns], the kinds of an ID in [ListRow.Kind], and what gocsv
// sees as the header whatever the file called its columns.
const (
	listLivenessID  = "livenessId"
	listSignatureID = "signatureId"
	listRegion      = "region"
)

// Options describes how a list's columns are named and where its rows go.
type Options struct {
	// Columns holds, for each of "livenessId", "signatureId" and "region", the
	// header names accepted for it; case, blanks, hyphens, slashes and brackets do
	// not matter, and two names that differ in them only go by the nearer one.
	// A field that is absent here has the names of DefaultColumns.
	Columns map[string][]string
	// DefaultRegion is the alpha-2 code of rows for which neither the region
	// column nor the file's name gives one; "" is none.
	DefaultRegion string
	// Route names the endpoint of a region (alpha-2); ok is false where none
	// is configured. With a nil Route rows carry no endpoint.
	Route func(region string) (endpoint string, ok bool)
	// Named reports whether an endpoint has a region (alpha-2) by its code, and
	// not only as one of all; nil means none.
	Named func(region string) bool
	// Placed is, by the path of a list, the region (alpha-2) that its place gives.
	Placed map[string]string
	// Unplaced is, by the path of a list, why its place gives no region though
	// it should: such a list is refused.
	Unplaced map[string]string
	// IDPattern matches the whole of an ID of another form than the vendor's two;
	// nil matches none. Without it three rows of a list make a form one of IDs.
	IDPattern *regexp.Regexp
	// CaseMatters makes IDs that differ in nothing but case two: nothing is
	// read differently, but what is known of them is.
	CaseMatters bool
	// KindsShare makes a livenessId and a signatureId that are the same text two
	// IDs: nothing is read differently, but what is known of them is.
	KindsShare bool
	// AnyForm takes every row as an ID's.
	AnyForm bool
	// Settled judges a last line without a line end like any other, however new
	// the file is. Else a row that may have been cut off there waits.
	Settled bool
	// Now is the time of reading; zero is that of the clock.
	Now time.Time
}

// Row describes one readable row: one check to be asked for.
type Row struct {
	Line      int    // physical line on which the row starts; the file's first line is 1
	Kind      string // "signatureId" or "livenessId": the ID that is asked
	ID        string // 1 to 128 characters of [A-Za-z0-9_-]
	OtherID   string // the livenessId of a row that gave both and is asked by signatureId
	Region    string // ISO 3166-1 alpha-2, upper case
	Endpoint  string
	Reference string // the other columns that are not empty, as one JSON object in file order; "" for none
	Guessed   bool   // nothing says Region: it is DefaultRegion, or rests on a word in the file's name
}

// Info describes a list that was read to its end.
type Info struct {
	Path, Name string
	SHA256     [32]byte // of the file as it lies on disk, compressed or not
	Size       int64    // bytes on disk
	ModTime    time.Time
	// "utf-8", "utf-8-bom", "utf-16le", "utf-16be" or "windows-1252", with "+gzip" or "+zip" when packed; "xlsx"
	Encoding  string
	Delimiter string // "comma", "semicolon", "tab" or "pipe"
	Rows      int    // rows and rejects together; blank lines are neither
	Rejected  int
	Inherits  bool     // rows of it give no region, and have that of the list
	Region    string   // where the regions of its rows come from; "" where it has none
	Notes     []string // what else somebody should know of it, and do
	Waits     int      // line of a last row without line end that waits, as the file is still being written; 0 is none
}

// listRecord represents a row as gocsv fills it.
type listRecord struct {
	LivenessID  string `csv:"livenessId"`
	SignatureID string `csv:"signatureId"`
	Region      string `csv:"region"`
}

// Read reads one list and calls row for each readable row and reject for
// each other one, in the order of the file. Memory is bounded whatever the
// file's size.
//
// The result is a *Error when the file as a whole is refused (no ID
// column, not text, a damaged archive, a file that cannot be read). A header
// without rows is a list of none. A *Error may come after rows were
// handed over, so the caller takes a list in one transaction. Rows come in the
// order of the file, but for those whose ID has a form of its own: they come with
// the third of their form, or at the end, or are rejected there. An error of row,
// reject or ctx ends the reading and is returned wrapped.
//
// What counts as a row: every line that holds more than delimiters and blanks.
// A quoted cell may span lines. A row whose quoting is damaged is rejected
// alone and reading goes on at the next line, also when a quote is never
// closed, so that it cannot swallow the rows below it.
func Read(ctx context.Context, path string, o Options, row func(Row) error, reject func(Reject) error) (Info, error) {
	aliases, err := newListAliases(o.Columns)
	if err != nil {
		return Info{}, err
	}
	if why := o.Unplaced[path]; why != "" {
		return Info{}, &Error{File: path, Problem: why,
			Hint: "nothing of the list was taken; give it a country there, or a pattern without {region}"}
	}
	text, err := openListText(path, aliases)
	if err != nil {
		return Info{}, err
	}
	defer text.Close()

	r := newListReader(path, text)
	r.options, r.row, r.reject = o, row, reject
	r.fileRegion = o.FileRegion(path, text.name)
	if err := r.read(ctx, aliases); err != nil {
		return r.info, err
	}
	r.info.Encoding = text.encodingName()
	r.info.Inherits = r.seen.inherit()
	r.info.Region = r.seen.words(r.fileRegion)
	r.info.Notes = slices.Concat(r.seen.notes(r.fileRegion, r.info.Waits), likelyNotes(r), text.words())
	if r.above != "" {
		r.info.Notes = append(r.info.Notes, r.above)
	}
	r.info.Notes = append(r.info.Notes, r.noRows.words()...)
	if r.info.SHA256, r.info.Size, err = text.sum(); err != nil {
		err = r.wrap(err)
	}
	return r.info, err
}

// listReader represents the state of reading one list.
type listReader struct {
	path       string
	text       *listText
	options    Options
	row        func(Row) error
	reject     func(Reject) error
	info       Info
	columns    listColumns
	aliases    listAliases
	frames     *table.Framer
	delimiter  byte
	fileRegion FileRegion
	seen       regionSourcesSeen
	groups     regionGroups
	vendors    bool                       // the row's ID is known to have one of the vendor's forms
	regions    map[string]listDestination // by the region cell's text
	json       []byte                     // reused by reference
	forms      listForms
	search     headerSearch
	above      string   // what stands above the header, "" for nothing
	header     []string // names of another header, that a line is; nil: none
	before     int      // lines before those that encoding/csv counts
	broken     shortRow
	noRows     noRows
}

func newListReader(path string, text *listText) *listReader {
	r := &listReader{
		path: path, text: text,
		info:    Info{Path: path, Name: filepath.Base(path), ModTime: text.modTime},
		regions: make(map[string]listDestination),
	}
	r.frames = table.NewFramer(text.body, r.rejectFrame)
	return r
}

// read returns the pipeline: framed text -> csv -> gocsv -> checked row. It begins anew below another header.
func (r *listReader) read(ctx context.Context, aliases listAliases) error {
	if err := r.readHeader(aliases); err != nil {
		return r.wrap(err)
	}
	for {
		err := r.readRows(ctx)
		if err == nil {
			break
		}
		if r.header == nil {
			return err
		}
		if err := r.changeHeader(); err != nil {
			return r.wrap(err)
		}
	}
	if err := r.acceptShort(); err != nil {
		return fmt.Errorf("list %s: line %d: %w", r.path, r.broken.row.Line, err)
	}
	if err := r.search.check(&r.forms); err != nil {
		return err
	}
	return r.takeRest()
}

// readRows reads the rows below a header. It ends with an error at another one, which is r.header then.
func (r *listReader) readRows(ctx context.Context) error {
	records := csv.NewReader(r.frames)
	records.Comma = rune(r.delimiter)
	records.ReuseRecord = true
	um, err := gocsv.NewUnmarshaller(records, &listRecord{})
	if err != nil {
		return r.wrap(err)
	}
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return r.wrap(ctx.Err())
		}
		rec, others, err := r.next(um)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.wrap(err)
		}
		line, _ := records.FieldPos(0)
		line += r.before
		if err := r.take(line, rec, others); err != nil {
			return fmt.Errorf("list %s: line %d: %w", r.path, line, err)
		}
	}
}

// takeRest takes or rejects the rows that waited for the list's end.
func (r *listReader) takeRest() error {
	ids, others := r.forms.rest()
	for _, row := range ids {
		if err := r.row(row); err != nil {
			return fmt.Errorf("list %s: line %d: %w", r.path, row.Line, err)
		}
	}
	for _, row := range others {
		if err := r.rejectForm(row); err != nil {
			return fmt.Errorf("list %s: line %d: %w", r.path, row.Line, err)
		}
	}
	return nil
}

// next returns one record and, if the list has any, its other columns by
// canonical name. The plain Read is used where it can be: ReadUnmatched makes
// a map per row.
func (r *listReader) next(um *gocsv.Unmarshaller) (*listRecord, map[string]string, error) {
	var v any
	var others map[string]string
	var err error
	if r.columns.referenced {
		v, others, err = um.ReadUnmatched()
	} else {
		v, err = um.Read()
	}
	if err != nil {
		return nil, nil, err
	}
	return v.(*listRecord), others, nil
}

// take checks a record and hands it to row or reject.
func (r *listReader) take(line int, rec *listRecord, others map[string]string) error {
	if !vendorForm(rec.SignatureID) && !vendorForm(rec.LivenessID) {
		if none, err := r.noRow(line, rec, others); none || err != nil {
			return err
		}
	}
	if r.broken.cells > 0 {
		_, cells := r.frames.Cut()
		below := rowBelow{line: line, cells: cells, next: r.frames.Line(), id: rec.SignatureID, other: rec.LivenessID}
		if rest, err := r.takeRestOf(below); rest || err != nil {
			return err
		}
	}
	open, cells := r.frames.Cut()
	short := cells < len(r.columns.names)
	shortRegion := open && r.columns.found[listRegion] != "" && r.shorterRegion(rec.Region)
	row, bad := r.check(rec, others)
	row.Line = line
	if open && r.mayBeCut(row, bad, short || shortRegion || rec.Region == "" && r.columns.found[listRegion] != "") {
		r.info.Waits = line
		return nil
	}
	r.info.Rows++
	if shortRegion && bad == nil {
		bad = &Reject{Column: r.columns.found[listRegion], Reason: "cut_off",
			Detail: "the list ends within this line: its region is none of the other rows', and shorter or not there"}
	}
	switch {
	case bad != nil:
		bad.Line = line
		return r.refuse(*bad)
	case short && cells <= r.columns.region():
		r.broken = shortRow{row: row, cells: cells, vendors: r.vendors, next: r.frames.Line()}
		return nil
	}
	return r.accept(row, r.vendors)
}

// accept hands a row to row, or holds it until its form is known.
func (r *listReader) accept(row Row, vendors bool) error {
	if vendors || vendorForm(row.ID) || r.isID(row.ID) {
		r.forms.ids = true
		return r.row(row)
	}
	rows, held := r.forms.admit(row)
	for _, row := range rows {
		if err := r.row(row); err != nil {
			return err
		}
	}
	if !held && len(rows) == 0 {
		return r.rejectForm(row)
	}
	return nil
}

// isID reports whether the settings say that a text is an ID.
func (r *listReader) isID(id string) bool {
	return r.options.AnyForm || r.options.IDPattern != nil && r.options.IDPattern.MatchString(id)
}

// mayBeCut judges the last row of a list that does not end with its line: in a
// file of the last hour it may be one that somebody still writes.
func (r *listReader) mayBeCut(row Row, bad *Reject, short bool) bool {
	now := r.options.Now
	if now.IsZero() {
		now = time.Now()
	}
	if r.options.Settled || now.Sub(r.info.ModTime) >= time.Hour {
		return false
	}
	other := row.OtherID != "" && len(row.OtherID) < longestVendorForm && !vendorForm(row.OtherID)
	return bad != nil || short || other ||
		len(row.ID) < longestVendorForm && !vendorForm(row.ID) && !r.forms.known(row.ID)
}

// shorterRegion reports whether no row has this region, and one has a longer one:
// it may be the beginning of such a one, as MA is of Malaysia. Nothing may be the
// beginning of any.
func (r *listReader) shorterRegion(cell string) bool {
	if _, met := r.regions[cell]; met {
		return false
	}
	for other := range r.regions {
		if len(other) > len(cell) {
			return true
		}
	}
	return cell == "" && r.info.Rows == 0 // cut right behind the ID of the only row
}

func (r *listReader) rejectForm(row Row) error {
	return r.refuse(Reject{Line: row.Line, Column: r.columns.found[row.Kind], Reason: notAnID, Detail: r.forms.why(row.ID),
		Value: cutListValue(row.ID, true)})
}

func (r *listReader) refuse(bad Reject) error {
	bad.File = r.path
	r.info.Rejected++
	return r.reject(bad)
}

// rejectFrame rejects a line that is no record; see [table.Framer].
func (r *listReader) rejectFrame(line int, reason, detail string, text []byte) error {
	if none, err := r.noRecord(line, reason, text); none || err != nil {
		return err
	}
	if last := r.broken.cells - 1; reason == table.Malformed && last >= 0 && !slices.Contains(r.columns.shape().IDs, last) {
		if rest, err := r.takeRestOf(r.brokenBelow(line, text)); rest || err != nil {
			return err
		}
	}
	if err := r.acceptShort(); err != nil {
		return err
	}
	r.info.Rows++
	return r.refuse(Reject{Line: line, Reason: reason, Detail: detail, Value: cutListValue(r.text.decode(string(text)),
		true)})
}

// wrap gives an error the list and the line it happened on. Damage of a
// compressed file and a file that cannot be read refuse the list; everything
// else is passed on.
func (r *listReader) wrap(err error) error {
	var refused *Error
	if errors.As(err, &refused) {
		return err
	}
	rejected, source := r.frames.Ended()
	if rejected != nil {
		err = rejected
	} else if unread := unreadable(r.path, err); unread != nil {
		unread.Line = r.frames.Line()
		return unread
	} else if errors.Is(err, source) {
		if problem := r.text.damage(err); problem != "" {
			return &Error{File: r.path, Line: r.frames.Line(), Problem: problem,
				Hint: "nothing of the list was taken; copy the file again"}
		}
	}
	return fmt.Errorf("list %s: line %d: %w", r.path, r.frames.Line(), err)
}

// shortRow represents a row that ends before the column of its region: it may go on in the next line.
type shortRow struct {
	row     Row
	cells   int  // 0: there is none
	vendors bool // its ID has one of the vendor's forms
	next    int  // the line below it
	refused bool // the next line was its rest
}

// acceptShort accepts a short row that does not go on.
func (r *listReader) acceptShort() error {
	short := r.broken
	r.broken = shortRow{}
	if short.cells == 0 || short.refused {
		return nil
	}
	if short.vendors || strings.ContainsAny(short.row.ID, "0123456789") { // others are hardly IDs
		r.seen.short++
	}
	return r.accept(short.row, short.vendors)
}

// rowBelow represents what stands below a short row.
type rowBelow struct {
	line, cells int
	next        int // the line below it
	id, other   string
	quotes      bool // they are damaged, as no total's are
}

// brokenBelow returns a line with damaged quotes as what stands below a short row.
func (r *listReader) brokenBelow(line int, text []byte) rowBelow {
	cells := r.frames.Cells(table.Frame{Text: text})
	below := rowBelow{line: line, cells: len(cells), next: line + 1, quotes: true}
	for i, field := range r.columns.canonical[:min(len(cells), len(r.columns.canonical))] {
		switch cell := strings.Trim(cells[i], `"`); field {
		case listSignatureID:
			below.id = cell
		case listLivenessID:
			below.other = cell
		}
	}
	return below
}

// takeRestOf rejects a short row, and what stands below it, where this is what the row lacks: it stands on the next line,
// has no ID, and no more cells than are missing. Anything else lets the row stand.
func (r *listReader) takeRestOf(below rowBelow) (rest bool, err error) {
	short := r.broken
	if short.next != below.line || short.cells+below.cells-1 > len(r.columns.names) || r.beginsRow(below, short) {
		return false, r.acceptShort()
	}
	const how = ": put a cell with line ends in quotes"
	if !short.refused {
		err = r.refuse(Reject{Line: short.row.Line, Column: r.columns.found[listRegion], Reason: table.Malformed,
			Detail: fmt.Sprintf("it ends before this column, and line %d seems to be the rest of it%s", below.line, how)})
	}
	r.broken.refused, r.broken.cells, r.broken.next = true, short.cells+below.cells-1, below.next
	if err != nil {
		return true, err
	}
	r.info.Rows++
	return true, r.refuse(Reject{Line: below.line, Reason: table.Malformed,
		Detail: fmt.Sprintf("it seems to be the rest of the row on line %d%s", short.row.Line, how)})
}

// beginsRow reports whether what stands below a short row is a row, or a line such as a total.
func (r *listReader) beginsRow(below rowBelow, short shortRow) bool {
	id, _ := unwrapListID(r.text.decode(below.id))
	if id == "" {
		id, _ = unwrapListID(r.text.decode(below.other))
	}
	word, _ := structureWord(id)
	like := table.IsID(id) && strings.ContainsAny(id, "0123456789") && (!short.vendors || r.forms.known(id))
	return like || vendorForm(id) || word != "" && !below.quotes || id != "" && r.isID(id)
}
