package list

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"liverecon/batch/table"
)

// DefaultColumns returns the header names that are accepted for each
// column when the configuration names none.
func DefaultColumns() map[string][]string {
	return map[string][]string{
		listLivenessID:  {"livenessId", "liveness_id", "liveness id"},
		listSignatureID: {"signatureId", "signature_id", "signature id"},
		listRegion:      {"region", "country", "country_code", "countryCode", "market"},
	}
}

// listColumns represents a header, understood.
type listColumns struct {
	names      []string // as the file has them, trimmed
	canonical  []string // the three field names, and "#i" for any other column
	found      map[string]string
	others     []listOther
	referenced bool // there are columns besides the three
	damaged    string
}

// listOther represents a column that goes into a row's reference: every one that is
// not an ID or the region, and livenessId for rows where it cannot be OtherID.
type listOther struct {
	canonical string
	key       string // `"name":`, ready for a JSON object
}

// listDelimiters lists what separates cells, as tried in this order; among equals the first wins.
var listDelimiters = []struct {
	char byte
	name string
}{{',', "comma"}, {';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}}

// moreRegionColumns names columns that are accepted beside the default names of the region's column.
// They stand apart since the names in use are part of what tells a list from one
// that was read already.
var moreRegionColumns = []string{"country/region", "region/country", "country (ISO)", "country code (ISO)", "ISO country code", "country ISO code",
	"market code",
	"region code", "país", "código de país", "negara", "kode negara"}

// listAliases holds accepted header names and their fields. A name as it was given
// goes before others that fold to the same.
type listAliases struct {
	exact  map[string]string // by the name in lower case, without space around it
	folded map[string]string // by what FoldHeader makes of the name

	shortest int  // bytes of a name in folded
	digits   bool // one of them has some
}

// mayHave reports quickly whether a name may be known.
func (a listAliases) mayHave(name string) bool {
	return len(name) >= a.shortest && (a.digits || !strings.ContainsAny(name, "0123456789"))
}

// newListAliases turns accepted header names round.
func newListAliases(columns map[string][]string) (listAliases, error) {
	aliases, accepted, err := exactAliases(columns)
	if err != nil {
		return listAliases{}, err
	}
	folded := make(map[string]string)
	names := maps.Clone(accepted)
	if slices.Equal(names[listRegion], DefaultColumns()[listRegion]) {
		names[listRegion] = append(slices.Clone(names[listRegion]), moreRegionColumns...)
	}
	for _, field := range slices.Sorted(maps.Keys(names)) {
		for _, name := range names[field] {
			key := table.FoldHeader(name)
			if other, ok := folded[key]; ok && other != field {
				folded[key] = "" // it stands for neither
				continue
			}
			folded[key] = field
		}
	}
	all := listAliases{exact: aliases, folded: folded, shortest: longestName}
	for name := range folded {
		all.shortest, all.digits = min(all.shortest, len(name)), all.digits || strings.ContainsAny(name, "0123456789")
	}
	return all, nil
}

// fields returns the field of each header name; "" for other columns.
func (a listAliases) fields(names []string) []string {
	fields := make([]string, len(names))
	var known []string
	for i, name := range names {
		if fields[i] = a.exact[foldListName(name)]; fields[i] != "" {
			known = append(known, fields[i])
		}
	}
	for i, name := range names {
		field := a.folded[table.FoldHeader(name)]
		if name != "" && fields[i] == "" && !slices.Contains(known, field) {
			fields[i] = field
		}
	}
	return fields
}

func exactAliases(columns map[string][]string) (aliases map[string]string, accepted map[string][]string, err error) {
	accepted = DefaultColumns()
	for field, names := range columns {
		if _, ok := accepted[field]; !ok {
			return nil, nil, fmt.Errorf("list columns: no such field %q", field)
		}
		accepted[field] = names
	}
	aliases = make(map[string]string)
	for field, names := range accepted {
		for _, name := range names {
			folded := foldListName(name)
			if other, ok := aliases[folded]; ok && other != field {
				return nil, nil, fmt.Errorf("list columns: %q stands for both %s and %s", name, min(field, other),
					max(field, other))
			}
			aliases[folded] = field
		}
	}
	return aliases, accepted, nil
}

func foldListName(name string) string { return strings.ToLower(trimListCell(name)) }

// trimListCell removes what surrounds a value unseen: white space of every
// kind, control characters, zero-width characters and byte order marks.
func trimListCell(s string) string { return strings.TrimFunc(s, listUnseen) }

func listUnseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// readHeader finds the header line and the delimiter, understands the header,
// and leaves the framer such that encoding/csv sees the canonical names on the
// header's own line.
func (r *listReader) readHeader(aliases listAliases) error {
	f := r.frames
	if err := f.DetectLoneCR(); err != nil {
		return err
	}
	fixed, err := r.skipToHeader()
	if err != nil {
		return err
	}
	if r.text.sheet != nil {
		fixed = ','
	}
	r.search = headerSearch{path: r.path, frames: f, text: r.text, aliases: aliases, idPattern: r.options.IDPattern,
		delimiter: fixed}
	if r.above, err = r.search.skip(); err != nil {
		return err
	}
	columns, frame, err := r.chooseDelimiter(aliases, fixed)
	if err != nil {
		return err
	}
	if err := columns.check(r.path, f.Line(), aliases); err != nil {
		return err
	}
	r.aliases = aliases
	r.use(columns)
	f.Header(frame, r.delimiter, columns.canonical, columns.shape())
	return nil
}

// use makes columns those of the rows below.
func (r *listReader) use(columns listColumns) {
	r.columns = columns
	for i := range r.seen.codes {
		r.seen.codes[i].over = true
	}
	for i, name := range columns.names {
		if field := columns.canonical[i]; field[0] == '#' {
			r.seen.codes = append(r.seen.codes, codeColumn{canonical: field, name: name})
		}
	}
	r.seen.column = cmp.Or(r.seen.column, columns.found[listRegion])
}

// shape describes the rows below the header.
func (c listColumns) shape() table.Shape {
	shape := table.Shape{Fields: len(c.names)}
	for i, name := range c.canonical {
		isID := name == listLivenessID || name == listSignatureID
		if isID {
			shape.IDs = append(shape.IDs, i)
		}
		shape.Used = append(shape.Used, isID || name == listRegion)
	}
	return shape
}

// skipToHeader passes over blank lines and over the line "sep=;" that Excel
// writes and reads, whose delimiter it returns; 0 is none.
func (r *listReader) skipToHeader() (delimiter byte, err error) {
	f := r.frames
	for {
		line, err := f.FirstLine()
		if err != nil {
			return 0, err
		}
		if line.Lines == 0 && line.Reason == "" {
			return 0, &Error{File: r.path, Line: f.Line(), Problem: "no text in it",
				Hint: "expected a header line and one row per check"}
		}
		if line.Reason != "" {
			return 0, &Error{File: r.path, Line: f.Line(), Problem: "the first line is longer than 64 KiB",
				Hint: "is this a CSV file?"}
		}
		if bytes.IndexByte(line.Text, 0) >= 0 {
			return 0, noText(r.path, f.Line())
		}
		text := strings.Trim(trimListCell(string(line.Text)), `"`)
		if d, ok := strings.CutPrefix(strings.ToLower(text), "sep="); ok && f.Line() == 1 && delimiter == 0 {
			if delimiter, err = r.namedDelimiter(d); err != nil {
				return 0, err
			}
		} else if strings.Trim(text, ",;| \t") != "" {
			return delimiter, nil
		}
		if err := f.Skip(line); err != nil {
			return 0, err
		}
	}
}

// namedDelimiter reads what stands after "sep=". A tab has been trimmed away.
func (r *listReader) namedDelimiter(s string) (byte, error) {
	if s == "" {
		s = "\t"
	}
	for _, d := range listDelimiters {
		if s == string(rune(d.char)) {
			return d.char, nil
		}
	}
	return 0, &Error{File: r.path, Line: 1, Problem: fmt.Sprintf("the line sep= names %q", cutListValue(s, false)),
		Hint: "comma, semicolon, tab and | are read"}
}

// chooseDelimiter takes the delimiter under which most header cells are known
// names, or else the one that makes most cells.
func (r *listReader) chooseDelimiter(
	aliases listAliases, fixed byte,
) (best listColumns, bestFrame table.Frame, err error) {
	f := r.frames
	score, chosen := -1, byte(0)
	var damage string
	for _, d := range listDelimiters {
		if fixed != 0 && d.char != fixed {
			continue
		}
		frame := f.Under(d.char)
		if frame.Reason != "" {
			damage = cmp.Or(damage, frame.Detail)
			continue
		}
		columns := r.parseHeader(frame, aliases)
		if columns.damaged != "" {
			damage = cmp.Or(damage, columns.damaged)
			continue
		}
		if s := len(columns.found)*10000 + len(columns.names); s > score {
			score, chosen, best, bestFrame = s, d.char, columns, frame
			r.info.Delimiter = d.name
		}
	}
	if chosen == 0 || damage != "" && !best.hasID() {
		return best, bestFrame, &Error{File: r.path, Line: f.Line(), Problem: "the header cannot be read: " + damage,
			Hint: "write the names as plain text, or each between two quotes"}
	}
	r.delimiter = chosen
	return best, bestFrame, nil
}

// parseHeader splits a framed header and sorts its names.
func (r *listReader) parseHeader(frame table.Frame, aliases listAliases) listColumns {
	return newListColumns(r.namesOf(r.frames.Cells(frame)), aliases)
}

// namesOf returns cells as names of columns.
func (r *listReader) namesOf(cells []string) []string {
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i], _ = unwrapListID(r.text.decode(cell))
	}
	return names
}

