package reports

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// approval is one approval file, and what became of it.
type approval struct {
	ID      string `json:"approval_id,omitempty"`
	File    string `json:"file"`
	Guard   string `json:"guard,omitempty"`
	Scope   string `json:"scope,omitempty"`
	By      string `json:"approved_by,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Count   int    `json:"count"`
	Expires string `json:"expires_at,omitempty"`
	Counts  bool   `json:"counts"`
	SpentAt string `json:"spent_at,omitempty"`
	Says    string `json:"says"`
}

// approvals tells of the approval files. What one that is not proven says of
// itself is not told. Those that are over, and that nothing waits for tonight, are
// only counted.
func approvals(n *access.Night, d discretion) (out []approval, over int) {
	out = []approval{}
	for _, v := range n.Approvals {
		if isOver(n, v) {
			over++
			continue
		}
		a := approval{File: line(v.File), Counts: v.Counts, SpentAt: stamp(v.SpentAt), Says: line(v.Says)}
		if v.Unproven == "" {
			a.ID, a.Guard, a.Scope, a.By, a.Count, a.Expires = line(v.ID), line(v.Guard), line(v.Scope), line(v.By), v.Count, stamp(v.ExpiresAt)
			a.Reason = line(v.Reason)
			if d.names(v.Reason) {
				a.Reason = "the archive has the reason: it names somebody who is still employed"
			}
		}
		out = append(out, a)
	}
	return out, over
}

// isOver reports whether an approval is spent or has expired, and the guard that it
// was for does not trip.
func isOver(n *access.Night, v access.ApprovalVerdict) bool {
	if v.Unproven != "" || v.Counts || (v.Spent == "" || v.Resumable) && n.Run.StartedAt.Before(v.ExpiresAt) {
		return false
	}
	return !slices.ContainsFunc(slices.Concat(n.Plan.Trips, n.Plan.Behind), func(g access.GuardError) bool { return g.Guard == v.Guard && g.Scope == v.Scope })
}

// overNote says that files may be put away.
func overNote(over int) []string {
	if over == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Approval files that are over (spent, or expired), and that nothing waits for: %d. They may be moved out of the folder.", over)}
}

// head says which approval it is.
func (a approval) head() string {
	if a.ID == "" {
		return a.File
	}
	return a.ID + ", of " + a.Guard + " (" + a.Scope + "), by " + a.By
}

// became says what became of it.
func (a approval) became(plan bool) string {
	switch {
	case a.SpentAt != "":
		return "counts: " + a.Says + "; spent " + a.SpentAt
	case a.Counts && plan:
		return "would count: " + a.Says
	case a.Counts:
		return "would count in a run that may act: " + a.Says
	}
	return "does not count: " + a.Says
}

// approveCommand is the command by which a person answers for a trip, word by
// word as a shell takes them.
func approveCommand(n *access.Night, f Footer, g access.GuardError) []string {
	words := []string{"rollcall", "approve"}
	if f.Config != "" && f.Config != "rollcall.yaml" {
		words = append(words, "--config", f.Config)
	}
	words = append(words, "--guard", g.Guard)
	if g.Guard == "roster" {
		words = append(words, "--roster", listFile(n, f, g.Scope), "--source", g.Scope)
	} else {
		words = append(words, "--plan", cmp.Or(f.Plan, "plan.json"), "--scope", g.Scope)
	}
	words = append(words, "--by", "YOUR NAME", "--reason", "WHY IT IS RIGHT")
	for i, w := range words {
		words[i] = ShellWord(line(w))
	}
	return words
}

// withoutScope is the command for all trips of a guard.
func withoutScope(command []string) []string {
	at := slices.Index(command, "--scope")
	if at < 0 {
		return command
	}
	return slices.Delete(slices.Clone(command), at, at+2)
}

// listFile is the file of a source: the configuration names it from its folder.
func listFile(n *access.Night, f Footer, source string) string {
	for _, v := range n.Rosters {
		if string(v.Source) == source && !filepath.IsAbs(v.File) {
			return filepath.ToSlash(filepath.Join(filepath.Dir(f.Config), v.File))
		}
		if string(v.Source) == source {
			return v.File
		}
	}
	return source + ".csv"
}

// ShellWord is a word as a shell takes it, in quotes if need be.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@=,+", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// askWhom names who can say whether it is right, as contacts.csv has them: HR
// knows who left, security and the owners answer for what is done.
func askWhom(all []access.Contact, g access.GuardError) []string {
	systems := []string{}
	for _, k := range g.Cohort {
		systems = appendNew(systems, string(k.System))
	}
	wanted := []string{"hr", "security"}
	if g.Guard == "irreversible" {
		wanted = append(wanted, "owner")
	}
	var out []string
	for _, c := range contactsFor(all, systems) {
		if slices.Contains(wanted, c.Responsibility) {
			out = appendNew(out, strings.Join(nonEmpty(line(ResponsibilityWord(c.Responsibility))+": "+line(c.Name), line(c.BusinessHours)), ", "))
		}
	}
	return out
}
