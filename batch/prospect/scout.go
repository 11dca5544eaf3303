package prospect

import (
	"time"

	"liverecon/store"
)

// Scout counts how many of an endpoint's IDs the vendor knows. The first answers may be about a few strays that stand
// before thousands of good IDs: so when they look bad, what decides is a sample from all that is open. Its methods may
// not be called from several goroutines at once.
type Scout struct {
	prospect Prospect
	believes bool // somebody said that what the endpoint knows not does not exist

	found, absent             int64 // answers tonight
	sampling                  bool  // nothing but the sample is asked until its answers are there
	drawn                     bool  // all of it is under way
	sampleFound, sampleAbsent int64
	samples                   int   // decided
	next                      int64 // answers from which on a further one may be taken
	cleared                   bool  // the last one showed that IDs are known
}

// NewScout begins a night. After one in which nobody was found it begins with a sample: what must be asked again to see
// whether the fault was found may have to be paid for, and is no more than that.
func NewScout(p Prospect, believes bool) Scout {
	return Scout{prospect: p, believes: believes, next: TellingAnswers, sampling: p.nobody && !believes}
}

// Count takes in whether an answer knows its ID; sampled ones are of the sample.
func (s *Scout) Count(found, absent, sampled bool) {
	f, a := int64(btoi(found)), int64(btoi(absent))
	s.found, s.absent = s.found+f, s.absent+a
	if sampled {
		s.sampleFound, s.sampleAbsent = s.sampleFound+f, s.sampleAbsent+a
	}
}

// Suspect begins a sample where the answers so far call for one: the very first is bad, or all together are.
func (s *Scout) Suspect() {
	if s.sampling || s.believes {
		return
	}
	first := s.samples == 0 && s.found == 0 && s.absent > 0
	if !first && (s.found+s.absent < s.next || !s.prospect.NobodyKnown(s.found, s.absent)) {
		return
	}
	s.sampling, s.drawn, s.cleared = true, false, false
	s.sampleFound, s.sampleAbsent = 0, 0
	if first { // these answers are a part of it
		s.sampleAbsent = s.absent
	}
}

// Sampling reports whether nothing but a sample is to be asked, and how many IDs it still needs when it is drawn.
func (s *Scout) Sampling() (left int, sampling bool) { return s.left(), s.sampling }

// Drawn notes that all IDs of the sample are under way: no further one is drawn until it is judged.
func (s *Scout) Drawn() { s.drawn = true }

// Draws reports whether a further ID may be asked: there is no sample, or not all of it is under way.
func (s *Scout) Draws() bool { return !s.sampling || !s.drawn }

// Cleared reports whether the last sample showed that IDs are known.
func (s *Scout) Cleared() bool { return s.cleared }

// Sentence reports that the endpoint knows nobody, by tonight's answers, and where to look.
func (s *Scout) Sentence(endpoint string) string {
	return s.prospect.Sentence(endpoint, s.found, s.absent)
}

func (s *Scout) left() int { return int(max(0, TellingAnswers-s.sampleFound-s.sampleAbsent)) }

// Judge ends a sample that was drawn, once no call is under way, and reports whether it knows nobody. Where there is
// no such sample it does nothing.
func (s *Scout) Judge() (nobody bool) {
	if !s.sampling || !s.drawn {
		return false
	}
	s.sampling = false
	s.samples++
	s.next = max(TellingAnswers, 2*(s.found+s.absent))
	p := s.prospect
	if s.found > 0 { // whatever the sample says, this is not like the nights before
		p.absent = store.Unconfirmed{}
	}
	// How many a sample finds says little beside a night that was believed: there all answers count.
	nobody = p.TooFew(s.sampleFound, s.sampleAbsent) && !p.AsBelieved(s.found, s.absent)
	s.cleared = !nobody && s.sampleFound+s.sampleAbsent >= TellingAnswers
	return nobody
}

// DrawTurn returns the turn by which a run that begins now draws its samples. Not the run's number decides: what a
// night drew that an older copy of the database lost can then be told from when that was.
func DrawTurn(now time.Time) int64 { return now.Unix() / int64(24*time.Hour/time.Second) }

// SamplesAmong returns how many IDs a run draws for samples at most while it makes n calls: one at once, and one at 20
// answers, 40, 80 and so on (see Scout); one more may have been under way.
func SamplesAmong(n int64) int64 {
	draws := int64(2)
	for answers := int64(TellingAnswers); answers <= n; answers *= 2 {
		draws++
	}
	return min(n, draws*TellingAnswers)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
