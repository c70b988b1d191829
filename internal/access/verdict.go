package access

// Verdict is what policy says of one grant, in 4 bytes: there is one for each.
type Verdict struct {
	// By is what covers the grant: 1 + the index of a rule, or less than 0 for an
	// exception: -1 and -2 are the first one while it lives and once it has expired,
	// -3 and -4 the second; 0: nothing does.
	By int32
}

// ByException is the verdict of an exception, given by 1 + its index.
func ByException(n int32, expired bool) Verdict {
	if expired {
		return Verdict{By: -2 * n}
	}
	return Verdict{By: 1 - 2*n}
}

// Rule is 1 + the index into RoleMap.Rules; 0: no rule covers it.
func (v Verdict) Rule() int32 { return max(v.By, 0) }

// Exception is 1 + the index into Policy.Exceptions; 0: none does.
func (v Verdict) Exception() int32 { return max(1-v.By, 1) / 2 }

// Expected reports whether a rule, or an exception that lives, covers the grant.
func (v Verdict) Expected() bool { return v.By > 0 || v.By&1 != 0 }

// Judged is an Observation with what was decided about each of its parts.
type Judged struct {
	Observation
	Matches  []Match   // one for each account
	Verdicts []Verdict // one for each grant
	// Seen is when each grant was first seen, in days since 1970-01-01; nil: no earlier
	// night remembers any, and all of them were on the day Tonight.
	Seen    []uint16
	Tonight uint16
}

// FirstSeen is the day of the first night that saw a grant, in days since 1970-01-01;
// 0: nobody noted it.
func (j *Judged) FirstSeen(grant int) uint16 {
	if j.Seen == nil {
		return j.Tonight
	}
	return j.Seen[grant]
}
