package images_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/images"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

const secretLink = "https://images.example.com/one?Signature=canary"

// withImages answers check 1 with a link and a refused one, check 2 with an image that came itself.
func withImages(t *testing.T) (s *store.Store, runID int64, answered time.Time) {
	t.Helper()
	s, runID = storetest.WithChecks(t, 3)
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	answered = time.Now().Truncate(time.Millisecond).UTC()
	for c, images := range [][]images.Image{
		{{Kind: images.Result, Folder: "PH/2026-11-21", URL: secretLink, ExpiresAt: answered.Add(24 * time.Hour)},
			{Kind: images.Far, Folder: "PH/2026-11-21", Refused: "not_a_link"}},
		{{Kind: images.Result, Folder: "PH/2026-11-21", Data: []byte("\xff\xd8\xff"), ExpiresAt: answered.Add(23 * time.Hour)}},
		nil,
	} {
		in := storetest.Intent(runID, int64(c+1), 1)
		r := storetest.Paid(in, 12)
		r.EndedAt, r.Answer.Images = answered, images
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
	}
	storetest.Check(t, j.Close())
	return s, runID, answered
}

func TestQueueOfImages(t *testing.T) {
	ctx := context.Background()
	s, _, answered := withImages(t)
	due, next, err := s.Images().Queued(ctx, answered, 10)
	want := []images.Waiting{
		{ID: 3, CallID: 2, Kind: images.Result, Folder: "PH/2026-11-21", ExpiresAt: answered.Add(23 * time.Hour)},
		{ID: 1, CallID: 1, Kind: images.Result, Folder: "PH/2026-11-21", URL: secretLink, ExpiresAt: answered.Add(24 * time.Hour)},
	}
	if err != nil || !slices.Equal(due, want) || !next.IsZero() {
		t.Errorf("queue %+v, next %v, %v", due, next, err)
	}
	if data, err := s.Images().Data(ctx, 3); err != nil || string(data) != "\xff\xd8\xff" {
		t.Errorf("data %q, %v", data, err)
	}
	if _, err := s.Images().Data(ctx, 1); err == nil {
		t.Error("a link gave data")
	}

	// One waits for another try; it comes up again when its time has come, or when it has expired.
	later := answered.Add(time.Hour)
	storetest.Check(t, s.Images().Record(ctx, []images.Tried{{ID: 1, State: images.Queued, Reason: "http_503", At: answered, Retry: later}}))
	if due, next, err := s.Images().Queued(ctx, answered, 10); err != nil || len(due) != 1 || !next.Equal(later) {
		t.Errorf("after a try: %+v, next %v, %v", due, next, err)
	}
	if due, _, err := s.Images().Queued(ctx, later, 10); err != nil || len(due) != 2 || due[1].Tries != 1 {
		t.Errorf("an hour later: %+v, %v", due, err)
	}

	storetest.Check(t, s.Images().Record(ctx, []images.Tried{
		{ID: 1, State: images.Expired, Reason: "age", At: later},
		{ID: 3, State: images.Stored, At: later, Path: "PH/2026-11-21/2-result-00.jpg", SHA256: bytes.Repeat([]byte{7}, 32), Bytes: 3},
	}))
	if n, err := s.Images().CountQueued(ctx); n != 0 || err != nil {
		t.Errorf("%d queued, %v", n, err)
	}
	if err := s.Images().Record(ctx, []images.Tried{{ID: 3, State: images.Expired, At: later}}); err == nil || !strings.Contains(err.Error(), "image 3") {
		t.Errorf("settled twice: %v", err)
	}
	got := storetest.Lines(t, storetest.Raw(t, s.Path()), `SELECT check_id, call_id, kind, state, reason, path, bytes FROM v_evidence ORDER BY evidence_id`)
	if rows := []string{"1|1|result|expired|age||-", "1|1|far|refused|not_a_link||-", "2|2|result|stored||PH/2026-11-21/2-result-00.jpg|3"}; !slices.Equal(got, rows) {
		t.Errorf("%q, want %q", got, rows)
	}
}

// TestLinkIsGone: of a link that is not needed any more no byte is left in the database's files.
func TestLinkIsGone(t *testing.T) {
	ctx := context.Background()
	s, _, answered := withImages(t)
	holding, err := s.Personal().Holding([]string{"Signature=canary"})
	if err != nil || len(holding) == 0 {
		t.Fatalf("the link is nowhere from the start: %v", err)
	}
	storetest.Check(t, s.Images().Record(ctx, []images.Tried{{ID: 1, State: images.Refused, Reason: "http_403", At: answered}}))
	storetest.Check(t, s.Close())
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(s.Path() + suffix)
		if err == nil && bytes.Contains(text, []byte("Signature=canary")) {
			t.Errorf("%s holds the link", filepath.Base(s.Path()+suffix))
		}
	}
}

