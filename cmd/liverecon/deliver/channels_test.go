package deliver

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/digest"
)

const secretPath = "/services/T000/B000/not-to-be-told"

// hook is a webhook's receiver and the channel to it.
func hook(t *testing.T, format string, answer http.HandlerFunc) *webhookChannel {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return newWebhookChannel(&config.Config{}, &config.Webhook{URL: server.URL + secretPath, Format: format}, "1")
}

// TestWebhookForms: each form is what its receiver documents, and says the headline and every sentence.
func TestWebhookForms(t *testing.T) {
	m := sample()
	m.page.Headline = "Rates <rose> & *fell*."
	m.page.Sections = []digest.Section{{Lines: []digest.Line{{Mark: "▲", Text: "Thailand rose."}}}}
	for format, text := range map[string]func(map[string]any) string{
		config.WebhookSlack:      func(v map[string]any) string { return v["text"].(string) },
		config.WebhookGoogleChat: func(v map[string]any) string { return v["text"].(string) },
		config.WebhookTeams: func(v map[string]any) string {
			a := v["attachments"].([]any)[0].(map[string]any)
			if v["type"] != "message" || a["contentType"] != "application/vnd.microsoft.card.adaptive" {
				t.Errorf("teams: %v", v)
			}
			card := a["content"].(map[string]any)
			if card["type"] != "AdaptiveCard" || card["version"] == nil {
				t.Errorf("card %v", card)
			}
			said := ""
			for _, b := range card["body"].([]any) {
				if text, ok := b.(map[string]any)["text"].(string); ok {
					said += text + "\n"
				}
			}
			return said
		},
	} {
		got := map[string]any{}
		c := hook(t, format, func(_ http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.URL.Path != secretPath || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				t.Errorf("%s: %s %s %s", format, r.Method, r.URL.Path, r.Header.Get("Content-Type"))
			}
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		})
		if err := c.send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		said := text(got)
		for _, want := range []string{m.subject, "▲ Thailand rose."} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no %q in %q", format, want, said)
			}
		}
		if format != config.WebhookTeams && !strings.Contains(said, "Rates &lt;rose&gt; &amp; ∗fell∗.") {
			t.Errorf("%s: signs of its mark-up stand: %q", format, said)
		}
	}
}

func TestWebhookTemplate(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "form.json")
	var got string
	c := hook(t, config.WebhookTemplate, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	})
	c.hook.Template = file
	for _, form := range []struct{ text, want, trouble string }{
		{`{"content": {{json .Headline}}, "run": {{.Run}}}`, `{"content": "Nothing changed \u0026 all is well.", "run": 7}`, ""},
		{`{"content": "{{.Headline}}"`, "", "what comes out is no JSON"},
		{`{{.Headline`, "", "unclosed action"},
	} {
		if err := os.WriteFile(file, []byte(form.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got = ""
		err := c.send(t.Context(), sample())
		if form.trouble == "" && err != nil || form.trouble != "" && (err == nil || !strings.Contains(err.Error(), form.trouble)) || got != form.want {
			t.Errorf("%s: sent %s, %v", form.text, got, err)
		}
	}
}

// TestWebhookTroubles: each is one clear line without the URL, and no redirect is followed.
func TestWebhookTroubles(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	for want, answer := range map[string]http.HandlerFunc{
		"it answers HTTP 404 Not Found": func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no "+r.URL.Path, 404) },
		"it redirects, which is not followed": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+secretPath, http.StatusTemporaryRedirect)
		},
		"EOF": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		c := hook(t, config.WebhookSlack, answer)
		err := c.send(t.Context(), sample())
		if err == nil {
			t.Fatalf("%s: it is sent", want)
		}
		if text := said(err, c.secrets()); !strings.Contains(text, want) || strings.Contains(text, "T000") {
			t.Errorf("%q, want %q", text, want)
		}
	}
	if followed {
		t.Error("the message went where it was redirected to")
	}
	c := hook(t, config.WebhookSlack, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that nobody waits any more
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if text := said(c.send(ctx, sample()), c.secrets()); !strings.Contains(text, "deadline") || strings.Contains(text, "T000") {
		t.Errorf("a receiver that hangs: %q", text)
	}
}

// TestGoogleChatIsCut: a longer text is refused there.
func TestGoogleChatIsCut(t *testing.T) {
	m := sample()
	m.page.Headline = strings.Repeat("ä", 10_000)
	c := &webhookChannel{hook: &config.Webhook{Format: config.WebhookGoogleChat}}
	body, err := c.body(m)
	var got struct{ Text string }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(got.Text)); err != nil || n > 4096 || !strings.HasSuffix(got.Text, "…") {
		t.Errorf("%d characters, %v", n, err)
	}
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	m := sample()
	m.files = []attachment{{"risk_2026-11-29.xlsx", []byte("book")}}
	if err := directoryChannel(dir).send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "risk_2026-11-29.html"))
	if err != nil || !strings.Contains(string(html), "<title>Liveness risk report") {
		t.Errorf("%s, %v", html, err)
	}
	if book, err := os.ReadFile(filepath.Join(dir, "risk_2026-11-29.xlsx")); err != nil || string(book) != "book" {
		t.Errorf("%s, %v", book, err)
	}
	missing := filepath.Join(dir, "not-mounted")
	if err := directoryChannel(missing).send(t.Context(), m); err == nil {
		t.Error("a directory that is not mounted is made")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("it is there")
	}
}
