package match

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/batch/match/internal/compact"
)

// carry leaves every ID one charge at most where the contract charges an ID once: at the call that is first tagged PAY;
// at one in doubt before that, if the lines name it instead; without a PAY at the first in doubt that they name, else
// at the first. A lost call before the PAY has no transaction that a line could name, and may still have the charge by
// its time while no line names the PAY.
func carry(in *month) {
	if in.basis != billing.DistinctID {
		return
	}
	j := in.journal
	again := compact.NewSieve[int64](j.len())
	may := func(r *record) bool { return r.isCharge(billing.DistinctID) || r.mayBeCharged(billing.DistinctID) }
	j.each(func(_ uint32, r *record) {
		if may(r) {
			again.Add(r.check, uint64(r.check))
		}
	})
	groups := map[int64][]uint32{}
	j.each(func(i uint32, r *record) {
		if may(r) && again.Holds(r.check) {
			groups[r.check] = append(groups[r.check], i)
		}
	})
	named := namedTransactions(in)
	for _, group := range groups {
		carryOne(j, group, func(r *record) bool { return r.is(hasID) && named[r.transactionID()] })
	}
}

// carryOne decides which call of an ID, by time, carries its charge.
func carryOne(j *journal, group []uint32, named func(*record) bool) {
	paid := slices.IndexFunc(group, func(i uint32) bool { return j.record(i).isCharge(billing.DistinctID) })
	carrier := max(paid, 0)
	if !named(j.record(group[carrier])) {
		for n, i := range group {
			if named(j.record(i)) && (paid < 0 || n < paid) {
				carrier = n
				break
			}
		}
	}
	for n, i := range group {
		r := j.record(i)
		switch lost := !r.is(hasID) && n < paid && carrier == paid && !named(j.record(group[paid])); {
		case n == carrier:
			r.charge(billing.DistinctID, paid >= 0)
		case !lost:
			r.charges &^= billing.DistinctID.Bit()
			r.charges |= repeated
		}
	}
}

// namedTransactions returns those of all lines, the neighbouring months' included.
func namedTransactions(in *month) map[transaction]bool {
	named := map[transaction]bool{}
	for id := range in.lines.byTransaction {
		named[id] = true
	}
	for id := range in.neighbours {
		named[id] = true
	}
	return named
}
