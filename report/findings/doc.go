// Package findings decides what the first page of a risk workbook may claim. Everything a page could say is one list of
// candidates, each with a p-value whose reference distribution knows that nights vary more than chance alone explains;
// all candidates of a page share one error budget (weighted Holm), and what survives is ranked by how many checks it
// concerns. It is pure: sums of checks by region and night go in, findings come out; no clock, no randomness, no state.
//
// Rates, shares and probabilities are fractions in [0, 1]. A night is one of the report's calendar; period 1 is the one
// reported, period 0 its baseline.
package findings
