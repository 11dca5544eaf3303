package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// withID gives an answer a transaction ID.
func withID(r store.Result, id string) store.Result {
	r.TransactionID = id
	return r
}

// TestTransactionKeys: the vendor's IDs are their own key, all others have one by a hash, and no two of many share one.
func TestTransactionKeys(t *testing.T) {
	if got := store.TransactionKey("196eb0c777789e58"); got != 0x196eb0c777789e58 {
		t.Errorf("key %x", got)
	}
	if earlier, later := store.TransactionKey("16733ebf2ca75a0b"), store.TransactionKey("196eb0c777789e58"); earlier >= later {
		t.Error("keys do not ascend with the time that IDs begin with")
	}
	met := map[int64]string{}
	for _, id := range []string{"196eb0c777789e58", "196EB0C777789E58", "196eb0c777789e5", "196eb0c777789e580", "+96eb0c777789e58", "_96eb0c777789e58", "t", strings.Repeat("é", 40)} {
		if other, ok := met[store.TransactionKey(id)]; ok {
			t.Errorf("%s and %s share a key", id, other)
		}
		met[store.TransactionKey(id)] = id
	}
}

// TestSeen asks for IDs as the worker does before it believes an answer: against what other calls of this run have, and
// against what earlier runs left. Each ID is the call's own from the moment it is asked for.
func TestSeen(t *testing.T) {
	s, run := withChecks(t, 9)
	first := journal(t, s, admitAll{})
	for c, id := range []string{"196eb0c777789e01", "a word", "", "7fffffffffffffff", "ffffffffffffffff"} {
		in := intentFor(run, int64(c+1), 1)
		call := begin(t, first, in)
		if _, seen := first.Seen(call, id); seen {
			t.Errorf("%q was seen before anybody had it", id)
		}
		check(t, first.Finish(call, in, withID(paid(in, 80), id))())
	}
	ask := func(j *store.JournalWriter, call int64, id string, want int64) {
		t.Helper()
		if got, seen := j.Seen(call, id); got != want || seen != (want > 0) {
			t.Errorf("%q for call %d: of call %d, %v, want %d", id, call, got, seen, want)
		}
	}
	for _, j := range []struct {
		name string
		of   func() *store.JournalWriter
	}{{"the same run", func() *store.JournalWriter { return first }}, {"the next one", func() *store.JournalWriter { check(t, first.Close()); return journal(t, s, admitAll{}) }}} {
		t.Run(j.name, func(t *testing.T) {
			j := j.of()
			ask(j, 9, "196eb0c777789e01", 1)
			ask(j, 9, "a word", 2)
			ask(j, 9, "A word", 0)
			ask(j, 8, "A word", 9) // since then it is another's
			ask(j, 9, "", 0)       // an empty one is nobody's
			ask(j, 9, "7fffffffffffffff", 4)
			ask(j, 9, "ffffffffffffffff", 5)
			ask(j, 9, "196eb0c777789e02", 0)
			ask(j, 1, "196eb0c777789e01", 0) // its own
		})
	}
}

// TestRepeatedAnswerIsNotStored: an answer that bears another call's transaction ID becomes a call in doubt, whatever the
// worker made of it. An empty ID stands on as many calls as have none.
func TestRepeatedAnswerIsNotStored(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 6)
	told := &ledger{room: 100}
	j := journal(t, s, told)
	for c, id := range []string{"196eb0c777789e01", "196eb0c777789e01", "", "", "196eb0c777789e02"} {
		in := intentFor(run, int64(c+1), 1)
		check(t, j.Finish(begin(t, j, in), in, withID(paid(in, 80), id))())
	}
	want := []string{"1|answered||196eb0c777789e01|done|0", "2|unanswered|repeated||in_doubt|1", "3|answered|||done|0", "4|answered|||done|0", "5|answered||196eb0c777789e02|done|0"}
	if got := lines(t, s.ReadDB(), "SELECT call_id, outcome, cause, transaction_id, state, doubts FROM calls JOIN outcomes USING (call_id) JOIN checks USING (check_id)"); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
	if got, want := lines(t, s.ReadDB(), "SELECT * FROM repeated_answers"), []string{"2|196eb0c777789e01|1"}; !slices.Equal(got, want) {
		t.Errorf("repeated answers %q, want %q", got, want)
	}
	if got := told.notes[len(told.notes)-8 : len(told.notes)-6]; !slices.Equal(got, []string{"settle 2.1 unanswered true", "doubt 1.1, was pay"}) {
		t.Errorf("the admission was told %q of it", told.notes)
	}
	if got, want := lines(t, s.ReadDB(), "SELECT call_id, run_id, why FROM suspects"), []string{fmt.Sprintf("1|%d|transaction", run)}; !slices.Equal(got, want) {
		t.Errorf("suspects %q, want %q", got, want)
	}
	if n, err := s.Calls().Repeated(ctx, run); err != nil || n != 1 {
		t.Errorf("%d repeated answers, %v", n, err)
	}
	check(t, j.Close())
	check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
	check(t, s.Books().AuditRun(ctx, run))
	check(t, s.Books().Audit(ctx))
}

