package reports

import (
	"rollcall/internal/access"
)

// states of an account, the worst first: the worst of its actions is its own.
var states = []string{"failed", "unverified", "held", "not_attempted", "planned", "skipped", "blocked_verified", "removed_verified"}

const (
	stateFailed = iota
	stateUnverified
	stateHeld
	stateNotAttempted
	statePlanned
	stateSkipped
	stateVerified
	stateRemoved
)

// stateWords says a state to people.
var stateWords = map[string]string{
	"failed": "FAILED", "unverified": "NOT VERIFIED", "held": "held", "not_attempted": "not attempted",
	"planned": "planned only", "skipped": "skipped", "blocked_verified": "blocked and verified", "removed_verified": "removed and verified",
}

// stateWord says a state in this run: only a plan, or an observe night, leaves an
// account planned.
func (s story) stateWord(state string, stage access.Stage) string {
	done := "blocked"
	if stage == access.Remove {
		done = "removed"
	}
	switch {
	case state != states[statePlanned]:
	case s.Trigger == "plan" && s.Mode == access.Enforce:
		return "would be " + done
	case s.Trigger == "plan":
		return "would be " + done + ", if the mode were enforce"
	default:
		return stateWords[state] + " (observe mode)"
	}
	return stateWords[state]
}

// skippedByOrder reports whether a step was skipped that no later night does.
func (s story) skippedByOrder(a closing) bool { return s.Order != "" && a.worst == stateSkipped }

// outcomeState: nothing counts as blocked or removed that was not read back.
func outcomeState(o access.Outcome) int {
	verified := stateVerified
	if o.Action.Stage == access.Remove {
		verified = stateRemoved
	}
	switch {
	case o.Result == access.Failed:
		return stateFailed
	case o.Result == access.Skipped:
		return stateSkipped
	case o.Result == access.AlreadyAbsent, o.Result == access.Done && !o.VerifiedAt.IsZero():
		return verified
	}
	return stateUnverified
}
