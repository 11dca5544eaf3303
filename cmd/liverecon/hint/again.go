package hint

import (
	"fmt"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/words"
	"liverecon/store/accounts"
)

// AskAgain names the command that asks for IDs in doubt beyond what the rules allow, and what that may cost.
func AskAgain(ids int64) string {
	return fmt.Sprintf("`liverecon run --again in_doubt=%d` asks for them, and may pay twice", ids)
}

// AskGivenUp names the command that asks for IDs that were given up.
func AskGivenUp(ids int64) string {
	return fmt.Sprintf("`liverecon run --again given_up=%d` asks for them, and may pay again", ids)
}

// AskBilled names the command that asks for IDs whose lost answer was billed; id is the only one meant, "" for all.
func AskBilled(ids int64, id string) string {
	if id != "" {
		return fmt.Sprintf("`liverecon run --again in_doubt=1 --id %s` asks for it, and pays again",
			shellescape.Quote(id))
	}
	return fmt.Sprintf("`liverecon run --again in_doubt=%d` asks for them, and pays again", ids)
}

// ShortText tells, of IDs in doubt that are on no statement why that proves nothing, and what to type.
func ShortText(all []accounts.ShortCount) string {
	var ids int64
	sums := map[billing.Shortfall]int64{}
	for _, n := range all {
		ids += n.Checks
		sums[billing.Shortfall(n.Short)] += n.Checks
	}
	return fmt.Sprintf("%s in doubt not on a statement that is not whole: %s; %s", words.Plural(ids, "ID", "IDs"),
		billing.ShortfallTexts(sums, ids), AskAgain(ids))
}

// SuspectText counts the IDs that are suspect.
func SuspectText(ids int64) string {
	return words.Plural(ids, "ID", "IDs") + " may hold another's answer"
}

// AskSuspects names the command that asks for suspect IDs, and what that costs; id is the only one meant, "" for all.
func AskSuspects(ids int64, id string) string {
	if id != "" {
		return fmt.Sprintf("`liverecon run --again suspect=1 --id %s` asks for it, and pays again",
			shellescape.Quote(id))
	}
	return fmt.Sprintf("`liverecon run --again suspect=%d` asks for them, and pays again", ids)
}
