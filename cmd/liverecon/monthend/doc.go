// Package monthend carries out what people decide about a month: what they worked and signed in its workbook is read
// back, and the month is closed on it. It prints nothing itself.
package monthend
