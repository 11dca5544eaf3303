// Package worked collects what people worked out of a month's exceptions and what they signed: which decision stands
// for which row, what is left to dispute and to pay, and for which figures a signature holds.
package worked
