package report

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"liverecon/report/internal/reporttest"
	"liverecon/report/review"
)

// reviewed fills a database with two small nights, of which the second has eight suspicious checks: what the workbooks in
// testdata/decisions are about.
func (f *fixture) reviewed() {
	for night := range 2 {
		var all []reporttest.Check
		for i := range 8 {
			c := reporttest.Scored("PH", 3.25+float64(i*5), []string{"1", "2"}[i%2])
			c.ID = fmt.Sprintf("c01dface5eed%04d", 100*night+i)
			all = append(all, c, reporttest.Scored("PH", 97.5, ""))
		}
		f.Night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
}

// readAs returns what was read from a file: a line a decision, then what else there is to say.
func readAs(q review.FilledQueue, err error) string {
	var lines []string
	for _, d := range q.New {
		at := d.DecidedAt.In(reporttest.Singapore()).Format("2 Jan 15:04")
		if d.Undated {
			at = "undated"
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s", d.Row, d.Decision, d.Reviewer, at, d.Comment)))
	}
	for _, note := range q.Notes {
		lines = append(lines, "note: "+note)
	}
	if err != nil {
		lines = append(lines, "error: "+err.Error())
	}
	return strings.Join(lines, "\n")
}

// TestSavedByOthers reads what other programs and people have made of a workbook: the right rows are taken, and of the others
// it is said what is the matter.
func TestSavedByOthers(t *testing.T) {
	three := `6 attack Ana Lim 2 Nov 14:30 mask, frame 2; "seen"
7 genuine Ana Lim 2 Nov 14:31
9 unclear Ben Ong 2 Nov 00:00`
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		for _, test := range []struct{ file, want string }{
			{"openpyxl.xlsx", three}, {"libreoffice.xlsx", three}, {"comma.csv", three}, {"german.csv", three},
			{"second-column.xlsx", three + "\nnote: column P is another of the name Decision: it is not read, and 3 of its cells are filled in; " +
				"what is to be kept of them belongs in column J\nnote: column Q is another of the name Reviewer: it is not read, and 3 of its " +
				"cells are filled in; what is to be kept of them belongs in column K"},
			{"column-before.xlsx", "6 attack Ana Lim 2 Nov 14:30\nnote: column A is another of the name Decision: it is not read, and 1 of its " +
				"cells are filled in; what is to be kept of them belongs in column K"},
			{"merged.xlsx", "6 attack Ana Lim 2 Nov 14:30 one gang\n7 attack Ana Lim 2 Nov 14:30 one gang\n8 attack Ana Lim 2 Nov 14:30 one gang"},
			{"as-typed.xlsx", "6 attack Ana Lim 2 Nov 00:00\n7 genuine Ana Lim 2 Nov 17:30\n8 attack Ana Lim 2 Nov 00:00\n9 attack Ana Lim 2 Nov 17:30\n" +
				`error: Manual queue!J10: decision "Angriff": want genuine, attack, unclear or escalated`},
			{"libreoffice.ods", "error: an OpenDocument spreadsheet (.ods): save it as XLSX or CSV"},
			{"libreoffice.xls", "error: an old Excel workbook (.xls): save it as .xlsx, and give that"},
		} {
			got := readAs(review.ReadDecisions(context.Background(), f.Store, filepath.Join("testdata", "decisions", test.file), time.Now()))
			if got != test.want {
				t.Errorf("%s:\n%s\nwant\n%s", test.file, got, test.want)
			}
		}
	})
}

// TestUnicodeText reads what Excel saves as Unicode text: UTF-16, tabs between the cells.
func TestUnicodeText(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		text, err := os.ReadFile(filepath.Join("testdata", "decisions", "german.csv"))
		f.Must(err)
		tabs := strings.ReplaceAll(string(text), ";", "\t")
		var wide []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + tabs)) {
			wide = binary.LittleEndian.AppendUint16(wide, unit)
		}
		path := filepath.Join(t.TempDir(), "queue.txt")
		f.Must(os.WriteFile(path, wide, 0o600))
		q, err := review.ReadDecisions(context.Background(), f.Store, path, time.Now())
		if len(q.New) != 3 || err != nil {
			t.Errorf("%d decisions (%v)", len(q.New), err)
		}
	})
}

// TestUnreadable tells a workbook with a password, a mark of one that is open, and a file that is not there yet from others,
// and says what to do; what stands beside a workbook is named.
func TestUnreadable(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		dir := t.TempDir()
		x := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).decide(1, "attack", "Ana", nil, "")
		risk, locked := filepath.Join(dir, "risk.xlsx"), filepath.Join(dir, "locked.xlsx")
		f.Must(x.file.SaveAs(risk))
		f.Must(x.file.SaveAs(locked, excelize.Options{Password: "secret"}))
		empty, open := filepath.Join(dir, "empty.xlsx"), filepath.Join(dir, "~$risk.xlsx")
		f.Must(errors.Join(os.WriteFile(empty, nil, 0o600), os.WriteFile(open, []byte("\x03Ana"), 0o600)))
		for path, want := range map[string]string{locked: "a workbook with a password", empty: "an empty file", open: "give the file without ~$"} {
			_, err := review.ReadDecisions(context.Background(), f.Store, path, time.Now())
			var unreadable *review.UnreadableError
			if !errors.As(err, &unreadable) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", filepath.Base(path), err, want)
			}
		}
		for _, name := range []string{"risk (1).xlsx", "risk (Ana's conflicted copy 2026-11-28).xlsx", "risk-DESKTOP-7AB12.xlsx", "risk - Copy.xlsx",
			"risk.sync-conflict-20261128-101112-ABCDEFG.xlsx"} {
			f.Must(os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		for _, name := range []string{"risk-28.xlsx", "risk_2026-11.xlsx", "risk_edited_20261102T010203Z.xlsx", "other (1).xlsx", "risk (1).pdf"} {
			f.Must(os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		}
		q, err := review.ReadDecisions(context.Background(), f.Store, risk, time.Now())
		f.Must(err)
		if n := len(q.Notes); n != 6 || len(q.New) != 1 {
			t.Errorf("%d decisions, %d notes:\n%s", len(q.New), n, strings.Join(q.Notes, "\n"))
		}
	})
}

