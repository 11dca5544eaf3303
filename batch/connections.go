package batch

import (
	"liverecon/store"
)

// ahead lists as suspect what a connection answered that was found one response ahead: each of its answers may be the
// one to its predecessor's question. Nothing is asked again for it.
func (f *fetch) ahead(endpoint string, conn uint64) {
	calls := f.connections.Ahead(conn)
	f.log.Warn("a connection was one response ahead", "endpoint", endpoint, "connection", conn, "suspect answers",
		len(calls))
	f.suspect(calls)
}

// suspect lists calls as suspect, and returns when that is durable. Checks that were to be asked again because of such
// an answer are not: their call may have been charged.
func (f *fetch) suspect(calls []int64) {
	if len(calls) == 0 {
		return
	}
	doubted, err := f.journal.Suspect(f.runID, store.SuspectConnection, calls)()
	if err != nil {
		f.fail(err)
	}
	for _, check := range doubted {
		f.doubted.Store(check, struct{}{})
	}
}

// takesBack reports whether a task is to ask again for an answer that is not believed any more: it is one in doubt
// then, and asked for as those are.
func (f *fetch) takesBack(t *task) bool {
	if t.reason == store.ReasonDoubt {
		return false
	}
	_, doubted := f.doubted.LoadAndDelete(t.check.ID)
	return doubted
}
