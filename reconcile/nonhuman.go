package reconcile

import (
	"fmt"
	"rollcall/internal/access"
)

// findNonHuman concludes about a registered account that is no person's.
func (e *evaluation) findNonHuman(s, a int, reg access.NonHuman) {
	acc := e.systems[s].Accounts[a]
	if acc.Status == access.AccountDisabled {
		return
	}
	if why := e.ownerGone(reg); why != "" {
		e.addAccount(s, a, access.OwnerlessAccount, "high", access.ToReview, cite(reg.File, reg.Row), "the %s account %s in %s needs a new owner: %s", reg.Kind, acc.Login, acc.System, why)
	}
	e.findUsage(s, a)
	e.findGlass(s, a, reg)
	if over(reg.Review, e.w.Now, e.w.Settings.zone()) {
		e.addAccount(s, a, access.ReviewOverdue, "medium", access.ToReview, cite(reg.File, reg.Row), "the %s account %s in %s was to be reviewed by %s", reg.Kind, acc.Login, acc.System, reg.Review)
	}
}

// ownerGone says why the owner of a registered account is none, or "".
func (e *evaluation) ownerGone(reg access.NonHuman) string {
	if reg.OwnerID == "" {
		return "the register names none"
	}
	keys := e.owners(reg)
	if len(keys) != 1 {
		return fmt.Sprintf("its owner %s is %d people in the HR lists", reg.OwnerID, len(keys))
	}
	owner := e.people.Get(keys[0])
	if owner.Standing == access.StandingLeft || owner.Standing == access.StandingVanished {
		return fmt.Sprintf("its owner %s %s", owner.Name, gone(owner.Standing))
	}
	return ""
}

// owners are those whom the HR lists know by the owner's id.
func (e *evaluation) owners(reg access.NonHuman) []access.PersonKey {
	return matcher{people: e.people}.byHRID(reg.OwnerID)
}

// registeredOwner is the one person whom the register names as the owner of an account,
// also one who has left; nil if there is none.
func (e *evaluation) registeredOwner(s, a int) *access.Person {
	m := e.systems[s].Matches[a]
	if m.How != access.MatchedNonHuman {
		return nil
	}
	if keys := e.owners(e.w.Policy.NonHuman[m.NonHuman]); len(keys) == 1 {
		return e.people.Get(keys[0])
	}
	return nil
}

func gone(s access.Standing) string {
	if s == access.StandingLeft {
		return "has left"
	}
	return "is in no HR list any more"
}
