package monthend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/worked"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// State represents how far a reconciled month was worked and signed. Amounts are decimal texts.
type State struct {
	Exceptions int64       `json:"exceptions"`
	Open       int64       `json:"open"`
	Worked     int64       `json:"worked"`     // exceptions about which a decision stands
	Lapsed     int64       `json:"lapsed"`     // decisions about rows that are no exceptions any more
	Reopened   int64       `json:"open_again"` // exceptions that changed since they were worked
	Disagree   int64       `json:"disagreements"`
	Sums       []Sum       `json:"amounts"`
	Signatures []Signature `json:"signatures"` // the last of each role
	Missing    []string    `json:"to_close"`   // what keeps the month from being closed without a reason
	Figures    string      `json:"figures_sha256"`
	Digest     string      `json:"worked_sha256"` // what signatures are for

	late int64 // calls that the reconciliation lacks
}

// Sum represents what of a currency is to dispute, and what became of it.
type Sum struct {
	Currency  string `json:"currency"`
	ToDispute string `json:"to_dispute"` // as reconciled
	Left      string `json:"left_to_dispute"`
	Claimed   string `json:"disputed"` // marked as such
	Accepted  string `json:"accepted"`
	Settled   string `json:"settled"` // accepted, credited or explained
	Pay       string `json:"proposed_for_payment"`

	// Invoices are those that are paid each for itself: several, or one that other months pay a part of.
	Invoices []Invoice `json:"invoices,omitempty"`
}

// Invoice represents what is proposed for payment of one invoice of a month.
type Invoice struct {
	StatementID int64  `json:"statement_id"`
	Billed      string `json:"billed"` // of the month, with what the total differs from the lines by
	ToDispute   string `json:"to_dispute"`
	Settled     string `json:"settled"`
	Elsewhere   string `json:"proposed_elsewhere"` // by other months that it has lines of
	Pay         string `json:"proposed_for_payment"`
}

// Signature represents the last signature in a role.
type Signature struct {
	Role     string    `json:"role"`
	Name     string    `json:"name"`
	At       time.Time `json:"signed_at"`
	Decision string    `json:"decision"`
	Comment  string    `json:"comment"`
	Valid    bool      `json:"valid"`
	For      string    `json:"to_dispute_then"`

	text string
}

// ReadState reads how far a month was worked, nil where it is not reconciled.
func ReadState(ctx context.Context, s *store.Store, month string) (state *State, err error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	return StateOf(ctx, snap, month)
}

// StateOf reads the same in a snapshot.
func StateOf(ctx context.Context, snap *snapshot.Snapshot, month string) (*State, error) {
	m, err := worked.Load(ctx, snap, month)
	if err != nil || m == nil {
		return nil, err
	}
	state := &State{Exceptions: int64(len(m.Exceptions)), Open: m.Count(worked.Open), Worked: m.Worked(),
		Lapsed: int64(len(m.Lapsed)), Sums: []Sum{}, Signatures: []Signature{}, Missing: append([]string{},
			m.Missing()...),
		Figures: fmt.Sprintf("%x", m.Figures), Digest: fmt.Sprintf("%x", m.Digest()),
		late: m.Late}
	for i := range m.Exceptions {
		if m.Exceptions[i].Was != nil {
			state.Reopened++
		}
		if m.Exceptions[i].Other != nil {
			state.Disagree++
		}
	}
	for _, s := range m.Sums {
		sum := Sum{s.Currency, s.ToDispute.String(), s.Left.String(), s.Claimed.String(),
			s.Accepted.String(), s.Settled.String(), s.Pay.String(), nil}
		for _, i := range s.Invoices {
			if s.ByInvoice() {
				sum.Invoices = append(sum.Invoices, Invoice{i.StatementID, i.Theirs.String(), i.ToDispute.String(),
					i.Settled.String(), i.PaidElsewhere.String(), i.Pay.String()})
			}
		}
		state.Sums = append(state.Sums, sum)
	}
	for _, s := range m.Signed() {
		state.Signatures = append(state.Signatures, Signature{s.Role, s.Name, s.SignedAt, s.Decision, s.Comment,
			s.Valid,
			s.ToDispute, s.Sentence()})
	}
	return state, nil
}

// Sentences describe the state: calls that are not in it, what was worked, and what was signed. A month that has all
// calls and that nobody has worked or signed has none.
func (s *State) Sentences() (all []string) {
	if s != nil && s.late > 0 {
		all = append(all, accounts.LateCalls(s.late)+": reconcile again")
	}
	if s == nil || s.Worked+s.Lapsed+s.Reopened+int64(len(s.Signatures)) == 0 {
		return all
	}
	text := fmt.Sprintf("worked: %s of %s, %s open", words.Comma(s.Worked), words.Plural(s.Exceptions, "exception",
		"exceptions"), words.Comma(s.Open))
	for _, sum := range s.Sums {
		if sum.ToDispute == "0" {
			continue
		}
		text += fmt.Sprintf("; %s left to dispute, %s disputed, %s accepted", money(sum.Currency, sum.Left),
			money("", sum.Claimed), money("", sum.Accepted))
	}
	if s.Reopened > 0 {
		text += "; " + words.Plural(s.Reopened, "row has", "rows have") + " changed since and " +
			words.IsAre(s.Reopened) + " open again"
	}
	if s.Lapsed > 0 {
		text += "; " + words.Plural(s.Lapsed, "decision has",
			"decisions have") + " lapsed: the row is no exception any more"
	}
	if s.Disagree > 0 {
		text += "; about " + words.Plural(s.Disagree, "row", "rows") + " two people disagree: the later decision stands"
	}
	all = append(all, text)
	var signed []string
	for _, one := range s.Signatures {
		signed = append(signed, one.text)
	}
	if signed != nil {
		all = append(all, strings.Join(signed, "; "))
	}
	return all
}

// money writes a decimal text for people.
func money(currency, text string) string {
	return billing.Money{Amount: worked.Amount(text), Currency: currency}.String()
}
