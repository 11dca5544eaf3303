package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// deliverConfig has every setting of deliveries.
const deliverConfig = `
[mail]
host = "smtp.example.com"
from = "liverecon@example.com"

[deliver.a]
mail = "risk@example.com"

[deliver.b]
webhook = { url = "https://hooks.example.com/x" }

[deliver.c]
` + bucketLine + `

[deliver.d]
` + sftpLine + `

[export]
` + bucketLine + "\n"

func TestDeliverConfiguration(t *testing.T) {
	const server = "[mail]\nhost = \"smtp.example.com\"\nfrom = \"Liveness <liverecon@example.com>\"\n"
	for text, want := range map[string]string{
		server + "[deliver.a]\nmail = \"risk@example.com\"":                                                         ``,
		server + "[deliver.a]\nmail = [\"risk@example.com\", \"b@example.com\"]\nsend = [\"risk\", \"risk-month\"]": ``,
		"[deliver.a]\ndirectory = \"share\"\nwhen = \"findings\"\nsend = \"finance\"":                               ``,
		"[deliver.a]\ncommand = [\"post\", \"-v\"]\nworkbooks = \"plain\"":                                          ``,
		"[deliver.a]\nwebhook = { url = \"https://hooks.slack.com/x\" }":                                            ``,
		"[deliver.a]\nwebhook = { url_file = \"keys/hook\", format = \"teams\" }\nwhen = \"failure\"":               ``,
		"[deliver.a]": `t:1: deliver.a: want one of mail, webhook, directory, s3, sftp and command, and have 0`,
		"[deliver.a]\ndirectory = \"x\"\ncommand = \"y\"":                               `t:1: deliver.a: want one of mail, webhook, directory, s3, sftp and command, and have 2`,
		"[deliver.a]\nmail = \"risk@example.com\"":                                      `t:2: deliver.a.mail: goes through the server of [mail], and there is none`,
		server + "[deliver.a]\nmail = \"risk\"":                                         `t:5: deliver.a.mail: "risk" is no mail address`,
		server + "[deliver.a]\nmail = \"a@b.c\\r\\nBcc: d@e.f\"":                        `t:5: deliver.a.mail: "a@b.c\r\nBcc: d@e.f" is no mail address`,
		"[deliver.A]\ndirectory = \"x\"":                                                `t:1: deliver.A: its name has small letters, digits, - and _, and begins with a letter`,
		"[deliver.a]\ndirectory = \"x\"\nsend = \"risks\"":                              `t:3: deliver.a.send: "risks": want verdict, risk, risk-month, finance`,
		"[deliver.a]\ndirectory = \"x\"\nwhen = \"often\"":                              `t:3: deliver.a.when: "often": want always, findings or failure`,
		"[deliver.a]\ndirectory = \"x\"\nwhen = \"findings\"\nsend = \"verdict\"":       `t:4: deliver.a.send: the verdict has no findings: send it always, or on failure`,
		"[deliver.a]\ndirectory = \"x\"\nworkbooks = \"encrypted\"":                     `t:1: deliver.a.recipients: are public keys of age, and stand with workbooks = "encrypted"`,
		"[deliver.a]\nwebhook = { url = \"https://x.example\" }\nworkbooks = \"plain\"": `t:3: deliver.a.workbooks: a webhook takes no files`,
		"[deliver.a]\nwebhook = { url = \"http://x.example/secret\" }":                  `t:2: deliver.a.webhook.url: want https; plain http goes to a loopback address only`,
		"[deliver.a]\nwebhook = { format = \"slack\" }":                                 `t:2: deliver.a.webhook.url: stands here, or alone in a file of mode 0600 as url_file`,
		"[deliver.a]\nwebhook = { url = \"https://x.example\", format = \"template\" }": `t:2: deliver.a.webhook.template_file: stands with format = "template"`,
		"[deliver.a]\ndirectory = \"x\"\nattach = true":                                 `t:3: deliver.a.attach: no such setting`,
		"[mail]\nfrom = \"a@b.c\"":                                                      `t:1: mail.host: is the server that takes mail, and is missing`,
		"[mail]\nhost = \"smtp.example.com\"":                                           `t:1: mail.from: is the address that mail comes from, and is missing`,
		server + "security = \"none\"":                                                  `t:4: mail.security: want starttls or tls: without them mail goes to a loopback address only`,
		server + "user = \"u\"":                                                         `t:4: mail.user: stands with password_file or not at all`,
		server + "password = \"hunter2\"":                                               `t:4: mail.password: doesn't belong here: write it to a file of mode 0600 and name that as password_file`,
		strings.Replace(server, "smtp.example.com", "localhost", 1) + "security = \"none\"\nuser = \"u\"\npassword_file = \"p\"": `t:5: mail.user: no password goes over a connection in the clear: want starttls or tls`,
	} {
		_, err := Parse("t", ".", []byte(text))
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s:\n%v, want %q", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "x.example/secret")) {
			t.Errorf("%s: a secret is told: %v", text, err)
		}
	}
}

func TestDeliverDefaults(t *testing.T) {
	c, err := Parse("t", "/etc", []byte("[mail]\nhost = \"h\"\nfrom = \"a@b.c\"\nsecurity = \"tls\"\n"+
		"[deliver.a]\ndirectory = \"d\"\n[deliver.b]\ndirectory = \"/d\"\nwhen = \"failure\""))
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Deliver[0], c.Deliver[1]
	if c.Mail.Port != 465 || a.When != WhenAlways || strings.Join(a.Pages, "") != PageRisk || a.Workbooks != WorkbooksNone ||
		a.Directory != "/etc/d" || strings.Join(b.Pages, "") != PageVerdict || b.Directory != "/d" {
		t.Errorf("%+v\n%+v\n%+v", c.Mail, a, b)
	}
}

// TestWebhookAddress: the file of a URL is a secret's, and an error tells none of it.
func TestWebhookAddress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hook")
	for _, c := range []struct {
		content string
		mode    os.FileMode
		want    string
	}{{"https://hooks.example.com/s3cret\n", 0o600, ""}, {"http://hooks.example.com/s3cret", 0o600, "holds no URL of a webhook"},
		{"s3cret", 0o600, "holds no URL of a webhook"}, {"https://hooks.example.com/s3cret", 0o644, "others than its owner may read it"}} {
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		got, err := (&Webhook{URLFile: file}).Address()
		if c.want == "" && (err != nil || got != strings.TrimSpace(c.content)) ||
			c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%q %o: %q, %v", c.content, c.mode, got, err)
		}
	}
}
