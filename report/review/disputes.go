package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/batch/table"
	"liverecon/report/dispute/register"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// The sheet on which people write down what became of disputes, and the heads of the columns that are read back.
const (
	DisputeSheet  = "Disputes"
	HeadDispute   = "Dispute"
	HeadOtherwise = "Credited otherwise"
	HeadSent      = "Sent on"
	HeadAnswered  = "Answered on"
	HeadAnswer    = "Answer"
	HeadReference = "Vendor's reference"
)

// headClaimed holds what a dispute comes to; it is not read back, but kept with a note.
const headClaimed = "Claimed"

// DisputeKey names a dispute of a database, the note shown for it and all that it is about.
func DisputeKey(first snapshot.RunSpan, d *register.Dispute) string {
	shown := int64(0)
	if d.Note != nil {
		shown = d.Note.NoteID
	}
	fields := []string{d.Month, d.Number, strconv.FormatInt(shown, 10), d.Currency, d.Endpoint, d.Reason, d.Invoice}
	for i, text := range fields {
		fields[i] = strings.NewReplacer("%", "%25", "/", "%2F").Replace(text)
	}
	text := strings.Join(fields, "/")
	return text + "/" + ofDatabase(first, text)
}

// ofDatabase ties a text to a database.
func ofDatabase(first snapshot.RunSpan, text string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", first.ID, first.StartedAt.UnixMilli(), text))
	return hex.EncodeToString(sum[:4])
}

// parseDisputeKey takes a key apart: what the dispute is about, and the note that was shown for it.
func parseDisputeKey(first snapshot.RunSpan, key string) (n accounts.DisputeNote, shown int64, ok bool) {
	at := strings.LastIndex(key, "/")
	if at < 0 || key[at+1:] != ofDatabase(first, key[:at]) {
		return n, 0, false
	}
	fields := strings.Split(key[:at], "/")
	if len(fields) != 7 {
		return n, 0, false
	}
	for i, text := range fields {
		fields[i] = strings.NewReplacer("%25", "%", "%2F", "/").Replace(text)
	}
	shown, err := strconv.ParseInt(fields[2], 10, 64)
	return accounts.DisputeNote{Month: fields[0], Number: fields[1], Currency: fields[3], Endpoint: fields[4],
		Reason: fields[5], Invoice: fields[6]}, shown, err == nil
}

// disputeSheet collects the rows of the disputes.
func (r *workReader) disputeSheet(book sheets, sheet int) error {
	var f *form
	return book.eachRow(sheet, func(number int, cells []table.Cell) error {
		if f == nil {
			var err error
			f, err = newForm(DisputeSheet, "", []string{HeadDispute, headClaimed, HeadOtherwise, HeadSent, HeadAnswered,
				HeadAnswer, HeadReference, HeadComment, HeadKey}, [][]string{{HeadDispute, "Month"}, {headClaimed,
				"Credited by statements", HeadOtherwise, "Recovered", "Outstanding", HeadSent, HeadAnswered, HeadAnswer,
				HeadReference, HeadComment, "Age, days"}, {"State", HeadKey}}, cells)
			if f != nil {
				f.zone = time.UTC
			}
			return err
		}
		w := formRow{f, number, slices.Clone(cells)}
		if w.text(HeadKey) != "" {
			r.disputes = append(r.disputes, w)
		}
		return nil
	})
}

// followed takes what people wrote down about disputes. Of a dispute about which somebody wrote something else since the
// workbook was made, what is read now stands, and that is said.
func (r *workReader) followed(ctx context.Context, snap *snapshot.Snapshot) error {
	if len(r.disputes) == 0 {
		return nil
	}
	stored, err := snap.Months().Disputes(ctx)
	if err != nil {
		return err
	}
	last, byID := map[string]*accounts.DisputeNote{}, map[int64]*accounts.DisputeNote{}
	for i := range stored {
		last[stored[i].Number], byID[stored[i].NoteID] = &stored[i], &stored[i]
	}
	for _, w := range r.disputes {
		key, shown, ok := parseDisputeKey(r.first, w.text(HeadKey))
		if !ok {
			r.mistake(w.sheet, w.location(HeadKey), "key %.40q: no dispute of this database", w.text(HeadKey))
			continue
		}
		if w.text(HeadDispute) != key.Number {
			r.mistake(w.sheet, w.location(HeadDispute),
				"this row's number was edited, or only some of its columns were sorted: it is %s", key.Number)
			continue
		}
		before := r.count()
		n := r.noted(w, key)
		old := byID[shown]
		if old == nil {
			old = &accounts.DisputeNote{}
		}
		switch now := last[key.Number]; {
		case r.count() > before, sameNote(old, &n), now != nil && sameNote(now, &n):
			continue
		case now != nil && now.NoteID > shown && now.File != r.found.File.Name:
			r.found.Disagree = append(r.found.Disagree, fmt.Sprintf("%s row %d (%s): %s had something else of it meanwhile",
				w.sheet, w.number, n.Number, now.File))
		}
		r.found.Disputes = append(r.found.Disputes, n)
	}
	return nil
}

// noted returns what a row says.
func (r *workReader) noted(w formRow, n accounts.DisputeNote) accounts.DisputeNote {
	n.Sheet, n.Row = w.sheet, w.number
	n.Claimed = strings.TrimSpace(w.text(headClaimed))
	n.Credited = r.amount(w, HeadOtherwise)
	n.Answer = strings.ToLower(strings.TrimSpace(w.text(HeadAnswer)))
	n.Reference, n.Comment = strings.TrimSpace(w.text(HeadReference)), w.text(HeadComment)
	if n.Answer != "" && !slices.Contains(accounts.Answers(), n.Answer) {
		r.mistake(w.sheet, w.location(HeadAnswer), "answer %.40q: want %s", w.text(HeadAnswer), orList(accounts.Answers()))
	}
	if len(n.Reference) > maxReviewer {
		r.mistake(w.sheet, w.location(HeadReference), "a reference of %d bytes: at most %d", len(n.Reference), maxReviewer)
	}
	day := func(head string) string {
		text := strings.TrimSpace(w.text(head))
		if text == "" {
			return ""
		}
		at := r.moment(w, head, text)
		if at.IsZero() {
			return ""
		}
		return at.Format(time.DateOnly)
	}
	n.SentOn, n.AnsweredOn = day(HeadSent), day(HeadAnswered)
	if n.SentOn != "" && n.AnsweredOn != "" && n.AnsweredOn < n.SentOn {
		r.mistake(w.sheet, w.location(HeadAnswered), "answered on %s, before it was sent on %s", n.AnsweredOn, n.SentOn)
	}
	return n
}

// sameNote compares what two notes say, as a workbook shows it.
func sameNote(a, b *accounts.DisputeNote) bool {
	return a.SentOn == b.SentOn && a.AnsweredOn == b.AnsweredOn && a.Answer == b.Answer && a.Credited == b.Credited &&
		xlsx.Visible(a.Reference) == xlsx.Visible(b.Reference) && xlsx.Visible(a.Comment) == xlsx.Visible(b.Comment)
}
