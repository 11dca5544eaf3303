package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/template"

	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/post"
	"liverecon/report/digest"
)

// webhookChannel posts a page as JSON. It follows no redirect, which would take the message elsewhere, and tells no
// URL: who knows it can write there.
type webhookChannel struct {
	hook    *config.Webhook
	version string
	client  *http.Client
	hidden  []string
}

func newWebhookChannel(c *config.Config, hook *config.Webhook, version string) *webhookChannel {
	return &webhookChannel{hook: hook, version: version, client: &http.Client{
		Transport: liveness.NewTransport(liveness.TransportOptions{MaxConns: 1, Proxy: c.Proxy.Of()}),
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("it redirects, which is not followed: give the URL that it redirects to")
		}}}
}

func (c *webhookChannel) String() string { return "webhook (" + c.hook.Format + ")" }

func (c *webhookChannel) secrets() []string { return c.hidden }

func (c *webhookChannel) send(ctx context.Context, m message) error {
	address, err := c.hook.Address()
	if err != nil {
		return err
	}
	if u, err := url.Parse(address); err == nil {
		c.hidden = []string{address, u.RequestURI(), u.Path}
	}
	body, err := c.body(m)
	if err != nil {
		return err
	}
	return post.Send(ctx, c.client, address, "application/json", c.version, bytes.NewReader(body))
}

// The longest texts that are taken, in characters: Slack's of a message, and Google Chat's, with room for what is
// around.
const (
	slackMost  = 39_000
	googleMost = 4_000
)

// body writes a message in the webhook's form.
func (c *webhookChannel) body(m message) ([]byte, error) {
	switch c.hook.Format {
	case config.WebhookTeams:
		return json.Marshal(teamsCard(m))
	case config.WebhookTemplate:
		return c.fromTemplate(m)
	case config.WebhookGoogleChat:
		return json.Marshal(map[string]string{"text": shortened(chatText(m), googleMost)})
	}
	return json.Marshal(map[string]string{"text": shortened(chatText(m), slackMost)})
}

// chatText returns a page in the mark-up that Slack and Google Chat share: what is between stars is bold. Their own
// signs in what is said are made harmless.
func chatText(m message) string {
	plain := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "_", "‗", "~", "∼", "`", "'").Replace
	var b strings.Builder
	fmt.Fprintf(&b, "*%s*\n%s\n", plain(m.subject), plain(m.page.Headline))
	for _, line := range firstLines(m.page) {
		fmt.Fprintf(&b, "%s %s\n", line.Mark, plain(line.Text))
	}
	return b.String()
}

// firstLines returns the sentences of a page, without its charts and tables.
func firstLines(p digest.Page) (lines []digest.Line) {
	for _, s := range p.Sections {
		lines = append(lines, s.Lines...)
	}
	return lines
}

// teamsCard returns a page as an Adaptive Card, as workflows of Teams take it.
func teamsCard(m message) map[string]any {
	block := func(text string, more map[string]any) map[string]any {
		all := map[string]any{"type": "TextBlock", "wrap": true, "text": text}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	var facts []map[string]string
	for _, t := range m.page.Tiles {
		facts = append(facts, map[string]string{"title": t.Label, "value": strings.TrimSpace(t.Value + "  " + t.Note)})
	}
	body := []any{block(m.subject, map[string]any{"weight": "Bolder", "size": "Medium"}), block(m.page.Headline, nil)}
	if facts != nil {
		body = append(body, map[string]any{"type": "FactSet", "facts": facts})
	}
	for _, line := range firstLines(m.page) {
		body = append(body, block(line.Mark+" "+line.Text, nil))
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content": map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
			"type": "AdaptiveCard", "version": "1.4", "body": body},
	}}}
}

// fromTemplate fills in a template of the operator's own: {{json .Headline}} writes a value as JSON. What comes out
// must be JSON.
func (c *webhookChannel) fromTemplate(m message) ([]byte, error) {
	text, err := os.ReadFile(c.hook.Template)
	if err != nil {
		return nil, err
	}
	t, err := template.New("template_file").Funcs(template.FuncMap{"json": func(v any) (string, error) {
		out, err := json.Marshal(v)
		return string(out), err
	}}).Parse(string(text))
	if err != nil {
		return nil, err
	}
	plain, err := m.text()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Subject": m.subject, "Title": m.page.Title, "Headline": m.page.Headline,
		"Text": plain, "Lines": firstLines(m.page), "Findings": m.page.Findings, "Run": m.run.ID, "Good": m.run.Good})
	if err == nil && !json.Valid(b.Bytes()) {
		err = errors.New("template_file: what comes out is no JSON; {{json .Headline}} writes a value as JSON")
	}
	return b.Bytes(), err
}

func shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