// newListColumns sorts the names of a header.
func newListColumns(names []string, aliases listAliases) listColumns {
	c := listColumns{found: make(map[string]string), names: names}
	for _, name := range names {
		if strings.Contains(name, `"`) && aliases.folded[table.FoldHeader(strings.ReplaceAll(name, `"`, ""))] != "" {
			c.damaged = fmt.Sprintf("a quote stands in %q", cutListValue(name, false))
		}
		if strings.Contains(strings.ReplaceAll(name, "\r\n", ""), "\r") {
			c.damaged = "some lines end in a carriage return alone, and others do not"
		}
	}
	for i, field := range aliases.fields(c.names) {
		name, known := c.names[i], field != ""
		if !known {
			field = "#" + strconv.Itoa(i)
			c.referenced = true
		}
		if known {
			if _, twice := c.found[field]; !twice {
				c.found[field] = name
			}
		}
		c.canonical = append(c.canonical, field)
		if !known || field == listLivenessID {
			key := name
			if name != "" && slices.Contains(c.names[:i], name) {
				key = fmt.Sprintf("%s (column %d)", name, i+1) // a JSON object has each name once
			}
			c.others = append(c.others, listOther{canonical: field, key: listKey(key, i)})
		}
	}
	return c
}

// listKey returns the JSON key of a column; one without a name has its number.
func listKey(name string, i int) string {
	if name == "" {
		name = "column " + strconv.Itoa(i+1)
	}
	key, err := json.Marshal(name)
	if err != nil { // a string always encodes
		return strconv.Quote(name) + ":"
	}
	return string(key) + ":"
}