// TestRepeatedByAnotherProcess: what another process has stored meanwhile counts as well, whoever was first.
func TestRepeatedByAnotherProcess(t *testing.T) {
	s, run := withChecks(t, 4)
	one, two := journal(t, s, admitAll{}), journalBeside(t, s)
	finish := func(j *store.JournalWriter, call, checkID int64, id string) string {
		in := intentFor(run, checkID, 1)
		check(t, j.Finish(call, in, withID(paid(in, 80), id))())
		return lines(t, s.ReadDB(), "SELECT outcome || ' ' || cause FROM outcomes WHERE call_id = ?", call)[0]
	}
	first, second := begin(t, one, intentFor(run, 1, 1)), begin(t, two, intentFor(run, 2, 1))
	if got := finish(two, second, 2, "196eb0c777789e01"); got != "answered " {
		t.Errorf("the first answer: %s", got)
	}
	if got := finish(one, first, 1, "196eb0c777789e01"); got != "unanswered repeated" {
		t.Errorf("its copy in the other process: %s", got)
	}
	third, fourth := begin(t, one, intentFor(run, 3, 1)), begin(t, two, intentFor(run, 4, 1))
	if got := finish(one, third, 3, "196eb0c777789e03"); got != "answered " {
		t.Errorf("the first answer: %s", got)
	}
	if got := finish(two, fourth, 4, "196eb0c777789e03"); got != "unanswered repeated" {
		t.Errorf("its copy in the other process: %s", got)
	}
}

// TestOthersBetweenOwnCalls: a call of another process is noticed, too, where this one's next intent comes before its next
// answer.
func TestOthersBetweenOwnCalls(t *testing.T) {
	s, run := withChecks(t, 3)
	one, two := journal(t, s, admitAll{}), journalBeside(t, s)
	in := intentFor(run, 1, 1)
	check(t, two.Finish(begin(t, two, in), in, withID(paid(in, 80), "196eb0c777789e01"))())
	in = intentFor(run, 2, 1)
	call := begin(t, one, in)
	check(t, one.Finish(call, in, withID(paid(in, 80), "196eb0c777789e01"))())
	if got := lines(t, s.ReadDB(), "SELECT cause FROM outcomes WHERE call_id = ?", call)[0]; got != "repeated" {
		t.Errorf("the copy: %q", got)
	}
}

// TestRepeatedInSpill: outcomes that come back from the spill file pass the same wall.
func TestRepeatedInSpill(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 5)
	j := journal(t, s, admitAll{})
	var calls []int64
	for c := range int64(5) {
		calls = append(calls, begin(t, j, intentFor(run, c+1, 1)))
	}
	in := intentFor(run, 1, 1)
	check(t, j.Finish(calls[0], in, withID(paid(in, 80), "196eb0c777789e01"))())
	check(t, j.Exec("PRAGMA query_only = ON"))
	for c, id := range []string{"196eb0c777789e01", "196eb0c777789e02", "196eb0c777789e02", ""} {
		in := intentFor(run, int64(c+2), 1)
		if err := j.Finish(calls[c+1], in, withID(paid(in, 80), id))(); err == nil {
			t.Fatal("the journal did not fail")
		}
	}
	if _, err := j.Suspect(run, store.SuspectConnection, calls[:1])(); err == nil {
		t.Fatal("the journal did not fail")
	}
	check(t, j.Exec("PRAGMA query_only = OFF"))
	check(t, j.Close())
	found, err := s.Journal().Recover(ctx)
	if err != nil || found.Spilled != 4 || found.Orphaned != 0 {
		t.Fatalf("recovered %+v, %v", found, err)
	}
	want := []string{"1|answered|", "2|unanswered|repeated", "3|answered|", "4|unanswered|repeated", "5|answered|"}
	if got := lines(t, s.ReadDB(), "SELECT call_id, outcome, cause FROM outcomes"); !slices.Equal(got, want) {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if got, want := lines(t, s.ReadDB(), "SELECT call_id, why FROM suspects"), []string{"1|connection", "3|transaction"}; !slices.Equal(got, want) {
		t.Errorf("suspects %q, want %q", got, want)
	}
	check(t, s.Books().Audit(ctx))
}

