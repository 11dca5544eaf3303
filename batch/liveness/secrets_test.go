package liveness_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

const (
	canaryAccess = "canary-access-key"
	canarySecret = "canary-secret-key"
	canaryToken  = "canary-token-value"
	canaryQuery  = "reseller=canary-reseller-key"
)

// printed renders a value in every way something might print it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&b, format+"\n", v)
		fmt.Fprintf(&b, format+"\n", struct{ Held, Unexported any }{v, &v})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("message", "value", v, "group", slog.GroupValue(slog.Any("value", v)))
	}
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func checkNoCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, canary := range []string{canaryAccess, canarySecret, canaryToken, "canary-reseller-key"} {
		hex := fmt.Sprintf("%x", canary)
		if strings.Contains(text, canary) || strings.Contains(text, hex) {
			t.Errorf("%s shows %q:\n%s", what, canary, text)
		}
	}
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	keys := liveness.Credentials{AccessKey: canaryAccess, SecretKey: canarySecret}
	checkNoCanary(t, "credentials", printed(t, keys))
	checkNoCanary(t, "pointer to credentials", printed(t, &keys))
	checkNoCanary(t, "String", keys.String()+keys.GoString())
	text, err := keys.MarshalText()
	if err != nil || string(text) != "[redacted]" {
		t.Errorf("MarshalText = %q, %v", text, err)
	}
}

// parrot answers everything with what it was sent, in the worst way the test
// case thinks of.
func parrot(reply func(req *http.Request, echo string) (*http.Response, error)) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		echo := fmt.Sprint(req.URL, " ", req.Header, " ", string(body), " ", canarySecret)
		return reply(req, echo)
	})
}

// TestSecretsAreNotTold lets the other side, or the transport, repeat every
// secret it was given: nothing of it may come out of the client.
func TestSecretsAreNotTold(t *testing.T) {
	replies := map[string]func(*http.Request, string) (*http.Response, error){
		"HTML": func(_ *http.Request, echo string) (*http.Response, error) {
			return answer(502, "<html>"+echo, "Content-Type", echo), nil
		},
		"429": func(_ *http.Request, echo string) (*http.Response, error) { return answer(429, echo), nil },
		"message": func(_ *http.Request, echo string) (*http.Response, error) {
			return answer(200, inMessage(t, echo)), nil
		},
		"code": func(_ *http.Request, _ string) (*http.Response, error) {
			return answer(200, `{"code":"`+canaryAccess+`"}`), nil
		},
		"encoding": func(_ *http.Request, echo string) (*http.Response, error) {
			return answer(200, "x", "Content-Encoding", echo), nil
		},
		"redirect": func(req *http.Request, echo string) (*http.Response, error) {
			return answer(302, echo, "Location", "https://"+req.Header.Get("X-ACCESS-TOKEN")+"."+canarySecret+"/?"+echo), nil
		},
		"lost":       func(_ *http.Request, echo string) (*http.Response, error) { return nil, errors.New("lost: " + echo) },
		"cut answer": func(_ *http.Request, echo string) (*http.Response, error) { return cutAnswer(echo), nil },
	}
	e, _ := liveness.Lookup("id")
	e.ResultURL += "?" + canaryQuery
	e.TokenURL += "?" + canaryQuery
	for name, reply := range replies {
		c, err := liveness.NewClient(e, liveness.Credentials{AccessKey: canaryAccess, SecretKey: canarySecret}, liveness.Options{Transport: parrot(reply)})
		if err != nil {
			t.Fatal(err)
		}
		token := liveness.IssueToken(c, canaryToken)
		const id = "f302f5d2454a85c2"
		r := c.Detect(t.Context(), token, liveness.Query{SignatureID: id}, liveness.Watch{})
		checkNoCanary(t, name+": reply", printed(t, r)+string(r.Body))
		if r.Err != nil {
			checkNoCanary(t, name+": error", r.Err.Error())
			if strings.Contains(r.Err.Error(), id) {
				t.Errorf("%s: error %q shows the ID", name, r.Err)
			}
		}
		_, err = c.Token(t.Context())
		if err == nil {
			t.Errorf("%s: a token from a parrot", name)
			continue
		}
		checkNoCanary(t, name+": token error", printed(t, err))
		checkNoCanary(t, name+": token", printed(t, token)+token.String()+token.GoString())
	}
}

func inMessage(t *testing.T, echo string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"code": "IAM_FAILED", "message": echo, "extra": echo})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func cutAnswer(body string) *http.Response {
	r := answer(200, body)
	r.ContentLength++
	return r
}

// TestClientIsNotPrinted: a client is no secret, but it holds some.
func TestClientIsNotPrinted(t *testing.T) {
	e, _ := liveness.Lookup("id")
	c, err := liveness.NewClient(e, liveness.Credentials{AccessKey: canaryAccess, SecretKey: canarySecret}, liveness.Options{
		Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return answer(200, `{"code":"SUCCESS","data":{"token":"`+canaryToken+`"}}`), nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v\n%+v\n%#v\n", c, c, c)
	text += fmt.Sprintf("%v\n%+v\n%#v\n", struct{ hidden liveness.Token }{token}, struct{ hidden liveness.Token }{token}, struct{ hidden liveness.Token }{token})
	checkNoCanary(t, "client", text)
	if got := fmt.Sprintf("%+v", c); got != "liveness client id" {
		t.Errorf("client prints %q", got)
	}
	checkNoCanary(t, "issued token", printed(t, token))
}
