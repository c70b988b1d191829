package reconcile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"rollcall/internal/access"
)

// Done is an action of the run that is to be undone, as the journals have it.
type Done struct {
	access.Outcome
	// Again is a later run that did the same once more, Restored one that undid it:
	// whichever came last.
	Again, Restored access.RunID
}

// Asked is what somebody asks to be undone.
type Asked struct {
	Run    access.RunID
	Person string // employee id, or list/id; empty: everybody
	Reason string // why, for the record
	// Unusable names a policy file that could not be used tonight: what may be held
	// is not known then.
	Unusable string
	Done     []Done // in the order in which it was done
	// Also are later runs that blocked the same accounts in other ways.
	Also map[access.AccountKey][]access.RunID
}

// About reports whether an action is among what is asked for.
func (a Asked) About(act access.Action) bool {
	return a.Person == "" || string(act.Person.EmployeeID) == a.Person || act.Person.String() == a.Person
}

// Fate is what becomes of one action that is to be undone.
type Fate string

// The fates.
const (
	ToRestore   Fate = "restore"
	AlreadySo   Fate = "already_so" // it is as it was before, or was restored
	NotOurs     Fate = "not_ours"   // it was so before the run, and stays
	NotUndoable Fate = "cannot_be_undone"
	NotRestored Fate = "refused"
)

// Undoing is one action of the run with what becomes of it. Action is the one that
// undoes it, or would.
type Undoing struct {
	Action access.Action `json:"action"`
	Fate   Fate          `json:"fate"`
	Why    string        `json:"why"`             // for people
	Guard  string        `json:"guard,omitempty"` // what refuses it
	Mend   string        `json:"mend,omitempty"`
}

// Restoration is what follows from what was asked: by person, in the order in which
// it is done. Plan is of the actions among it.
type Restoration struct {
	Undoings []Undoing
	Plan     access.Plan
	Notes    []string
}

// Restore decides what of a run is undone. Its rows, from above:
//
//	what the run did                        | what becomes of it
//	it was so before                        | stays
//	sessions, tokens, deactivations         | cannot be undone
//	a later run did it again                | refused: restore that one
//	a later run restored it                 | is so already
//	it is not known whether it was done     | refused
//	the person's list was not accepted      | refused
//	the person does not work here tonight   | refused
//	the account is unread, gone, another's  | refused
//	somebody else blocks the account now    | refused
//	a right that no rule nor exception has  | refused by policy
//	a right that a pair forbids             | refused by policy
//	it is as it was before                  | is so already
//	anything else                           | restored
//
// Nothing is ever given to whom the same world would block.
func Restore(w World, asked Asked) (Decision, Restoration) {
	k := Identify(w)
	d := k.Evaluate()
	all := k.e.balances(d)
	d.Balances = all[:len(all)-1] // the last is of worksheets, and there are none
	r := restoring{e: k.e, asked: asked, urgent: map[access.AccountKey]string{}, given: map[access.PersonKey][]access.Entitlement{}}
	for _, f := range d.Findings {
		if f.Kind == access.BlockedActive {
			r.urgent[f.Account] = f.ID
		}
	}
	var out Restoration
	for _, done := range r.inOrder() {
		out.Undoings = append(out.Undoings, r.undo(done))
	}
	out.Plan, out.Notes = r.plan(out.Undoings), r.notes(out.Undoings)
	d.Plan, d.Approvals = out.Plan, nil // what an approval releases is a night's
	return d, out
}

// restoring decides one thing after the other: what was given to somebody counts
// for what else they may be given.
type restoring struct {
	e      *evaluation
	asked  Asked
	urgent map[access.AccountKey]string // finding blocked_active
	given  map[access.PersonKey][]access.Entitlement
}

// inOrder is by person, and then the other way round than it was done: what signs
// in comes last, when all is ready.
func (r restoring) inOrder() []Done {
	var all []Done
	at := map[string]int{}
	for _, d := range r.asked.Done {
		if !r.asked.About(d.Action) || d.Result == access.Failed || d.Result == access.Skipped {
			continue
		}
		if n, twice := at[d.Action.ID]; twice { // begun, not seen to work, and sent once more
			if d.Result == access.Done {
				all[n] = d
			}
			continue
		}
		at[d.Action.ID] = len(all)
		all = append(all, d)
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b Done) int {
		return cmp.Or(a.Action.Person.Compare(b.Action.Person),
			slices.Index(blockOrder, b.Action.AccountKind)-slices.Index(blockOrder, a.Action.AccountKind),
			cmp.Compare(a.Action.Account.String(), b.Action.Account.String()))
	})
	return all
}

// refusal is why something is not restored; nil: it is.
type refusal struct{ guard, says, mend string }

func no(guard, mend, format string, args ...any) *refusal {
	return &refusal{guard, fmt.Sprintf(format, args...), mend}
}

