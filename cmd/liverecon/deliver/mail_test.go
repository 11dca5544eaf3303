package deliver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/digest"
)

const password = "pa55-of-the-test"

// mailServer is a real SMTP server that keeps what it is given.
type mailServer struct {
	port int
	tls  *tls.Config // that knows its certificate

	mu      sync.Mutex
	letters []letter
	refuse  error // every message, with this
}

type letter struct {
	from string
	to   []string
	raw  []byte
}

// startMail starts a server: of STARTTLS, of TLS or of neither.
func startMail(t *testing.T, security string, setting func(*smtp.Server)) *mailServer {
	t.Helper()
	m := &mailServer{}
	certificate, roots := selfSigned(t)
	m.tls = &tls.Config{RootCAs: roots, ServerName: "localhost"}
	s := smtp.NewServer(m)
	s.Domain, s.AllowInsecureAuth, s.ReadTimeout = "localhost", security == config.MailPlain, 5*time.Second
	if security != config.MailPlain {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	}
	if setting != nil {
		setting(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = l.Addr().(*net.TCPAddr).Port
	if security == config.MailTLS {
		l = tls.NewListener(l, s.TLSConfig)
	}
	go s.Serve(l) //nolint:errcheck // it ends when it is closed
	t.Cleanup(func() { _ = s.Close() })
	return m
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: m}, nil
}

type mailSession struct {
	server *mailServer
	letter letter
}

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, given string) error {
		if user != "liverecon" || given != password {
			return errors.New("no such user or password: " + given)
		}
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error { s.letter.from = from; return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.to = append(s.letter.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.refuse != nil {
		return s.server.refuse
	}
	s.letter.raw = raw
	s.server.letters = append(s.server.letters, s.letter)
	return nil
}

func (s *mailSession) Reset() { s.letter = letter{} }

func (s *mailSession) Logout() error { return nil }

func (m *mailServer) channel(t *testing.T, security string) *mailChannel {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &mailChannel{to: []string{"risk@example.com", "boss@example.com"}, version: "1", roots: m.tls, server: config.Mail{
		Host: "localhost", Port: m.port, Security: security, From: "liverecon@example.com", User: "liverecon", PasswordFile: file}}
}

func samplePage() digest.Page {
	return digest.Page{Audience: "analysts", Title: "Liveness risk report — 2026-11-29", Headline: "Nothing changed & all is well.",
		Foot: "The end.", Tiles: []digest.Tile{{Label: "Suspicious rate", Value: "9.13%"}}}
}

func sample() message {
	return message{id: "run-7-risk-analysts", subject: "Liveness risk report — 2026-11-29: 2 findings", name: "risk_2026-11-29",
		page: samplePage(), run: Run{ID: 7, Good: true}}
}

// parts are the parts of a mail, decoded, by their type, or by their file's name.
func parts(t *testing.T, header mail.Header, body io.Reader) map[string]string {
	t.Helper()
	all := map[string]string{}
	var read func(contentType, encoding string, body io.Reader)
	read = func(contentType, encoding string, body io.Reader) {
		kind, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			r := multipart.NewReader(body, params["boundary"])
			for {
				p, err := r.NextRawPart()
				if err == io.EOF { //nolint:errorlint // as the reader documents it
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				name := p.Header.Get("Content-Type")
				if p.FileName() != "" {
					content, err := io.ReadAll(p)
					if err != nil {
						t.Fatal(err)
					}
					all[p.FileName()] = string(content)
					continue
				}
				read(name, p.Header.Get("Content-Transfer-Encoding"), p)
			}
		}
		if encoding == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		all[kind] = string(content)
	}
	read(header.Get("Content-Type"), header.Get("Content-Transfer-Encoding"), body)
	return all
}

// TestMail sends by every kind of connection, with user and password, to a real server.
func TestMail(t *testing.T) {
	for _, security := range []string{config.MailStartTLS, config.MailTLS, config.MailPlain} {
		t.Run(security, func(t *testing.T) {
			server := startMail(t, security, nil)
			m := sample()
			m.files = []attachment{{"risk_2026-11-29.xlsx", []byte("PK\x03\x04")}}
			via := server.channel(t, security)
			if security == config.MailPlain { // no password goes over it
				via.server.User, via.server.PasswordFile = "", ""
			}
			if err := via.send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if len(server.letters) != 1 {
				t.Fatalf("%d letters", len(server.letters))
			}
			got := server.letters[0]
			if got.from != "liverecon@example.com" || strings.Join(got.to, " ") != "risk@example.com boss@example.com" {
				t.Errorf("from %s to %v", got.from, got.to)
			}
			msg, err := mail.ReadMessage(bytes.NewReader(got.raw))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
			if err != nil || subject != m.subject {
				t.Errorf("subject %q, %v", subject, err)
			}
			if id := msg.Header.Get("Message-Id"); id != "<"+m.id+"@example.com>" {
				t.Errorf("message ID %s: a second try could not be told", id)
			}
			if msg.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Error("holidays will answer it")
			}
			all := parts(t, msg.Header, msg.Body)
			if !strings.Contains(all["text/plain"], "Nothing changed & all is well.") ||
				!strings.Contains(all["text/html"], "Nothing changed &amp; all is well.") {
				t.Errorf("parts %q", all)
			}
			if len(all["risk_2026-11-29.xlsx"]) == 0 {
				t.Error("the workbook is not with it")
			}
		})
	}
}

// TestMailTroubles: each trouble is one clear line, and the password is in none.
func TestMailTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		server  func(*testing.T) *mailServer
		channel func(*mailChannel)
		want    string
	}{
		"down": {func(t *testing.T) *mailServer { return startMail(t, config.MailStartTLS, nil) },
			func(c *mailChannel) { c.server.Port = 1 }, "mail server localhost:1: "},
		"wrong password": {func(t *testing.T) *mailServer { return startMail(t, config.MailStartTLS, nil) },
			func(c *mailChannel) { c.server.User = "nobody" }, "no such user or password"},
		"certificate": {func(t *testing.T) *mailServer { return startMail(t, config.MailStartTLS, nil) },
			func(c *mailChannel) { c.roots = nil }, "certificate"},
		"no STARTTLS": {func(t *testing.T) *mailServer { return startMail(t, config.MailPlain, nil) },
			func(*mailChannel) {}, "STARTTLS"},
		"too large": {func(t *testing.T) *mailServer {
			return startMail(t, config.MailStartTLS, func(s *smtp.Server) { s.MaxMessageBytes = 1000 })
		}, func(*mailChannel) {}, "552"},
		"refused": {func(t *testing.T) *mailServer {
			m := startMail(t, config.MailStartTLS, nil)
			m.refuse = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not from you"}
			return m
		}, func(*mailChannel) {}, "not from you"},
		"password for all to read": {func(t *testing.T) *mailServer { return startMail(t, config.MailStartTLS, nil) },
			func(c *mailChannel) {
				if err := os.Chmod(c.server.PasswordFile, 0o644); err != nil {
					panic(err)
				}
			}, "others than its owner may read it"},
	} {
		t.Run(name, func(t *testing.T) {
			server := c.server(t)
			via := server.channel(t, config.MailStartTLS)
			c.channel(via)
			err := via.send(t.Context(), sample())
			if err == nil {
				t.Fatal("it is sent")
			}
			text := said(err, via.secrets())
			if !strings.Contains(text, c.want) || strings.Contains(text, password) || strings.Contains(text, "\n") {
				t.Errorf("%q, want %q in it", text, c.want)
			}
		})
	}
}

