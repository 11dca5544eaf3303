package accounts_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/parts"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// paper is a statement as a test writes it: the scopes of its lines of usage, and whether it has a tax line for them all.
type paper struct {
	name    string
	mapping string
	of      string   // whose lines it has; "": its own
	usage   []string // month/endpoint
	tax     bool
	word    parts.Word
	invoice string // month
}

// importPaper imports a statement with one line for each scope.
func importPaper(tb testing.TB, s *store.Store, p paper) (accounts.Imported, error) {
	tb.Helper()
	ctx := context.Background()
	in, err := s.Statements().Import(ctx)
	storetest.Check(tb, err)
	for i, scope := range p.usage {
		month, endpoint, _ := strings.Cut(scope, "/")
		storetest.Check(tb, in.Line(ctx, &accounts.StatementLine{Line: int64(i + 2), Kind: accounts.LineUsage, TransactionID: cmp.Or(p.of, p.name) + "-" + scope, Month: month, Endpoint: endpoint,
			Quantity: 1, UnitPrice: "0.03", Amount: "0.03", Currency: "USD"}))
	}
	if p.tax {
		storetest.Check(tb, in.Line(ctx, &accounts.StatementLine{Line: 99, Kind: accounts.LineTax, Month: p.usage[0][:7], Amount: "0.0027", Currency: "USD"}))
	}
	return in.Commit(ctx, accounts.Statement{Path: p.name, SHA256: sha256.Sum256([]byte(p.name)), Fingerprint: sha256.Sum256([]byte(p.mapping)),
		ImportedAt: time.Now(), Word: p.word, Month: p.invoice})
}

