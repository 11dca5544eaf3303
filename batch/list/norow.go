package list

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"liverecon/batch/table"
)

// Below a list's header stand lines that are no rows, and that nobody has to look at: rulers, a count of the rows, the
// end-of-file mark of old systems. They are no rejects, but named in a note. So is another header, which is the one of
// the rows below it.

// noRows counts such lines.
type noRows struct {
	lines int
	first []string // the first of them, as they are shown
}

func (n *noRows) add(line int, shown string) {
	const most = 3
	if n.lines++; n.lines <= most {
		n.first = append(n.first, fmt.Sprintf("%s on line %d", shown, line))
	}
}

// words returns a note about them; none for none.
func (n *noRows) words() []string {
	if n.lines == 0 {
		return nil
	}
	shown := n.first
	if more := n.lines - len(shown); more > 0 {
		shown = append(slices.Clip(shown), fmt.Sprintf("and %d more", more))
	}
	return []string{"no rows, and not counted as such: " + strings.Join(shown, ", ")}
}

// errHeader ends the reading of rows at another header.
var errHeader = errors.New("another header")

// noRow notes a record that is no row. It returns errHeader for another header.
func (r *listReader) noRow(line int, rec *listRecord, others map[string]string) (none bool, err error) {
	id := rec.SignatureID + rec.LivenessID
	digits := strings.ContainsAny(id, "0123456789") && table.IsID(strings.Trim(id, ` ='"`))
	if region, met := r.regions[rec.Region]; digits && (met && region.reason == "" || r.columns.found[listRegion] == "") {
		return false, nil
	}
	cells := make([]string, len(r.columns.canonical))
	for i, field := range r.columns.canonical {
		switch field {
		case listSignatureID:
			cells[i] = rec.SignatureID
		case listLivenessID:
			cells[i] = rec.LivenessID
		case listRegion:
			cells[i] = rec.Region
		default:
			cells[i] = others[field]
		}
	}
	return r.noCells(line, cells, digits || r.isID(id) || r.forms.known(id))
}

// noRecord does as noRow with a line that is no record.
func (r *listReader) noRecord(line int, reason string, text []byte) (none bool, err error) {
	if reason != table.TooManyFields {
		return false, nil
	}
	return r.noCells(line, r.frames.Cells(table.Frame{Text: text}), false)
}

// noCells notes cells that are no row's. hasID tells that an ID, or what may be one, stands where IDs stand.
func (r *listReader) noCells(line int, cells []string, hasID bool) (none bool, err error) {
	names := r.namesOf(cells)
	shown := ""
	switch {
	case r.isHeader(names, hasID):
		for len(names) > len(r.columns.names) && names[len(names)-1] == "" {
			names = names[:len(names)-1]
		}
		if !r.sameHeader(names) {
			r.header = names
			return true, errHeader
		}
		return true, r.refuseHeader(line)
	case hasID:
	default:
		shown = noData(names)
	}
	if shown == "" {
		return false, nil
	}
	r.noRows.add(line, shown)
	return true, r.settle()
}

// isHeader reports whether a row's cells are names of columns, one of IDs among them. Where an ID stands in its place,
// it is one only if it names a region's, too: a note may well say livenessId.
func (r *listReader) isHeader(names []string, hasID bool) bool {
	ids, others := 0, 0
	for _, name := range names {
		if len(name) > longestName || !r.aliases.mayHave(name) {
			continue
		}
		switch r.aliases.folded[table.FoldHeader(name)] {
		case listSignatureID, listLivenessID:
			ids++
		case listRegion:
			others++
		}
	}
	return ids > 0 && (!hasID || others > 0) && len(idColumns(names, r.aliases)) > 0
}

const longestName = 80 // bytes of a column's name that is known

func (r *listReader) sameHeader(names []string) bool {
	for i := range max(len(names), len(r.columns.names)) {
		if i >= len(names) || i >= len(r.columns.names) || table.FoldHeader(names[i]) != table.FoldHeader(r.columns.names[i]) {
			return false
		}
	}
	return true
}

// refuseHeader rejects the header where it stands again.
func (r *listReader) refuseHeader(line int) error {
	if err := r.settle(); err != nil {
		return err
	}
	r.info.Rows++
	name := cmp.Or(r.columns.found[listSignatureID], r.columns.found[listLivenessID])
	return r.refuse(Reject{Line: line, Column: name, Reason: "repeated_header",
		Detail: "the header again, as in files that were joined", Value: cutListValue(name, false)})
}

