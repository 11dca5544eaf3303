package alias_test

import (
	"errors"
	"slices"
	"testing"

	"liverecon/store"
	"liverecon/store/alias"
	"liverecon/store/storetest"
)

// TestNamed: a text means the ID that it is, whatever else is listed, or else the one ID that differs from it in nothing but
// case; of several, none.
func TestNamed(t *testing.T) {
	row, live, both := storetest.Row, livenessRow, bothRow
	for _, test := range []struct {
		name    string
		list    []store.ListedRow
		matters bool
		means   map[string][]string // the IDs by what is typed; several: none of them
	}{
		{"small letters", []store.ListedRow{row(2, "ab1")}, false, map[string][]string{"ab1": {"ab1"}, "AB1": {"ab1"}, "aB1": {"ab1"}, "ab2": {"ab2"}, "": {""}}},
		{"capitals", []store.ListedRow{live(2, "AB1")}, false, map[string][]string{"ab1": {"AB1"}, "Ab1": {"AB1"}, "AB1": {"AB1"}, "Ab2": {"Ab2"}}},
		{"mixed", []store.ListedRow{row(2, "aBc1")}, false, map[string][]string{"abc1": {"aBc1"}, "ABC1": {"aBc1"}, "AbC1": {"aBc1"}, "aBc1": {"aBc1"}}},
		{"the other ID of a row", []store.ListedRow{both(2, "s1", "ab1"), both(3, "S2", "aB2")}, false, map[string][]string{"AB1": {"ab1"}, "S1": {"s1"}, "AB2": {"aB2"}, "s2": {"S2"}}},
		{"two of two kinds", []store.ListedRow{row(2, "ab1"), live(3, "AB1")}, false, map[string][]string{"ab1": {"ab1"}, "AB1": {"AB1"}, "Ab1": {"AB1", "ab1"}}},
		{"three that differ", []store.ListedRow{row(2, "ab1"), row(3, "aB1"), row(4, "AB1")}, true, map[string][]string{"ab1": {"ab1"}, "aB1": {"aB1"}, "Ab1": {"AB1", "aB1", "ab1"}}},
	} {
		s := storetest.Open(t)
		run, _, err := s.Runs().Open(t.Context(), "test", true)
		storetest.Check(t, err)
		in, err := s.Lists().Begin(t.Context())
		storetest.Check(t, err)
		in.Distinguish(test.matters, false)
		for _, r := range test.list {
			storetest.Check(t, in.Row(r))
		}
		_, err = in.Commit(t.Context(), run, storetest.ListOf("l"))
		storetest.Check(t, err)
		for typed, want := range test.means {
			got, err := s.Personal().Named(t.Context(), typed)
			var several *alias.AmbiguousError
			switch {
			case len(want) > 1:
				if !errors.As(err, &several) || !slices.Equal(several.IDs, want) || got != "" {
					t.Errorf("%s: %q means %q, %v, want an error about %q", test.name, typed, got, err, want)
				}
			case err != nil || got != want[0]:
				t.Errorf("%s: %q means %q, %v, want %q", test.name, typed, got, err, want[0])
			}
		}
	}
}

// TestNamedByLists: a row of a list means the ID of its kind that it gives, or the one that differs from it in nothing but
// case, as a check or as its other ID; of several, none.
func TestNamedByLists(t *testing.T) {
	s := storetest.Open(t)
	known := []store.ListedRow{storetest.Row(2, "ab1"), livenessRow(3, "CD1"), storetest.Row(4, "eFg1"), bothRow(5, "s1", "hIj1"),
		storetest.Row(6, "kl1"), storetest.Row(7, "kL1")}
	takeWith(t, s, "l", true, known)
	for _, test := range []struct{ kind, id, means string }{
		{"signatureId", "AB1", "ab1"}, {"signatureId", "aB1", "ab1"}, {"signatureId", "ab1", "ab1"}, {"livenessId", "AB1", "AB1"},
		{"livenessId", "cd1", "CD1"}, {"livenessId", "cD1", "CD1"}, {"signatureId", "cd1", "cd1"},
		{"signatureId", "efg1", "eFg1"}, {"signatureId", "EfG1", "eFg1"}, {"livenessId", "HIJ1", "hIj1"},
		{"signatureId", "new1", "new1"}, {"signatureId", "kL1", "kL1"}, {"signatureId", "KL1", ""},
	} {
		got, err := s.Personal().NamedByLists(t.Context(), []alias.Form{{Kind: test.kind, ID: test.id}})
		if several := new(alias.AmbiguousError); errors.As(err, &several) {
			if test.means != "" || !slices.Equal(several.IDs, []string{"kL1", "kl1"}) {
				t.Errorf("%s %s: %v", test.kind, test.id, err)
			}
			continue
		}
		storetest.Check(t, err)
		if want := store.HashID(test.kind, test.means); len(got) != 1 || got[0] != want {
			t.Errorf("%s %s does not mean %q", test.kind, test.id, test.means)
		}
	}
}
