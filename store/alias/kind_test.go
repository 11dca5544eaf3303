package alias_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"liverecon/store"
	"liverecon/store/alias"
	"liverecon/store/storetest"
)

// kindTest is lists that are taken one after the other, and what of them is rejected.
type kindTest struct {
	lists [][]store.ListedRow
	after string  // run after the first list
	lines [][]int // of the rows that are rejected, by list
	fresh int64   // checks at the end
}

// TestOtherKind: a row whose ID is known as one of the other kind is rejected, by its line, in the preview as when its
// list is taken, unless both kinds share IDs. What is known stays known.
func TestOtherKind(t *testing.T) {
	row, live, both := storetest.Row, livenessRow, bothRow
	type list = []store.ListedRow
	for name, test := range map[string]kindTest{
		"a later list":      {[]list{{row(2, "x"), row(3, "y")}, {live(2, "y"), live(3, "z"), live(4, "x")}}, "", [][]int{nil, {2, 4}}, 3},
		"the other way":     {[]list{{live(2, "x")}, {row(2, "x")}}, "", [][]int{nil, {2}}, 1},
		"in one list":       {[]list{{row(2, "x"), live(3, "x"), row(4, "x"), live(5, "x")}}, "", [][]int{{3, 5}}, 1},
		"as an other ID":    {[]list{{both(2, "x", "y")}, {row(2, "y"), live(3, "y"), live(4, "x")}}, "", [][]int{nil, {2, 4}}, 1},
		"headers changed":   {[]list{{both(2, "x", "y")}, {both(2, "y", "x"), both(3, "v", "w")}}, "", [][]int{nil, {2}}, 2},
		"in one list, both": {[]list{{both(2, "x", "y"), both(3, "y", "x")}}, "", [][]int{{3}}, 1},
		"half of both":      {[]list{{row(2, "x")}, {both(2, "y", "x")}}, "", [][]int{nil, nil}, 2},
		"the same in both":  {[]list{{both(2, "x", "x")}, {row(2, "x"), live(3, "x")}}, "", [][]int{nil, nil}, 1},
		"both are listed":   {[]list{{row(2, "x")}, {both(2, "x", "x")}, {live(2, "x")}}, "", [][]int{nil, nil, nil}, 1},
		"absent":            {[]list{{live(2, "x")}, {row(2, "x")}}, "UPDATE checks SET state = 'absent'", [][]int{nil, nil}, 2},
		"absent, other":     {[]list{{both(2, "x", "y")}, {row(2, "y")}}, "UPDATE checks SET state = 'absent'", [][]int{nil, nil}, 2},
		"erased":            {[]list{{row(2, "x")}, {live(2, "x")}}, "UPDATE checks SET id = NULL", [][]int{nil, {2}}, 1},
		"given up":          {[]list{{row(2, "x")}, {live(2, "x")}}, "UPDATE checks SET state = 'given_up'", [][]int{nil, {2}}, 1},
		"in other case":     {[]list{{row(2, "x1")}, {live(2, "X1")}}, "", [][]int{nil, nil}, 2},
	} {
		for _, share := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", ", share), func(t *testing.T) { compareKinds(t, test, share) })
		}
	}
}

func compareKinds(t *testing.T, test kindTest, share bool) {
	s := storetest.Open(t)
	for n, rows := range test.lists {
		foretold := previewKinds(t, s, share, rows)[0]
		took := takeKinds(t, s, fmt.Sprint(n), share, rows)
		want := test.lines[n]
		if share {
			want = nil
		}
		for _, l := range []store.List{took, foretold} {
			if l.OtherKind.Rows != int64(len(want)) || len(want) > 0 && l.OtherKind.Line != want[0] ||
				l.Rejected != l.OtherKind.Rows || l.New != took.New || l.Known != took.Known || l.Duplicate != took.Duplicate {
				t.Errorf("list %d: %+v, want lines %d", n, l, want)
			}
		}
		if lines := refusedLines(t, s, took.ID); !slices.Equal(lines, want) {
			t.Errorf("list %d: rejected %d, want %d", n, lines, want)
		}
		if n == 0 && test.after != "" {
			storetest.Exec(t, storetest.Raw(t, s.Path()), test.after)
		}
	}
	checks := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM checks")
	if !share && checks != test.fresh {
		t.Errorf("%d checks, want %d", checks, test.fresh)
	}
	storetest.Check(t, s.Books().Audit(t.Context()))
	// What was taken while both kinds shared IDs stays known when they do not any more.
	for n, rows := range test.lists {
		if took := takeKinds(t, s, fmt.Sprint("again", n), false, rows); share && took.Rejected+took.New > 0 {
			t.Errorf("list %d again: %+v", n, took)
		}
	}
}

func refusedLines(t *testing.T, s *store.Store, list int64) (lines []int) {
	for _, line := range storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT line FROM rejects WHERE list_id = "+
		fmt.Sprint(list)+" AND reason = '"+alias.ReasonOtherKind+"' ORDER BY line") {
		var n int
		_, err := fmt.Sscan(line, &n)
		storetest.Check(t, err)
		lines = append(lines, n)
	}
	return lines
}