// TestDecidedLastStands: the time of a decision decides, whichever file is read last; disagreement is kept and counted.
func TestDecidedLastStands(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		blank := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		time.Sleep(48 * time.Hour)
		for _, step := range []struct {
			decision, reviewer, at string
			older, changed, differ int64
			stands                 string
		}{
			{"attack", "Ana", "2026-11-03 10:00", 0, 0, 0, "attack"},
			{"genuine", "Ben", "2026-11-02 18:00", 1, 0, 1, "attack"},
			{"unclear", "Cy", "2026-11-03", 0, 1, 1, "unclear"}, // a day alone is no earlier than what was decided on it before
			{"genuine", "Ben", "2026-11-03 09:00", 1, 0, 1, "unclear"},
			{"genuine", "Ana", "", 0, 1, 1, "genuine"},
		} {
			x := openForm(t, blank)
			var at any
			if step.at != "" {
				at = step.at
			}
			q := f.take(x.decide(1, step.decision, step.reviewer, at, "").save())
			if q.Older != step.older || q.Changed != step.changed || q.Differ != step.differ || len(q.New) != 1 {
				t.Errorf("%s by %s: %d new, %d older, %d changed, %d differ", step.decision, step.reviewer, len(q.New), q.Older, q.Changed, q.Differ)
			}
			if got := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).text(1, review.HeadDecision); got != step.stands {
				t.Errorf("after %s by %s %q stands, want %q", step.decision, step.reviewer, got, step.stands)
			}
			if got := f.take(x.decide(1, step.decision, step.reviewer, at, "").save()); got.Known != 1 {
				t.Errorf("%s by %s again: %s", step.decision, step.reviewer, counts(got))
			}
		}
	})
}

// TestRowsOfLostDays takes the rows of a workbook that the database still has, and names those whose answers a restore lost,
// also where their numbers were given to others since.
func TestRowsOfLostDays(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		x := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		x.decide(1, "attack", "Ana", nil, "").decide(2, "attack", "Ana", nil, "").decide(3, "attack", "Ana", nil, "")
		// As it is after a restore: the number of row 1's answer is another's, that of row 2 is not given yet.
		kept, _, _ := strings.Cut(x.text(3, review.HeadKey), "-")
		x.set(1, review.HeadTransact, "00000000000000ff").set(1, review.HeadID, "c01dface5eed9999")
		run := firstRun(t, f)
		x.set(2, review.HeadKey, review.QueueKey(run, 900_000, 0))
		path := x.save()
		before := readAs(review.ReadDecisions(context.Background(), f.Store, path, time.Now()))
		if strings.Contains(before, "restore") || strings.Count(before, "attack Ana") != 1 {
			t.Errorf("without a restore:\n%s", before)
		}
		db, err := sql.Open("sqlite", f.Store.Path()) // closed inside of the bubble
		f.Must(err)
		_, err = db.Exec(fmt.Sprintf(`INSERT INTO restorations (run_id, restored_at, restored_by, epoch, left_epoch, record, lost_from, lost_until, lag_ms,
			lists_before, all_lists) VALUES (1, %d, 'ops', 'b', 'a', '', %d, %d, 0, 0, 0)`, time.Now().UnixMilli(),
			time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC).UnixMilli()))
		f.Must(errors.Join(err, db.Close()))
		q, err := review.ReadDecisions(context.Background(), f.Store, path, time.Now())
		if got := readAs(q, err); strings.Count(got, "is not in the database any more: the restore of 2026-11-03 ") != 2 || len(q.New) != 1 || q.Refused != 2 ||
			fmt.Sprint(q.New[0].CallID) != kept {
			t.Errorf("after it:\n%s", got)
		}
	})
}

// TestRowTwice takes a row that stands twice once, and neither where they disagree.
func TestRowTwice(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.reviewed()
		for second, want := range map[string]string{"attack": "1 new, 1 twice, 0 refused", "genuine": "0 new, 0 twice, 2 refused"} {
			x := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook)).decide(1, "attack", "Ana", nil, "")
			for head := range x.cols {
				if text := x.text(1, head); text != "" && head != review.HeadScore {
					x.set(9, head, text)
				}
			}
			score, err := strconv.ParseFloat(x.text(1, review.HeadScore), 64)
			if err != nil {
				t.Fatal(err)
			}
			x.set(9, review.HeadScore, score).set(9, review.HeadDecision, second)
			q, _ := review.ReadDecisions(context.Background(), f.Store, x.save(), time.Now())
			if got := fmt.Sprintf("%d new, %d twice, %d refused", len(q.New), q.Twice, q.Refused); got != want {
				t.Errorf("%s: %s, want %s", second, got, want)
			}
		}
	})
}
