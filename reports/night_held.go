package reports

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

type guardView struct {
	guard
	Title, Seen string
	Says, Mend  string
	Command     string
	Runbook     string
	Behind      bool
}

type approvalView struct {
	Head, Why, Became string
	Look              bool
}

type readView struct {
	Name, State, Records, Requests, At, Gap string
	Look                                    bool
}

// held shows what guards hold, and the approvals.
func (v *nightView) held(f Footer) {
	add := func(g guard, behind bool) {
		one := guardView{guard: g, Title: guardTitle(g.Guard, g.Scope), Says: phrase.Sentence(g.Says), Mend: phrase.Sentence(g.Mend), Behind: behind, Runbook: runbookLink(f, g.Runbook),
			Seen: fmt.Sprintf("%s. It holds %s.", g.Measured, heldWords(g.Accounts))}
		if len(g.once) > 0 {
			one.Command = strings.Join(g.once, " ")
		}
		v.Held = append(v.Held, one)
	}
	for _, g := range v.story.Guards {
		add(g, false)
	}
	for _, g := range v.story.Behind {
		add(g, true)
	}
	for _, a := range v.story.Approvals[:min(len(v.story.Approvals), mostOpen)] {
		v.ApprovalLines = append(v.ApprovalLines, approvalView{a.head(), phrase.Sentence(a.Reason), phrase.Sentence(a.became(v.Trigger == "plan")), !a.Counts})
	}
}

// guardTitle says what a guard watches over.
func guardTitle(guard, scope string) string {
	says := map[string]string{"roster": "A list of HR's was refused", "blast_radius": "More accounts than usual", "concentration": "Too many from one place",
		"irreversible": "More that cannot be undone than usual", "protected": "A protected account"}[guard]
	return cmp.Or(says, strings.ReplaceAll(line(guard), "_", " ")) + " (" + line(guard) + ", " + scope + ")"
}

func (v *nightView) reads(n *access.Night) {
	all := n.Reads()
	slices.SortStableFunc(all, func(a, b access.Read) int {
		switch {
		case a.Complete == b.Complete:
			return strings.Compare(a.Name(), b.Name())
		case b.Complete:
			return -1
		}
		return 1
	})
	for _, r := range all[:min(len(all), mostReads)] {
		one := readView{Name: line(r.Name()), State: "complete", Records: fmt.Sprint(r.Records), Requests: fmt.Sprint(r.Requests), At: cmp.Or(stamp(r.FinishedAt), "not finished")}
		if r.ClaimedTotal >= 0 {
			one.Records += fmt.Sprintf(" of %d", r.ClaimedTotal)
		}
		if r.Recalled {
			one.State = "complete, by an earlier run"
		}
		if !r.Complete {
			one.State, one.Look, one.Gap = "not complete", true, cmp.Or(line(r.Gap), "not read")
		}
		v.Certificates = append(v.Certificates, one)
	}
	v.ReadsMore = max(0, len(all)-mostReads)
}

func besideWords(name string) string {
	switch {
	case strings.HasPrefix(name, "hr/"):
		return "For HR only: problems and questions about their list (" + path.Base(name) + ")"
	case name == "plan.json":
		return "The plan, which whoever approves something needs (plan.json)"
	case name == "summary.txt":
		return "The same as plain text (summary.txt)"
	case name == "summary.json":
		return "The same for programs (summary.json)"
	}
	return name
}
