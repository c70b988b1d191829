package collectortest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

// Compare says what an observation claims wrongly, want being the truth:
// complete reads have all their accounts and grants, and an observation that
// is complete in all its reads is the truth. Who called, and what notes say, is
// left to the collector's own tests: a credential may not know itself.
func Compare(want, got access.Observation) string {
	if len(got.Reads) == 0 {
		return "it has no reads"
	}
	incomplete := 0
	for _, r := range got.Reads {
		switch {
		case !r.Complete && r.Gap == "":
			return r.Name() + " is incomplete and does not say why"
		case r.Complete && r.Gap != "":
			return r.Name() + " is complete and has a gap: " + r.Gap
		case !r.Complete:
			incomplete++
			continue
		}
		if d := cmp.Diff(holdings(want, r), holdings(got, r)); d != "" {
			return fmt.Sprintf("%s is called complete and is not (-truth +claimed):\n%s", r.Name(), d)
		}
	}
	if incomplete > 0 {
		return ""
	}
	if d := cmp.Diff(facts(want), facts(got)); d != "" {
		return "everything is called complete and differs (-truth +claimed):\n" + d
	}
	return ""
}

func facts(o access.Observation) access.Observation {
	o = timeless(o, true)
	for i := range o.Reads {
		o.Reads[i].Caller = ""
	}
	o.Self, o.Notes = nil, nil
	return o
}

// holdings are the records and, by name, the accounts and grants that rest
// on one read.
func holdings(o access.Observation, r access.Read) []string {
	rests := func(i int) bool { return o.Reads[i].Name() == r.Name() }
	var out []string
	for i := range o.Reads {
		if rests(i) {
			out = append(out, fmt.Sprintf("%d records", o.Reads[i].Records))
		}
	}
	for _, a := range o.Accounts {
		if rests(a.Read) {
			out = append(out, "account "+a.Key().String()+" "+a.Login+" "+a.VendorStatus)
		}
	}
	for _, e := range o.Entitlements {
		if rests(e.Read) {
			out = append(out, fmt.Sprintf("%s %s %s %s", e.Kind, e.Scope, e.ID, e.Name))
		}
	}
	for _, g := range o.Grants {
		if e := o.Entitlements[g.Entitlement]; rests(e.Read) {
			out = append(out, fmt.Sprintf("%s holds %s %s %s via %q",
				o.Accounts[g.Account].Key(), e.Kind, e.Scope, e.ID, o.Via(g)))
		}
	}
	return out
}

// timeless takes out what may differ between two runs: times and the number
// of requests; and what may differ between page sizes: pages and digests.
func timeless(o access.Observation, sizes bool) access.Observation {
	reads := make([]access.Read, len(o.Reads))
	for i, r := range o.Reads {
		r.StartedAt, r.FinishedAt, r.Requests = time.Time{}, time.Time{}, 0
		if sizes {
			r.Pages, r.SHA256 = 0, ""
		}
		reads[i] = r
	}
	o.Reads = reads
	if o.Watched != nil {
		o.Watched = slices.Clone(o.Watched)
		for i := range o.Watched {
			o.Watched[i].Until = time.Time{}
		}
	}
	return o
}
