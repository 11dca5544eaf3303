package config

import (
	"time"

	"liverecon/store/calendar"
)

// retention holds for how many days personal data and images are kept; 0: for ever.
type retention struct {
	PersonalDays int64
	evidenceDays int64
}

// ImageDays returns for how many days images are kept: they are personal data, too. 0: for ever.
func (r retention) ImageDays() int64 {
	if r.evidenceDays == 0 || r.PersonalDays > 0 && r.PersonalDays < r.evidenceDays {
		return r.PersonalDays
	}
	return r.evidenceDays
}

// Backups describes where the job leaves a copy of the database after a run, and how many copies stay. No directory:
// nowhere.
type Backups struct {
	Directory string
	Keep      int
}

const maxRetentionDays = 100 * 366

func readRetention(c *Config, t *table) {
	c.Retention.PersonalDays = t.count("personal_data_days", 0, 1, maxRetentionDays)
	c.Retention.evidenceDays = t.count("evidence_days", 0, 1, maxRetentionDays)
	t.refuseUnknown()
}

func readBackup(c *Config, t *table) {
	if directory := t.text("directory", ""); directory != "" {
		c.Backup.Directory = pathFrom(c.Base, directory)
	}
	c.Backup.Keep = int(t.count("keep", 14, 1, 10_000))
	if t.has("keep") && c.Backup.Directory == "" {
		t.wrong("keep", "there is no directory of backups: set backup.directory")
	}
	t.refuseUnknown()
}

// DaysBefore returns the beginning of the day of a zone so many days before a time.
func DaysBefore(now time.Time, days int64, zone *time.Location) time.Time {
	y, m, d := calendar.Date(now, zone)
	return calendar.Midnight(y, m, d-int(days), zone)
}
