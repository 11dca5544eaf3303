// Package rejects holds what taking lists came to: which of them have too many rejected rows, and what plans, the log
// and verdicts say of it.
package rejects

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"al.essio.dev/pkg/shellescape"
	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"liverecon/batch/list"
	"liverecon/store"
)

// Limit describes how many rows of a list may be rejected before somebody has to hear of it: either this share of its
// rows (0 to 1), or this many, whichever is more. A list of which every row is rejected is beyond any limit.
type Limit struct {
	Share float64
	Rows  int64
}

// Exceeded reports whether too many rows of a list were rejected.
func (l Limit) Exceeded(list store.List) bool {
	const rounding = 1e-9 // of a share such as 0.29, which no float64 is
	allowed := max(l.Rows, int64(l.Share*float64(list.Rows)+rounding))
	return list.Rejected > allowed || list.Rows > 0 && list.Rejected == list.Rows
}

// TooMany returns those of some lists that exceed the limit, those with the largest share first.
func (l Limit) TooMany(lists ...store.List) []store.List {
	lists = slices.DeleteFunc(slices.Clone(lists), func(one store.List) bool { return !l.Exceeded(one) })
	slices.SortStableFunc(lists, func(a, b store.List) int {
		return cmp.Compare(b.Rejected*a.Rows, a.Rejected*b.Rows)
	})
	return lists
}

// Notes words how many rows of a list are not asked since their ID is another's, which IDs are one by it, how many IDs
// it has asked elsewhere than before, and how many it may not.
func Notes(l store.List) []string {
	notes := slices.Concat(l.OtherKind.Notes(), l.OtherCase.Notes(), l.Aliases.Notes(), l.Places.Notes())
	if l.Moved > 0 {
		notes = append(notes, fmt.Sprintf("%s of it %s absent where asked before, and asked where it says",
			english.Plural(int(l.Moved), "ID", ""), english.PluralWord(int(l.Moved), "is", "are")))
	}
	if l.Unmoved > 0 {
		notes = append(notes, fmt.Sprintf("%s of it %s absent where asked, and %s elsewhere by it, more than "+
			"limits.misplaced_ids lets a run ask for: `liverecon reroute --limit %d %s`",
			english.Plural(int(l.Unmoved), "ID", ""), english.PluralWord(int(l.Unmoved), "is", "are"),
			english.PluralWord(int(l.Unmoved), "belongs", "belong"), l.Unmoved, shellescape.Quote(l.Path)))
	}
	return notes
}

// Beyond tells of a list of which too many rows are rejected, for which a run ends with an exit code. example is one of
// them, nil where none is known.
func Beyond(l store.List, example *list.Reject, code int) string {
	text := fmt.Sprintf("%s of %s rejected, for which a run ends with %d", humanize.Comma(l.Rejected),
		english.Plural(int(l.Rows), "row", ""), code)
	if example != nil {
		text += fmt.Sprintf("; line %d: %s", example.Line, example.Detail)
	}
	return text
}

// Clause counts rows that a run rejected, and names the worst of the lists that have too many; "" where there is none.
func Clause(rows int64, tooMany []store.List) string {
	if rows == 0 {
		return ""
	}
	text := humanize.Comma(rows) + english.PluralWord(int(rows), " row", " rows") + " rejected"
	if len(tooMany) == 0 {
		return text
	}
	worst := tooMany[0]
	return fmt.Sprintf("%s (%s of %s in %s)", text, humanize.Comma(worst.Rejected), humanize.Comma(worst.Rows),
		andMore(filepath.Base(worst.Path), len(tooMany)))
}

// Unmended counts lists that an earlier run has read, and that are there unchanged though too many of their rows were
// rejected, and names the worst, of several after the number of all these rows; "" where there is none.
func Unmended(lists []store.List) string {
	if len(lists) == 0 {
		return ""
	}
	worst, all := lists[0], ""
	if len(lists) > 1 {
		all = humanize.Comma(Rows(lists)) + " in all, "
	}
	return fmt.Sprintf("%d unchanged %s too many rejected rows (%s%s of %s in %s)", len(lists),
		english.PluralWord(len(lists), "list has", "lists have"), all, humanize.Comma(worst.Rejected),
		humanize.Comma(worst.Rows), andMore(filepath.Base(worst.Path), len(lists)))
}

// Rows counts the rejected rows of lists.
func Rows(lists []store.List) (rows int64) {
	for _, l := range lists {
		rows += l.Rejected
	}
	return rows
}

// Aside counts lists that were set aside, and names the first; "" where there is none.
func Aside(lists []*list.Error) string {
	if len(lists) == 0 {
		return ""
	}
	return fmt.Sprintf("%s set aside (%s)", english.Plural(len(lists), "list", ""),
		andMore(filepath.Base(lists[0].File), len(lists)))
}

// andMore names the first of so many.
func andMore(first string, all int) string {
	if all == 1 {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, all-1)
}
