package aws

import "rollcall/collectors"

// side is how the holders of permission sets are asked for.
type side int

const (
	// byPair asks each pair of account and permission set who holds it.
	byPair side = iota
	// byPrincipal asks of each user and group what they hold.
	byPrincipal
)

// counts is what is known before the holders are read.
type counts struct {
	pairs      int  // (account, permission set) that are provisioned
	principals int  // users and groups
	everybody  bool // both of their lists were read to the end
	managing   bool // the job acts in the management account
}

// quick is so few pairs that they are answered before the people are listed.
const quick = 2 * atOnce

// waits says whether the choice of a side has to wait for the number of people.
// Asking by principal can begin only when all of them are known: for the sake of
// time a few pairs do not wait for that, for the sake of calls they do.
func (c counts) waits(prefer collectors.Prefer) bool {
	if !c.managing || c.pairs == 0 {
		return false
	}
	return prefer == collectors.PreferCalls || c.pairs > quick
}

// side takes fewer requests for the same facts; of two equal ones, pairs. Asking
// by principal is whole only if every principal is known, and AWS answers it in
// the management account only
// (https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html).
// All requests pass one limiter, so that fewer of them also end sooner; but one a
// principal is only the least, since a user's answer may hold the rows of all the
// user's groups, on pages that follow one another. For the sake of time it has to
// promise a tenth.
func (c counts) side(prefer collectors.Prefer) side {
	promised := c.pairs
	if prefer != collectors.PreferCalls {
		promised = c.pairs - c.pairs/10
	}
	if c.waits(prefer) && c.everybody && c.principals < promised {
		return byPrincipal
	}
	return byPair
}

// pairsByAccount says whether the pairs are asked for by account rather than by
// permission set: whichever takes fewer requests if everything is everywhere.
// By account is whole only if every account of the organization is known.
func pairsByAccount(accounts, sets int, whole bool) bool {
	return whole && accounts*pagesOf(sets, centerPage) < sets*pagesOf(accounts, centerPage)
}

// pagesOf is how many requests it takes to list so many records; even an empty
// list takes one.
func pagesOf(records, size int) int { return max(1, (records+size-1)/size) }
