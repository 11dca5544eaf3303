package decisions

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// Label represents what is known of an ID from elsewhere: ground truth, which no reviewer decided.
type Label struct {
	CheckID int64
	Attack  bool   // an attack presentation; else a bona fide one
	Species string // attack type as the file names it (ISO/IEC 30107-3: PAI species); "" for none
	Row     int    // of its file
}

// Word returns the label as it is stored and written.
func (l Label) Word() string {
	if l.Attack {
		return "attack"
	}
	return "bona fide"
}

// Known describes a check that a file of labels names by its ID.
type Known struct {
	CheckID int64
	Erased  bool   // its ID was taken out: nothing may be added about it
	Label   *Label // that stands; nil for none
}

// ChecksOf returns the checks that are known under one of two hashes of an ID, which are alike where its kind is known.
func (d Log) ChecksOf(ctx context.Context, hash, other []byte) ([]Known, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT c.check_id, c.id IS NULL AND c.other_id IS NULL, l.label = 'attack',
		coalesce(l.species, '') FROM checks c LEFT JOIN labels l ON l.label_id = (SELECT max(label_id) FROM labels s
		WHERE s.check_id = c.check_id)
		WHERE c.check_id IN (SELECT check_id FROM checks WHERE id_hash IN (?1, ?2) UNION
		SELECT check_id FROM other_ids WHERE id_hash IN (?1, ?2)) ORDER BY c.check_id`, hash, other)
	return sqlrow.Collect(rows, err, "look up an ID", func(k *Known) error {
		var attack sql.NullBool
		var species string
		err := rows.Scan(&k.CheckID, &k.Erased, &attack, &species)
		if attack.Valid {
			k.Label = &Label{CheckID: k.CheckID, Attack: attack.Bool, Species: species}
		}
		return err
	})
}

// AddLabels stores labels of a file, all or none. Each stands for its check from then on.
func (d Log) AddLabels(ctx context.Context, f File, all []Label) error {
	err := sqlrow.Writing(ctx, d.write, func(tx *sql.Tx) error {
		file, err := addFile(ctx, tx, f)
		for _, l := range all {
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO labels (check_id, label, species, file_id, row)
					VALUES (?, ?, ?, ?, ?)`, l.CheckID, l.Word(), l.Species, file, l.Row)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store labels of %s: %w", f.Name, err)
	}
	return nil
}

// Labelled represents a scored standing answer to a check with a label.
type Labelled struct {
	CallID  int64
	Score   float64
	Region  string
	Attack  bool
	Species string
}

// Labels returns the labelled scored standing answers of [from, to). Its cost depends on how many labels there are.
func (d Reader) Labels(ctx context.Context, from, to time.Time) ([]Labelled, error) {
	at := "a.answered_at"
	if d.clock == calendar.ByCapture {
		at = "coalesce(a.captured_at, a.answered_at)"
	}
	rows, err := d.tx.QueryContext(ctx, `SELECT a.call_id, a.score, a.region, l.label = 'attack', l.species
		FROM labels l CROSS JOIN answers a ON a.check_id = l.check_id AND a.standing = 1
		WHERE a.score IS NOT NULL AND `+at+` >= ?1 AND `+at+` < ?2
		AND NOT EXISTS (SELECT 1 FROM labels s WHERE s.check_id = l.check_id AND s.label_id > l.label_id)
		ORDER BY l.label_id`, sqlrow.Millis(from), sqlrow.Millis(to))
	return sqlrow.Collect(rows, err, "read labels", func(l *Labelled) error {
		return rows.Scan(&l.CallID, &l.Score, &l.Region, &l.Attack, &l.Species)
	})
}
