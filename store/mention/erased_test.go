package mention_test

import (
	"testing"
	"time"

	"liverecon/store/mention"
	"liverecon/store/storetest"
)

// TestClean: an erased ID is taken out of a text wherever it stands by itself, be it in capitals; what only holds its
// letters, and what was never erased, stays.
func TestClean(t *testing.T) {
	s, _ := storetest.WithChecks(t, 1)
	read := func() mention.Erased {
		e, err := mention.ReadErased(t.Context(), storetest.Raw(t, s.Path()))
		storetest.Check(t, err)
		return e
	}
	texts := map[string]string{
		"f302f5d2454a85c2":                        "X",
		"F302F5D2454A85C2":                        "X",
		"f302-f5d2-454a-85c2":                     "X",
		"1B4E28BA2FA111D2883F0016D3CCA427":        "X",
		"ids_f302f5d2454a85c2.csv":                "ids_X.csv",
		`{"retry of":"f302f5d2454a85c2","n":"7"}`: `{"retry of":"X","n":"7"}`,
		"f302f5d2454a85c2;f302f5d2454a85c2":       "X;X",
		"af302f5d2454a85c2":                       "af302f5d2454a85c2",
		"f302f5d2454a85c3":                        "f302f5d2454a85c3",
		"of 1b4e28ba-2fa1-11d2-883f-0016d3cca427": "of X",
		"1b4e28ba-2fa1":                           "1b4e28ba-2fa1",
		"":                                        "",
	}
	for text := range texts {
		if got := read().Clean(text, "X"); got != text {
			t.Errorf("nothing was erased: %q became %q", text, got)
		}
	}
	for _, id := range []string{"f302f5d2454a85c2", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"} {
		_, err := s.Personal().Erase(t.Context(), id, time.Now())
		storetest.Check(t, err)
	}
	for text, want := range texts {
		if got := read().Clean(text, "X"); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
