package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Restored is what a restore did, or, when it is only shown, would do.
type Restored struct {
	Night  *access.Night
	Of     access.RunID // the run that is undone
	Reason string
	Shown  bool
	reconcile.Restoration
	ArchiveHead string
}

// restoredThing is one thing that the run had done. Its JSON keys are a contract.
type restoredThing struct {
	Person      string                 `json:"person"`
	Name        string                 `json:"name"`
	System      access.System          `json:"system"`
	Scope       string                 `json:"scope,omitempty"`
	AccountID   access.AccountID       `json:"account_id"`
	Login       string                 `json:"login"`
	Verb        access.Verb            `json:"verb"`
	Kind        access.EntitlementKind `json:"entitlement_kind,omitempty"`
	Entitlement string                 `json:"entitlement,omitempty"`
	What        string                 `json:"what"`
	State       string                 `json:"state"`
	Why         string                 `json:"why"`
	Mend        string                 `json:"mend,omitempty"`
}

type restoredStory struct {
	RunID       access.RunID    `json:"run_id"`
	Of          access.RunID    `json:"undoes_run_id"`
	Reason      string          `json:"reason,omitempty"`
	Actor       string          `json:"actor"`
	Shown       bool            `json:"only_shown"`
	Things      []restoredThing `json:"things"`
	Notes       []string        `json:"notes"`
	Gaps        []gap           `json:"incomplete_reads"`
	Verdict     string          `json:"verdict"`
	ExitCode    int             `json:"exit_code"`
	ArchiveHead string          `json:"archive_head,omitempty"`
}

// Text tells it to whoever restores, person by person.
func (r Restored) Text() string {
	var b strings.Builder
	s := r.story()
	switch {
	case r.Shown:
		fmt.Fprintf(&b, "What restoring run %s would do; nothing was changed.\n", s.Of)
	default:
		fmt.Fprintf(&b, "What was restored of run %s, by run %s.\n", s.Of, s.RunID)
	}
	last := ""
	for _, t := range s.Things {
		if t.Person != last {
			fmt.Fprintf(&b, "\n%s (%s)\n", t.Name, t.Person)
			last = t.Person
		}
		fmt.Fprintf(&b, "  %-17s %s: %s\n", t.State, t.What, t.Why)
		if t.Mend != "" {
			fmt.Fprintf(&b, "  %-17s what to do: %s\n", "", t.Mend)
		}
	}
	for n, note := range s.Notes {
		b.WriteString(map[bool]string{true: "\n"}[n == 0])
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	for n, g := range s.Gaps {
		b.WriteString(map[bool]string{true: "\n"}[n == 0])
		fmt.Fprintf(&b, "not read to its end: %s: %s\n", g.Read, g.Gap)
	}
	if s.ArchiveHead != "" {
		fmt.Fprintf(&b, "\nThe record is kept; the archive's head is %s\n", s.ArchiveHead)
	}
	return b.String()
}

// JSON tells the same to a machine.
func (r Restored) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(r.story(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write what was restored: %w", err)
	}
	return append(out, '\n'), nil
}

func (r Restored) story() restoredStory {
	s := restoredStory{RunID: r.Night.Run.ID, Of: access.RunID(line(string(r.Of))), Reason: line(r.Reason), Actor: line(r.Night.Run.Actor), Shown: r.Shown,
		Things: []restoredThing{}, Notes: []string{}, Verdict: r.Night.Run.Verdict, ExitCode: r.Night.Run.ExitCode, ArchiveHead: line(r.ArchiveHead)}
	names := map[access.PersonKey]string{}
	for _, p := range r.Night.People {
		names[p.Key()] = p.Name
	}
	outcomes := map[string]access.Outcome{}
	for _, o := range r.Night.Outcomes {
		if o.AdoptedFrom == "" {
			outcomes[o.Action.ID] = o
		}
	}
	for _, u := range r.Undoings {
		a := u.Action
		t := restoredThing{Person: line(a.Person.String()), Name: line(cmp.Or(names[a.Person], "nobody whom HR knows")), System: a.Account.System, Scope: line(cmp.Or(a.GrantScope, a.Account.Scope)),
			AccountID: a.Account.ID, Login: line(a.Login), Verb: a.Verb, Kind: a.EntitlementKind, Entitlement: line(cmp.Or(a.Entitlement, a.EntitlementID)), What: what(a), Mend: line(u.Mend)}
		t.State, t.Why = r.became(u, outcomes)
		s.Things = append(s.Things, t)
	}
	for _, n := range r.Notes {
		s.Notes = append(s.Notes, line(n))
	}
	_, s.Gaps = gaps(r.Night)
	return s
}

// became says what became of one thing, in words.
func (r Restored) became(u reconcile.Undoing, outcomes map[string]access.Outcome) (state, why string) {
	switch u.Fate {
	case reconcile.AlreadySo:
		return "is so already", line(u.Why)
	case reconcile.NotOurs:
		return "stays", line(u.Why)
	case reconcile.NotUndoable:
		return "cannot be undone", line(u.Why)
	case reconcile.NotRestored:
		return "refused", line(u.Why)
	}
	if r.Shown {
		return "would be restored", line(u.Why)
	}
	o := outcomes[u.Action.ID]
	switch o.Result {
	case access.Done:
		return "restored", line(cmp.Or(o.Detail, u.Why))
	case access.AlreadyAbsent:
		return "is so already", line(cmp.Or(o.Detail, u.Why))
	case access.Skipped:
		return "refused", line(o.Detail)
	case access.Failed:
		return "FAILED", line(o.Detail)
	}
	return "NOT SEEN TO WORK", line(cmp.Or(o.Detail, "nothing is known of it"))
}

// what says in words what is given back, or what is gone.
func what(a access.Action) string {
	name := cmp.Or(a.Entitlement, a.EntitlementID)
	text := string(a.Verb) + " " + name
	switch a.Verb {
	case access.OktaUnsuspend:
		text = "lift the suspension"
	case access.OktaClearSessions:
		text = "sessions"
	case access.OktaDeleteToken:
		text = "API token " + name
	case access.OktaDeactivate:
		text = "deactivation"
	case access.IAMUndeny:
		text = "take AWSDenyAll off"
	case access.IAMActivateKey, access.IAMActivateSSHKey, access.IAMActivateCertificate, access.IAMActivateCredential:
		text = "make active " + name
	case access.SSOCreateAssignment:
		text = "give permission set " + name + " in account " + a.GrantScope
	case access.SSOCreateMembership:
		text = "put into group " + name
	}
	return line(fmt.Sprintf("%s, %s in %s", strings.TrimSpace(text), a.Login, systemScope(a.Account)))
}
