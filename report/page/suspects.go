package page

import "liverecon/report/xlsx"

// SuspectTerm defines the word where it is used; what follows from it is another thing for each workbook.
func SuspectTerm(suspects int64, consequence string) []Definition {
	if suspects == 0 {
		return nil
	}
	return []Definition{{Term: "Suspect", Meaning: "The vendor's answers do not say which question they belong to. " +
		"One that came unasked for gives every later question of its connection its predecessor's answer; when that " +
		"comes to light, all answers of the connection are suspect, and so are the answers to two IDs under one " +
		"transaction ID. " + consequence, Source: "View v_suspects; liverecon explain ID"}}
}

const suspectCheck = "No answer may be another ID's (view v_suspects)"

// CheckSuspects fails where answers may be another ID's: no other route leads to them.
func CheckSuspects(l *Checks, suspects int64) {
	if suspects > 0 {
		l.Gap(suspectCheck, xlsx.N(suspects), xlsx.N(0))
	}
}