// check refuses a header that names no ID, or a column that is used twice.
// Other columns may have one name: they are only kept.
func (c listColumns) check(path string, line int, aliases listAliases) error {
	if !c.hasID() {
		return &Error{File: path, Line: line, Problem: "no ID column: expected livenessId or signatureId, found " +
			c.summary(), Hint: "name the column in the configuration under [input] columns; a list starts with a " +
			"header line"}
	}
	if name, field := c.joined(aliases); name != "" {
		return &Error{File: path, Line: line, Column: cutListValue(name, false),
			Problem: fmt.Sprintf("more than the name of %s stands in it, which would not be read", field),
			Hint:    "separate all columns alike, and take separators and quotes off the ends of lines"}
	}
	first := make(map[string]string)
	for i, name := range c.names {
		if c.canonical[i][0] == '#' && endsWithID(name) {
			return &Error{File: path, Line: line, Column: cutListValue(name, true),
				Problem: "an ID stands in the header's line",
				Hint:    "is the end of that line lost? A list starts with a line of names"}
		}
		if other, twice := first[c.canonical[i]]; twice {
			return &Error{File: path, Line: line, Column: name, Problem: fmt.Sprintf("stands for the same as column %q",
				other),
				Hint: "leave one of them out, or name the right one in the configuration under [input] columns"}
		}
		first[c.canonical[i]] = name
	}
	return nil
}

// joined returns a name that holds a field's, which no column has, beside another separator or a quote: region; does.
func (c listColumns) joined(aliases listAliases) (name, field string) {
	other := func(r rune) bool { return strings.ContainsRune(",;\t|\"", r) }
	for i, name := range c.names {
		if c.canonical[i][0] != '#' || !strings.ContainsFunc(name, other) {
			continue
		}
		for part := range strings.FieldsFuncSeq(name, other) {
			if field := aliases.folded[table.FoldHeader(part)]; field != "" && c.found[field] == "" {
				return name, field
			}
		}
	}
	return "", ""
}

// endsWithID reports whether a column's name is an ID, or ends with one, as where a
// header and the first row became one line.
func endsWithID(name string) bool {
	for _, n := range []int{16, longestVendorForm} {
		if id := name[max(0, len(name)-n):]; vendorForm(id) && strings.ContainsAny(id, "0123456789") {
			return true
		}
	}
	return false
}

func (c listColumns) hasID() bool {
	return c.found[listLivenessID] != "" || c.found[listSignatureID] != ""
}

// summary lists what a header holds, for an error. The "header" may be a row
// of a list without one, so its values are cut as IDs are.
func (c listColumns) summary() string {
	shown := make([]string, 0, 8)
	for i, name := range c.names {
		if i == 8 {
			shown = append(shown, fmt.Sprintf("and %d more", len(c.names)-i))
			break
		}
		shown = append(shown, strconv.Quote(cutListValue(name, mayBeID(name))))
	}
	return strings.Join(shown, ", ")
}

// mayBeID reports whether a name of a column, or a line, may show an ID; names have few digits.
func mayBeID(name string) bool {
	const few = 3
	n := 0
	for _, c := range []byte(name) {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n > few && !strings.Contains(name, " ")
}

// region returns the position of the region's column, -1 for none.
func (c listColumns) region() int { return slices.Index(c.canonical, listRegion) }

// idNames returns the header's names of its ID columns, for rejects.
func (c listColumns) idNames() string {
	var names []string
	for _, field := range slices.Sorted(maps.Keys(c.found)) {
		if field != listRegion {
			names = append(names, c.found[field])
		}
	}
	return strings.Join(names, ", ")
}

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
	return true, r.acceptShort()
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
	return slices.EqualFunc(names, r.columns.names, func(a, b string) bool {
		return table.FoldHeader(a) == table.FoldHeader(b)
	})
}

// refuseHeader rejects the header where it stands again.
func (r *listReader) refuseHeader(line int) error {
	if err := r.acceptShort(); err != nil {
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
	return r.acceptShort()
}