func TestForgetEvidence(t *testing.T) {
	ctx := context.Background()
	s, _, answered := withImages(t)
	storetest.Check(t, s.Images().Record(ctx, []images.Tried{{ID: 3, State: images.Stored, At: answered, Path: "PH/2026-11-21/2-result-00.jpg", SHA256: []byte{7}, Bytes: 3}}))
	old, err := s.Images().Before(ctx, answered.Add(time.Millisecond), 10)
	if err != nil || len(old) != 1 || old[0].CheckID != 2 || old[0].Path == "" || old[0].State != images.Stored {
		t.Fatalf("old: %+v, %v", old, err)
	}
	if newer, err := s.Images().Before(ctx, answered, 10); err != nil || len(newer) != 0 {
		t.Errorf("not old: %+v, %v", newer, err)
	}
	of, err := s.Images().OfCheck(ctx, 1)
	if err != nil || len(of) != 2 || of[0].Kind != images.Result || of[0].State != images.Queued {
		t.Fatalf("of check 1: %+v, %v", of, err)
	}
	for range 2 { // a second time changes nothing
		storetest.Check(t, s.Images().Forget(ctx, []int64{1, 3}, answered))
	}
	if got := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT state || path || coalesce(bytes, '') FROM evidence"); !slices.Equal(got, []string{"erased", "refused", "erased"}) {
		t.Errorf("%q", got)
	}
	if n, err := s.Images().CountQueued(ctx); n != 0 || err != nil {
		t.Errorf("%d still queued, %v", n, err)
	}
}

func TestDroppedQueue(t *testing.T) {
	ctx := context.Background()
	s, _, answered := withImages(t)
	for _, want := range []int64{2, 0} {
		if n, err := s.Images().DropQueue(ctx, "switched_off", answered); n != want || err != nil {
			t.Errorf("dropped %d, %v, want %d", n, err, want)
		}
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM evidence WHERE state = 'refused' AND reason = 'switched_off'"); n != 2 {
		t.Errorf("%d refused", n)
	}
}

// TestImageOfADetail: the risk workbook's row knows the most telling of a call's stored images.
func TestImageOfADetail(t *testing.T) {
	ctx := context.Background()
	s, runID := storetest.WithChecks(t, 2)
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	var answered time.Time
	for c := int64(1); c <= 2; c++ {
		in := storetest.Intent(runID, c, 1)
		r := storetest.Paid(in, 12)
		answered = r.EndedAt
		if c == 1 {
			for _, kind := range []images.Kind{images.Audit, images.Far, images.Near, images.Result} {
				r.Answer.Images = append(r.Answer.Images, images.Image{Kind: kind, Folder: "PH/2026-11-21", URL: "https://h/x", ExpiresAt: answered})
			}
		}
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
	}
	storetest.Check(t, j.Close())
	for id, want := range []string{"", "a.jpg", "f.jpg", "n.jpg", "r.jpg"} {
		if want != "" {
			storetest.Check(t, s.Images().Record(ctx, []images.Tried{{ID: int64(id), State: images.Stored, At: answered, Path: want, SHA256: []byte{1}, Bytes: 1}}))
		}
		f, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		var got []string
		storetest.Check(t, f.Answers().EachSuspicious(ctx, answered.Add(-time.Hour), answered.Add(time.Hour), 50, true, nil, 0, 10, func(s *snapshot.Suspect) error {
			got = append(got, s.Image)
			return nil
		}))
		if !slices.Equal(got, []string{want, ""}) { // the oldest first
			t.Errorf("images of the queue: %q, want %q first", got, want)
		}
		all, err := f.Answers().Images(ctx, 1)
		if err != nil || len(all) != 4 || all[0].Kind != images.Result || all[3].Kind != images.Audit {
			t.Errorf("evidence of the call: %+v, %v", all, err)
		}
		storetest.Check(t, f.Close())
	}
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	s, _, answered := withImages(t)
	storetest.Check(t, s.Images().Record(ctx, []images.Tried{{ID: 1, State: images.Refused, Reason: "not_https", At: answered}, {ID: 3, State: images.Refused, Reason: "not_https", At: answered}}))
	for newest, want := range map[int][]images.Refusal{100: {{Reason: "not_https", Images: 2}, {Reason: "not_a_link", Images: 1}},
		1: {{Reason: "not_https", Images: 1}}} {
		if got, err := s.Images().Refusals(ctx, newest); err != nil || !slices.Equal(got, want) {
			t.Errorf("of the newest %d: %v, %v, want %v", newest, got, err, want)
		}
	}
}
