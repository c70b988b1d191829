package reconcile

import (
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Where the grants of a night go when a campaign opens, beside the buckets of every
// night.
const (
	inGroup        bucket = "asked about with the group that carries it"
	outRoot        bucket = "excluded: the root user of an AWS account, which nobody can take away"
	outCarried     bucket = "excluded: comes with a group that the system does not list for the account"
	outSystem      bucket = "excluded: the system is not in the scope"
	outDepartment  bucket = "excluded: the department is not in the scope"
	outEntitlement bucket = "excluded: the right is not in the scope"
	outRisk        bucket = "excluded: the risk is not in the scope"
	outMover       bucket = "excluded: the person did not change jobs"
	noGrants       bucket = "nothing is held that can be removed by itself"
	noRows         bucket = "excluded: none of its rights is in the scope, or changed"
)

// carriedOver is where a delta puts what did not change since a campaign that kept it.
func carriedOver(from access.CampaignID) bucket {
	return bucket("excluded: carried over, unchanged since " + string(from) + " kept it")
}

// frozen says where a campaign puts an account: a campaign asks about every registered
// account, also about those that nothing is flagged of.
func (e *evaluation) frozen(s, a int) bucket {
	switch b := e.bucketOf(s, a); {
	case b != outOther:
		return b
	case e.systems[s].Matches[a].How == access.MatchedRoot:
		return outRoot
	}
	return inAccount
}

// whereTo is the bucket of one grant: a carried one goes with what carries it.
func whereTo(g access.Grant, account bucket, direct map[uint32]bucket) bucket {
	switch {
	case account != inRows:
		return account
	case g.Direct():
		return direct[g.Entitlement]
	}
	switch b, listed := direct[g.Carrier-1]; {
	case !listed:
		return outCarried
	case b == inRows:
		return inGroup
	default:
		return b
	}
}

// campaignBooks count where everything of a night went.
type campaignBooks struct {
	systems             []access.Judged
	grants, accounts    []map[string]int
	rights, whole, both int // rows: rights, whole accounts, and those of both that are asked twice
}

func newCampaignBooks(systems []access.Judged) *campaignBooks {
	b := &campaignBooks{systems: systems}
	for range systems {
		b.grants, b.accounts = append(b.grants, map[string]int{}), append(b.accounts, map[string]int{})
	}
	return b
}

func (b *campaignBooks) grant(s int, to bucket) { b.grants[s][string(to)]++ }

// account counts an account whose rights, direct of them, have so many rows.
func (b *campaignBooks) account(s int, to bucket, rows, direct int) {
	switch {
	case to == inRows && direct == 0:
		to = noGrants
	case to == inRows && rows == 0:
		to = noRows
	}
	b.accounts[s][string(to)]++
}

func (b *campaignBooks) row(i access.Item) {
	if i.Kind == "" {
		b.whole++
	} else {
		b.rights++
	}
	if i.Risk == access.RiskPrivileged {
		b.both++
	}
}

// balances are the books, sorted by what they are about.
func (b *campaignBooks) balances(rows int) []access.Balance {
	var out []access.Balance
	for s := range b.systems {
		o := &b.systems[s]
		out = append(out, balance("accounts of "+string(o.System), len(o.Accounts), b.accounts[s]), balance("grants of "+string(o.System), len(o.Grants), b.grants[s]))
	}
	out = append(out, balance("rows of all worksheets", rows, map[string]int{"rights": b.rights, "whole accounts": b.whole, "privileged: asked of a second person": b.both}))
	slices.SortFunc(out, func(x, y access.Balance) int { return strings.Compare(x.What, y.What) })
	return out
}

// Excluded sums the parts of the books that say why grants are not asked about.
func Excluded(books []access.Balance) map[string]int {
	out := map[string]int{}
	for _, b := range books {
		if !strings.HasPrefix(b.What, "grants of ") {
			continue
		}
		for _, p := range b.Parts {
			if strings.HasPrefix(p.Name, "excluded: ") {
				out[p.Name] += p.Count
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, n int) bool { return n == 0 })
	return out
}
