package mention

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"liverecon/store/internal/sqlrow"
)

// Set finds which of many texts stand in others, in one pass over these.
type Set struct {
	begin map[[minFolded]byte][]string // long ones, by their first bytes
	may   [1 << 16]bool                // whether one begins with these two bytes
	short []string
}

// NewSet returns the set of some texts. Empty ones stand nowhere.
func NewSet(texts []string) *Set {
	s := &Set{begin: map[[minFolded]byte][]string{}}
	for _, t := range texts {
		switch {
		case len(t) >= minFolded:
			first := [minFolded]byte([]byte(t))
			s.begin[first] = append(s.begin[first], t)
			s.may[int(t[0])<<8|int(t[1])] = true
		case t != "":
			s.short = append(s.short, t)
		}
	}
	return s
}

// Each gives the texts that stand in some content, until found says to stop; one that stands there more than once may
// be given as often.
func (s *Set) Each(content []byte, found func(text string) (goOn bool)) {
	for _, t := range s.short {
		if bytes.Contains(content, []byte(t)) && !found(t) {
			return
		}
	}
	for at := 0; at+minFolded <= len(content); at++ {
		if !s.may[int(content[at])<<8|int(content[at+1])] {
			continue
		}
		for _, t := range s.begin[[minFolded]byte(content[at:])] {
			if bytes.HasPrefix(content[at:], []byte(t)) && !found(t) {
				return
			}
		}
	}
}

// Holds reports whether one of the texts stands in some content.
func (s *Set) Holds(content []byte) (holds bool) {
	s.Each(content, func(string) bool {
		holds = true
		return false
	})
	return holds
}

// Survey knows of many IDs at once what it would cost a reading of whole tables to know of each: nil knows nothing.
type Survey struct {
	asked     map[string]bool
	mentioned map[string]bool    // that stand in a text, in some spelling
	beside    map[string][]int64 // checks whose other ID it is
}

// NewSurvey reads where IDs stand beside others, and which of these stand in texts.
func NewSurvey(ctx context.Context, db sqlrow.Queryer, ids []string) (*Survey, error) {
	s := &Survey{map[string]bool{}, map[string]bool{}, map[string][]int64{}}
	for _, id := range slices.Concat(ids, Folded(ids)) {
		s.asked[id] = true
	}
	rows, err := db.QueryContext(ctx, "SELECT check_id, coalesce(id, ''), other_id FROM checks WHERE other_id <> ''")
	_, err = sqlrow.Collect(rows, err, "read IDs that stand beside others", func(*struct{}) error {
		var check int64
		var id, other string
		err := rows.Scan(&check, &id, &other)
		if s.asked[id] || s.asked[other] {
			s.asked[id], s.asked[other] = true, true
			s.beside[other] = append(s.beside[other], check)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, s.read(ctx, db)
}

// read looks for the IDs in all texts.
func (s *Survey) read(ctx context.Context, db sqlrow.Queryer) error {
	spelled := map[string][]string{}
	for id := range s.asked {
		for _, form := range []string{id, fold(id)} {
			if form == id || len(form) >= minFolded {
				spelled[form] = append(spelled[form], id)
			}
		}
	}
	var forms []string
	for form := range spelled {
		forms = append(forms, form)
	}
	set := NewSet(forms)
	rows, err := db.QueryContext(ctx, texts)
	if err != nil {
		return fmt.Errorf("look for IDs in texts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var text, plain []byte
	note := func(form string) bool {
		for _, id := range spelled[form] {
			s.mentioned[id] = true
		}
		return true
	}
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			return err
		}
		plain = appendFolded(plain[:0], text)
		set.Each(text, note)
		set.Each(plain, note)
	}
	return rows.Err()
}

// texts selects all texts in which others may have written an ID.
var texts = Select() + " UNION ALL SELECT value FROM rejects UNION ALL SELECT detail FROM rejects" +
	" UNION ALL SELECT comment FROM decisions WHERE comment IS NOT NULL"

// Mentions reports whether an ID may stand in a text.
func (s *Survey) Mentions(id string) bool { return s == nil || !s.asked[id] || s.mentioned[id] }

// Beside returns the checks whose other ID it is; known is false where that is to be looked for.
func (s *Survey) Beside(id string) (checks []int64, known bool) {
	if s == nil || !s.asked[id] {
		return nil, false
	}
	return s.beside[id], true
}
