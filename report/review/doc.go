// Package review reads decisions back from a risk workbook's manual queue.
package review
