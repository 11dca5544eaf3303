package batch_test

import (
	"bytes"
	"context"
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/evidence"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

func (h *history) archive() string { return filepath.Join(h.dir, "evidence") }

// keepImages makes a job keep images, from the vendor in process; done ends the use of the archive.
func (h *history) keepImages(job *batch.Job) (done func()) {
	job.ResultType = h.resultType
	if h.images == "" {
		return func() {}
	}
	client, err := evidence.NewClient(evidence.Options{MaxBytes: 1 << 20, Timeout: 10 * time.Second, Transport: h.vendor.Transport()})
	if err != nil {
		h.t.Fatal(err)
	}
	archive, err := evidence.OpenArchive(h.archive(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	job.Evidence = &batch.Evidence{Download: h.images, Client: client, Archive: archive, Workers: 4, Rate: 50, Linger: 10 * time.Minute}
	return func() {
		if err := archive.Close(); err != nil {
			h.t.Error(err)
		}
	}
}

// imageRow is a row of v_evidence as the tests need it.
type imageRow struct {
	call, state, reason, path, sha256 string
	score                             float64
	queued                            bool // it is in the queue
}

func (h *history) imageRows() []imageRow {
	h.t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.Join(h.dir, "liverecon.db")), RawQuery: "mode=ro"}).String())
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT e.call_id, e.state, e.reason, e.path, coalesce(e.sha256, ''), coalesce(a.score, -1), q.evidence_id IS NOT NULL
		FROM v_evidence e JOIN answers a ON a.call_id = e.call_id LEFT JOIN evidence_queue q USING (evidence_id)`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	var all []imageRow
	for rows.Next() {
		var r imageRow
		if err := rows.Scan(&r.call, &r.state, &r.reason, &r.path, &r.sha256, &r.score, &r.queued); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// judgeImages holds rows and files against each other: a stored image has its file, a file its row, and only what is
// queued has a link.
func (h *history) judgeImages() {
	t := h.t
	known := map[string]imageRow{}
	for _, r := range h.imageRows() {
		if r.queued != (r.state == "queued") || (r.path != "") != (r.state == "stored") {
			t.Errorf("image %+v", r)
		}
		if h.images == batch.DownloadManualCheck && r.score >= 50 {
			t.Errorf("an image of a check that passed: %+v", r)
		}
		if r.path != "" {
			known[r.path] = r
		}
	}
	err := filepath.WalkDir(h.archive(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(h.archive(), path)
		if r, ok := known[name]; !ok || !strings.Contains(name, "-"+r.sha256[:16]+".") {
			t.Errorf("nobody knows of %s", name)
		}
		delete(known, name)
		return err
	})
	if err != nil && h.images != "" {
		t.Error(err)
	}
	if len(known) > 0 {
		t.Errorf("%d stored images have no file", len(known))
	}
}

// TestImagesLinger: after the last call it can be watched how many images wait, until none does.
func TestImagesLinger(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
		h.images = batch.DownloadAll
		h.list(150)
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // looked at no more
		job := h.job(s)
		defer h.keepImages(job)()
		job.Evidence.Rate, job.Progress = 5, batch.NewProgress()
		var during batch.ImageProgress
		go func() { time.Sleep(20 * time.Second); during = job.Progress.Images() }()
		if _, err := batch.Run(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		after := job.Progress.Images()
		if during.Total < 300 || during.Done < 50 || during.Done > 100 || after.Total != during.Total || after.Done != after.Total {
			t.Errorf("after 20 s %+v, in the end %+v", during, after)
		}
	})
}

// TestNightWithImages: every image of the checks that it is asked for is stored, after one request without any secret, and
// no other one is.
func TestNightWithImages(t *testing.T) {
	for _, images := range []batch.Download{batch.DownloadAll, batch.DownloadManualCheck, ""} {
		t.Run(string(images), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
				h.images = images
				h.list(150)
				sum := h.night(night{})
				s := h.open()
				defer s.Close()
				wanted := h.linksIn(s, images)
				rows := h.imageRows()
				if n := int64(len(rows)); n != wanted || sum.Images.Stored != wanted || sum.Images.Queued != 0 || (wanted == 0) != (images == "") {
					t.Errorf("%d images, %+v, want %d", n, sum.Images, wanted)
				}
				for path, n := range h.vendor.ImageRequests() {
					if n != 1 {
						t.Errorf("%s was asked for %d times", path, n)
					}
				}
				if n := int64(len(h.vendor.ImageRequests())); n != wanted {
					t.Errorf("%d images were asked for, want %d", n, wanted)
				}
				if strings.Contains(sum.Verdict, "stored") != (wanted > 0) || sum.ExitCode != batch.ExitDone {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
			})
		})
	}
}

// linksIn counts the images of the checks that are kept. The store keeps no link, so the vendor is asked once more.
func (h *history) linksIn(s *store.Store, images batch.Download) (n int64) {
	client := h.client("id")
	token, err := client.Token(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range h.books(s).Calls {
		q := liveness.Query{ResultType: liveness.ImageURL, SignatureID: c.Text}
		if c.Kind == "livenessId" {
			q = liveness.Query{ResultType: liveness.ImageURL, LivenessID: c.Text}
		}
		e := client.Detect(context.Background(), token, q, liveness.Watch{}).Envelope
		if e.Detection == nil || images == "" || images == batch.DownloadManualCheck && *e.Detection.Score >= 50 {
			continue
		}
		for _, link := range []string{e.Detection.ResultImage, e.Detection.FarImageURL, e.Detection.NearImageURL, e.Detection.AuditImageURL} {
			if link != "" {
				n++
			}
		}
	}
	return n
}

// TestImagesOfAnEndedNight: what a signal leaves in the queue is fetched by the next run, without a call; after a day it is
// expired, its link is gone, and nobody is asked for a new one.
func TestImagesOfAnEndedNight(t *testing.T) {
	for later, state := range map[time.Duration]string{2 * time.Hour: "stored", 24*time.Hour + time.Minute: "expired"} {
		t.Run(state, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 10 * time.Millisecond})
				h.images = batch.DownloadAll
				if err := h.vendor.SetImageFaults(map[simulator.Fault]float64{simulator.ImageBusy: 1}); err != nil {
					t.Fatal(err)
				}
				h.list(50)
				sum := h.night(night{stopAfter: 2 * time.Second})
				if sum.Images.Stored != 0 || sum.Images.Queued < 50 || sum.Answered != 50 || sum.ExitCode != batch.ExitDone {
					t.Fatalf("the first night: %+v, %s", sum.Images, sum.Verdict)
				}
				queued := sum.Images.Queued
				if err := h.vendor.SetImageFaults(nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(later)
				calls := len(h.vendor.Entries())
				sum = h.night(night{})
				if n := len(h.vendor.Entries()); n != calls || !strings.Contains(sum.Verdict, "nothing to do") || !strings.Contains(sum.Verdict, state) {
					t.Errorf("%d requests to the vendor for images: %s", n-calls, sum.Verdict)
				}
				for _, r := range h.imageRows() {
					if r.state != state {
						t.Errorf("image %+v, want %s", r, state)
					}
				}
				if sum.Images.Stored+sum.Images.Expired != queued {
					t.Errorf("%+v of %d", sum.Images, queued)
				}
				sum = h.night(night{})
				if n := len(h.vendor.Entries()); n != calls || sum.Images != (batch.Images{}) {
					t.Errorf("the third night: %+v, %d requests", sum.Images, n-calls)
				}
			})
		})
	}
}

// TestImagesInsideAnswers: with IMAGE_BASE64 the result's image needs no request, and is not left in the database.
func TestImagesInsideAnswers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7})
		h.images, h.resultType = batch.DownloadAll, liveness.ImageBase64
		h.list(40)
		sum := h.night(night{})
		var inside int
		for path := range h.vendor.ImageRequests() {
			if strings.Contains(path, "result") {
				t.Errorf("asked for %s", path)
			}
		}
		for _, r := range h.imageRows() {
			if !strings.Contains(r.path, "-result-") {
				continue
			}
			inside++
			if text, err := os.ReadFile(filepath.Join(h.archive(), r.path)); err != nil || !bytes.HasPrefix(text, []byte("\xff\xd8\xff")) || len(text) < 3000 {
				t.Errorf("%s: %d bytes, %v", r.path, len(text), err)
			}
		}
		if inside < 35 || sum.Images.Queued != 0 || sum.Images.Refused != 0 {
			t.Errorf("%d images from answers, %+v", inside, sum.Images)
		}
	})
}

// TestImagesCostTheCallsNothing: a host of images that never answers changes neither when calls are made nor what becomes
// of them, and holds the run up no longer than its limits.
func TestImagesCostTheCallsNothing(t *testing.T) {
	var made [2]time.Duration // until the last call's answer
	for i, images := range []batch.Download{"", batch.DownloadAll} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 80 * time.Millisecond, LatencyJitter: 40 * time.Millisecond})
			h.images = images
			if err := h.vendor.SetImageFaults(map[simulator.Fault]float64{simulator.Timeout: 1}); err != nil {
				t.Fatal(err)
			}
			h.list(500)
			began := time.Now()
			sum := h.night(night{})
			for _, e := range h.vendor.Entries() {
				made[i] = e.At.Sub(began)
			}
			if took := time.Since(began); took > 11*time.Minute || sum.Answered != 500 || sum.ExitCode != batch.ExitDone {
				t.Errorf("took %v: %s", took, sum.Verdict)
			}
			if images != "" && (sum.Images.Queued < 500 || sum.Images.Failed == 0) {
				t.Errorf("%+v", sum.Images)
			}
		})
	}
	if made[0] != made[1] || made[0] == 0 {
		t.Errorf("the last call of a night without images was made after %v, with images after %v", made[0], made[1])
	}
}

// TestImagesSwitchedOff: links that nobody wants any more leave the database.
func TestImagesSwitchedOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7})
		h.images = batch.DownloadAll
		if err := h.vendor.SetImageFaults(map[simulator.Fault]float64{simulator.ImageBusy: 1}); err != nil {
			t.Fatal(err)
		}
		h.list(20)
		queued := h.night(night{stopAfter: time.Second}).Images.Queued
		h.images = ""
		if sum := h.night(night{}); queued == 0 || sum.Images.Refused != queued || sum.Images.Queued != 0 {
			t.Errorf("%d were queued, then %+v", queued, sum.Images)
		}
		for _, r := range h.imageRows() {
			if r.reason != "switched_off" || r.queued {
				t.Errorf("image %+v", r)
			}
		}
	})
}

// TestKilledBetweenFileAndRow: files are stored, the rows are not. The copy of the database from before is what a kill
// would have left.
func TestKilledBetweenFileAndRow(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7})
		h.images = batch.DownloadAll
		if err := h.vendor.SetImageFaults(map[simulator.Fault]float64{simulator.ImageBusy: 1}); err != nil {
			t.Fatal(err)
		}
		h.list(20)
		queued := h.night(night{stopAfter: time.Second}).Images.Queued
		if err := h.vendor.SetImageFaults(nil); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if sum := h.night(night{}); sum.Images.Stored != queued || queued == 0 {
			t.Fatalf("%+v of %d", sum.Images, queued)
		}
		asked := 0
		for _, n := range h.vendor.ImageRequests() {
			asked += n
		}
		if err := os.WriteFile(filepath.Join(dir, "liverecon.db"), before, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := h.night(night{})
		for _, n := range h.vendor.ImageRequests() {
			asked -= n
		}
		if sum.Images.Stored != queued || asked != 0 {
			t.Errorf("%+v, %d further requests", sum.Images, -asked)
		}
	})
}

// TestRadarOverNights: what is new is told once, counted each night, and not new any more when the codes table has it.
func TestRadarOverNights(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Faults: simulator.Faults{Always: map[string]simulator.Fault{
			"aaaa000000000001": simulator.UnknownCode, "aaaa000000000002": simulator.NewField, "aaaa000000000003": simulator.UnknownPricing,
			"aaaa000000000004": simulator.AttackOther, "aaaa000000000005": simulator.ScoreString, "aaaa000000000006": simulator.ScoreMissing,
		}}})
		h.list(30, "aaaa000000000001", "aaaa000000000002", "aaaa000000000003", "aaaa000000000004", "aaaa000000000005", "aaaa000000000006")
		sum := h.night(night{})
		want := "; new from the vendor: code LIVENESS_RESULT_ARCHIVED (id), pricing MAYBE (id), attack type 7 (id), field data.deviceRisk (id), type data.livenessScore string (id); resumes next run"
		if !strings.HasSuffix(sum.Verdict, want) {
			t.Errorf("verdict %s\nwant ...%s", sum.Verdict, want)
		}
		sum = h.night(night{})
		if strings.Contains(sum.Verdict, "new from the vendor") || len(sum.New) != 0 {
			t.Errorf("the second night: %s", sum.Verdict)
		}
		s := h.open()
		defer s.Close()
		found, err := s.APIChanges().Latest(context.Background(), 100)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int64{}
		for _, n := range found {
			counts[string(n.Kind)+" "+n.Value] = n.Answers
		}
		for name, n := range map[string]int64{"code LIVENESS_RESULT_ARCHIVED": 2, "pricing MAYBE": 1, "attack_type 7": 1, "field data.deviceRisk": 1, "type data.livenessScore string": 1,
			"shape with deviceRisk (object)": 1, "shape livenessScore as string": 1, "shape without livenessScore": 1} {
			if counts[name] != n {
				t.Errorf("%s seen %d times, want %d", name, counts[name], n)
			}
			delete(counts, name)
		}
		if len(counts) > 0 {
			t.Errorf("also seen: %v", counts)
		}
	})
}
