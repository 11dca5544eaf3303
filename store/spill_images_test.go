package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"liverecon/store/storetest"

	"liverecon/store"
	"liverecon/store/apichanges"
	"liverecon/store/images"
)

const spilledLink = "https://images.example.com/one?Signature=canary"

// TestSpilledImagesAndAPIChanges: what goes by way of the spill file keeps its links and its API changes; an image that came
// with the answer has no room there and is given up, the answer is not.
func TestSpilledImagesAndAPIChanges(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 2)
	j := journal(t, s, admitAll{})
	var ids []int64
	for c := int64(1); c <= 2; c++ {
		ids = append(ids, begin(t, j, intentFor(runID, c, 1)))
	}
	check(t, j.Exec("CREATE TEMP TRIGGER outcomes_full BEFORE INSERT ON outcomes BEGIN SELECT RAISE(ABORT, 'no outcome is taken'); END"))
	images := []images.Image{{Kind: images.Result, Folder: "PH/2026-11-21", URL: spilledLink}, {Kind: images.Result, Folder: "PH/2026-11-21", Data: make([]byte, 1<<20)}}
	for c := int64(1); c <= 2; c++ {
		in := intentFor(runID, c, 1)
		r := paid(in, 12)
		r.Answer.Images, r.APIChanges = images[c-1:c], []apichanges.Change{{Kind: apichanges.Code, Value: "BRAND_NEW"}}
		if err := j.Finish(ids[c-1], in, r)(); !errors.Is(err, store.ErrJournalFailed) {
			t.Fatalf("outcome %d: %v", c, err)
		}
	}
	check(t, j.Close())
	if info, err := os.Stat(s.Path() + ".spill"); err != nil || info.Size() != store.SpillRoom(64) {
		t.Errorf("the spill file has grown out of its room: %v, %v", info, err)
	}
	s = storetest.Reopen(t, s)
	if found, err := s.Journal().Recover(ctx); err != nil || found.Spilled != 2 {
		t.Fatalf("recovered %+v, %v", found, err)
	}
	want := []string{"1|queued|", "2|refused|lost_with_journal"}
	if got := lines(t, s.ReadDB(), "SELECT call_id, state, reason FROM evidence ORDER BY call_id"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := lines(t, s.ReadDB(), "SELECT kind, value, endpoint, first_run, answers, example FROM novelties"); !slices.Equal(got, []string{fmt.Sprintf("code|BRAND_NEW|ph|%d|2|1", runID)}) {
		t.Errorf("novelties %q", got)
	}
}

// TestSpillOfAnOlderProgram: a record written before images and API changes existed is read as ever.
func TestSpillOfAnOlderProgram(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	begin(t, j, intentFor(runID, 1, 1))
	check(t, j.Close())
	old := `45849037 {"Intent":{"CheckID":1,"Attempt":1,"RunID":1,"Reason":"first","Endpoint":"ph","Region":"PH","At":"2026-11-21T02:00:00Z","From":"pending"},` +
		`"Result":{"Outcome":"answered","Cause":"","SentAt":"2026-11-21T02:00:00Z","EndedAt":"2026-11-21T02:00:01Z","HTTPStatus":200,"Code":"SUCCESS","Class":"done","Pricing":"PAY","Tag":"pay",` +
		`"TransactionID":"0123456789abcdef","BodySHA256":[1,2,3],"Answer":{"CapturedAt":"0001-01-01T00:00:00Z","Standing":true,"Score":12.5,"ScoreText":"","AttackType":"","AttackSubType":"","Oddities":"","Message":"OK","Body":"{}"},` +
		`"State":"done","Doubtful":false,"NotFound":false}}` + "\n"
	check(t, os.WriteFile(s.Path()+".spill", []byte(old), 0o600))
	if found, err := s.Journal().Recover(ctx); err != nil || found != (store.Recovery{Spilled: 1}) {
		t.Errorf("recovered %+v, %v", found, err)
	}
	if got := lines(t, s.ReadDB(), "SELECT tag, score FROM outcomes JOIN answers USING (call_id)"); !slices.Equal(got, []string{"pay|12.5"}) {
		t.Errorf("%q", got)
	}
}