// TestSealedWorkbook: a workbook for a key of age is read with that key alone.
func TestSealedWorkbook(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "risk_2026-11-29.xlsx"), []byte("a workbook with IDs"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := sample()
	m.book = "risk_2026-11-29.xlsx"
	d := config.Delivery{Workbooks: config.WorkbooksEncrypted, Recipients: []string{identity.Recipient().String()}, MaxBytes: 100}
	if err := m.addWorkbook(dir, d); err != nil {
		t.Fatal(err)
	}
	if len(m.files) != 1 || m.files[0].name != "risk_2026-11-29.xlsx.age" || bytes.Contains(m.files[0].content, []byte("IDs")) {
		t.Fatalf("files %+v", m.files)
	}
	r, err := age.Decrypt(bytes.NewReader(m.files[0].content), identity)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "a workbook with IDs" {
		t.Errorf("%q, %v", got, err)
	}

	for _, c := range []struct {
		what, book string
		d          config.Delivery
		foot       string
	}{
		{"by default nothing goes with a page", m.book, config.Delivery{Workbooks: config.WorkbooksNone, MaxBytes: 100}, "The end."},
		{"too large", m.book, config.Delivery{Workbooks: config.WorkbooksPlain, MaxBytes: 3}, "The end. The workbook is not with it: 19 bytes are more than max_bytes (3)."},
		{"missing", "risk_2026-12-01.xlsx", config.Delivery{Workbooks: config.WorkbooksPlain, MaxBytes: 100}, "The end. The workbook is not there."},
	} {
		m := sample()
		m.book = c.book
		if err := m.addWorkbook(dir, c.d); err != nil || len(m.files) != 0 || m.page.Foot != c.foot {
			t.Errorf("%s: %d files, %q, %v", c.what, len(m.files), m.page.Foot, err)
		}
	}
}

func TestSaidHidesSecrets(t *testing.T) {
	err := fmt.Errorf("post https://hooks.example.com/T1/B2/xyz:\n  refused /T1/B2/xyz")
	if got := said(err, []string{"https://hooks.example.com/T1/B2/xyz", "/T1/B2/xyz", "", "/"}); got != "post ...: refused ..." {
		t.Errorf("%q", got)
	}
}