func (r restoring) undo(d Done) Undoing {
	u := Undoing{Action: r.action(d), Fate: ToRestore}
	if fate, why := r.settled(d); fate != "" {
		u.Fate, u.Why = fate, why
		return u
	}
	s, a, p, refused := r.whose(d)
	if refused == nil {
		u.Action.Rests = []string{"roster:" + string(p.Source), r.e.systems[s].Reads[r.e.systems[s].Accounts[a].Read].Name()}
		if u.Why = r.asBefore(s, a, d); u.Why != "" {
			u.Fate = AlreadySo
			return u
		}
		refused = r.mayHave(s, a, p, d)
	}
	if refused != nil {
		u.Fate, u.Guard, u.Why, u.Mend = NotRestored, refused.guard, refused.says, refused.mend
		u.Action.Reason += "; refused: " + u.Why
		u.Action.Undoes.Forbidden = u.Guard == "policy"
		return u
	}
	u.Why = fmt.Sprintf("%s works here (%s)", p.Name, p.Cites)
	return u
}

// action is the one that undoes another.
func (r restoring) action(d Done) access.Action {
	act := d.Action
	act.Stage, act.First, act.FindingID = access.Restore, false, r.urgent[act.Account]
	act.Undoes = &access.Undone{Run: r.asked.Run, ActionID: d.Action.ID, Verb: d.Action.Verb, At: d.VerifiedAt, Detail: d.Detail, Before: d.Before}
	if act.Verb.Undo() != "" {
		act.Verb, act.Undoable = act.Verb.Undo(), true
	}
	act.Reason = fmt.Sprintf("%s (undoes %s of run %s)", r.asked.Reason, d.Action.Verb, r.asked.Run)
	act.ID = stableID("a", string(act.Stage), string(act.Verb), act.Account.String(), string(act.EntitlementKind), act.GrantScope, act.EntitlementID)
	return act
}

// settled is the fate of what does not depend on anybody's standing, or "".
func (r restoring) settled(d Done) (Fate, string) {
	switch {
	case d.Result == access.AlreadyAbsent:
		return NotOurs, "it was so before the run" + wasBefore(d) + ", and stays"
	case d.Action.Verb.Undo() == "":
		return NotUndoable, beyond(d.Action)
	case d.Restored != "":
		return AlreadySo, fmt.Sprintf("run %s restored it", d.Restored)
	case d.Result == access.Done && isCredential(d.Action.Verb) && imageStatus(d.Before) != "Active":
		return NotOurs, "it was not active before the run" + wasBefore(d) + ", and stays so"
	}
	return "", ""
}

// isCredential reports whether the verb makes a credential inactive.
func isCredential(v access.Verb) bool {
	switch v {
	case access.IAMDeactivateKey, access.IAMDeactivateSSHKey, access.IAMDeactivateCertificate, access.IAMDeactivateCredential:
		return true
	}
	return false
}

// imageStatus is the status in a before-image, if it has one.
func imageStatus(before json.RawMessage) string {
	var image struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(before, &image) != nil {
		return ""
	}
	return image.Status
}

func wasBefore(d Done) string {
	if status := imageStatus(d.Before); status != "" {
		return " (" + status + ")"
	}
	return ""
}

// beyond says what nothing brings back.
func beyond(a access.Action) string {
	switch a.Verb {
	case access.OktaClearSessions:
		return "sessions and OAuth tokens that were ended are gone: they sign in anew, and connect their apps anew"
	case access.OktaDeleteToken:
		return fmt.Sprintf("the API token %s is deleted for good: whoever needs it makes a new one, and puts it where the old one was used", cmp.Or(a.Entitlement, a.EntitlementID))
	case access.OktaDeactivate:
		return "the user was deactivated, which took their applications and admin roles: activate them in Okta's console and give them what they need"
	}
	return fmt.Sprintf("what %s took is gone for good: give it anew by hand", a.Verb)
}

// plan is what is carried out, and what is refused with the reason.
func (r restoring) plan(all []Undoing) access.Plan {
	plan := access.Plan{Inputs: r.e.w.Inputs}
	for _, u := range all {
		switch u.Fate {
		case ToRestore:
			plan.Actions = append(plan.Actions, u.Action)
		case NotRestored:
			plan.Held = append(plan.Held, access.Held{Action: u.Action, Guard: u.Guard})
			plan.Trips = append(plan.Trips, access.GuardError{Guard: u.Guard, Scope: string(u.Action.Account.System), Says: u.Why, Mend: u.Mend,
				Cohort: []access.AccountKey{u.Action.Account}, Count: 1})
		}
	}
	plan.SHA256 = PlanDigest(plan)
	return plan
}

// notes tell of other runs that blocked the same accounts.
func (r restoring) notes(all []Undoing) []string {
	var out []string
	for _, u := range all {
		for _, run := range r.asked.Also[u.Action.Account] {
			out = append(out, fmt.Sprintf("run %s blocked %s in %s too: rollcall restore --run %s", run, u.Action.Login, u.Action.Account.System, run))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
