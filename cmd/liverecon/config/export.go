package config

import "liverecon/store/parquet"

// Export describes where Parquet files go after a night. Without a place they are written by hand alone.
type Export struct {
	Directory string
	Bucket    *Bucket
	Columns   []string // of lists, that go with their checks
}

// Has reports whether there is a place to export to.
func (e Export) Has() bool { return e.Directory != "" || e.Bucket != nil }

func readExport(c *Config, t *table) {
	e := &c.Export
	if dir := t.text("directory", ""); dir != "" {
		e.Directory = pathFrom(c.Base, dir)
	}
	if t.has("s3") {
		e.Bucket = readBucket(c, t.table("s3"))
	}
	e.Columns = t.texts("columns")
	named := map[string]bool{}
	for _, name := range e.Columns {
		if len(name) > 100 || named[parquet.ColumnName(name)] {
			t.wrong("columns", "%.80q: want the names of different columns of lists", name)
		}
		named[parquet.ColumnName(name)] = true
	}
	t.refuseUnknown()
}
