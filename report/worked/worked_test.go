package worked

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store/accounts"
)

func figures() Figures {
	return Figures{Month: "2026-10", Scope: []string{"id", "sg"}, Files: []File{{[]byte("a"), false}, {[]byte("b"), true}},
		Settings: `{"prices":[]}`, Basis: "pay-tag", Rows: []byte("rows"),
		Resolutions: []accounts.Resolution{{CallID: 1, Billed: true}, {CallID: 2, Short: "late"}},
		Bridge: []accounts.BridgeLine{{Currency: "USD", Step: "ours", Quantity: 3, Amount: "0.09"},
			{Currency: "USD", Step: "theirs", Quantity: 4, Amount: "0.12"}},
		Prior: []accounts.CorrectionRow{{Month: "2026-09", Kind: "late line", Right: "0.03", Theirs: "0.03"}, {Month: "2026-08"}}}
}

// TestFiguresDigest: the order of anything, zeros at an amount's end, and who made a resolution change nothing; every
// figure does.
func TestFiguresDigest(t *testing.T) {
	all := figures()
	want := all.Digest()
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		f := figures()
		random.Shuffle(len(f.Scope), reflect.Swapper(f.Scope))
		random.Shuffle(len(f.Files), reflect.Swapper(f.Files))
		random.Shuffle(len(f.Resolutions), reflect.Swapper(f.Resolutions))
		random.Shuffle(len(f.Bridge), reflect.Swapper(f.Bridge))
		random.Shuffle(len(f.Prior), reflect.Swapper(f.Prior))
		f.Bridge[0].Amount += "00"
		f.Resolutions[0].ReconciliationID = random.Int64()
		f.Prior[0].Note = "another remark"
		if f.Digest() != want {
			t.Fatalf("another digest of the same figures: %+v", f)
		}
	}
	for name, change := range map[string]func(*Figures){
		"month": func(f *Figures) { f.Month = "2026-11" }, "scope": func(f *Figures) { f.Scope = f.Scope[:1] },
		"file":       func(f *Figures) { f.Files[0].SHA256 = []byte("c") },
		"superseded": func(f *Figures) { f.Files[0].Superseded = true },
		"price":      func(f *Figures) { f.Settings = `{"prices":[1]}` }, "reading": func(f *Figures) { f.Basis = "success" },
		"rows": func(f *Figures) { f.Rows = []byte("others") }, "resolution": func(f *Figures) { f.Resolutions[0].Billed = false },
		"bridge": func(f *Figures) { f.Bridge[1].Amount = "0.13" }, "prior": func(f *Figures) { f.Prior[0].Theirs = "0.04" },
		"one more": func(f *Figures) { f.Prior = append(f.Prior, f.Prior[0]) },
	} {
		f := figures()
		change(&f)
		if f.Digest() == want {
			t.Errorf("%s changes nothing", name)
		}
	}
}

