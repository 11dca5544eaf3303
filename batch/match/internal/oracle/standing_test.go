package oracle

// Standing represents a line that stands after all files are imported.
type Standing struct {
	Line
	File    int    // place among the statements
	Invoice string // month of its file
	Side    string // month on whose side it is
}

// Standing returns the lines that stand, in the order of files and lines.
func (c Case) Standing() []Standing {
	b := newBook(c.Month, c.Calls, c.Prices, c.Statements, c.Settings)
	var all []Standing
	for _, f := range b.files {
		for _, l := range f.lines {
			all = append(all, Standing{l.Line, f.order, f.invoice, l.side})
		}
	}
	return all
}
