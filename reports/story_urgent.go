package reports

import (
	"cmp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

type urgent struct {
	FindingID string             `json:"finding_id"`
	Kind      access.FindingKind `json:"kind"`
	Severity  string             `json:"severity"`
	Who       string             `json:"who"`
	System    string             `json:"system"`
	Account   string             `json:"account"`
	Reason    string             `json:"reason"`
	Cites     string             `json:"cites"`
}

// remain is what is left of a blocked account that nothing of tonight removes.
type remain struct {
	FindingID string `json:"finding_id"`
	Who       string `json:"who"`
	System    string `json:"system"`
	Account   string `json:"account"`
	Says      string `json:"says"`
}

func urgents(n *access.Night, d discretion) []urgent {
	out := []urgent{}
	for _, f := range n.Findings {
		if !f.Urgent() {
			continue
		}
		if d.ahead[f.Person] && (f.Kind == access.ProtectedLeaver || f.Kind == access.UsedAfterExit || f.Kind == access.LeaverAccess) {
			out = append(out, urgent{FindingID: line(f.ID), Kind: f.Kind, Severity: f.Severity, Who: "withheld",
				Reason: "about somebody who is still employed: look the finding up in the archive"})
			continue
		}
		out = append(out, urgent{FindingID: line(f.ID), Kind: f.Kind, Severity: f.Severity, Who: d.who(f.Person),
			System: systemScope(f.Account), Account: d.account(f.Person, f.Account, f.Login),
			Reason: d.about(f.Person, f.Reason, "the reason is in the archive: it is about somebody still employed"),
			Cites:  d.about(f.Person, f.Cites, "")})
	}
	slices.SortFunc(out, func(a, b urgent) int {
		return cmp.Or(severityRank(a.Severity)-severityRank(b.Severity), strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.System, b.System), strings.Compare(a.Account, b.Account), strings.Compare(a.FindingID, b.FindingID))
	})
	return out
}

// remains are in the order of the findings: by person.
func remains(n *access.Night, d discretion) []remain {
	out := []remain{}
	for _, f := range n.Findings {
		if f.Kind == access.LeaverRemains && f.Disposition != access.ToRevoke && !d.ahead[f.Person] {
			out = append(out, remain{line(f.ID), d.who(f.Person), systemScope(f.Account), d.account(f.Person, f.Account, f.Login),
				d.about(f.Person, f.Reason, "the reason is in the archive: it is about somebody still employed")})
		}
	}
	return out
}

func severityRank(s string) int {
	if at := slices.Index([]string{"critical", "high", "medium", "low", "info"}, s); at >= 0 {
		return at
	}
	return 0 // an unknown word is not to be overlooked
}
