// Package storetest has what tests of several packages need of a store. Only tests import it.
package storetest

import "liverecon/store"

// AdmitAll admits every call: the admission of a run without a cap.
type AdmitAll struct{}

// Admit refuses nothing.
func (AdmitAll) Admit(store.Intent) error { return nil }

// Confirm counts nothing.
func (AdmitAll) Confirm(store.Intent, store.Result, bool) {}

// Doubt counts nothing.
func (AdmitAll) Doubt(store.Doubted) {}
