package prospect_test

import (
	"testing"

	"liverecon/batch/prospect"
	"liverecon/store"
)

// The two rules, each on both sides of its bounds.
func TestNobodyKnown(t *testing.T) {
	night := func(found, absent int64, finding store.Finding) store.EndpointNight {
		return store.EndpointNight{Found: found, Absent: absent, Finding: finding}
	}
	good, bad := night(90, 10, store.Ordinary), night(70, 30, store.Ordinary)
	for _, c := range []struct {
		found, absent int64
		before        []store.EndpointNight
		want          bool
	}{
		{0, 20, nil, true}, {0, 19, nil, false}, {2, 18, nil, false}, {1, 19, nil, true}, {10, 90, nil, false}, {9, 91, nil, true}, {20, 0, nil, false}, {0, 0, nil, false},
		{10, 10, []store.EndpointNight{good}, false}, {9, 11, []store.EndpointNight{good}, true}, {9, 11, nil, false}, // no night before tells
		{45, 55, []store.EndpointNight{good, bad}, false}, {8, 91, []store.EndpointNight{good, bad}, true}, // three times 30 %
		{9, 11, []store.EndpointNight{night(0, 19, store.Ordinary), good}, true},    // too few answers to compare with
		{9, 11, []store.EndpointNight{night(0, 500, store.Believed), good}, false},  // as was believed
		{0, 50, []store.EndpointNight{night(0, 500, store.Believed), good}, false},  // this, too
		{0, 50, []store.EndpointNight{good, night(0, 500, store.Believed)}, true},   // another came since
		{0, 50, []store.EndpointNight{night(1, 18, store.Believed)}, true},          // too few were believed to compare with
		{1, 199, []store.EndpointNight{night(40, 460, store.Believed)}, true},       // far fewer than those
		{0, 60, []store.EndpointNight{night(40, 460, store.Believed)}, false},       // which may be chance
		{0, 200, []store.EndpointNight{night(40, 460, store.Believed)}, true},       // and this may not
		{7, 193, []store.EndpointNight{night(40, 460, store.Believed)}, false},      // a little fewer
		{5000, 95000, []store.EndpointNight{night(40, 460, store.Believed)}, false}, // or a little fewer of very many
		{0, 200, []store.EndpointNight{night(90, 200, store.Ordinary), night(40, 460, store.Believed)}, true},
		{0, 1, []store.EndpointNight{night(0, 300, store.Nobody), good}, true},        // one tells, after such a night
		{1, 9, []store.EndpointNight{night(0, 300, store.Nobody)}, false},             // somebody was found
		{0, 1, []store.EndpointNight{good, night(0, 300, store.Nobody), good}, false}, // the newest counts
	} {
		if got := prospect.Of(c.before, store.Unconfirmed{}).NobodyKnown(c.found, c.absent); got != c.want {
			t.Errorf("%d found, %d absent after %v: %v", c.found, c.absent, c.before, got)
		}
	}
}
