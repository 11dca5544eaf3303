package report

import (
	"fmt"
	"path/filepath"
	"time"
)

// chain is what became of a list's rows.
type chain struct {
	path                                  string
	sha256                                []byte
	readAt                                time.Time
	rows, rejected, duplicate, known, new int64
}

// chains adds up each list's regions; the lists come in the order they were read.
func (r *risk) chains() []chain {
	var all []chain
	last := int64(-1)
	for _, l := range r.lists {
		if l.ListID != last {
			all = append(all, chain{path: filepath.Base(l.Path), sha256: l.SHA256, readAt: l.ReadAt, rows: l.Rows, rejected: l.Rejected})
			last = l.ListID
		}
		c := &all[len(all)-1]
		c.duplicate, c.known, c.new = c.duplicate+l.Duplicate, c.known+l.Known, c.new+l.New
	}
	return all
}

func (c *chain) add(other chain) {
	c.rows, c.rejected, c.duplicate = c.rows+other.rows, c.rejected+other.rejected, c.duplicate+other.duplicate
	c.known, c.new = c.known+other.known, c.new+other.new
}

// cells are the counts of a row whose first two columns are taken, and whether they add up.
func (c *chain) cells(t *table) []Cell {
	verdict := T("✓ ties").As(Good)
	if c.rows != c.rejected+c.duplicate+c.known+c.new {
		verdict = T("✗ differs").As(Alert)
	}
	return []Cell{N(c.rows), N(c.rejected), N(c.duplicate), N(c.known), N(c.new),
		verdict.By(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.ref(2), t.ref(3), t.ref(6))), {}}
}