// standing lists the scopes that stand, as statement:month/endpoint.
func standing(tb testing.TB, s *store.Store) string {
	tb.Helper()
	scopes, err := s.Statements().Scopes(context.Background(), "")
	storetest.Check(tb, err)
	var all []string
	for _, c := range scopes {
		if c.SupersededBy == 0 {
			all = append(all, fmt.Sprintf("%s:%s/%s", c.Path, c.Month, c.Endpoint))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// TestStatementsTakePlace: which statements stand after several were imported one after the other.
func TestStatementsTakePlace(t *testing.T) {
	tests := []struct {
		name    string
		papers  []paper
		want    string
		refused string // what the last one is refused with
	}{
		{"one", []paper{{name: "a", usage: []string{"2026-11/sg"}}}, "a:2026-11/sg", ""},
		{"the same twice is one", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "a", usage: []string{"2026-11/sg"}}}, "a:2026-11/sg", ""},
		{"other lines stand beside", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", usage: []string{"2026-11/sg"}}}, "a:2026-11/sg b:2026-11/sg", ""},
		{"a corrected one takes the place", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg"}}}, "b:2026-11/sg", ""},
		{"of its own parts only", []paper{{name: "a", usage: []string{"2026-11/sg", "2026-11/th", "2026-12/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg"}, invoice: "2026-12"}},
			"a:2026-11/th a:2026-12/sg b:2026-11/sg", ""},
		{"on a later invoice somebody has to say", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg", "2026-12/sg"}}}, "a:2026-11/sg",
			"1 of the 1 lines of statement 1 (a) about sg in 2026-11 are on this one as well, whose invoice is of 2026-12"},
		{"that it takes the place", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg", "2026-12/sg"}, word: parts.Replace}},
			"b:2026-11/sg b:2026-12/sg", ""},
		{"or is billed again", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg", "2026-12/sg"}, word: parts.BilledAgain}},
			"a:2026-11/sg b:2026-11/sg b:2026-12/sg", ""},
		{"late lines never take the place of a month", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", usage: []string{"2026-11/sg", "2026-12/sg"}}},
			"a:2026-11/sg b:2026-11/sg b:2026-12/sg", ""},
		{"an additional one stands beside", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg"}, word: parts.Additional}},
			"a:2026-11/sg b:2026-11/sg", ""},
		{"a corrected one takes the place of both", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg"}, word: parts.Additional},
			{name: "c", of: "a", usage: []string{"2026-11/sg"}}}, "c:2026-11/sg", ""},
		{"the first again stands again", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", of: "a", usage: []string{"2026-11/sg"}}, {name: "a", usage: []string{"2026-11/sg"}}},
			"a:2026-11/sg", ""},
		{"a tax line follows its usage", []paper{{name: "a", usage: []string{"2026-11/sg"}, tax: true}, {name: "b", of: "a", usage: []string{"2026-11/sg"}, tax: true}},
			"b:2026-11/ b:2026-11/sg", ""},
		{"and stays while some of it stands", []paper{{name: "a", usage: []string{"2026-11/sg", "2026-11/th"}, tax: true}, {name: "b", of: "a", usage: []string{"2026-11/sg"}}},
			"a:2026-11/ a:2026-11/th b:2026-11/sg", ""},
		{"taxes of two endpoints' statements stand side by side", []paper{{name: "a", usage: []string{"2026-11/sg"}, tax: true}, {name: "b", usage: []string{"2026-11/th"}, tax: true}},
			"a:2026-11/ a:2026-11/sg b:2026-11/ b:2026-11/th", ""},
		{"without an endpoint beside one with", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "b", usage: []string{"2026-11/"}}}, "a:2026-11/sg",
			"names no endpoint in 2026-11, but statement 1 (a) is about endpoint sg"},
		{"with an endpoint beside one without", []paper{{name: "a", usage: []string{"2026-11/"}}, {name: "b", usage: []string{"2026-11/sg"}}}, "a:2026-11/",
			"is about endpoint sg in 2026-11, but statement 1 (a) names no endpoint"},
		{"in another month that is no conflict", []paper{{name: "a", usage: []string{"2026-11/"}}, {name: "b", usage: []string{"2026-12/sg"}}}, "a:2026-11/ b:2026-12/sg", ""},
		{"the same file read otherwise takes its own place", []paper{{name: "a", usage: []string{"2026-11/"}}, {name: "a", mapping: "sg", usage: []string{"2026-11/sg"}},
			{name: "b", usage: []string{"2026-11/th"}}}, "a:2026-11/sg b:2026-11/th", ""},
		{"also when it is to be additional", []paper{{name: "a", usage: []string{"2026-11/sg"}}, {name: "a", mapping: "other", usage: []string{"2026-11/sg"}, word: parts.Additional}},
			"a:2026-11/sg", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.Open(t)
			var err error
			for i, p := range test.papers {
				if _, err = importPaper(t, s, p); err != nil && i < len(test.papers)-1 {
					t.Fatal(err)
				}
			}
			if got := standing(t, s); got != test.want {
				t.Errorf("stands: %s, want %s", got, test.want)
			}
			var conflict *accounts.ScopeConflict
			var repeat *accounts.RepeatError
			named := errors.As(err, &conflict) || errors.As(err, &repeat)
			if test.refused == "" && err != nil || test.refused != "" && (!named || !strings.Contains(err.Error(), test.refused)) {
				t.Errorf("%v, want %q", err, test.refused)
			}
		})
	}
}

// TestImportSays what an import tells its caller.
func TestImportSays(t *testing.T) {
	s := storetest.Open(t)
	a := paper{name: "a", usage: []string{"2026-11/sg", "2026-12/sg"}}
	first, err := importPaper(t, s, a)
	storetest.Check(t, err)
	if first.Known || first.Lines != 2 || !slices.Equal(first.Months, []string{"2026-11", "2026-12"}) {
		t.Errorf("first: %+v", first)
	}
	second, err := importPaper(t, s, a)
	storetest.Check(t, err)
	if !second.Known || second.Again || second.StatementID != first.StatementID {
		t.Errorf("the same again: %+v", second)
	}
	corrected, err := importPaper(t, s, paper{name: "b", of: "a", usage: []string{"2026-11/sg"}, invoice: "2026-12"})
	storetest.Check(t, err)
	if !slices.Equal(corrected.Superseded, []int64{first.StatementID}) {
		t.Errorf("corrected: %+v", corrected)
	}
	again, err := importPaper(t, s, a)
	storetest.Check(t, err)
	if !again.Known || !again.Again || !slices.Equal(again.Superseded, []int64{corrected.StatementID}) {
		t.Errorf("the first again: %+v", again)
	}
}

