package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/store"
)

// replyOf is an answer with a code, a tag and data, as the client reads it.
func replyOf(t *testing.T, code, tag, data string) liveness.Reply {
	t.Helper()
	body := fmt.Sprintf(`{"code":%q,"message":"OK","transactionId":"196eb0c777789e58","pricingStrategy":%q,"data":%s,"extra":null}`, code, tag, data)
	e, err := liveness.DecodeEnvelope([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return liveness.Reply{Delivery: liveness.Answered, Envelope: e, Body: []byte(body), HTTPStatus: 200, SentAt: time.Now(), EndedAt: time.Now()}
}

// fate represents what becomes of a check, in words: state, why, nights without a score, what it is asked once more
// for; "result" where the answer is its result.
func fate(r store.Result) string {
	words := []string{string(r.State), r.Why}
	if r.NoScores > 0 {
		words = append(words, fmt.Sprint(r.NoScores))
	}
	words = append(words, string(r.Again))
	if r.Answer != nil && r.Answer.Current {
		words = append(words, "result")
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

const (
	scored     = `{"livenessScore":87.5,"detectionResult":"https://x/1"}`
	withImages = `{"livenessScore":null,"detectionResult":"https://x/1","imageFarUrl":"https://x/2","attackType":null}`
	pageOfNull = `{"detectionResult":null,"livenessScore":null,"auditImageUrl":null,"imageFarUrl":null,"farImageTime":null,"imageNearUrl":null,"nearImageTime":null,"attackType":null,"attackSubType":null}`
)

// TestResultOrNot: a SUCCESS is a result when it has a score; it comes too early when it has none but what the vendor's
// page documents; it is none when it has nothing of that. What it costs is what its tag says in any case.
func TestResultOrNot(t *testing.T) {
	policy := batch.Policy{NoScoreNights: 2}
	for _, c := range []struct{ name, code, data, want string }{
		{"a score", "SUCCESS", scored, "done result"},
		{"a score and nothing else", "SUCCESS", `{"livenessScore":0}`, "done result"},
		{"a score as text", "SUCCESS", `{"livenessScore":"99"}`, "done result"},
		{"a score that is no number", "SUCCESS", `{"livenessScore":"n/a","detectionResult":"https://x/1"}`, "pending no score yet 1"},
		{"a score that is true", "SUCCESS", `{"livenessScore":true,"detectionResult":"https://x/1"}`, "pending no score yet 1"},
		{"a score that no number holds", "SUCCESS", `{"livenessScore":1e400,"detectionResult":"https://x/1"}`, "done result"},
		{"a score beyond 100", "SUCCESS", `{"livenessScore":100.01,"detectionResult":"https://x/1"}`, "done result"},
		{"a score below 0", "SUCCESS", `{"livenessScore":-0.5}`, "done result"},
		{"a score beyond 100 as text", "SUCCESS", `{"livenessScore":"101"}`, "done result"},
		{"a score beyond 100, then null", "SUCCESS", `{"livenessScore":101,"livenessScore":null,"attackType":"2"}`, "done result"},
		{"two scores", "SUCCESS", `{"livenessScore":80,"livenessScore":20}`, "done result"},
		{"null, then a score", "SUCCESS", `{"livenessScore":null,"livenessScore":20}`, "done result"},
		{"a score twice", "SUCCESS", `{"livenessScore":20,"livenessScore":20.0}`, "done result"},
		{"no score twice", "SUCCESS", `{"livenessScore":null,"livenessScore":null,"attackType":"2"}`, "pending no score yet 1"},
		{"a result, and data of null", "SUCCESS", scored + `,"data":null`, "done result"},
		{"two tokens' data", "SUCCESS", `{"token":"x"},"data":{"token":"y"}`, "given_up empty result"},
		{"no score, and two types", "SUCCESS", `{"livenessScore":null,"attackType":"1","attackType":"2"}`, "pending no score yet 1"},
		{"images, the score null", "SUCCESS", withImages, "pending no score yet 1"},
		{"images, no score", "SUCCESS", `{"imageNearUrl":"https://x/1"}`, "pending no score yet 1"},
		{"a time, no score", "SUCCESS", `{"farImageTime":1713247589908}`, "pending no score yet 1"},
		{"a type, no score", "SUCCESS", `{"attackType":"2"}`, "pending no score yet 1"},
		{"the documented fields, all null", "SUCCESS", pageOfNull, "pending no score yet 1"},
		{"no data", "SUCCESS", `null`, "given_up empty result"},
		{"data without a field", "SUCCESS", `{}`, "given_up empty result"},
		{"data of another type", "SUCCESS", `[1]`, "given_up empty result"},
		{"a token's data", "SUCCESS", `{"token":"x","expiredTime":1713247589908}`, "given_up empty result"},
		{"fields of newer pages alone", "SUCCESS", `{"sdkVersion":"3.6.2","platform":"IOS"}`, "given_up empty result"},
		{"a code that the configuration calls done", "RESULT_READY", `null`, "done result"},
		{"no such ID", "LIVENESS_ID_NOT_EXISTED", `null`, "absent"},
	} {
		policy.Codes = liveness.Codes{"RESULT_READY": liveness.Done}
		for tag, paid := range map[string]store.Tag{"PAY": store.TagPay, "FREE": store.TagFree, "MAYBE": store.TagUnknown} {
			got := policy.Decide(store.Check{State: store.Pending}, replyOf(t, c.code, tag, c.data))
			if fate(got) != c.want || got.Tag != paid || got.Outcome != store.Answered {
				t.Errorf("%s, %s: %s, %s, want %s, %s", c.name, tag, fate(got), got.Tag, c.want, paid)
			}
		}
	}
}

// TestTwoTags: an answer that says two things of what it costs may cost something, whatever its code; one that says the
// same twice costs that.
func TestTwoTags(t *testing.T) {
	for _, c := range []struct {
		code, tags, want string
		tag              store.Tag
	}{
		{"SUCCESS", `PAY","pricingStrategy":"FREE`, "done result", store.TagUnknown},
		{"SUCCESS", `PAY","pricingStrategy":"PAY`, "done result", store.TagPay},
		{"SERVICE_BUSY", `FREE","pricingStrategy":"FREE`, "pending", store.TagFree},
		{"SERVICE_BUSY", `FREE","pricingStrategy":"PAY`, "given_up paid without a result", store.TagUnknown},
		{"SERVICE_BUSY", `FREE","pricingStrategy":"`, "given_up paid without a result", store.TagUnknown},
	} {
		body := fmt.Sprintf(`{"code":%q,"transactionId":"196eb0c777789e58","pricingStrategy":"%s","data":%s}`, c.code, c.tags, scored)
		e, err := liveness.DecodeEnvelope([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got := batch.Policy{}.Decide(store.Check{State: store.Pending}, liveness.Reply{Delivery: liveness.Answered, Envelope: e, Body: []byte(body), HTTPStatus: 200})
		if fate(got) != c.want || got.Tag != c.tag || got.Answer.Body != string(liveness.StripImages([]byte(body))) {
			t.Errorf("%s: %s, %s, want %s, %s", body, fate(got), got.Tag, c.want, c.tag)
		}
	}
}

// nightsWithoutAScore gives an ID the same answer on as many nights as it may, and then once more.
func nightsWithoutAScore(t *testing.T, early liveness.Reply, end string) {
	t.Helper()
	for nights := range 4 {
		c := store.Check{State: store.Pending}
		for n := range nights {
			r := batch.Policy{NoScoreNights: nights}.Decide(c, early)
			if want := fmt.Sprintf("pending no score yet %d", n+1); fate(r) != want {
				t.Errorf("%d nights, answer %d: %s, want %s", nights, n+1, fate(r), want)
			}
			c.NoScores = r.NoScores
		}
		if got := fate(batch.Policy{NoScoreNights: nights}.Decide(c, early)); got != end {
			t.Errorf("%d nights, the last answer: %s, want %s", nights, got, end)
		}
	}
}

// TestNightsWithoutAScore: an ID may have so many answers without a score on later nights, then it is done without one,
// or given up where they were null from the first field to the last. What happens in between changes nothing about
// their number.
func TestNightsWithoutAScore(t *testing.T) {
	for data, end := range map[string]string{withImages: "done result", `{"livenessScore":true}`: "done result", `{"livenessScore":null,"attackType":"1","attackType":"2"}`: "done result", pageOfNull: "given_up empty result"} {
		nightsWithoutAScore(t, replyOf(t, "SUCCESS", "PAY", data), end)
	}
	waiting := store.Check{State: store.Pending, NoScores: 1, Attempts: 1}
	policy := batch.Policy{NoScoreNights: 2}
	for _, c := range []struct {
		name  string
		reply liveness.Reply
		want  string
	}{
		{"busy", replyOf(t, "SERVICE_BUSY", "FREE", "null"), "pending 1"},
		{"lost", liveness.Reply{Delivery: liveness.Unanswered, Cause: liveness.CauseTimeout}, "in_doubt 1"},
		{"never sent", liveness.Reply{Delivery: liveness.Unsent, Cause: liveness.CauseDNS}, "pending 1"},
		{"a failure that costs", replyOf(t, "ERROR", "PAY", "null"), "given_up paid without a result"},
		{"the score", replyOf(t, "SUCCESS", "PAY", scored), "done result"},
		{"nothing", replyOf(t, "SUCCESS", "PAY", "null"), "given_up empty result"},
	} {
		if got := fate(policy.Decide(waiting, c.reply)); got != c.want {
			t.Errorf("then %s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := batch.ReasonFor(waiting); got != store.ReasonNoScore {
		t.Errorf("it is asked again for %s", got)
	}
	for _, c := range []store.Check{{Unfound: true}, {Elsewhere: true}} {
		c.State, c.Attempts = store.Pending, 2
		if got := batch.ReasonFor(c); got == store.ReasonNoScore {
			t.Errorf("%+v is asked again for %s", c, got)
		}
		c.NoScores = 1 // that answer came without the score
		if got := batch.ReasonFor(c); got != store.ReasonNoScore {
			t.Errorf("%+v is asked again for %s", c, got)
		}
	}
}

// TestWhyGivenUp: every ID that a person must decide about says why.
func TestWhyGivenUp(t *testing.T) {
	policy := batch.Policy{MaxAttempts: 5, MaxDoubts: 2}
	lost := liveness.Reply{Delivery: liveness.Unanswered, Cause: liveness.CauseReset}
	for _, c := range []struct {
		name  string
		check store.Check
		reply liveness.Reply
		want  string
	}{
		{"too many requests", store.Check{State: store.Pending, Attempts: 4}, replyOf(t, "RETRY_LATER", "FREE", "null"), "given_up asked too often"},
		{"too many lost answers", store.Check{State: store.InDoubt, Doubts: 1}, lost, "given_up answers lost too often"},
		{"a failure that costs", store.Check{State: store.Pending}, replyOf(t, "SOMETHING_NEW", "PAY", "null"), "given_up paid without a result"},
		{"one lost answer", store.Check{State: store.Pending}, lost, "in_doubt"},
	} {
		if got := fate(policy.Decide(c.check, c.reply)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestAskedOnceMore: an ID that has its result keeps it until there is a better one. One that may hold another's answer
// takes any final answer instead; as long as there is none it keeps what it has.
func TestAskedOnceMore(t *testing.T) {
	policy := batch.Policy{NoScoreNights: 2}
	lost := liveness.Reply{Delivery: liveness.Unanswered, Cause: liveness.CauseReset}
	unsent := liveness.Reply{Delivery: liveness.Unsent, Cause: liveness.CauseDNS}
	check := func(reason store.Reason, scored bool) store.Check {
		return store.Check{State: store.Done, Again: reason, Scored: scored, Attempts: 1}
	}
	for _, c := range []struct {
		name                             string
		reply                            liveness.Reply
		refreshed, scoreless, mistrusted string
	}{
		{"a score", replyOf(t, "SUCCESS", "PAY", scored), "done result", "done result", "done result"},
		{"no score", replyOf(t, "SUCCESS", "PAY", withImages), "done", "done result", "pending no score yet 1"},
		{"nothing", replyOf(t, "SUCCESS", "PAY", "null"), "done", "done", "given_up empty result"},
		{"no such ID", replyOf(t, "LIVENESS_ID_NOT_EXISTED", "FREE", "null"), "done", "done", "absent"},
		{"refused", replyOf(t, "PARAMETER_ERROR", "FREE", "null"), "done", "done", "refused"},
		{"busy", replyOf(t, "SERVICE_BUSY", "FREE", "null"), "done refresh", "done forced", "done suspect"},
		{"the account", replyOf(t, "ACCOUNT_DISABLED", "FREE", "null"), "done refresh", "done forced", "done suspect"},
		{"a failure that costs", replyOf(t, "ERROR", "PAY", "null"), "done", "done", "done"},
		{"lost", lost, "done", "done", "done"},
		{"never sent", unsent, "done refresh", "done forced", "done suspect"},
	} {
		for _, one := range []struct {
			check store.Check
			want  string
		}{{check(store.ReasonRefresh, true), c.refreshed}, {check(store.ReasonForced, false), c.scoreless}, {check(store.ReasonSuspect, true), c.mistrusted}} {
			if got := fate(policy.Decide(one.check, c.reply)); got != one.want {
				t.Errorf("%s, %s: %s, want %s", one.check.Again, c.name, got, one.want)
			}
			if got := batch.ReasonFor(one.check); got != one.check.Again {
				t.Errorf("asked for %s, not %s", got, one.check.Again)
			}
		}
	}
}

// A 429 without an envelope is a refusal by definition, or in doubt where somebody wants it so.
func TestBare429(t *testing.T) {
	reply := liveness.Reply{Delivery: liveness.Unanswered, Cause: liveness.CauseThrottled, HTTPStatus: 429, Body: []byte("slow down")}
	for _, c := range []struct {
		bare  batch.Bare429
		check store.Check
		want  string
		out   store.Outcome
		tag   store.Tag
		class string
	}{
		{"", store.Check{State: store.Pending}, "pending", store.Answered, store.TagFree, "busy"},
		{batch.Bare429Refused, store.Check{State: store.InDoubt, Doubts: 1}, "in_doubt", store.Answered, store.TagFree, "busy"},
		{batch.Bare429InDoubt, store.Check{State: store.Pending}, "in_doubt", store.Unanswered, store.TagUnknown, ""},
	} {
		r := batch.Policy{Bare429: c.bare}.Decide(c.check, reply)
		if fate(r) != c.want || r.Outcome != c.out || r.Tag != c.tag || r.Class != c.class || r.Code != "" || r.HTTPStatus != 429 {
			t.Errorf("%q, %s: %s, %s, tag %s, class %q", c.bare, c.check.State, fate(r), r.Outcome, r.Tag, r.Class)
		}
		if kept := r.Answer != nil; kept != (c.out == store.Answered) {
			t.Errorf("%q: an answer is kept: %v", c.bare, kept)
		}
	}
}
