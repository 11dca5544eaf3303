package risk

import (
	"fmt"
	"path/filepath"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
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
func (c *chain) cells(t *page.Table) []xlsx.Cell {
	verdict := xlsx.T("✓ ties").As(xlsx.Good)
	if c.rows != c.rejected+c.duplicate+c.known+c.new {
		verdict = xlsx.T("✗ differs").As(xlsx.Alert)
	}
	return []xlsx.Cell{xlsx.N(c.rows), xlsx.N(c.rejected), xlsx.N(c.duplicate), xlsx.N(c.known), xlsx.N(c.new),
		verdict.By(fmt.Sprintf(`IF(%s=SUM(%s:%s),"✓ ties","✗ differs")`, t.Ref(2), t.Ref(3), t.Ref(6))), {}}
}
