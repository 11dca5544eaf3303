package batch

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"liverecon/batch/apichange"
	"liverecon/batch/rejects"
	"liverecon/batch/scoreless"
	"liverecon/store"
)

// sentence returns the verdict: the same in the log, on stdout, in status, in the ping and in the workbooks. Its
// clauses stand in the order below, and one that has nothing to say is empty: first counts, a comma between them, then
// remarks, each after a semicolon.
func (s *Summary) sentence() string {
	remarks := []string{
		s.waits(),
		strings.Join(present(s.remarks), "; "),
		apichange.Clause(s.New),
		s.prices.String(),
		s.earlierPrices(),
		s.tagged.AsTagged(),
		s.resumption(),
	}
	text := s.facts().ending().word + ": " + commaed(s.counts())
	for _, remark := range present(remarks) {
		text += "; " + remark
	}
	return text
}

// counts returns the clauses that say what became of IDs, money, images and rows.
func (s *Summary) counts() []string {
	var clauses []string
	switch {
	case s.Planned+s.Unrouted == 0 && (s.facts().rejected || s.Held.IDs > 0): // there may have been something to do
		clauses = append(clauses, "no call was made")
	case s.Planned+s.Unrouted == 0:
		clauses = append(clauses, "nothing to do, no call was made")
	default:
		clauses = append(clauses, s.figures()...)
		clauses = append(clauses, s.reasons()...)
	}
	return append(clauses,
		s.idled(),
		s.Held.Clause(),
		s.Released.ReleasedClause(),
		s.Lost.Clause(),
		scoreless.Refused(s.Refused),
		s.misplaced(),
		scoreless.Done(s.Scoreless, s.StillNoScore),
		s.repeated(),
		s.suspects(),
		s.Images.sentence(),
		s.rejects(),
		s.aliases(),
		rejects.Aside(s.Aside),
	)
}

// figures returns the clauses about IDs and money.
func (s *Summary) figures() []string {
	answered := fmt.Sprintf("%s of %s answered", humanize.Comma(s.Answered), humanize.Comma(s.Planned))
	if s.uncounted {
		answered = s.stored()
	}
	return []string{
		answered,
		s.givenUp(),
		humanize.Comma(s.Doubts) + " in doubt",
		s.waiting(),
		s.billed(),
		s.kept(),
		s.money(),
	}
}

// stored counts the answers of a run of whose IDs nobody counted what became of them; "" where they cannot be read
// either.
func (s *Summary) stored() string {
	if s.Tallies == nil {
		return ""
	}
	var n int64
	for _, t := range s.Tallies {
		n += t.Answered
	}
	return fmt.Sprintf("%s %s stored for %s open %s", humanize.Comma(n), english.PluralWord(int(n), "answer", ""),
		humanize.Comma(s.Planned), english.PluralWord(int(s.Planned), "ID", ""))
}

// kept counts the IDs that were to have a newer answer, and got none that is better.
func (s *Summary) kept() string {
	if s.Kept == 0 {
		return ""
	}
	text := humanize.Comma(s.Kept) + english.PluralWord(int(s.Kept), " ID keeps its", " IDs keep their") +
		" earlier answer"
	if s.KeptPaid > 0 {
		text += " (" + humanize.Comma(s.KeptPaid) + " paid for)"
	}
	return text
}

// reasons returns the clauses that say why IDs have no answer.
func (s *Summary) reasons() []string {
	why := slices.Concat(s.refused, s.nobody, s.poor, s.limits, s.trouble, []string{s.unrouted(), s.ended()})
	// nothing else says it
	if more := s.Pending - s.NoScore - s.Reopened - s.AskedAgain; more > 0 && len(present(why)) == 0 {
		why = append(why, humanize.Comma(more)+" pending")
	}
	return append(why, scoreless.Waiting(s.NoScore), s.askedAgain(), s.askedOnceMore())
}

// askedAgain counts the IDs that have a result and were to be asked once more by hand.
func (s *Summary) askedAgain() string {
	if s.AskedAgain == 0 {
		return ""
	}
	return fmt.Sprintf("%s with a result still to be asked once more", english.Plural(int(s.AskedAgain), "ID", ""))
}