// TestOneKindAText: of random lists no text is ever a check under both kinds, none in two cases of a kind, each is one
// under the kind and in the case that came first, and a preview of all lists together says of each what taking it comes
// to: also of lists with rows that give both IDs, and where some are absent by then.
func TestOneKindAText(t *testing.T) {
	for seed := range uint64(21) {
		rng := rand.New(rand.NewPCG(seed, 5))
		s := storetest.Open(t)
		var lists [][]store.ListedRow
		for range 6 {
			lists = append(lists, anyRows(rng, seed%3 == 2))
		}
		early := rng.IntN(3)
		var all []store.List
		for n, rows := range lists[:early] {
			all = append(all, takeKinds(t, s, fmt.Sprint(n), false, rows))
		}
		if seed%3 == 1 {
			storetest.Exec(t, storetest.Raw(t, s.Path()), "UPDATE checks SET state = 'absent' WHERE check_id % 3 = 0")
		}
		foretold := previewKinds(t, s, false, lists[early:]...)
		for n, rows := range lists[early:] {
			took, f := takeKinds(t, s, fmt.Sprint(early+n), false, rows), foretold[n]
			all = append(all, took)
			if took.OtherKind != f.OtherKind || took.OtherCase != f.OtherCase || took.Rejected != f.Rejected ||
				took.New != f.New || took.Known != f.Known || took.Duplicate != f.Duplicate ||
				took.Aliases.Rows != f.Aliases.Rows {
				t.Errorf("seed %d, list %d: %+v, foretold %+v", seed, early+n, took, f)
			}
		}
		if seed%3 == 0 {
			oneFormEach(t, s, lists, all)
		}
		storetest.Check(t, s.Books().Audit(t.Context()))
	}
}

// anyRows returns rows of few texts in random case, as IDs of a random kind or of both.
func anyRows(rng *rand.Rand, both bool) (rows []store.ListedRow) {
	text := func() string {
		forms := []string{"ab%d", "AB%d", "aB%d", "Ab%d"}
		return fmt.Sprintf(forms[max(0, rng.IntN(9)-5)], rng.IntN(20))
	}
	for line := 2; line < 2+rng.IntN(30); line++ {
		r := storetest.Row(line, text())
		r.Kind = []string{"signatureId", "livenessId"}[rng.IntN(2)]
		if both && rng.IntN(3) == 0 {
			r = bothRow(line, r.ID, text())
		}
		rows = append(rows, r)
	}
	return rows
}

// oneFormEach compares what taking lists came to with rules of its own: in each list, what is known under its kind stays
// known; of the rest, rows of the kind that a text does not have are refused first, then those in another case.
func oneFormEach(t *testing.T, s *store.Store, lists [][]store.ListedRow, took []store.List) {
	type form struct{ kind, id string }
	known := map[form]bool{} // as text and as small letters
	for n, rows := range lists {
		var wrongKind, wrongCase int64
		above, aboveInCase := map[form]bool{}, map[form]string{}
		var taken []form
		for _, r := range rows {
			f := form{r.Kind, r.ID}
			twin, small := form{otherKind(r.Kind), r.ID}, form{r.Kind, strings.ToLower(r.ID) + " in any case"}
			kindDiffers := !known[f] && !above[f] && (known[twin] || above[twin])
			above[f] = true
			if kindDiffers {
				delete(above, f)
				wrongKind++
				continue
			}
			if first, ok := aboveInCase[small]; !known[f] && (known[small] || ok && first != f.id) {
				wrongCase++
			} else if !ok {
				aboveInCase[small] = f.id
			}
			if known[f] || !known[small] && aboveInCase[small] == f.id {
				taken = append(taken, f, small)
			}
		}
		for _, f := range taken {
			known[f] = true
		}
		if took[n].OtherKind.Rows != wrongKind || took[n].OtherCase.Rows != wrongCase {
			t.Errorf("list %d: %+v, want %d of the other kind, %d in other case", n, took[n], wrongKind, wrongCase)
		}
	}
	for _, check := range storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT kind, id FROM checks") {
		kind, id, _ := strings.Cut(check, "|")
		if f := (form{kind, id}); !known[f] {
			t.Errorf("%s is asked", check)
		}
		delete(known, form{kind, id})
	}
	for f := range known {
		if !strings.HasSuffix(f.id, "any case") {
			t.Errorf("%v is not asked", f)
		}
	}
}

// otherKind returns the kind that one is not.
func otherKind(kind string) string {
	if kind == "livenessId" {
		return "signatureId"
	}
	return "livenessId"
}

func previewKinds(t *testing.T, s *store.Store, share bool, lists ...[]store.ListedRow) []store.List {
	p, err := store.OpenPreview(t.Context(), s)
	storetest.Check(t, err)
	if share {
		p.Distinguish(false, true)
	}
	for n, rows := range lists {
		storetest.Check(t, storetest.Preview(p, fmt.Sprint(n), rows, nil, nil))
	}
	foretold, err := p.Lists(t.Context())
	storetest.Check(t, err)
	storetest.Check(t, p.Close())
	return foretold
}

func takeKinds(t *testing.T, s *store.Store, name string, share bool, rows []store.ListedRow) store.List {
	runID, _, err := s.Runs().Open(t.Context(), "test", true)
	storetest.Check(t, err)
	in, err := s.Lists().Begin(t.Context())
	storetest.Check(t, err)
	if share {
		in.Distinguish(false, true)
	}
	for _, r := range rows {
		storetest.Check(t, in.Row(r))
	}
	l, err := in.Commit(t.Context(), runID, storetest.ListOf(name))
	storetest.Check(t, err)
	return l
}
