package evidence_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/evidence"
)

// queue is one in memory.
type queue struct {
	mu      sync.Mutex
	items   map[int64]evidence.Item
	wait    map[int64]time.Time
	data    map[int64][]byte
	settled map[int64]evidence.Outcome
	broken  error // of Record
}

func newQueue(items ...evidence.Item) *queue {
	q := &queue{items: map[int64]evidence.Item{}, wait: map[int64]time.Time{}, data: map[int64][]byte{}, settled: map[int64]evidence.Outcome{}}
	for _, item := range items {
		q.items[item.ID] = item
	}
	return q
}

func (q *queue) sorted() []evidence.Item {
	var all []evidence.Item
	for _, item := range q.items {
		all = append(all, item)
	}
	slices.SortFunc(all, func(a, b evidence.Item) int { return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID)) })
	return all
}

func (q *queue) All(context.Context) ([]evidence.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sorted(), nil
}

func (q *queue) Due(_ context.Context, now time.Time, limit int) (due []evidence.Item, next time.Time, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, item := range q.sorted() {
		at := q.wait[item.ID]
		if at.After(now) && item.ExpiresAt.After(now) {
			if next.IsZero() || at.Before(next) {
				next = at
			}
			continue
		}
		if due = append(due, item); len(due) == limit {
			return due, time.Time{}, nil
		}
	}
	return due, next, nil
}

func (q *queue) Data(_ context.Context, id int64) ([]byte, error) { return q.data[id], nil }

func (q *queue) Record(_ context.Context, all []evidence.Outcome) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken != nil {
		return q.broken
	}
	for _, s := range all {
		item, queued := q.items[s.ID]
		if !queued {
			return fmt.Errorf("item %d was settled twice", s.ID)
		}
		if s.Fate == evidence.Again {
			item.Tries++
			q.items[s.ID], q.wait[s.ID] = item, s.Retry
			continue
		}
		delete(q.items, s.ID)
		q.settled[s.ID] = s
	}
	return nil
}

// host answers requests for images by their path, and notes when each came.
type host struct {
	mu     sync.Mutex
	answer func(path string, try int) (*http.Response, error)
	asked  map[string]int
	order  []string
	times  []time.Time
}

func (h *host) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asked == nil {
		h.asked = map[string]int{}
	}
	h.asked[r.URL.Path]++
	h.order, h.times = append(h.order, r.URL.Path), append(h.times, time.Now())
	if h.answer != nil {
		return h.answer(r.URL.Path, h.asked[r.URL.Path])
	}
	return image(http.StatusOK, jpeg+r.URL.Path), nil
}

func image(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func collector(t *testing.T, q evidence.Queue, h *host) (dir string, c *evidence.Collector) {
	t.Helper()
	dir, a := archive(t)
	return dir, &evidence.Collector{Queue: q, Archive: a, Workers: 3, Rate: 1000, Client: client(t, func(o *evidence.Options) { o.Transport = h })}
}

func item(id int64, life time.Duration) evidence.Item {
	return evidence.Item{ID: id, Link: fmt.Sprintf("https://images.example.com/%d", id), ExpiresAt: time.Now().Add(life),
		Ref: evidence.Ref{Folder: ref.Folder, Call: id, Kind: evidence.Result}}
}

// filled is a channel that says that nothing more comes.
func filled() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestEarliestExpiryFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for id := int64(1); id <= 400; id++ {
			q.items[id] = item(id, time.Duration((id*7)%401)*time.Minute+time.Hour)
		}
		want := []string{}
		for _, i := range q.sorted() {
			want = append(want, strings.TrimPrefix(i.Link, "https://images.example.com"))
		}
		h := &host{}
		dir, c := collector(t, q, h)
		c.Workers = 1
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Stored != 400 || len(q.settled) != 400 || len(files(t, dir)) != 400 {
			t.Errorf("%+v, %v, %d settled", tally, err, len(q.settled))
		}
		if !slices.Equal(h.order, want) {
			t.Errorf("asked in the order %q", h.order[:10])
		}
	})
}

// TestRateOfImages: never more are begun in any second than the rate.
func TestRateOfImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for id := int64(1); id <= 30; id++ {
			q.items[id] = item(id, time.Hour)
		}
		h := &host{}
		_, c := collector(t, q, h)
		c.Rate = 5
		if _, err := c.Collect(context.Background(), filled()); err != nil {
			t.Fatal(err)
		}
		for i := 5; i < len(h.times); i++ {
			if d := h.times[i].Sub(h.times[i-5]); d < time.Second {
				t.Errorf("requests %d to %d within %v", i-5, i, d)
			}
		}
	})
}

// TestWhatComesLater: items that come while others are fetched are fetched, too, until filled is closed.
func TestWhatComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(item(1, time.Hour))
		_, c := collector(t, q, &host{})
		more := make(chan struct{})
		time.AfterFunc(time.Hour/2, func() { q.mu.Lock(); q.items[2] = item(2, time.Hour); q.mu.Unlock(); close(more) })
		tally, err := c.Collect(context.Background(), more)
		if err != nil || tally.Stored != 2 {
			t.Errorf("%+v, %v", tally, err)
		}
	})
}

func TestExpiredLinksAreNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		q := newQueue(item(1, 0), item(2, -time.Hour), item(3, time.Second))
		_, c := collector(t, q, h)
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Expired != 2 || tally.Stored != 1 || len(h.order) != 1 || q.settled[1].Reason != "age" {
			t.Errorf("%+v, %v, asked for %q", tally, err, h.order)
		}
	})
}

// TestRepeats: a server's trouble is waited for, at most eight times in all, and not when a run has nothing else to do.
func TestRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{answer: func(path string, try int) (*http.Response, error) {
			if path == "/1" && try <= 2 {
				return image(http.StatusServiceUnavailable, ""), nil
			}
			if path == "/2" {
				return nil, errors.New("connection reset")
			}
			return image(http.StatusOK, jpeg), nil
		}}
		q := newQueue(item(1, 24*time.Hour), item(2, 24*time.Hour))
		_, c := collector(t, q, h)
		began := time.Now()
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Stored != 1 || tally.Failed != 5 || time.Since(began) > 2*time.Minute {
			t.Errorf("%+v, %v after %v", tally, err, time.Since(began))
		}
		for len(q.items) > 0 {
			time.Sleep(time.Hour)
			if _, err := c.Collect(context.Background(), filled()); err != nil {
				t.Fatal(err)
			}
		}
		if s := q.settled[2]; s.Fate != evidence.Refused || s.Reason != "connection" || h.asked["/2"] != 8 {
			t.Errorf("settled %+v after %d tries", s, h.asked["/2"])
		}
	})
}

// TestCrashBeforeCommit: files were stored, the queue does not know. The next start takes them over without asking again.
func TestCrashBeforeCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		q := newQueue(item(1, time.Hour), item(2, time.Hour), item(3, time.Hour))
		dir, c := collector(t, q, h)
		q.broken = errors.New("power is gone")
		if _, err := c.Collect(context.Background(), filled()); !errors.Is(err, q.broken) {
			t.Fatalf("collect: %v", err)
		}
		stored := files(t, dir)
		if len(stored) != 3 || len(q.settled) != 0 {
			t.Fatalf("%q stored, %d settled", stored, len(q.settled))
		}
		q.broken = nil
		if err := os.WriteFile(filepath.Join(dir, ref.Folder, ".2-result.part"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Stored != 3 || len(h.order) != 3 || !slices.Equal(files(t, dir), stored) {
			t.Errorf("%+v, %v, %d requests, %q", tally, err, len(h.order), files(t, dir))
		}
		for id, s := range q.settled {
			if !slices.Contains(stored, s.File.Path) {
				t.Errorf("image %d is in %q", id, s.File.Path)
			}
		}
	})
}

// TestToldToEnd: what is under way is broken off and stays in the queue, its try not counted.
func TestToldToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(item(1, time.Hour))
		dir, c := collector(t, q, &host{})
		hang := make(chan struct{})
		defer close(hang)
		c.Client = client(t, func(o *evidence.Options) { o.Transport, o.Timeout = hanging{}, time.Hour })
		ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
		defer cancel()
		began := time.Now()
		tally, err := c.Collect(ctx, hang)
		if err != nil || tally != (evidence.Tally{}) || q.items[1].Tries != 0 || len(files(t, dir)) != 0 || time.Since(began) != 90*time.Second {
			t.Errorf("%+v, %v, %+v, after %v", tally, err, q.items[1], time.Since(began))
		}
	})
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// TestPanicIsAnImagesFailure: whatever a server makes of us, the job goes on.
func TestPanicIsAnImagesFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(item(1, time.Hour), item(2, time.Hour))
		_, c := collector(t, q, &host{answer: func(path string, _ int) (*http.Response, error) {
			if path == "/1" {
				panic("out of range")
			}
			return image(http.StatusOK, jpeg), nil
		}})
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Stored != 1 || tally.Refused != 1 || q.settled[1].Reason != "panic" {
			t.Errorf("%+v, %v", tally, err)
		}
	})
}

// TestBrokenArchive: a disk that takes no file ends collecting, and the images stay queued.
func TestBrokenArchive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := item(1, time.Hour)
		bad.Folder = "not a folder"
		q := newQueue(bad)
		_, c := collector(t, q, &host{})
		if _, err := c.Collect(context.Background(), filled()); err == nil || !strings.Contains(err.Error(), "call 1") || len(q.items) != 1 {
			t.Errorf("collect: %v, %d queued", err, len(q.items))
		}
	})
}

// TestImageInTheQueue: one that the answer brought itself is stored without a request, also when a link would be dead.
func TestImageInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		first, second := item(1, -time.Hour), item(2, time.Hour)
		first.Link, second.Link = "", ""
		q := newQueue(first, second)
		q.data[1], q.data[2] = []byte(jpeg), []byte("<html>")
		dir, c := collector(t, q, h)
		tally, err := c.Collect(context.Background(), filled())
		if err != nil || tally.Stored != 1 || tally.Refused != 1 || len(h.order) != 0 || q.settled[2].Reason != "not_an_image" {
			t.Errorf("%+v, %v, asked for %q", tally, err, h.order)
		}
		text, err := os.ReadFile(filepath.Join(dir, q.settled[1].File.Path))
		if err != nil || string(text) != jpeg {
			t.Errorf("%q, %v", text, err)
		}
	})
}
