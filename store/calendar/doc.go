// Package calendar knows days, months and periods of a time zone. It is pure.
package calendar
