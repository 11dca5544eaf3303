package calendar

import "time"

// singapore is the zone of the test reports: eight hours ahead of UTC, without clock changes.
func singapore() *time.Location { return time.FixedZone("Asia/Singapore", 8*3600) }
