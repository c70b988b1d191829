package reconcile

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func orderIsIrrelevant(t *testing.T, r random, w World, d Decision) {
	x := Decide(r.shuffled(w))
	for _, part := range []struct {
		name string
		a, b any
	}{
		{"plan", d.Plan, x.Plan}, {"findings", d.Findings, x.Findings}, {"people", d.People, x.People},
		{"worksheets", withoutReads(d.Worksheets), withoutReads(x.Worksheets)}, {"balances", sortedBalances(d), sortedBalances(x)},
		{"verdicts", verdictsOf(d), verdictsOf(x)}, {"matches", matchesOf(d), matchesOf(x)},
	} {
		if !reflect.DeepEqual(part.a, part.b) {
			t.Errorf("%s differ:\n%s", part.name, gocmp.Diff(part.a, part.b))
		}
	}
}

// withoutReads drops the index of a read from the rows: it is one of the order.
func withoutReads(sheets []access.Worksheet) []access.Worksheet {
	out := slices.Clone(sheets)
	for n := range out {
		out[n].Items = slices.Clone(out[n].Items)
		for k := range out[n].Items {
			out[n].Items[k].Account.Read = 0
		}
	}
	return out
}

func sortedBalances(d Decision) []access.Balance {
	return slices.SortedFunc(slices.Values(d.Balances), func(a, b access.Balance) int { return cmp.Compare(a.What, b.What) })
}

// dated is a verdict with the day on which its grant was first seen.
type dated struct {
	access.Verdict
	FirstSeen uint16
}

// verdictsOf and matchesOf are what was decided of each grant and each account.
func verdictsOf(d Decision) map[uint64]dated {
	out := map[uint64]dated{}
	for s := range d.Systems {
		for n, v := range d.Systems[s].Verdicts {
			out[d.Systems[s].GrantKey(d.Systems[s].Grants[n])] = dated{v, d.Systems[s].FirstSeen(n)}
		}
	}
	return out
}

func matchesOf(d Decision) map[access.AccountKey]access.Match {
	out := map[access.AccountKey]access.Match{}
	for _, o := range d.Systems {
		for n, m := range o.Matches {
			out[o.Accounts[n].Key()] = m
		}
	}
	return out
}
