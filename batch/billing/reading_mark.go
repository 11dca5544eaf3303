package billing

// Readings lists the plausible readings in the order in which they are shown.
func Readings() []Reading { return []Reading{PayTag, Success, DistinctID, Transaction, EveryCall} }

// charges has a bit for each reading by which a call is a charge, and two more
// for what distinct-id makes of a call in doubt.
type charges uint8

const (
	repeated charges = 1 << (iota + 6) // the ID had been charged before
	counted                            // the ID is charged at another call of the month, or at an earlier one in doubt
)

func (r Reading) bit() charges {
	switch r {
	case Success:
		return 1 << 1
	case DistinctID:
		return 1 << 2
	case Transaction:
		return 1 << 3
	case EveryCall:
		return 1 << 4
	default:
		return 1 << 0
	}
}

// mark decides which calls are charges, for each of the readings. An ID or a
// transaction is charged where it is first tagged PAY, which may be in an earlier
// month. Answers without a transaction ID can't be told to be the same: each is
// its own.
func (j *journal) mark() {
	j.markIDs()
	transactions := map[transaction]struct{}{}
	j.each(func(_ uint32, r *record) {
		r.charge(PayTag, r.isPaid())
		r.charge(Success, r.is(isAnswered) && r.is(isSuccess))
		r.charge(EveryCall, true)
		if !r.isPaid() {
			return
		}
		id := r.transactionID()
		_, charged := transactions[id]
		r.charge(Transaction, !charged)
		if r.is(hasID) {
			transactions[id] = struct{}{}
		}
	})
}

func (j *journal) markIDs() {
	ids := map[int64]struct{}{}
	inDoubt := map[int64]bool{} // whether the ID's one charge of the month is counted
	j.each(func(_ uint32, r *record) {
		_, charged := ids[r.check]
		if charged {
			r.charges |= repeated
		}
		r.charge(DistinctID, r.isPaid() && !charged)
		switch {
		case r.isPaid() || r.is(isBilled):
			ids[r.check] = struct{}{}
		case r.isDoubtful() && !charged:
			inDoubt[r.check] = false
		}
	})
	j.each(func(_ uint32, r *record) {
		if _, open := inDoubt[r.check]; open && r.isPaid() && j.inMonth(r) {
			inDoubt[r.check] = true
		}
	})
	j.each(func(_ uint32, r *record) {
		if !r.mayBeCharged(DistinctID) || !j.inMonth(r) {
			return
		}
		if inDoubt[r.check] {
			r.charges |= counted
		}
		inDoubt[r.check] = true
	})
}

// isPaid says whether the vendor told us to pay.
func (r *record) isPaid() bool { return r.is(isAnswered) && r.is(isPay) }

func (r *record) charge(reading Reading, on bool) {
	if on {
		r.charges |= reading.bit()
	}
}

func (r *record) isCharge(reading Reading) bool { return r.charges&reading.bit() != 0 }

// mayBeCharged says whether a call that a reading does not charge may have been
// charged under it all the same: calls in doubt, but not those on another month's
// statement. An ID that was charged before cannot be charged again by distinct-id.
func (r *record) mayBeCharged(reading Reading) bool {
	if !r.isDoubtful() || r.isCharge(reading) || r.is(isBilled) {
		return false
	}
	switch reading {
	case Success:
		return !r.is(isAnswered)
	case DistinctID:
		return r.charges&repeated == 0
	default:
		return true
	}
}

// raisesCeiling is mayBeCharged, but no more often than the reading can charge.
func (r *record) raisesCeiling(reading Reading) bool {
	return r.mayBeCharged(reading) && (reading != DistinctID || r.charges&counted == 0)
}
