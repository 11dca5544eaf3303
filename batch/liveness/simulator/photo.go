package simulator

import (
	"strconv"
	"time"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// photo holds what an ID's photo shows besides its subject. All of it is drawn from the ID: it never changes.
type photo struct {
	seed          dice.Dice // of the picture itself
	audited       bool
	silent        bool      // of a mode without far and near images
	far, near     time.Time // zero where the vendor tells none
	sdk, platform string    // "" where the answer leaves them out
}

// photograph draws the photo that was taken of an ID at a time.
func photograph(seed uint64, id string, taken time.Time) photo {
	d := dice.Throw(seed, "photo", id, 0)
	p := photo{seed: d, audited: d.Chance(.05)}
	p.silent = d.Chance(.12)
	if untimed := p.silent || d.Chance(.10); !untimed {
		p.far = taken
		p.near = taken.Add(time.Duration(800+d.Below(2500)) * time.Millisecond)
	}
	if d.Chance(.2) {
		p.sdk = "3." + strconv.Itoa(d.Below(5)) + ".0"
		p.platform = []string{"ANDROID", "IOS", "H5"}[d.Below(3)]
	}
	return p
}

// times writes when the two images were taken as the vendor does, in epoch milliseconds or null.
func (p photo) times() (far, near string) {
	if p.far.IsZero() {
		return "null", "null"
	}
	return strconv.FormatInt(p.far.UnixMilli(), 10), strconv.FormatInt(p.near.UnixMilli(), 10)
}

// Said holds what the data of a SUCCESS told about a check.
type Said struct {
	Score  *float64 `json:"score"`            // as a number, whatever its JSON type; nil for null or no livenessScore
	Attack string   `json:"attack,omitempty"` // attackType without quotes; "" for null
	Far    int64    `json:"far,omitempty"`    // farImageTime in epoch milliseconds; 0 for null
	Near   int64    `json:"near,omitempty"`   // nearImageTime likewise
}

// said notes what the envelope of a sentence is going to tell.
func (s *sentence) said(f Fault) *Said {
	if s.verdict.code != codeSuccess || f == DataEmpty || f == DataNull || f == LowerKeys {
		return nil
	}
	told := &Said{}
	if f == DataNulls {
		return told
	}
	if f != ScoreNull && f != ScoreMissing && f != ScoreLater {
		score := s.subject.score
		told.Score = &score
	}
	if s.subject.attack != 0 {
		told.Attack = strconv.Itoa(s.subject.attack)
	}
	if !s.photo.far.IsZero() {
		told.Far, told.Near = s.photo.far.UnixMilli(), s.photo.near.UnixMilli()
	}
	return told
}
