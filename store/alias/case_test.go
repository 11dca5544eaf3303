package alias_test

import (
	"fmt"
	"slices"
	"testing"

	"liverecon/store"
	"liverecon/store/alias"
	"liverecon/store/storetest"
)

// TestOtherCase: a row whose ID differs from a known one in nothing but case is rejected, by its line, in the preview as
// when its list is taken, unless case matters. What is known stays known.
func TestOtherCase(t *testing.T) {
	row, live, both := storetest.Row, livenessRow, bothRow
	type list = []store.ListedRow
	for _, test := range []struct {
		name  string
		lists []list
		lines []int // of the rows that are rejected, by list the first; 0: none
		fresh int64 // checks at the end
	}{
		{"in capitals later", []list{{row(2, "ab1")}, {row(2, "AB1"), row(3, "x2")}}, []int{0, 2}, 2},
		{"in small letters later", []list{{row(2, "AB1")}, {row(2, "x2"), row(3, "ab1")}}, []int{0, 3}, 2},
		{"in one list", []list{{row(2, "ab1"), row(3, "AB1"), row(4, "AB1")}}, []int{3}, 1},
		{"in one list, the other first", []list{{row(2, "AB1"), row(3, "ab1")}}, []int{3}, 1},
		{"mixed, then small", []list{{row(2, "aB1")}, {row(2, "xy"), row(3, "Xy")}}, []int{0, 3}, 2},
		{"two mixed", []list{{row(2, "aBc1")}, {row(2, "x2"), row(3, "AbC1")}}, []int{0, 3}, 2},
		{"mixed, then its small letters", []list{{row(2, "aBc1")}, {row(2, "abc1")}}, []int{0, 2}, 1},
		{"mixed, then its capitals", []list{{row(2, "aBc1")}, {row(2, "ABC1")}}, []int{0, 2}, 1},
		{"two mixed in one list", []list{{row(2, "aBc1"), row(3, "AbC1")}}, []int{3}, 1},
		{"capitals, then mixed", []list{{row(2, "ABC1")}, {row(2, "aBc1")}}, []int{0, 2}, 1},
		{"mixed, of the other kind", []list{{row(2, "aBc1")}, {live(2, "AbC1")}}, []int{0, 0}, 2},
		{"of the other kind", []list{{row(2, "ab1")}, {live(2, "AB1")}}, []int{0, 0}, 2},
		{"known by the other ID", []list{{both(2, "s1", "ab1")}, {live(2, "AB1")}}, []int{0, 2}, 1},
		{"its other ID", []list{{live(2, "ab1")}, {row(2, "x2"), both(3, "s1", "AB1")}}, []int{0, 3}, 2},
		{"its other ID, in small letters", []list{{live(2, "AB1")}, {both(2, "s1", "ab1")}}, []int{0, 2}, 1},
		{"its other ID, in one list", []list{{live(2, "ab1"), both(3, "s1", "AB1")}}, []int{3}, 1},
		{"its other ID, where its own is known",
			[]list{{live(2, "ab1"), row(3, "s1")}, {both(2, "s1", "AB1")}}, []int{0, 0}, 2},
		{"known by the other ID, in small letters", []list{{both(2, "s1", "AB1")}, {live(2, "ab1")}}, []int{0, 2}, 1},
		{"known by the other ID, mixed", []list{{both(2, "s1", "aB1")}, {live(2, "Ab1")}}, []int{0, 2}, 1},
		{"no letters", []list{{row(2, "12")}, {row(2, "12")}}, []int{0, 0}, 1},
		{"the same again",
			[]list{{row(2, "ab1")}, {row(2, "AB1")}, {row(2, "AB1"), row(3, "ab1")}}, []int{0, 2, 2}, 1},
	} {
		for _, matters := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, ", ", matters), func(t *testing.T) {
				ctx := t.Context()
				s := storetest.Open(t)
				all, err := store.OpenPreview(ctx, s)
				storetest.Check(t, err)
				if matters {
					all.Distinguish(true, false)
				}
				forms := map[string]bool{}
				for n, rows := range test.lists {
					storetest.Check(t, storetest.Preview(all, fmt.Sprint(n), rows, nil, nil))
					for _, r := range rows {
						forms[r.Kind+r.ID] = true
					}
				}
				foretold, err := all.Lists(ctx)
				storetest.Check(t, err)
				foretold = slices.Clone(foretold)
				storetest.Check(t, all.Close())
				for n, rows := range test.lists {
					took := takeWith(t, s, fmt.Sprint(n), matters, rows)
					want := test.lines[n]
					if matters {
						want = 0
					}
					for _, l := range []store.List{took, foretold[n]} {
						if l.OtherCase.Line != want || (l.OtherCase.Rows > 0) != (want > 0) || l.Rejected != l.OtherCase.Rows ||
							l.New != took.New || l.Known != took.Known || l.Duplicate != took.Duplicate {
							t.Errorf("list %d: %+v, want line %d", n, l, want)
						}
					}
					rejects := storetest.Count(t, storetest.Raw(t, s.Path()),
						"SELECT count(*) FROM rejects WHERE list_id = ? AND reason = ?", took.ID, alias.ReasonOtherCase)
					if rejects != took.OtherCase.Rows {
						t.Errorf("%d rejects of %d", rejects, took.OtherCase.Rows)
					}
				}
				want := test.fresh
				if matters {
					want = int64(len(forms))
				}
				raw := storetest.Raw(t, s.Path())
				if n := storetest.Count(t, raw, "SELECT count(*) FROM checks"); n != want {
					t.Errorf("%d checks, want %d", n, want)
				}
				storetest.Check(t, s.Books().Audit(ctx))
				// What was taken while case mattered stays known when it does not any more.
				for n, rows := range test.lists {
					if took := takeWith(t, s, fmt.Sprint("again", n), false, rows); matters && took.Rejected+took.New > 0 {
						t.Errorf("list %d again: %+v", n, took)
					}
				}
			})
		}
	}
}

