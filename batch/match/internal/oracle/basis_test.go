package oracle

// charge names the state of a call under a reading.
type charge int8

const (
	free charge = iota
	charged
	inDoubt
)

// states returns what each call is under a reading. The calls are by time; named are the transactions on lines. instead
// has the charge of the ID of each doubt that may carry it.
func states(calls []call, r Reading, named map[string]bool) (all []charge, instead map[int]int) {
	all = make([]charge, len(calls))
	instead = map[int]int{}
	seen := map[string]bool{}
	for i, c := range calls {
		if c.Outcome == Unsent {
			continue
		}
		answered := c.Outcome == Answered
		switch r {
		case PayTag, DistinctID:
			all[i] = byTag(c)
		case Success:
			all[i] = pick(!answered, inDoubt, pick(c.Code == "SUCCESS", charged, free))
		case Transaction:
			all[i] = byTag(c)
			if all[i] == charged && c.Transaction != "" {
				if seen[c.Transaction] {
					all[i] = free
				}
				seen[c.Transaction] = true
			}
		case EveryCall:
			all[i] = charged
		}
	}
	if r == DistinctID {
		oncePerSubject(calls, all, named, instead)
	}
	return all, instead
}

func pick(is bool, yes, no charge) charge {
	if is {
		return yes
	}
	return no
}

func byTag(c call) charge {
	switch {
	case c.Outcome != Answered:
		return inDoubt
	case c.Tag == "PAY":
		return charged
	case c.Tag == "FREE":
		return free
	}
	return inDoubt
}

// oncePerSubject leaves one call of each ID: its first PAY, or a doubt before that which a line names instead; without
// a PAY one of its doubts, the first that a line names or else the first. A doubt before the PAY that no line can name,
// since it has no transaction, may carry the charge by its time, where no line names the PAY.
func oncePerSubject(calls []call, all []charge, named map[string]bool, instead map[int]int) {
	groups := map[string][]int{}
	for i, c := range calls {
		if all[i] != free {
			groups[c.Subject] = append(groups[c.Subject], i)
		}
	}
	for _, group := range groups {
		paid := -1
		for _, i := range group {
			if all[i] == charged {
				paid = i
				break
			}
		}
		carrier, state := group[0], inDoubt
		if paid >= 0 {
			carrier, state = paid, charged
		}
		if !named[calls[carrier].Transaction] {
			for _, i := range group {
				if x := calls[i].Transaction; x != "" && named[x] && (paid < 0 || i < paid) {
					carrier = i
					break
				}
			}
		}
		for _, i := range group {
			if paid == carrier && i < paid && calls[i].Transaction == "" && !named[calls[paid].Transaction] {
				instead[i] = paid
				continue
			}
			all[i] = free
		}
		all[carrier] = state
	}
}
