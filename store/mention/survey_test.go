package mention_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/mention"
	"liverecon/store/storetest"
)

// TestSet compares the one pass with a search for each text.
func TestSet(t *testing.T) {
	texts := []string{"", "ab", "c01dface", "c01dface5eedf001", "c01dfacf", "01dface5eed"}
	set := mention.NewSet(texts)
	for _, content := range []string{"", "a", "ab", "c01dfac", "c01dface", "xc01dface5eedf001", "c01dface5eedf00", "c01dc01dfacf", "yy01dface5eedz"} {
		var got, want []string
		set.Each([]byte(content), func(text string) bool {
			got = append(got, text)
			return true
		})
		for _, text := range texts {
			if text != "" && strings.Contains(content, text) {
				want = append(want, text)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || set.Holds([]byte(content)) != (len(want) > 0) {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}

// TestSurveyFindsTheSame: what is found and taken out of many IDs at once is what it is of each by itself: of one that is
// mentioned elsewhere in capitals, of one beside another, of one in a rejected row, of one that nobody mentions.
func TestSurveyFindsTheSame(t *testing.T) {
	var traces [2][]store.Traces
	var left [2][]string
	for i, surveyed := range []bool{false, true} {
		s, _ := storetest.WithChecks(t, 6)
		db := storetest.Raw(t, s.Path())
		ids := storetest.Lines(t, db, "SELECT id FROM checks ORDER BY check_id")[:5]
		storetest.Exec(t, db, "UPDATE checks SET other_id = 'ddsd-9e6-dcc9' WHERE check_id IN (2, 3)")
		storetest.Exec(t, db, "UPDATE checks SET reference = 'retry of ' || ? WHERE check_id = 6", strings.ToUpper(ids[0]))
		storetest.Exec(t, db, "INSERT INTO rejects (list_id, line, \"column\", reason, detail, value) VALUES (1, 9, '', 'r', '', ?), (1, 10, '', 'r', 'DDSD9E6DCC9', 'x')",
			ids[3])
		ids = append(ids, "ddsd-9e6-dcc9", "unknown-1234")
		personal := s.Personal()
		if surveyed {
			var err error
			personal, err = personal.Surveyed(t.Context(), ids)
			storetest.Check(t, err)
		}
		for _, id := range ids {
			found, err := personal.Traces(t.Context(), id)
			storetest.Check(t, err)
			for k := range found.Listed {
				found.Listed[k].ReadAt = time.Time{}
			}
			traces[i] = append(traces[i], found)
		}
		for _, id := range ids {
			_, err := personal.Erase(t.Context(), id, time.UnixMilli(9))
			storetest.Check(t, err)
		}
		left[i] = slices.Concat(storetest.Lines(t, db, "SELECT check_id, id, other_id, reference, state FROM checks"),
			storetest.Lines(t, db, "SELECT line, value, detail FROM rejects"), storetest.Lines(t, db, "SELECT id_hash, checks, answers, rejects FROM erasures"))
	}
	if !reflect.DeepEqual(traces[0], traces[1]) {
		t.Errorf("at once\n%+v\none by one\n%+v", traces[1], traces[0])
	}
	if !slices.Equal(left[0], left[1]) || !strings.Contains(strings.Join(left[1], ""), "retry of (erased)") {
		t.Errorf("at once\n%q\none by one\n%q", left[1], left[0])
	}
}