// askedOnceMore counts IDs that were called absent before the endpoint knew anybody.
func (s *Summary) askedOnceMore() string {
	if s.Reopened == 0 || len(s.nobody) > 0 { // it is said with that
		return ""
	}
	return fmt.Sprintf("%s called absent in earlier nights %s asked once more",
		english.Plural(int(s.Reopened), "ID", ""),
		english.PluralWord(int(s.Reopened), "is", "are"))
}

// present leaves out the empty ones of clauses.
func present(clauses []string) []string {
	return slices.DeleteFunc(slices.Clone(clauses), func(clause string) bool { return clause == "" })
}

func commaed(clauses []string) string { return strings.Join(present(clauses), ", ") }

func (s *Summary) givenUp() string {
	all := s.GivenUp + s.UnbelievedBefore
	if all == 0 {
		return ""
	}
	text := humanize.Comma(all) + " given up"
	var of []string
	if s.Empty > 0 {
		of = append(of, fmt.Sprintf("%s empty %s", humanize.Comma(s.Empty), english.PluralWord(int(s.Empty), "result",
			"")))
	}
	if n := s.Unbelieved + s.UnbelievedBefore; n > 0 {
		of = append(of, humanize.Comma(n)+" called absent when nobody was found")
	}
	if s.GivenUpPaid > 0 {
		of = append(of, humanize.Comma(s.GivenUpPaid)+" paid for")
	}
	if of != nil {
		text += " (" + strings.Join(of, ", ") + ")"
	}
	return text
}

// longOpen sets how long an ID may be open before that is said: two nights.
const longOpen = 48 * time.Hour

// waits describes for how long the oldest open ID waits, when that is more than two nights.
func (s *Summary) waits() string {
	if s.oldest.IsZero() || time.Since(s.oldest) <= longOpen {
		return ""
	}
	return fmt.Sprintf("the oldest open ID was listed %d days ago", int64(time.Since(s.oldest)/(24*time.Hour)))
}

// waiting describes what IDs in doubt wait for. Their number is not that of the calls: earlier runs left some of them,
// and of this run's some were asked again.
func (s *Summary) waiting() string {
	wait, what := s.Waiting, "a repeat"
	if s.held {
		wait, what = s.Waiting-s.Billed-s.Short, "a statement"
	}
	if wait == 0 || wait == s.Doubts {
		return ""
	}
	return fmt.Sprintf("%s %s for %s", humanize.Comma(wait), english.PluralWord(int(wait), "ID waits", "IDs wait"),
		what)
}

// billed counts the IDs in doubt that only a person has asked again: statements have told what they can.
func (s *Summary) billed() (text string) {
	if s.held && s.Billed > 0 {
		text = english.Plural(int(s.Billed), "ID", "") + " billed without an answer"
	}
	if s.held && s.Short > 0 {
		text += ", " + english.Plural(int(s.Short), "ID", "") + " not on a statement that is not whole"
	}
	return strings.TrimPrefix(text, ", ")
}

// money returns what was spent, or where nothing was how many calls are paid for.
func (s *Summary) money() string {
	if money := s.Spent.String(); money != "" {
		return money
	}
	if s.Paid+s.Doubts == 0 {
		return ""
	}
	paid := humanize.Comma(s.Paid)
	if s.Doubts > 0 {
		paid += "-" + humanize.Comma(s.Paid+s.Doubts)
	}
	why := "no price set"
	switch n := s.Spent.Unpriced; {
	case n == 0:
		why = "at no charge"
	case n < s.Spent.CeilingCalls:
		why = humanize.Comma(n) + " without a price, the others at no charge"
	}
	calls := english.PluralWord(int(s.Paid+2*s.Doubts), " paid call", "") // 1 is one, 0-1 are several
	return paid + calls + " (" + why + ")"
}

// EarlierPrices reports whether a cap was reached for no other reason than that it counts calls of the month at dearer
// prices than today's.
func (s *Summary) EarlierPrices() bool { return len(s.earlier) > 0 }

