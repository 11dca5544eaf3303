package simulator_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// linksOf asks for an ID that has near and far images, and returns its links.
func linksOf(t *testing.T, c *caller) map[string]string {
	t.Helper()
	id := idOf(t, 3, func(a answer) bool { return succeeds(a) && a.data()["imageFarUrl"] != nil })
	links := map[string]string{}
	for _, field := range []string{"detectionResult", "imageFarUrl", "imageNearUrl"} {
		links[field], _ = c.ask("ph", id).data()[field].(string)
	}
	return links
}

func get(t *testing.T, rt http.RoundTripper, link string) (status int, body []byte) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := rt.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

// TestImageLinksLiveForADay: a link gives the same picture until it is a day old; one that was changed gives none.
func TestImageLinksLiveForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{Seed: 3})
		links := linksOf(t, c)
		for field, link := range links {
			status, first := get(t, c.rt, link)
			if status != http.StatusOK || !bytes.HasPrefix(first, []byte("\xff\xd8\xff")) {
				t.Errorf("%s: HTTP %d, %.10q", field, status, first)
			}
			if _, again := get(t, c.rt, link); !bytes.Equal(first, again) {
				t.Errorf("%s gives another picture the second time", field)
			}
			for _, forged := range []string{link + "0", strings.Replace(link, "Expires=", "Expires=9", 1)} {
				if status, body := get(t, c.rt, forged); status != http.StatusForbidden || bytes.Contains(body, []byte("expired")) {
					t.Errorf("forged link: HTTP %d, %q", status, body)
				}
			}
		}
		time.Sleep(24 * time.Hour)
		for _, link := range links {
			if status, body := get(t, c.rt, link); status != http.StatusForbidden || !bytes.Contains(body, []byte("expired")) {
				t.Errorf("a day later: HTTP %d, %q", status, body)
			}
		}
		if n := len(v.ImageRequests()); n != 3 {
			t.Errorf("requests for %d images, want 3", n)
		}
		if n := len(v.Complaints()); n != 0 {
			t.Errorf("complaints: %v", v.Complaints())
		}
	})
}

// TestImagesBehindAListener: links name the listener; a token taken along is complained about.
func TestImagesBehindAListener(t *testing.T) {
	v, err := simulator.New(simulator.Config{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(v)
	defer server.Close()
	c := &caller{t: t, rt: http.DefaultTransport, base: server.URL, tokens: map[string]string{}, wait: 30 * time.Second}
	link := linksOf(t, c)["detectionResult"]
	if !strings.HasPrefix(link, server.URL+"/images/") {
		t.Fatalf("link %s, the vendor is at %s", link, server.URL)
	}
	if status, body := get(t, c.rt, link); status != http.StatusOK || !bytes.HasPrefix(body, []byte("\xff\xd8\xff")) {
		t.Errorf("HTTP %d, %.10q", status, body)
	}
	r, err := http.NewRequest(http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-ACCESS-TOKEN", "secret")
	response, err := c.rt.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if v.Complaints()["secrets_to_images"] != 1 {
		t.Errorf("complaints: %v", v.Complaints())
	}
}

func TestImageFaultsAreChecked(t *testing.T) {
	v, _ := inProcess(t, simulator.Config{})
	for _, bad := range []map[simulator.Fault]float64{{"error": .1}, {simulator.ImageGone: 1.5}, {simulator.ImageGone: -1}, {simulator.ImageGone: .7, simulator.ImageText: .7}} {
		if v.SetImageFaults(bad) == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if err := v.SetImageFaults(map[simulator.Fault]float64{simulator.LinkPrivate: 1}); err != nil {
		t.Error(err)
	}
}
