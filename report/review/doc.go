// Package review reads back what people filled in: decisions from a risk workbook's manual queue, and what was worked and
// signed in a finance workbook.
package review
