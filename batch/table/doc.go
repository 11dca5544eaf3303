// Package table reads tables that somebody exported: texts as CSV, packed and encoded however, and sheets of XLSX
// workbooks, strictly.
package table