// earlierPrices describes why a cap on money ended a run before the amounts would let one expect it.
func (s *Summary) earlierPrices() string {
	if !s.EarlierPrices() {
		return ""
	}
	return "caps count " + s.earlier.String() + " for the month, at the prices its calls were made at"
}

func (s *Summary) unrouted() string {
	if s.Unrouted == 0 {
		return ""
	}
	return humanize.Comma(s.Unrouted) + " IDs have no configured endpoint"
}

// ended describes what ended the run from outside.
func (s *Summary) ended() string {
	switch {
	case s.ExitCode == ExitSignal:
		return "stopped by signal"
	case errors.Is(s.cause, ErrDeadline) && s.Pending > 0:
		return "deadline reached"
	}
	return ""
}

// rejects counts rejected rows, and the lists that have too many.
func (s *Summary) rejects() string {
	return commaed([]string{rejects.Clause(s.Rejected, s.TooMany), rejects.Unmended(s.Unmended)})
}

// aliases returns what this run's lists say of IDs that are one check, or asked elsewhere, as far as somebody should
// know it.
func (s *Summary) aliases() string {
	var all store.List
	for _, l := range s.Lists {
		all.Aliases.Add(filepath.Base(l.Path), l.Aliases)
		all.Places.Add(filepath.Base(l.Path), l.Places)
	}
	return commaed([]string{all.Aliases.Clause(), all.Places.Clause()})
}

// forNext counts the IDs that the next run may ask for.
func (s *Summary) forNext() int64 {
	if s.held {
		return s.Pending
	}
	return s.Pending + s.Waiting
}

// resumption describes what the next run does with what is left.
func (s *Summary) resumption() string {
	resting := fmt.Sprintf("%s in doubt not before %s", english.Plural(int(s.Resting), "ID", ""),
		clockTime(s.RestUntil, s.RestUntil.Location()))
	switch {
	case s.ExitCode == ExitDone, s.left() == 0 && (s.ExitCode == ExitUnanswered || s.ExitCode == ExitRejected ||
		s.ExitCode == ExitPartial):
		return ""
	case s.forNext() == 0 && s.Waiting > s.Billed:
		return "resumes once a statement tells"
	case s.forNext() == 0:
		return ""
	case s.Resting > 0 && s.Resting == s.left():
		return "resumes, " + resting
	}
	text := "resumes next run"
	if s.monthly { // the next runs of this month have no more room than this one
		text = "resumes when the next month begins"
	}
	if s.Nights > 0 {
		nights := english.PluralWord(int(s.Nights), "night", "")
		text += fmt.Sprintf(", about %s more %s like this one", humanize.Comma(s.Nights), nights)
	}
	if s.Resting > 0 {
		text += ", " + resting
	}
	return text
}

// repeated describes how many answers came that were another call's.
func (s *Summary) repeated() string {
	if s.Repeated == 0 {
		return ""
	}
	return humanize.Comma(s.Repeated) + english.PluralWord(int(s.Repeated), " answer", " answers") +
		" repeated a transaction ID"
}

// suspects tells of how many IDs it was found that their answers may be other IDs', and how many earlier nights have
// found that still stand so.
func (s *Summary) suspects() string {
	ids := func(n int64) string { return english.Plural(int(n), "ID", "") }
	switch {
	case s.Suspects+s.StillSuspect == 0:
		return ""
	case s.Suspects == 0:
		return ids(s.StillSuspect) + " of earlier nights may still hold another's answer"
	case s.StillSuspect == 0:
		return ids(s.Suspects) + " may hold another's answer"
	}
	return fmt.Sprintf("%s may hold another's answer, and still %s of earlier nights", ids(s.Suspects),
		humanize.Comma(s.StillSuspect))
}

// misplaced describes how many IDs were asked in another place than before.
func (s *Summary) misplaced() string {
	if s.Misplaced == 0 {
		return ""
	}
	return humanize.Comma(s.Misplaced) + english.PluralWord(int(s.Misplaced), " ID", " IDs") +
		" absent elsewhere, asked where listed"
}
