package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/wneessen/go-mail"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
)

// mailChannel sends mail through a server.
type mailChannel struct {
	server  config.Mail
	to      []string
	version string
	hidden  []string
	roots   *tls.Config // of tests; nil: those of this machine
}

func (c *mailChannel) String() string {
	return "mail to " + words.Plural(int64(len(c.to)), "address", "addresses")
}

func (c *mailChannel) secrets() []string { return c.hidden }

func (c *mailChannel) send(ctx context.Context, m message) error {
	options := []mail.Option{mail.WithPort(c.server.Port), mail.WithTimeout(sendPatience)}
	switch c.server.Security {
	case config.MailTLS:
		options = append(options, mail.WithSSL())
	case config.MailPlain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.roots != nil {
		options = append(options, mail.WithTLSConfig(c.roots))
	}
	if c.server.PasswordFile != "" {
		password, err := config.ReadSecret(c.server.PasswordFile)
		if err != nil {
			return err
		}
		c.hidden = []string{password}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.server.User),
			mail.WithPassword(password))
	}
	client, err := mail.NewClient(c.server.Host, options...)
	if err != nil {
		return err
	}
	msg, err := c.letter(m)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("mail server %s:%d: %w", c.server.Host, c.server.Port, plainer(err))
	}
	return nil
}

// letter writes a message as mail: text and HTML of the page, and its files.
func (c *mailChannel) letter(m message) (*mail.Msg, error) {
	text, err := m.text()
	if err != nil {
		return nil, err
	}
	html, err := m.html()
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(c.server.From), msg.To(c.to...)); err != nil {
		return nil, err
	}
	_, host, _ := strings.Cut(c.server.From, "@")
	msg.Subject(m.subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(m.id + "@" + host) // the same for every try: a second one can be told
	msg.SetUserAgent("liverecon/" + c.version)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's holiday answers it
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, string(html))
	for _, f := range m.files {
		if err := msg.AttachReader(f.name, bytes.NewReader(f.content)); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// plainer takes an answer of the server out of what the library says around it.
func plainer(err error) error {
	var of *mail.SendError
	if errors.As(err, &of) && of.ErrorCode() != 0 {
		return fmt.Errorf("it answers %d: %w", of.ErrorCode(), err)
	}
	return err
}