func takeWith(t *testing.T, s *store.Store, name string, matters bool, rows []store.ListedRow) store.List {
	runID, _, err := s.Runs().Open(t.Context(), "test", true)
	storetest.Check(t, err)
	in, err := s.Lists().Begin(t.Context())
	storetest.Check(t, err)
	if matters {
		in.Distinguish(true, false)
	}
	for _, r := range rows {
		storetest.Check(t, in.Row(r))
	}
	l, err := in.Commit(t.Context(), runID, storetest.ListOf(name))
	storetest.Check(t, err)
	return l
}

// TestOtherCaseBeforeTheFirstRun: a preview over no database at all says of IDs in mixed case what the first run does.
func TestOtherCaseBeforeTheFirstRun(t *testing.T) {
	p, err := store.OpenPreview(t.Context(), nil)
	storetest.Check(t, err)
	storetest.Check(t, storetest.Preview(p, "0", []store.ListedRow{storetest.Row(2, "aBc1")}, nil, nil))
	storetest.Check(t, storetest.Preview(p, "1", []store.ListedRow{storetest.Row(2, "AbC1")}, nil, nil))
	foretold, err := p.Lists(t.Context())
	storetest.Check(t, err)
	if l := foretold; l[0].New != 1 || l[1].New != 0 || l[1].OtherCase != (alias.OtherCase{Rows: 1, Line: 2}) {
		t.Errorf("%+v", l)
	}
	storetest.Check(t, p.Close())
}

// TestFoldEarlier: IDs in mixed case that a database of an earlier version holds, as other IDs too, are known in every
// case, in the preview as when a list is taken.
func TestFoldEarlier(t *testing.T) {
	s := storetest.Open(t)
	takeWith(t, s, "first", false, []store.ListedRow{storetest.Row(2, "aBc1"), bothRow(3, "s1", "xYz1")})
	_, err := storetest.Raw(t, s.Path()).Exec("DELETE FROM folds; " +
		"UPDATE settings SET value = '1' WHERE key = 'capitals_listed'")
	storetest.Check(t, err)
	foretold := previewKinds(t, s, false, []store.ListedRow{storetest.Row(2, "AbC1"), livenessRow(3, "XyZ1")})
	if foretold[0].OtherCase.Rows != 2 {
		t.Errorf("foretold %+v", foretold[0])
	}
	if took := takeWith(t, s, "other", false, []store.ListedRow{livenessRow(2, "XyZ1")}); took.OtherCase.Rows != 1 {
		t.Errorf("other ID: %+v", took)
	}
	for _, form := range []string{"AbC1", "abc1"} {
		took := takeWith(t, s, form, false, []store.ListedRow{storetest.Row(2, form)})
		if took.OtherCase.Rows != 1 || took.New != 0 {
			t.Errorf("%s: %+v", form, took)
		}
	}
}
