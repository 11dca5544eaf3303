package batch_test

import (
	"errors"
	"fmt"
	"testing"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// The verdict names the list with the largest share, and the first that was set aside; whatever else is stronger says it too.
func TestBadListsAreNamed(t *testing.T) {
	in := batch.Intake{Rejected: 14, Read: []store.List{{Path: "in/a.csv", Rows: 100, Rejected: 10}, {Path: "in/b.csv", Rows: 4, Rejected: 3}, {Path: "c.csv", Rows: 50, Rejected: 1}},
		Aside: []*list.Error{{File: "in/x.csv"}, {File: "y.csv"}, {File: "z.csv"}}}
	limit := rejects.Limit{Share: 0.05}
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
			"BAD LISTS: 0 of 0 answered, 0 in doubt, 2 IDs have no configured endpoint, 1 list set aside (x.csv)"},
		{batch.Summary{Planned: 3, Work: 3, Pending: 3}, batch.Intake{Aside: in.Aside[:1]}, nil, batch.ExitUnanswered,
			"NO ANSWER: 0 of 3 answered, 0 in doubt, 3 pending, 1 list set aside (x.csv); resumes next run"},
		{batch.Summary{Planned: 3, Work: 3, Answered: 3}, batch.Intake{Read: in.Read[2:], Rejected: 1}, nil, batch.ExitDone,
			"DONE: 3 of 3 answered, 0 in doubt, 1 row rejected"},
		{batch.Summary{Planned: 3, Work: 3, Answered: 3}, batch.Intake{Skipped: 2, Unmended: in.Read[:2]}, nil, batch.ExitRejected,
			"BAD LISTS: 3 of 3 answered, 0 in doubt, 2 unchanged lists have too many rejected rows (13 in all, 3 of 4 in b.csv and 1 more)"},
		{batch.Summary{}, batch.Intake{Skipped: 1, Unmended: in.Read[:1], Read: in.Read[1:2], Rejected: 3}, nil, batch.ExitRejected,
			"BAD LISTS: no call was made, 3 rows rejected (3 of 4 in b.csv), 1 unchanged list has too many rejected rows (10 of 100 in a.csv)"},
		{batch.Summary{Planned: 3, Work: 3}, batch.Intake{Unmended: in.Read[:1]}, errors.New("disk gone"), batch.ExitFailed,
			"FAILED: disk gone; 1 unchanged list has too many rejected rows (10 of 100 in a.csv)"},
		{batch.Summary{Planned: 3, Work: 3}, batch.Intake{Aside: in.Aside[:1]}, errors.New("disk gone"), batch.ExitFailed, "FAILED: disk gone; 1 list set aside (x.csv)"},
		{batch.Summary{}, batch.Intake{Read: in.Read[1:2], Rejected: 3}, fmt.Errorf("%w: %w", batch.ErrInput, errors.New("no price")), batch.ExitInput,
			"REFUSED INPUT: no price; 3 rows rejected (3 of 4 in b.csv)"},
	} {
		sum := c.sum.Took(c.in, limit).Conclude(nil, nil, nil, c.failure)
		if sum.ExitCode != c.code || sum.Verdict != c.says {
			t.Errorf("exit %d, %s\nwant %d, %s", sum.ExitCode, sum.Verdict, c.code, c.says)
		}
	}
}
