package finance

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
)

const (
	classMatched     = "matched"
	classPrice       = "price differs"
	classQuantity    = "quantity differs"
	classPricing     = "pricing differs"
	classOursOnly    = "ours only"
	classTheirsOnly  = "theirs only"
	classDoubt       = "explained by doubt"
	classTier        = "another tier"
	classDuplicate   = "duplicate on statement"
	classOther       = "other period"
	classMinimum     = "monthly minimum"
	classCredit      = "credit"
	classTax         = "tax"
	classUnexplained = "unexplained"

	stepOurs   = "ours"
	stepTheirs = "theirs"

	stepUnpriced = "not priced"
	stepCredits  = "credits"
	stepTax      = "tax"
)

// classText is what a class means, and what to do about one of its rows.
type formerClass struct {
	name, meaning, action string
	open                  bool
}

func classTexts() []formerClass {
	return []formerClass{
		{classMatched, "on both sides, same amount", "", false},
		{classPrice, "the same call, or one in doubt, another amount", "Dispute the price", true},
		{classQuantity, "a total over several calls that counts more or fewer", "Ask for the calls behind it", true},
		{classPricing, "our answer said FREE, they bill it", "Dispute: answered FREE", true},
		{classOursOnly, "our answer said PAY, no line bills it", "Accrue: a later statement may bill it", true},
		{classTheirsOnly, "billed, and no call of ours fits", "Dispute: ask for the request log", true},
		{classDoubt, "billed, and a call of ours without a clear answer fits", "Accept: settles a doubt", false},
		{classTier, "the same call in another tier; no tier has more calls than the month puts into it", "None: follows from the number of calls", false},
		{classDuplicate, "a transaction billed more than once; the first line is matched", "Dispute: billed twice", true},
		{classOther, "near the month's bounds, and the other month's", "None: belongs to the other month", false},
		{classMinimum, "as high as the price book's monthly minimum, and for that reason", "Accept: the contract's minimum", false},
		{classCredit, "money given back", "None", false},
		{classTax, "tax", "None", false},
		{classUnexplained, "the vendor's own total differs from its lines", "Ask what the total holds", true},
	}
}

func classOf(name string) formerClass {
	for _, c := range classTexts() {
		if c.name == name {
			return c
		}
	}
	return formerClass{name, "", "Look into it", true}
}

const (
	readingPay         = "pay-tag"
	readingSuccess     = "success"
	readingDistinct    = "distinct-id"
	readingTransaction = "transaction"
	readingEvery       = "every-call"
)

func formerReadings() []string {
	return []string{readingPay, readingSuccess, readingDistinct, readingTransaction, readingEvery}
}

func billedUnder(reading string, u store.Usage) bool {
	switch reading {
	case readingSuccess:
		return u.Outcome == store.Answered && u.Code == page.Success
	case readingEvery:
		return u.Outcome != store.Unsent
	}
	return u.Tag == store.TagPay
}

type formerKey struct{ reading, endpoint, currency string }

type formerDoubts struct {
	may  map[formerKey]int64
	once map[int64]bool
}

// mayBill counts a call in doubt under every reading that may bill it; rows come in the order of time.
func (d *formerDoubts) mayBill(c store.DoubtCall, state string, price *billing.Price) {
	for _, reading := range formerReadings() {
		may := state == doubtOpen
		switch reading {
		case readingSuccess: // an answer has a code
			may = may && c.Outcome == store.Unanswered
		case readingDistinct:
			may = may && !c.Paid && !d.once[c.CheckID]
			d.once[c.CheckID] = d.once[c.CheckID] || may || state == doubtBilled
		case readingEvery: // it bills them anyway
			may = false
		}
		if may {
			d.may[formerKey{reading, c.Endpoint, currencyOf(price)}]++
		}
	}
}

// TestOneReading compares what billing says of random calls with the workbook's former copy.
func TestOneReading(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 13))
	codes := []string{"SUCCESS", "ERROR", "LIVENESS_ID_NOT_EXISTED", ""}
	for range 20000 {
		u := store.Usage{Outcome: []store.Outcome{store.Answered, store.Unanswered, store.Unsent}[r.IntN(3)]}
		switch u.Outcome {
		case store.Answered:
			u.Tag, u.Code = []store.Tag{store.TagPay, store.TagFree, store.TagUnknown}[r.IntN(3)], codes[r.IntN(4)]
		case store.Unanswered:
			u.Tag = store.TagUnknown
		default:
			u.Tag = store.TagNone
		}
		for _, reading := range billing.Readings() {
			if got, want := chargeOf(reading, u) == billing.Pay, billedUnder(string(reading), u); got != want {
				t.Fatalf("%s: %+v: %t, %t by the copy", reading, u, got, want)
			}
		}
	}
}

// TestOneDoubt does the same for random calls in doubt.
func TestOneDoubt(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 14))
		d, old := &doubts{may: map[readingKey]int64{}, once: map[int64]bool{}}, &formerDoubts{may: map[formerKey]int64{}, once: map[int64]bool{}}
		for range 60 {
			c := store.DoubtCall{CheckID: r.Int64N(20), Endpoint: []string{"ph", "sg"}[r.IntN(2)], Outcome: store.Unanswered, Paid: r.IntN(4) == 0}
			if r.IntN(2) == 0 {
				c.Outcome, c.Code = store.Answered, []string{"ERROR", "LIVENESS_ID_NOT_EXISTED", ""}[r.IntN(3)]
			}
			state := []string{doubtOpen, doubtBilled, doubtNotBilled}[r.IntN(3)]
			var price *billing.Price
			if r.IntN(2) == 0 {
				price = &billing.Price{Currency: "USD"}
			}
			d.mayBill(c, state, price)
			old.mayBill(c, state, price)
		}
		got := map[formerKey]int64{}
		for k, n := range d.may {
			got[formerKey{string(k.reading), k.endpoint, k.currency}] = n
		}
		if fmt.Sprint(got) != fmt.Sprint(old.may) || fmt.Sprint(d.once) != fmt.Sprint(old.once) {
			t.Fatalf("seed %d: %v, %v by the copy", seed, d, old)
		}
	}
}

// TestOneOfEachClass compares the classes with the workbook's former copy.
func TestOneOfEachClass(t *testing.T) {
	for i, c := range classTexts() {
		name := billing.ClassNames()[i]
		if text := textOf(name); string(name) != c.name || isOpen(name) != c.open || text != (classText{c.meaning, c.action}) {
			t.Errorf("%s: %+v, %+v by the copy", name, text, c)
		}
	}
	if got, want := textOf("new"), classOf("new"); got.action != want.action || got.meaning != want.meaning || isOpen("new") != want.open {
		t.Errorf("%+v, %+v by the copy", got, want)
	}
	for step, want := range map[string]string{billing.StepOurs: stepOurs, billing.StepTheirs: stepTheirs, billing.StepNotPriced: stepUnpriced, billing.StepCredits: stepCredits, billing.StepTax: stepTax} {
		if step != want {
			t.Errorf("%s, %s by the copy", step, want)
		}
	}
}
