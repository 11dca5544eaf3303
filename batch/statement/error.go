package statement

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"liverecon/batch/billing"
)

// maxMistakes sets how many mistakes of a statement are told one by one.
const maxMistakes = 20

// Error describes one thing in a statement that can't be read. A statement with
// any is refused as a whole: nothing in it becomes zero or is left out.
type Error struct {
	File    string
	Sheet   string // of a workbook
	Line    int    // physical line, or row of the sheet; 0 where none is at fault
	Column  string // as the header names it; "" where no one column is at fault
	Problem string
	Hint    string // what to do about it; "" where there is nothing to add
}

// Error returns file:line: column: problem, without the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	switch {
	case e.Sheet != "" && e.Line > 0:
		fmt.Fprintf(&b, ": sheet %s row %d", billing.Quote(e.Sheet), e.Line)
	case e.Sheet != "":
		fmt.Fprintf(&b, ": sheet %s", billing.Quote(e.Sheet))
	case e.Line > 0:
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %s", billing.Quote(e.Column))
	}
	b.WriteString(": " + e.Problem)
	return b.String()
}

// mistakes holds what is wrong with a statement's rows, up to a bound.
type mistakes struct {
	told  []error
	hints []string
	more  int
}

func (m *mistakes) add(e *Error) {
	if len(m.told) == maxMistakes {
		m.more++
		return
	}
	if slices.Contains(m.hints, e.Hint) { // once is enough
		e.Hint = ""
	}
	m.hints = append(m.hints, e.Hint)
	m.told = append(m.told, e)
}

// join adds all of others.
func (m *mistakes) join(others *mistakes) {
	for _, e := range others.told {
		var one *Error
		if errors.As(e, &one) {
			m.add(one)
		}
	}
	m.more += others.more
}

func (m *mistakes) any() bool { return len(m.told) > 0 }

// err joins the mistakes in the order of the file, and what ended the reading.
func (m *mistakes) err(file string, end error) error {
	all := m.told
	if m.more > 0 {
		all = append(all, &Error{File: file, Problem: fmt.Sprintf("and %d more mistakes", m.more)})
	}
	if end != nil {
		all = append(all, end)
	}
	return errors.Join(all...)
}