// TestFirstHolders: of one transaction ID on two connections, for two IDs, nobody can say whose it is: the call that had it
// first is suspect once it is answered, whichever outcome is stored first, in a process that dies in between as well. On one
// connection, or for one ID, it is not.
func TestFirstHolders(t *testing.T) {
	const id = "196eb0c777789e01"
	for name, c := range map[string]struct {
		copy, sameCheck, firstLast, firstLost, dies bool
		want                                        []string
	}{
		"two connections":                   {want: []string{"1|transaction"}},
		"one connection":                    {copy: true},
		"one ID":                            {sameCheck: true},
		"the first is stored last":          {firstLast: true, want: []string{"1|transaction"}},
		"the first is stored last, a copy":  {firstLast: true, copy: true},
		"the first is not believed":         {firstLast: true, firstLost: true},
		"the process dies before the first": {firstLast: true, dies: true},
		"the first comes from the spill":    {firstLast: true, dies: true, want: []string{"1|transaction"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, run := withChecks(t, 2)
			j := journal(t, s, admitAll{})
			one, two := intentFor(run, 1, 1), intentFor(run, 2, 1)
			if c.sameCheck {
				two = intentFor(run, 1, 2)
				two.From = store.Done
			}
			first, second := begin(t, j, one), begin(t, j, two)
			if _, seen := j.Seen(first, id); seen {
				t.Fatal("seen before it came")
			}
			finishFirst := func() error {
				r := withID(paid(one, 80), id)
				if c.firstLost {
					r = store.Result{Outcome: store.Unanswered, Cause: "unasked", SentAt: one.At, EndedAt: one.At, Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true}
				}
				return j.Finish(first, one, r)()
			}
			if !c.firstLast {
				check(t, finishFirst())
			}
			check(t, j.Finish(second, two, store.Result{Outcome: store.Unanswered, Cause: store.CauseRepeated, SentAt: two.At, EndedAt: two.At, Tag: store.TagUnknown,
				State: two.From.AfterLoss(), Doubtful: true, Repeats: store.Repeat{TransactionID: id, FirstCall: first, Copy: c.copy}})())
			switch {
			case c.dies && c.want != nil:
				check(t, j.Exec("PRAGMA query_only = ON"))
				if finishFirst() == nil {
					t.Fatal("the journal did not fail")
				}
				check(t, j.Exec("PRAGMA query_only = OFF"))
			case c.firstLast && !c.dies:
				check(t, finishFirst())
			}
			check(t, j.Close())
			_, err := s.Journal().Recover(context.Background())
			check(t, err)
			if got := lines(t, s.ReadDB(), "SELECT call_id, why FROM suspects"); !slices.Equal(got, c.want) {
				t.Errorf("suspects %q, want %q", got, c.want)
			}
			check(t, s.Books().Audit(context.Background()))
		})
	}
}

