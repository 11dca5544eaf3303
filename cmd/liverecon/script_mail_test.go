package main

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"
)

// mailPlaceholder stands in a script's configuration for the port where its mail server listens.
const mailPlaceholder = "9025"

// startMail is `mailserver [refuse]`: it takes mail until the script ends, or refuses it. What it is sent is in
// mail/SUBJECT, and a line a mail in mail/log.
func startMail(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("mail")
	ts.Check(os.MkdirAll(dir, 0o755))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	s := smtp.NewServer(&mailbox{dir: dir, refuse: len(args) > 0})
	s.Domain = "localhost"
	go func() { _ = s.Serve(listener) }()
	ts.Defer(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	files, err := filepath.Glob(ts.MkAbs("*.toml"))
	ts.Check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		ts.Check(err)
		ts.Check(os.WriteFile(file, bytes.ReplaceAll(text, []byte(mailPlaceholder), []byte(port)), 0o600))
	}
}

// mailbox keeps the mail of a server.
type mailbox struct {
	dir    string
	refuse bool
	mu     sync.Mutex
}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: b}, nil }

type mailSession struct {
	box *mailbox
	to  []string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = append(s.to, to); return nil }

func (s *mailSession) Data(r io.Reader) error {
	if s.box.refuse {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	log, err := os.OpenFile(filepath.Join(s.box.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(log, "%s <- %s\n", strings.Join(s.to, " "), subject); err != nil {
		return err
	}
	if err := log.Close(); err != nil {
		return err
	}
	name, _, _ := strings.Cut(subject, " ")
	return os.WriteFile(filepath.Join(s.box.dir, name), body, 0o600)
}

func (s *mailSession) Reset() { s.to = nil }

func (s *mailSession) Logout() error { return nil }