func amountOf(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// october is a month with three rows: 0.12 to dispute in two, and one that is not yet billed. It is billed 1.00 with 0.12
// of tax on what is to dispute.
func october() *Month {
	m := &Month{Name: "2026-10", over: map[string]decimal.Decimal{"USD": amountOf("0.12")},
		bridge: []accounts.BridgeLine{{Currency: "USD", Step: billing.StepTheirs, Amount: "1.00"},
			{Currency: "USD", Step: billing.StepTaxDisputed, Amount: "0.12"}},
		Exceptions: []Exception{
			{Key: "a", Class: string(billing.Duplicate), Currency: "USD", Issue: amountOf("0.09"), Default: Open},
			{Key: "b", Class: string(billing.PriceDiffers), Currency: "USD", Issue: amountOf("0.03"), Default: Open},
			{Key: "c", Class: string(billing.OursOnly), Currency: "USD", Issue: amountOf("-0.02"), Default: Open}}}
	m.Take(nil)
	return m
}

func decided(m *Month, key, status, disputed, accepted string) accounts.Work {
	i := slices.IndexFunc(m.Exceptions, func(e Exception) bool { return e.Key == key })
	return accounts.Work{Exception: key, Class: m.Exceptions[i].Class, Issue: m.Exceptions[i].Issue.String(), Status: status,
		Disputed: disputed, Accepted: accepted}
}

// TestPay holds a line back, and its tax with it, until it is accepted, credited or explained.
func TestPay(t *testing.T) {
	for _, test := range []struct{ status, disputed, accepted, left, claimed, pay string }{
		{Open, "", "", "0.12", "0", "0.76"}, {Disputed, "", "", "0.12", "0.09", "0.76"},
		{Accepted, "", "", "0.03", "0", "0.94"}, {Credited, "", "", "0.03", "0", "0.94"},
		{Explained, "", "", "0.03", "0", "0.94"}, {Disputed, "", "0.03", "0.09", "0.06", "0.82"},
		{Disputed, "0.01", "0.03", "0.09", "0.01", "0.82"}, {Accepted, "0.03", "0.06", "0.06", "0.03", "0.88"},
	} {
		m := october()
		m.Take([]accounts.Work{decided(m, "a", test.status, test.disputed, test.accepted)})
		s := m.In("USD")
		if s.Left.String() != test.left || s.Claimed.String() != test.claimed || s.Pay.String() != test.pay {
			t.Errorf("%s, %q disputed, %q accepted: %s left, %s disputed, %s to pay; want %+v", test.status, test.disputed,
				test.accepted, s.Left, s.Claimed, s.Pay, test)
		}
	}
}

// TestPayByInvoice accepts a line of one of two invoices: that one is paid more, and each is rounded for itself.
func TestPayByInvoice(t *testing.T) {
	m := october()
	m.paid = []accounts.Payable{{StatementID: 7, Currency: "USD", Theirs: amountOf("0.505"), ToDispute: amountOf("0.09"),
		TaxDisputed: amountOf("0.09")}, {StatementID: 8, Currency: "USD", Theirs: amountOf("0.495"),
		ToDispute: amountOf("0.03"), TaxDisputed: amountOf("0.03")}}
	m.Exceptions[0].Position.StatementID, m.Exceptions[1].Position.StatementID = 7, 8
	for _, test := range []struct{ accept, want string }{{"", "0.33 0.44 0.77"}, {"a", "0.51 0.44 0.95"}, {"b", "0.33 0.5 0.83"}} {
		var work []accounts.Work
		if test.accept != "" {
			work = append(work, decided(m, test.accept, Accepted, "", ""))
		}
		m.Take(work)
		s := m.In("USD")
		if got := fmt.Sprintf("%s %s %s", s.Invoices[0].Pay, s.Invoices[1].Pay, s.Pay); got != test.want || !s.ByInvoice() {
			t.Errorf("%q accepted: %s, want %s", test.accept, got, test.want)
		}
	}
}

// TestCarried: a decision goes on where class and issue are the same; else the row is open, and one that is gone lapses.
func TestCarried(t *testing.T) {
	m := october()
	work := []accounts.Work{decided(m, "a", Accepted, "", ""), decided(m, "b", Disputed, "", ""),
		decided(m, "c", Accepted, "", "")}
	m.Take(work)
	if n := m.Worked(); n != 3 || m.Count(Open) != 0 {
		t.Fatalf("%d worked, %d open", n, m.Count(Open))
	}
	m.Exceptions[1].Issue, m.Exceptions = amountOf("0.04"), m.Exceptions[:2]
	m.Take(work)
	if m.Exceptions[0].State().Status != Accepted || m.Exceptions[1].State().Status != Open ||
		m.Exceptions[1].Changed() != "figures changed from 0.03 to 0.04" {
		t.Errorf("carried: %+v, %+v (%s)", m.Exceptions[0].State(), m.Exceptions[1].State(), m.Exceptions[1].Changed())
	}
	if len(m.Lapsed) != 1 || m.Lapsed[0].Exception != "c" {
		t.Errorf("lapsed: %+v", m.Lapsed)
	}
	m.Exceptions[0].Class = string(billing.TheirsOnly)
	m.Take(work)
	if want := "class changed from duplicate on statement to theirs only"; m.Exceptions[0].Changed() != want {
		t.Errorf("%q, want %q", m.Exceptions[0].Changed(), want)
	}
}

// TestSignatures hold for a digest that a status or an amount changes, and an owner, a comment or a time does not.
func TestSignatures(t *testing.T) {
	m := october()
	w := decided(m, "a", Disputed, "", "")
	m.Take([]accounts.Work{w})
	digest := m.Digest()
	m.Signatures = []accounts.Signature{{Role: accounts.Prepared, Name: "Ana", Worked: digest[:], ToDispute: "USD 0.12"},
		{Role: accounts.Approved, Name: "Ben", Worked: digest[:]}}
	for i, same := range []accounts.Work{{Owner: "Cy"}, {Comment: "later"}, {Disputed: "0.09"}, {WorkID: 7}} {
		other := w
		other.Owner, other.Comment, other.Disputed, other.WorkID = same.Owner, same.Comment, same.Disputed, same.WorkID
		if m.Take([]accounts.Work{other}); m.Digest() != digest || m.Valid(accounts.Prepared) == nil {
			t.Errorf("%d: the digest changed", i)
		}
	}
	if missing := m.Missing(); !slices.Equal(missing, []string{"2 exceptions are open"}) {
		t.Errorf("missing: %q", missing)
	}
	for _, other := range []accounts.Work{decided(m, "a", Accepted, "", ""), decided(m, "a", Disputed, "0.08", ""),
		decided(m, "a", Disputed, "", "0.01"), decided(m, "b", Disputed, "", "")} {
		if m.Take([]accounts.Work{other}); m.Digest() == digest || m.Valid(accounts.Prepared) != nil {
			t.Errorf("%+v: the digest stays", other)
		}
	}
	if text := m.Signed()[0].Sentence(); text != "prepared by Ana on 0001-01-01: fallen, was for USD 0.12 to dispute" {
		t.Errorf("%q", text)
	}
}

// TestKeys: rows keep their keys whatever the order in which they come, and twins have keys of their own.
func TestKeys(t *testing.T) {
	rows := []accounts.ReconciledRow{{Line: 3, TheirTransactionID: "x"}, {Line: 9, TheirTransactionID: "x"},
		{Line: 4, TheirTransactionID: "y"}, {CallID: 5}, {Class: "minimum not billed", Endpoint: "id"},
		{Line: 7, Endpoint: "id", Region: "PH"}}
	keysOf := func(order []int) []string {
		var k keys
		for _, i := range order {
			k.add(i, "file", &rows[i])
		}
		all := make([]string, len(rows))
		k.set(func(i int, key string) { all[i] = key })
		return all
	}
	want := keysOf([]int{0, 1, 2, 3, 4, 5})
	if got := keysOf([]int{5, 1, 3, 0, 4, 2}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := slices.Compact(slices.Sorted(slices.Values(want))); len(all) != len(rows) {
		t.Errorf("%d keys of %d rows", len(all), len(rows))
	}
}
