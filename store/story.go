package store

import (
	"time"
)

// StoryDecision is what a person decided about one of an ID's answers.
type StoryDecision struct {
	Decision
	File string // that it was read from
}

// StoryImage is an image that one of an ID's answers offered.
type StoryImage struct {
	CallID    int64
	Kind      string // result, audit, far or near
	State     string // queued, stored, expired, refused or erased
	Reason    string
	Path      string // below the directory of images
	QueuedAt  time.Time
	SettledAt time.Time // zero while queued
}
