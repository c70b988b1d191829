//go:build cgo

package audit

import (
	"testing"

	"rollcall/internal/access"
)

// TestWhatIsFoundOfAnAccountIsNotToldOfOneWithTheSameIDElsewhere: every AWS account has a
// root user, and all of them have one id.
func TestWhatIsFoundOfAnAccountIsNotToldOfOneWithTheSameIDElsewhere(t *testing.T) {
	s := newStretch(t)
	s.night("nightly", 4, bothAccounts, func(n *access.Night) {
		o := &n.Systems[0]
		for scope, days := range map[string]int{"111": 40, "222": 60} {
			o.Accounts = append(o.Accounts, access.Account{System: "aws", Scope: scope, ID: "root", Kind: access.IAMRoot, Login: "root", Status: access.AccountActive, UsageKnown: true, LastUsedAt: n.Run.StartedAt.AddDate(0, 0, -days)})
			o.Matches = append(o.Matches, access.Match{How: access.Unmatched})
		}
		for _, kind := range []access.FindingKind{access.DormantAccess, access.OrphanAccount} {
			n.Findings = append(n.Findings, access.Finding{ID: "f-" + string(kind), Kind: kind, Disposition: access.ToReview, Account: access.AccountKey{System: "aws", Scope: "222", ID: "root"}, FirstSeen: access.Day{At: n.Run.StartedAt.AddDate(0, 0, -1)}})
		}
	})
	day := map[string]string{"date": "2026-03-04"}
	s.want(s.says("dormant", day, "scope", "days_unused", "finding"), "222 60 dormant_access", "111 40 ")
	s.want(s.says("orphans", day, "scope", "since"), "111 <nil>", "222 2026-03-03")
}
