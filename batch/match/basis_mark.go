package match

import (
	"liverecon/batch/billing"
	"liverecon/batch/match/internal/compact"
)

const (
	repeated billing.Charges = 1 << (iota + 6) // the ID had been charged before
	// the ID is charged at another call of the month, or at an earlier one in doubt
	counted
)

// markCharges decides which calls are charges, for each of the readings. An ID or a transaction is charged where it is
// first tagged PAY, which may be in an earlier month. Answers without a transaction ID can't be told to be the same:
// each is its own.
func markCharges(j *journal) {
	markIDs(j)
	again := compact.NewSieve[transaction](j.len())
	j.each(func(_ uint32, r *record) {
		if r.isPaid() {
			again.Add(r.transactionID(), r.transaction)
		}
	})
	transactions := map[transaction]struct{}{}
	j.each(func(_ uint32, r *record) {
		r.charge(billing.PayTag, r.isPaid())
		r.charge(billing.Success, r.is(isAnswered) && r.is(isSuccess))
		r.charge(billing.EveryCall, true)
		if !r.isPaid() {
			return
		}
		id := r.transactionID()
		_, charged := transactions[id]
		r.charge(billing.Transaction, !charged)
		if r.is(hasID) && again.Holds(id) {
			transactions[id] = struct{}{}
		}
	})
}

func markIDs(j *journal) {
	again := compact.NewSieve[int64](j.len())
	j.each(func(_ uint32, r *record) { again.Add(r.check, uint64(r.check)) })
	ids := map[int64]struct{}{}
	inDoubt := map[int64]bool{} // whether the ID's one charge of the month is counted
	j.each(func(_ uint32, r *record) {
		_, charged := ids[r.check]
		if charged {
			r.charges |= repeated
		}
		r.charge(billing.DistinctID, r.isPaid() && !charged)
		switch {
		case r.isPaid() || r.is(isBilled):
			if again.Holds(r.check) {
				ids[r.check] = struct{}{}
			}
		case r.isInDoubt() && !charged:
			inDoubt[r.check] = false
		}
	})
	j.each(func(_ uint32, r *record) {
		if _, open := inDoubt[r.check]; open && r.isPaid() && j.inMonth(r) {
			inDoubt[r.check] = true
		}
	})
	j.each(func(_ uint32, r *record) {
		if !r.mayBeCharged(billing.DistinctID) || !j.inMonth(r) {
			return
		}
		if inDoubt[r.check] {
			r.charges |= counted
		}
		inDoubt[r.check] = true
	})
}

// isPaid reports whether the vendor told us to pay.
func (r *record) isPaid() bool { return r.is(isAnswered) && r.is(isPay) }

func (r *record) charge(basis billing.Basis, on bool) {
	if on {
		r.charges |= basis.Bit()
	}
}

func (r *record) isCharge(basis billing.Basis) bool { return r.charges&basis.Bit() != 0 }

// mayBeCharged reports whether a call that a reading does not charge may have been charged under it all the same: calls
// in doubt, but not those on another month's statement. An ID that was charged before cannot be charged again by
// distinct-id.
func (r *record) mayBeCharged(basis billing.Basis) bool {
	if !r.isInDoubt() || r.isCharge(basis) || r.is(isBilled) {
		return false
	}
	switch basis {
	case billing.Success:
		return !r.is(isAnswered)
	case billing.DistinctID:
		return r.charges&repeated == 0
	default:
		return true
	}
}

// raisesCeiling reports what mayBeCharged does, but no more often than the reading can charge.
func (r *record) raisesCeiling(basis billing.Basis) bool {
	return r.mayBeCharged(basis) && (basis != billing.DistinctID || r.charges&counted == 0)
}
