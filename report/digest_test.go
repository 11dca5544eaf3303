package report

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/digest"
	"liverecon/report/risk"
	"liverecon/store/calendar"
)

var digests = flag.String("digests", "", "directory to write the pages for mail to, to be looked at")

// attackedMonth fills a database with 20 nights of October and 25 of November: in the second Thailand's rate is three
// times what it was, and one list of Indonesia is all injection.
func (f *fixture) attackedMonth() {
	random := rand.New(rand.NewPCG(3, 4))
	for night := range 45 {
		thailand := 0.03
		if night >= 20 {
			thailand = 0.12
		}
		all := reporttest.Mixed(random, "TH", "th", 60, thailand, 0.2)
		all = append(all, reporttest.Mixed(random, "ID", "id", 70, 0.06, 0.2)...)
		all = append(all, reporttest.Mixed(random, "PH", "ph", 40, 0.09, 0.2)...)
		all = append(all, reporttest.Mixed(random, "VN", "sg", 12, 0.1, 0.3)...)
		lists := []reporttest.ReadList{{Path: fmt.Sprintf("lists/ids_%02d.csv", night), Checks: all}}
		if night == 30 {
			var burst []reporttest.Check
			for range 60 {
				burst = append(burst, reporttest.Scored("ID", 3, "2"))
			}
			lists = append(lists, reporttest.ReadList{Path: "lists/promo_autumn_ID.csv", Checks: burst})
		}
		f.NightOf(lists...)
	}
}

func htmlOf(t *testing.T, p digest.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// said is the text of a page of HTML, as it is read.
func said(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

func keepDigest(t *testing.T, name string, p digest.Page) string {
	t.Helper()
	page := htmlOf(t, p)
	if *digests != "" {
		if err := os.WriteFile(filepath.Join(*digests, name), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return page
}

// TestRiskDigest: a page for mail says what the workbook claims, sentence by sentence, and names no list.
func TestRiskDigest(t *testing.T) {
	inFixture(t, "2026-10-12", func(f *fixture) {
		f.attackedMonth()
		period := calendar.Month(2026, 11, reporttest.Singapore())
		w := f.risk(period)
		page := w.Digest()
		f.Must(w.Close())
		html := keepDigest(t, "risk.html", page)
		text := said(html)
		options := risk.Options{Period: period, Threshold: 50, Inclusive: true}
		claims, err := risk.ReadClaims(context.Background(), f.Store, options)
		f.Must(err)
		if len(claims.Findings) < 2 || page.Findings != int64(len(claims.Findings)) {
			t.Fatalf("%d findings, the page counts %d: want at least Thailand and the list", len(claims.Findings), page.Findings)
		}
		named := false
		for _, c := range claims.Findings {
			sentence := strings.ReplaceAll(c.Sentence, "list promo_autumn_ID.csv", "one list")
			named = named || sentence != c.Sentence
			if !strings.Contains(text, sentence+".") {
				t.Errorf("the page does not say %q", sentence)
			}
		}
		if !named {
			t.Error("no finding names the list: the test is about one that does")
		}
		headline := strings.ReplaceAll(claims.Headline, "list promo_autumn_ID.csv", "one list")
		if !strings.Contains(text, headline) {
			t.Errorf("the page does not say %q", headline)
		}
		for _, never := range []string{"promo_autumn", ".csv", ".xlsx", "ids_"} {
			if strings.Contains(text, never) {
				t.Errorf("the page has %q: %s", never, around(text, never))
			}
		}
		for _, c := range claims.Findings { // what the page left out did not change what the workbook says
			if strings.Contains(c.Sentence, "one list") {
				t.Errorf("the workbook's own sentence lost the list's name: %s", c.Sentence)
			}
		}
	})
}

// TestFinanceDigest: a page for mail has the workbook's headline and the sums of its first sheet.
func TestFinanceDigest(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		w := f.finance(calendar.Month(2026, 11, reporttest.Singapore()))
		page := w.Digest()
		f.Must(w.Close())
		text := said(keepDigest(t, "finance.html", page))
		for _, want := range []string{
			"By our records alone", "USD 12.46–12.59", "Billable calls by region",
			"No statement is imported: liverecon reconcile --statement FILE sets it beside these records.",
			"✓ all",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q:\n%s", want, text)
			}
		}
	})
}

func around(text, part string) string {
	i := strings.Index(text, part)
	return text[max(0, i-40):min(len(text), i+40)]
}
