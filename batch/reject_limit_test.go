package batch_test

import (
	"errors"
	"fmt"
	"testing"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/store"
)

// A share is of the list's rows, exactly; a list rejected whole is beyond every limit, one without rows beyond none.
func TestRowLimit(t *testing.T) {
	share, number := batch.RowLimit{Share: 0.05}, batch.RowLimit{Rows: 20}
	for _, c := range []struct {
		limit          batch.RowLimit
		rejected, rows int64
		want           bool
	}{
		{share, 0, 0, false}, {share, 0, 100, false}, {share, 1, 20, false}, {share, 1, 19, true}, {share, 5, 100, false}, {share, 6, 100, true},
		{share, 1, 1, true}, {batch.RowLimit{Share: 0.29}, 29, 100, false}, {batch.RowLimit{Share: 0.29}, 30, 100, true},
		{batch.RowLimit{Share: 1}, 100, 100, true}, {batch.RowLimit{Share: 1}, 99, 100, false}, {batch.RowLimit{}, 1, 1_000_000, true},
		{number, 20, 21, false}, {number, 21, 1_000_000, true}, {number, 3, 3, true}, {batch.RowLimit{}, 0, 5, false},
	} {
		if got := c.limit.Exceeded(store.List{Rows: c.rows, Rejected: c.rejected}); got != c.want {
			t.Errorf("%d of %d under %+v: exceeded %v", c.rejected, c.rows, c.limit, got)
		}
	}
}

// The verdict names the list with the largest share, and the first that was set aside; whatever else is stronger says it too.
func TestBadListsAreNamed(t *testing.T) {
	in := batch.Intake{Rejected: 14, Read: []store.List{{Path: "in/a.csv", Rows: 100, Rejected: 10}, {Path: "in/b.csv", Rows: 4, Rejected: 3}, {Path: "c.csv", Rows: 50, Rejected: 1}},
		Aside: []*list.Error{{File: "in/x.csv"}, {File: "y.csv"}, {File: "z.csv"}}}
	limit := batch.RowLimit{Share: 0.05}
	for _, c := range []struct {
		sum     batch.Summary
		in      batch.Intake
		failure error
		code    int
		says    string
	}{
		{batch.Summary{Planned: 3, Work: 3, Answered: 3}, in, nil, batch.ExitRejected,
			"BAD LISTS: 3 of 3 answered, 0 in doubt, 14 rows rejected (3 of 4 in b.csv and 1 more), 3 lists set aside (x.csv and 2 more)"},
		{batch.Summary{Planned: 3, Work: 3, Answered: 2, Pending: 1}, batch.Intake{Aside: in.Aside[:1]}, nil, batch.ExitRejected,
			"BAD LISTS: 2 of 3 answered, 0 in doubt, 1 pending, 1 list set aside (x.csv); resumes next run"},
		{batch.Summary{}, batch.Intake{Aside: in.Aside[:1]}, nil, batch.ExitRejected, "BAD LISTS: no call was made, 1 list set aside (x.csv)"},
		{batch.Summary{Unrouted: 2}, batch.Intake{Aside: in.Aside[:1]}, nil, batch.ExitRejected,
			"BAD LISTS: 0 of 0 answered, 0 in doubt, 2 IDs have no configured endpoint, 1 list set aside (x.csv); resumes next run"},
		{batch.Summary{Planned: 3, Work: 3, Pending: 3}, batch.Intake{Aside: in.Aside[:1]}, nil, batch.ExitUnanswered,
			"NO ANSWER: 0 of 3 answered, 0 in doubt, 3 pending, 1 list set aside (x.csv); resumes next run"},
		{batch.Summary{Planned: 3, Work: 3, Answered: 3}, batch.Intake{Read: in.Read[2:], Rejected: 1}, nil, batch.ExitDone,
			"DONE: 3 of 3 answered, 0 in doubt, 1 row rejected"},
		{batch.Summary{Planned: 3, Work: 3}, batch.Intake{Aside: in.Aside[:1]}, errors.New("disk gone"), batch.ExitFailed, "FAILED: disk gone; 1 list set aside (x.csv)"},
		{batch.Summary{}, batch.Intake{Read: in.Read[1:2], Rejected: 3}, fmt.Errorf("%w: no price", batch.ErrInput), batch.ExitInput,
			"REFUSED INPUT: no price; 3 rows rejected (3 of 4 in b.csv)"},
	} {
		sum := c.sum.Took(c.in, limit).Conclude(nil, nil, nil, c.failure)
		if sum.ExitCode != c.code || sum.Verdict != c.says {
			t.Errorf("exit %d, %s\nwant %d, %s", sum.ExitCode, sum.Verdict, c.code, c.says)
		}
	}
}