// TestDuplicatesOfThePast brings a database up to date in which answers were stored under other IDs: they are found once,
// in the first run after it, and listed. Two answers to one ID are not suspect, nor are answers without a transaction ID.
func TestDuplicatesOfThePast(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	old, err := store.OpenWith(ctx, path, migrationsBefore(t, "00010"))
	check(t, err)
	listing(t, old, func() { fill(t, old, 8) })
	db := old.WriteDB()
	execSQL(t, db, "INSERT INTO calls VALUES (1, 1, 1, 1, 'first', 'ph', 'PH', 0), (2, 2, 1, 1, 'first', 'ph', 'PH', 0), (3, 3, 1, 1, 'first', 'ph', 'PH', 0), (4, 3, 2, 1, 'forced', 'ph', 'PH', 0), (5, 4, 1, 1, 'first', 'ph', 'PH', 0), (6, 5, 1, 1, 'first', 'ph', 'PH', 0), (7, 6, 1, 1, 'first', 'ph', 'PH', 0)")
	for call, id := range []string{"196eb0c777789e01", "196eb0c777789e01", "196eb0c777789e02", "196eb0c777789e02", "", "", "196eb0c777789e01"} {
		execSQL(t, db, "INSERT INTO outcomes VALUES (?, 'answered', '', 1, 2, 200, 'SUCCESS', 'done', 'PAY', 'pay', ?, NULL)", call+1, id)
		execSQL(t, db, "INSERT INTO answers SELECT call_id, check_id, 2, NULL, 'PH', 'ph', 0, 80, '80', '', '', '', '', '' FROM calls WHERE call_id = ?", call+1)
	}
	execSQL(t, db, "UPDATE answers SET standing = 1 WHERE call_id <> 3")
	execSQL(t, db, "UPDATE checks SET state = 'done', attempts = 1 WHERE check_id <= 6")
	execSQL(t, db, "INSERT INTO usage VALUES (0, 'ph', 'PH', 'answered', 'SUCCESS', 'PAY', 'pay', 7)")
	check(t, old.Close())

	s := openAt(t, path)
	if s.Migrated == "" {
		t.Error("no copy was made before")
	}
	for run, want := range []int64{3, 0} {
		runID, _, err := s.Runs().Open(ctx, "test", true)
		check(t, err)
		found, err := s.Journal().Recover(ctx)
		check(t, err)
		suspects, err := s.Calls().Suspects(ctx, runID)
		check(t, err)
		if found.Suspects != want || suspects != (store.Suspects{IDs: 3, InRun: want}) {
			t.Errorf("run %d found %d, suspects %+v, want %d", run, found.Suspects, suspects, want)
		}
	}
	if got, want := lines(t, s.ReadDB(), "SELECT call_id, check_id, run_id, why, open FROM v_suspects"), []string{"1|1|2|transaction|1", "2|2|2|transaction|1", "7|6|2|transaction|1"}; !slices.Equal(got, want) {
		t.Errorf("suspects %q, want %q", got, want)
	}
	j := journal(t, s, admitAll{})
	in := intentFor(1, 7, 1)
	call := begin(t, j, in)
	if first, seen := j.Seen(call, "196eb0c777789e01"); !seen || first != 1 {
		t.Errorf("an ID that stands on several calls: of call %d, %v", first, seen)
	}
	check(t, j.Finish(call, in, withID(paid(in, 80), "196eb0c777789e02"))())
	if got := lines(t, s.ReadDB(), "SELECT cause FROM outcomes WHERE call_id = ?", call)[0]; got != "repeated" {
		t.Errorf("a copy of an old answer: %q", got)
	}
	// An answer that is none leaves the check as the suspect one did: the view and the count agree that it is suspect.
	in = intentFor(1, 1, 2)
	in.From, in.Reason = store.Done, store.ReasonSuspect
	call = begin(t, j, in)
	failed := paid(in, 0)
	failed.Code, failed.Class, failed.State, failed.Answer = "ERROR", "retry", store.Done, &store.Answer{}
	check(t, j.Finish(call, in, failed)())
	suspects, err := s.Calls().Suspects(ctx, 0)
	check(t, err)
	if open := lines(t, s.ReadDB(), "SELECT count(*) FROM v_suspects WHERE open"); suspects.IDs != 3 || open[0] != "3" {
		t.Errorf("after an answer that is none %d are suspect, by the view %s", suspects.IDs, open)
	}
	check(t, j.Close())
	check(t, s.Books().Audit(ctx))
}

// TestTransactionsMove lets a journal work through many calls with little room in memory, killed and opened again in
// between: it knows every ID at any moment, and keeps no more of them in memory than twice its room and what is in flight.
func TestTransactionsMove(t *testing.T) {
	for _, kind := range []string{"ascending", "random", "words"} {
		t.Run(kind, func(t *testing.T) {
			ctx := context.Background()
			const calls, room = 6000, 700
			s, run := withChecks(t, calls)
			rng := rand.New(rand.NewPCG(1, 1))
			ids := make([]string, calls)
			for i := range ids {
				ids[i] = map[string]string{"ascending": fmt.Sprintf("%016x", 1<<50+i), "random": fmt.Sprintf("%016x", rng.Uint64()), "words": fmt.Sprint("word ", i)}[kind]
			}
			next := 0
			for _, upTo := range []int{2500, 4000, calls} {
				j := journal(t, s, admitAll{})
				j.MoveAt(room)
				most := 0
				for ; next < upTo; next += 20 {
					var durable []func() error
					for c := next; c < next+20; c++ {
						in := intentFor(run, int64(c+1), 1)
						call := begin(t, j, in)
						if _, seen := j.Seen(call, ids[c]); seen {
							t.Fatalf("%s was seen before call %d", ids[c], call)
						}
						durable = append(durable, j.Finish(call, in, withID(paid(in, 80), ids[c])))
					}
					for _, wait := range durable {
						check(t, wait())
					}
					most = max(most, j.InMemory())
					known := rng.IntN(next + 20)
					if first, seen := j.Seen(calls+1, ids[known]); !seen || first != int64(known+1) {
						t.Fatalf("%s, of call %d: of call %d, %v", ids[known], known+1, first, seen)
					}
				}
				if most > 2*room+40 {
					t.Errorf("%d IDs in memory", most)
				}
				check(t, j.Close())
			}
			check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
			if _, err := s.Journal().IndexTransactions(ctx); err != nil {
				t.Fatal(err)
			}
			if n := count(t, s.ReadDB(), "SELECT count(*) FROM transactions"); n != calls {
				t.Errorf("%d IDs in the table, want %d", n, calls)
			}
			check(t, s.Books().Audit(ctx))
		})
	}
}
