package story

import (
	"cmp"
	"fmt"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// meaning explains what becomes of an ID in its state.
// running: a run goes on, which may ask for it yet.
func meaning(c *config.Config, f store.Story, running bool) string {
	if n := len(f.Calls); n > 0 && f.Calls[n-1].Outcome == "" {
		return "is being asked, by a run that is going on"
	}
	next := "in the next run"
	if running {
		next = "in the run that is going on, or in the next"
	}
	text := meaningOf(c, f, next)
	if f.Again != "" {
		text += ", but for once, because a person said so"
	}
	return text
}

func meaningOf(c *config.Config, f store.Story, next string) string {
	switch f.State {
	case store.Pending:
		if f.NoScores > 0 {
			return meaningWithoutScore(c, f)
		}
		if f.Unfound {
			return "was called absent when the vendor seemed to know nobody; is asked again " + next
		}
		if f.Why == store.WhyMisplaced {
			return "is absent where it was asked, and belongs to " + f.Endpoint + " by a list or `reroute`; is asked " +
				"there " + next
		}
		return "is asked " + next
	case store.Done:
		if f.HasResult && f.Score == nil {
			return "has its result, without a score; is not asked again"
		}
		return "has its result; is not asked again"
	case store.Absent:
		if f.Why == store.WhyUnconfirmed {
			return "the vendor has nothing under this ID, and knew none of the others either; is asked once more " +
				"when it knows one"
		}
		if f.Noted {
			return "the vendor has nothing under this ID; is asked again only if the next nights find nobody either"
		}
		return "the vendor has nothing under this ID; is not asked again"
	case store.Refused:
		return "the vendor refused this ID; is not asked again"
	case store.Held:
		return "may have been asked, and paid for once, in what an older copy of the database lost; is not asked " +
			"before `liverecon restored --release`"
	case store.GivenUp:
		return whyGivenUp(f)
	case store.InDoubt:
		switch told, billed, short := resolvedInDoubt(f); {
		case told && !billed && short == billing.Whole:
			return "the last answer was lost, and was not billed, as a whole statement says; is asked " + next
		case told && !billed && c.RepeatInDoubt == batch.RepeatHold:
			return "the last answer was lost, and is not on a statement that is not whole: " + short.Text() +
				"; waits for another statement, or for a person"
		case told && c.RepeatInDoubt == batch.RepeatHold:
			return "the last answer was lost, and was billed, as a statement says; " + hint.AskBilled(1, f.Text)
		}
		if c.RepeatInDoubt == batch.RepeatHold {
			return "the last answer was lost and may have been charged; waits for a statement"
		}
		return "the last answer was lost and may have been charged; is asked again at the end of a run, within " +
			"the budget"
	}
	return ""
}

// resolvedInDoubt reports whether statements have settled every call in doubt, whether one of them was billed, and why
// their silence about the others proves nothing.
func resolvedInDoubt(f store.Story) (told, billed bool, short billing.Shortfall) {
	told = true
	for _, call := range f.Calls {
		if call.Outcome == store.Unanswered || call.Tag == store.TagUnknown {
			told = told && call.Resolution != ""
			billed = billed || call.Resolution == "billed"
			short = cmp.Or(short, billing.Shortfall(call.Short))
		}
	}
	return told, billed, short
}

// meaningWithoutScore tells on how many more nights the score is asked for.
func meaningWithoutScore(c *config.Config, f store.Story) string {
	left := int64(c.NoScoreNights - f.NoScores + 1)
	if left < 1 { // the setting was lowered
		return store.WhyNoScore + "; the next run makes it done without one"
	}
	return fmt.Sprintf("%s; is asked again on %s, then it is done without one", store.WhyNoScore,
		words.Plural(left, "later night", "later nights"))
}

// whyGivenUp explains why only a person has an ID asked again.
func whyGivenUp(f store.Story) string {
	switch {
	case f.Text == "": // also where it was pending or in doubt until then
		return "the ID was taken out before it had a result; nobody can ask for it any more"
	case f.Why == store.WhyEmpty:
		return store.WhyEmpty + ": the vendor said SUCCESS and sent nothing with it; a person decides"
	case f.Why == store.WhyOtherID:
		return store.WhyOtherID + ": a row of a list gave both, and the check is asked for by that one"
	case f.Why != "":
		return f.Why + "; a person decides"
	}
	return "asked too often, or paid for without a result; a person decides"
}
