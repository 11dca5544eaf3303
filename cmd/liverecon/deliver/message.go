package deliver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"filippo.io/age"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/digest"
	"liverecon/report/page"
	"liverecon/store/deliveries"
)

// message describes one page on its way.
type message struct {
	id      string // the same for every try
	subject string
	name    string // of the page as a file, without ending
	book    string // file of its workbook, "" for none
	run     Run
	page    digest.Page
	files   []attachment
}

type attachment struct {
	name    string
	content []byte
}

func newMessage(x deliveries.Delivery, r Run, p digest.Page) message {
	// When it was owed first tells it from another installation's, and from the one of a page that is sent once more.
	m := message{id: fmt.Sprintf("run-%d-%s-%s-%s", x.Run, x.Page, x.Recipient, strconv.FormatInt(x.OwedAt.UnixMilli(), 36)),
		subject: p.Title, name: x.Page, run: r, page: p}
	switch x.Page {
	case config.PageRisk, config.PageRiskMonth:
		m.name = "risk_" + x.Period
		m.book = m.name + ".xlsx"
		m.subject += ": " + page.Plural(p.Findings, "finding", "findings")
	case config.PageFinance:
		m.name = "finance_" + x.Period
		m.book = m.name + ".xlsx"
		m.subject += ": " + page.Plural(p.Findings, "open exception", "open exceptions")
	case config.PageVerdict:
		m.name = fmt.Sprintf("run_%d", x.Run)
	}
	if !r.Good {
		word, _, _ := strings.Cut(r.Verdict, ":")
		m.subject = word + " · " + m.subject
	}
	return m
}

// addWorkbook adds the page's workbook, where the recipient is to get it. One that is not there, or too large, is told.
func (m *message) addWorkbook(reports string, d config.Delivery) error {
	if d.Workbooks == config.WorkbooksNone || m.book == "" {
		return nil
	}
	content, err := readUpTo(filepath.Join(reports, m.book), d.MaxBytes)
	var large *tooLargeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.page.Foot += " The workbook is not there."
		return nil
	case errors.As(err, &large):
		m.page.Foot += " The workbook is not with it: " + large.Error() + "."
		return nil
	case err != nil:
		return err
	}
	a := attachment{m.book, content}
	if d.Workbooks == config.WorkbooksEncrypted {
		if a, err = sealed(a, d.Recipients); err != nil {
			return err
		}
	}
	m.files = append(m.files, a)
	return nil
}

type tooLargeError struct{ size, most int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("%d bytes are more than max_bytes (%d)", e.size, e.most)
}

func readUpTo(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, &tooLargeError{info.Size(), most}
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// sealed encrypts a file to the keys of age.
func sealed(a attachment, keys []string) (attachment, error) {
	recipients, err := age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n")))
	if err != nil {
		return a, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipients...)
	if err != nil {
		return a, err
	}
	if _, err := w.Write(a.content); err != nil {
		return a, err
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	return attachment{a.name + ".age", out.Bytes()}, nil
}

// html returns the page as HTML.
func (m message) html() ([]byte, error) {
	var b bytes.Buffer
	err := m.page.WriteHTML(&b)
	return b.Bytes(), err
}

// text returns the page as text.
func (m message) text() (string, error) {
	var b strings.Builder
	err := m.page.WriteText(&b)
	return b.String(), err
}

// all returns the page and its files, for what takes files.
func (m message) all() ([]attachment, error) {
	html, err := m.html()
	return append([]attachment{{m.name + ".html", html}}, m.files...), err
}