// changeHeader makes r.header the header of the rows below.
func (r *listReader) changeHeader() error {
	line := r.frames.Line()
	if rejected, _ := r.frames.Ended(); rejected != nil { // it stays to be passed over
		frame, err := r.frames.FirstLine()
		if err == nil {
			err = r.frames.Skip(frame)
		}
		if err != nil {
			return err
		}
	} else {
		line--
	}
	columns := newListColumns(r.header, r.aliases)
	r.header = nil
	if err := columns.check(r.path, line, r.aliases); err != nil {
		return err
	}
	if r.text.sheet != nil && !slices.Equal(columns.shape().IDs, r.columns.shape().IDs) {
		return &Error{File: r.path, Line: line, Problem: "another header, with IDs in another column",
			Hint: "nothing of the list was taken; give each table a workbook of its own"}
	}
	r.use(columns)
	r.frames.Anew(columns.canonical, columns.shape())
	r.before = r.frames.Line() - 2
	r.noRows.add(line, "another header, by which the rows below it are read,")
	return r.settle()
}

var (
	// as SQL*Plus, psql and SAP write them
	ruler     = regexp.MustCompile(`^[-+=_*~|. ]*(?:-{3}|={3}|_{3}|\*{3}|~{3}|-\+-)[-+=_*~|. ]*$`)
	rowsCount = regexp.MustCompile(`(?i)^\(?[0-9][0-9,.]* (?:rows?|records?|filas?|registros?|baris)(?: (?:affected|selected|returned))?\.?\)?$`)
)

// noData shows cells that hold no data; "" for others.
func noData(cells []string) string {
	filled := slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { return cell == "" })
	all := func(one func(string) bool) bool {
		return !slices.ContainsFunc(filled, func(cell string) bool { return !one(cell) })
	}
	switch {
	case len(filled) == 0:
		return "nothing that can be seen"
	case all(ruler.MatchString), len(filled) == 1 && rowsCount.MatchString(filled[0]):
		return strconv.Quote(cutListValue(filled[0], false))
	}
	return ""
}

// shortRow represents a row that ends before the column of its region: it may go on in the next line.
type shortRow struct {
	row     Row
	cells   int  // 0: there is none
	vendors bool // its ID has one of the vendor's forms
	next    int  // the line below it
	refused bool // the next line was its rest
}

// settle accepts a short row that does not go on.
func (r *listReader) settle() error {
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

// takeRestOf rejects a short row, and this record, where this is what the row lacks: it stands on the next line, has no ID,
// and no more cells than are missing. Any other record settles the row.
func (r *listReader) takeRestOf(line int, rec *listRecord) (rest bool, err error) {
	_, cells := r.frames.Cut()
	short := r.broken
	if short.next != line || short.cells+cells-1 > len(r.columns.names) || r.beginsRow(rec, short) {
		return false, r.settle()
	}
	const how = ": put a cell with line ends in quotes"
	if !short.refused {
		err = r.refuse(Reject{Line: short.row.Line, Column: r.columns.found[listRegion], Reason: table.Malformed,
			Detail: fmt.Sprintf("it ends before this column, and line %d seems to be the rest of it%s", line, how)})
	}
	r.broken.refused, r.broken.cells, r.broken.next = true, short.cells+cells-1, r.frames.Line()
	if err != nil {
		return true, err
	}
	r.info.Rows++
	return true, r.refuse(Reject{Line: line, Reason: table.Malformed,
		Detail: fmt.Sprintf("it seems to be the rest of the row on line %d%s", short.row.Line, how)})
}

// beginsRow reports whether a record below a short row is a row, or a line such as a total.
func (r *listReader) beginsRow(rec *listRecord, short shortRow) bool {
	id, _ := unwrapListID(r.text.decode(rec.SignatureID))
	if id == "" {
		id, _ = unwrapListID(r.text.decode(rec.LivenessID))
	}
	word, _ := structureWord(id)
	return vendorForm(id) || word != "" || r.isID(id) && id != "" || table.IsID(id) && strings.ContainsAny(id, "0123456789") &&
		(!short.vendors || r.forms.known(id))
}
