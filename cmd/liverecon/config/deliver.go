package config

import (
	"maps"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"liverecon/batch/evidence"
)

// Mail represents the server that takes mail. Without a host there is none.
type Mail struct {
	Host         string
	Port         int
	Security     string // MailStartTLS, MailTLS or MailPlain
	From         string
	User         string
	PasswordFile string
}

// How a connection to the mail server is secured. MailPlain is for a server on this machine alone.
const (
	MailStartTLS = "starttls"
	MailTLS      = "tls"
	MailPlain    = "none"
)

// Delivery describes what one recipient gets after a run, when and how. One of the channels is set.
type Delivery struct {
	Name      string
	Pages     []string // of Pages()
	When      string   // WhenAlways, WhenFindings or WhenFailure
	Workbooks string   // WorkbooksNone, WorkbooksEncrypted or WorkbooksPlain
	// Recipients are public keys of age that workbooks are encrypted to.
	Recipients []string
	MaxBytes   int64 // of all files of a message together; what is more is left out

	Mail      []string // addresses
	Directory string
	Command   []string
	Webhook   *Webhook
	Bucket    *Bucket
	SFTP      *SFTP
}

// Webhook represents an address that takes messages by HTTP. Its URL is a secret: who knows it can write there.
type Webhook struct {
	URL, URLFile string // one of them
	Format       string // WebhookSlack, WebhookTeams, WebhookGoogleChat or WebhookTemplate
	Template     string // file, of WebhookTemplate
}

// The pages that can be sent of a run.
const (
	PageVerdict   = "verdict"
	PageRisk      = "risk"       // of the night
	PageRiskMonth = "risk-month" // of the month to date
	PageFinance   = "finance"    // of the billing month to date
)

// When a page is sent.
const (
	WhenAlways   = "always"
	WhenFindings = "findings" // it has some
	WhenFailure  = "failure"  // the run was no good one
)

// How workbooks go with a page.
const (
	WorkbooksNone      = "none"
	WorkbooksEncrypted = "encrypted"
	WorkbooksPlain     = "plain"
)

// The forms of a webhook's messages.
const (
	WebhookSlack      = "slack" // Mattermost and Rocket.Chat take it, too
	WebhookTeams      = "teams"
	WebhookGoogleChat = "google-chat"
	WebhookTemplate   = "template"
)

// Pages returns the names of all pages.
func Pages() []string { return []string{PageVerdict, PageRisk, PageRiskMonth, PageFinance} }

func readMail(c *Config, t *table) {
	m := &c.Mail
	m.Host = t.text("host", "")
	m.Security = choice(t, "security", MailStartTLS, MailTLS, MailPlain)
	port := map[string]int64{MailStartTLS: 587, MailTLS: 465, MailPlain: 25}[m.Security]
	m.Port = int(t.count("port", port, 1, 65535))
	m.From = readAddress(t, "from", t.text("from", ""))
	m.User, m.PasswordFile = t.text("user", ""), keyFile(c, t, "password_file")
	switch {
	case m.Host == "" && len(t.values) > 0:
		t.wrong("host", "is the server that takes mail, and is missing")
	case strings.ContainsAny(m.Host, "/@ ") || strings.Count(m.Host, ":") == 1:
		t.wrong("host", "want the name of the server alone: its port is the setting port")
	case m.Host != "" && m.From == "" && !t.has("from"):
		t.wrong("from", "is the address that mail comes from, and is missing")
	case (m.User == "") != (m.PasswordFile == ""):
		t.wrong("user", "stands with password_file or not at all")
	case m.Security == MailPlain && m.User != "":
		t.wrong("user", "no password goes over a connection in the clear: want starttls or tls")
	case m.Security == MailPlain && m.Host != "" && !isLoopback(m.Host):
		t.wrong("security", "want starttls or tls: without them mail goes to a loopback address only")
	}
	if t.has("password") {
		t.wrong("password", "doesn't belong here: write it to a file of mode 0600 and name that as password_file")
		t.value("password")
	}
	t.refuseUnknown()
}

// readAddress checks a mail address, and returns it without a name.
func readAddress(t *table, name, text string) string {
	if text == "" {
		return ""
	}
	a, err := mail.ParseAddress(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		t.wrong(name, "%.80q is no mail address", text)
		return ""
	}
	return a.Address
}

