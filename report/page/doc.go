// Package page lays out a sheet from top to bottom: tables, tiles, places of charts, checks and definitions.
package page