// TestImportLeavesNothing of a statement that was refused or broken off.
func TestImportLeavesNothing(t *testing.T) {
	ctx := context.Background()
	s := storetest.Open(t)
	for _, text := range []string{"0,03", "", "NaN", "0.0.3"} {
		in, err := s.Statements().Import(ctx)
		storetest.Check(t, err)
		storetest.Check(t, in.Line(ctx, &accounts.StatementLine{Line: 2, Kind: accounts.LineUsage, Month: "2026-11", Amount: "0.03", Currency: "USD"}))
		if err := in.Line(ctx, &accounts.StatementLine{Line: 3, Kind: accounts.LineUsage, Month: "2026-11", Amount: text, Currency: "USD"}); err == nil {
			t.Errorf("amount %q was taken", text)
		}
		storetest.Check(t, in.Abort())
	}
	in, err := s.Statements().Import(ctx)
	storetest.Check(t, err)
	storetest.Check(t, in.Line(ctx, &accounts.StatementLine{Line: 2, Kind: "gift", Month: "2026-11", Amount: "0.03", Currency: "USD"}))
	if _, err := in.Commit(ctx, accounts.Statement{Path: "a"}); err == nil {
		t.Error("a line of no known kind was taken")
	}
	for _, table := range []string{"statements", "statement_parts", "statement_amounts", "statement_lines"} {
		if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM "+table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	if _, err := importPaper(t, s, paper{name: "a", usage: []string{"2026-11/sg"}}); err != nil {
		t.Errorf("an import after a broken one: %v", err)
	}
}

// TestScopeAmounts adds up a scope's lines by kind and currency, exactly.
func TestScopeAmounts(t *testing.T) {
	ctx := context.Background()
	s := storetest.Open(t)
	in, err := s.Statements().Import(ctx)
	storetest.Check(t, err)
	for i, amount := range []string{"0.1", "0.2", "-0.05", "1000000000000.123456789012"} {
		kind := accounts.LineUsage
		if i == 2 {
			kind = accounts.LineCredit
		}
		storetest.Check(t, in.Line(ctx, &accounts.StatementLine{Line: int64(i + 2), Kind: kind, Month: "2026-11", Endpoint: "sg", Quantity: 1, Amount: amount, Currency: []string{"USD", "IDR"}[i/3]}))
	}
	_, err = in.Commit(ctx, accounts.Statement{Path: "a"})
	storetest.Check(t, err)
	scopes, err := s.Statements().Scopes(ctx, "2026-11")
	storetest.Check(t, err)
	want := []accounts.StatementAmount{{Kind: "usage", Currency: "IDR", Quantity: 1, Amount: "1000000000000.123456789012"}, {Kind: "usage", Currency: "USD", Quantity: 2, Amount: "0.3"},
		{Kind: "credit", Currency: "USD", Quantity: 1, Amount: "-0.05"}}
	if len(scopes) != 1 || !slices.Equal(scopes[0].Amounts, want) || scopes[0].Lines != 4 || scopes[0].UsageLines != 3 {
		t.Errorf("%+v", scopes)
	}
}

// TestNotesStay: what was concluded when a statement was read stands beside it, in order, and once.
func TestNotesStay(t *testing.T) {
	ctx := context.Background()
	s := storetest.Open(t)
	st := accounts.Statement{Path: "a", SHA256: sha256.Sum256([]byte("a")), ImportedAt: time.Now(), Notes: []string{"first", "second"}}
	for range 2 { // the same file is one statement
		in, err := s.Statements().Import(ctx)
		storetest.Check(t, err)
		storetest.Check(t, in.Line(ctx, &accounts.StatementLine{Line: 2, Kind: accounts.LineUsage, Month: "2026-11", Quantity: 1, Amount: "0.03", Currency: "USD"}))
		got, err := in.Commit(ctx, st)
		storetest.Check(t, err)
		snap, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		notes, err := snap.Statements().Notes(ctx, got.StatementID)
		storetest.Check(t, err)
		storetest.Check(t, snap.Close())
		if !slices.Equal(notes, st.Notes) {
			t.Errorf("notes %q, want %q", notes, st.Notes)
		}
	}
}