// choice reads a text that is one of some; the first one holds where nothing is said.
func choice(t *table, name string, of ...string) string {
	text := t.text(name, of[0])
	if !slices.Contains(of, text) {
		t.wrong(name, "%.40q: want %s or %s", text, strings.Join(of[:len(of)-1], ", "), of[len(of)-1])
		return of[0]
	}
	return text
}

func readDeliver(c *Config, t *table) {
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		c.Deliver = append(c.Deliver, readDelivery(c, t.table(name), name))
	}
}

func readDelivery(c *Config, t *table, name string) Delivery {
	d := Delivery{Name: name, MaxBytes: t.count("max_bytes", 20<<20, 1<<10, 1<<30)}
	if !endpointName.MatchString(name) {
		t.Doc.wrong(t.path, "its name has small letters, digits, - and _, and begins with a letter")
	}
	d.When = choice(t, "when", WhenAlways, WhenFindings, WhenFailure)
	if d.Pages = t.texts("send"); d.Pages == nil {
		d.Pages = []string{PageRisk}
		if d.When == WhenFailure {
			d.Pages = []string{PageVerdict}
		}
	}
	for _, p := range d.Pages {
		if !slices.Contains(Pages(), p) {
			t.wrong("send", "%.40q: want %s", p, strings.Join(Pages(), ", "))
		}
	}
	if d.When == WhenFindings && slices.Contains(d.Pages, PageVerdict) {
		t.wrong("send", "the verdict has no findings: send it always, or on failure")
	}
	d.Workbooks = choice(t, "workbooks", WorkbooksNone, WorkbooksEncrypted, WorkbooksPlain)
	d.Recipients = t.texts("recipients")
	for i, key := range d.Recipients {
		if _, err := evidence.ParseRecipient(key); err != nil {
			t.wrong("recipients", "number %d %v", i+1, err)
		}
	}
	if (d.Workbooks == WorkbooksEncrypted) != (len(d.Recipients) > 0) {
		t.wrong("recipients", `are public keys of age, and stand with workbooks = "encrypted"`)
	}
	readChannel(c, t, &d)
	t.refuseUnknown()
	return d
}

// readChannel reads how a delivery goes out.
func readChannel(c *Config, t *table, d *Delivery) {
	d.Mail, d.Command = t.texts("mail"), t.texts("command")
	for i, a := range d.Mail {
		d.Mail[i] = readAddress(t, "mail", a)
	}
	if dir := t.text("directory", ""); dir != "" {
		d.Directory = pathFrom(c.Base, dir)
	}
	if t.has("webhook") {
		d.Webhook = readWebhook(c, t.table("webhook"))
	}
	if t.has("s3") {
		d.Bucket = readBucket(c, t.table("s3"))
	}
	if t.has("sftp") {
		d.SFTP = readSFTP(c, t.table("sftp"))
	}
	channels := 0
	for _, name := range []string{"mail", "directory", "command", "webhook", "s3", "sftp"} {
		t.value(name)
		if t.has(name) {
			channels++
		}
	}
	switch {
	case channels != 1:
		t.Doc.wrong(t.path, "want one of mail, webhook, directory, s3, sftp and command, and have %d", channels)
	case d.Mail != nil && c.Mail.Host == "":
		t.wrong("mail", "goes through the server of [mail], and there is none")
	case d.Webhook != nil && d.Workbooks != WorkbooksNone:
		t.wrong("workbooks", "a webhook takes no files")
	}
}

func readWebhook(c *Config, t *table) *Webhook {
	w := &Webhook{URL: readPingURL(t, "url"), URLFile: keyFile(c, t, "url_file")}
	w.Format = choice(t, "format", WebhookSlack, WebhookTeams, WebhookGoogleChat, WebhookTemplate)
	if file := t.text("template_file", ""); file != "" {
		w.Template = pathFrom(c.Base, file)
	}
	if t.has("url") == t.has("url_file") {
		t.wrong("url", "stands here, or alone in a file of mode 0600 as url_file")
	}
	if (w.Format == WebhookTemplate) != (w.Template != "") {
		t.wrong("template_file", `stands with format = "template"`)
	}
	t.refuseUnknown()
	return w
}

// Address returns the webhook's URL.
func (w *Webhook) Address() (string, error) {
	if w.URLFile == "" {
		return w.URL, nil
	}
	text, err := ReadSecret(w.URLFile)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !isPrivate(u) {
		return "", Usage("want one https URL; plain http goes to a loopback address only", "%s holds no URL of a webhook",
			filepath.Base(w.URLFile))
	}
	return text, nil
}
