package main

import "time"

// retention says how long what names a person is kept, and the backups. Zero days: for ever.
type retention struct {
	personalDays int64
	evidenceDays int64
}

// imageDays is how long images are kept: they are personal data, too.
func (r retention) imageDays() int64 {
	if r.evidenceDays == 0 || r.personalDays > 0 && r.personalDays < r.evidenceDays {
		return r.personalDays
	}
	return r.evidenceDays
}

// backups says where the job leaves a copy of the database after a run, and how many copies stay. No directory: nowhere.
type backups struct {
	directory string
	keep      int
}

const maxRetentionDays = 100 * 366

func (c *config) readRetention(t *table) {
	c.retention.personalDays = t.count("personal_data_days", 0, 1, maxRetentionDays)
	c.retention.evidenceDays = t.count("evidence_days", 0, 1, maxRetentionDays)
	t.refuseUnknown()
}

func (c *config) readBackup(t *table) {
	if directory := t.text("directory", ""); directory != "" {
		c.backup.directory = c.path(directory)
	}
	c.backup.keep = int(t.count("keep", 14, 1, 10_000))
	if t.has("keep") && c.backup.directory == "" {
		t.wrong("keep", "there is no directory of backups: set backup.directory")
	}
	t.refuseUnknown()
}

// daysBefore is the beginning of the day of a zone so many days before a moment.
func daysBefore(now time.Time, days int64, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d-int(days), 0, 0, 0, 0, zone)
}
