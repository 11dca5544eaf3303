package accounts

import (
	"bytes"
	"testing"
)

// TestRowsDigest: the order of rows, and what is written about them, changes nothing; what they are and come to does.
func TestRowsDigest(t *testing.T) {
	files := map[int64][]byte{1: []byte("one"), 2: []byte("two"), 7: []byte("one")}
	row := ReconciledRow{Class: "matched", CallID: 3, StatementID: 1, Line: 4, Currency: "USD", TransactionID: "x",
		OurAmount: "0.03", TheirAmount: "0.03", Explained: "0", Doubt: "0"}
	digest := func(rows ...ReconciledRow) []byte {
		d := rowsDigest{files: files}
		for i := range rows {
			d.add(&rows[i])
		}
		return d.sum()
	}
	other := row
	other.StatementID, other.Line = 2, 1
	want := digest(row, other)
	for name, change := range map[string]func(*ReconciledRow){
		"note": func(r *ReconciledRow) { r.Note = "of another day" }, "number of the file": func(r *ReconciledRow) { r.StatementID = 7 },
		"check": func(r *ReconciledRow) { r.CheckID = 9 }, "no part": func(r *ReconciledRow) { r.Doubt, r.Explained = "", "" },
	} {
		same := row
		change(&same)
		if !bytes.Equal(digest(other, same), want) {
			t.Errorf("%s changes the digest", name)
		}
	}
	for name, change := range map[string]func(*ReconciledRow){
		"class": func(r *ReconciledRow) { r.Class = "duplicate on statement" }, "call": func(r *ReconciledRow) { r.CallID = 0 },
		"file": func(r *ReconciledRow) { r.StatementID = 2 }, "line": func(r *ReconciledRow) { r.Line++ },
		"ours": func(r *ReconciledRow) { r.OurAmount = "" }, "theirs": func(r *ReconciledRow) { r.TheirAmount = "0.031" },
		"rounding": func(r *ReconciledRow) { r.Rounding = "0.001" }, "currency": func(r *ReconciledRow) { r.Currency = "SGD" },
		"quantity": func(r *ReconciledRow) { r.TheirQuantity = 2 },
	} {
		changed := row
		change(&changed)
		if bytes.Equal(digest(changed, other), want) {
			t.Errorf("%s does not change the digest", name)
		}
	}
}
