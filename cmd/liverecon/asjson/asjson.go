// Package asjson has what all JSON of the program has in common: its version, amounts of money, errors.
package asjson

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
)

// Version counts the changes of what is printed after which a reader must be changed, too: a key that goes, is renamed
// or means something else. New keys are no such change.
const Version = 1

// Marshal returns a value as indented JSON. An object gets the version as its first key; an array has no place for it.
func Marshal(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil || len(text) == 0 || text[0] != '{' {
		return text, err
	}
	version, err := json.Marshal(Version)
	versioned := slices.Concat([]byte("{\n  \"version\": "), version)
	if rest := text[1:]; !bytes.Equal(rest, []byte("}")) {
		return slices.Concat(versioned, []byte(","), rest), err
	}
	return slices.Concat(versioned, []byte("\n}")), err
}

// Amount holds money in one currency, from the least that it can be to the most. Both are decimal texts, never rounded.
type Amount struct {
	Currency string `json:"currency"`
	AtLeast  string `json:"at_least"`
	AtMost   string `json:"at_most"`
}

// Amounts returns an amount for each currency of the two, in alphabetical order; a currency that one of them lacks is
// zero there.
func Amounts(least, most billing.Amounts) []Amount {
	currencies := map[string]bool{}
	for _, of := range []billing.Amounts{least, most} {
		for currency := range of {
			currencies[currency] = true
		}
	}
	all := []Amount{}
	for _, currency := range slices.Sorted(maps.Keys(currencies)) {
		all = append(all, Amount{currency, least[currency].String(), most[currency].String()})
	}
	return all
}

// Failure holds what is printed in place of a result that there is none of.
type Failure struct {
	ExitCode int       `json:"exit_code"`
	Errors   []Problem `json:"errors"`
}

// Problem describes one thing that is wrong, and what to do about it.
type Problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// NewFailure lists what an error joins. One without a message of its own is left out.
func NewFailure(err error) Failure {
	f := Failure{ExitCode: config.ExitCode(err), Errors: []Problem{}}
	for _, e := range config.Flatten(err) {
		if e.Error() != "" {
			f.Errors = append(f.Errors, Problem{e.Error(), hint.For(e)})
		}
	}
	return f
}
