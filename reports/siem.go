package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// ecsVersion is the version of the Elastic Common Schema whose names AccessChange
// writes. https://www.elastic.co/docs/reference/ecs
const ecsVersion = "8.17.0"

// accessChange is one line for a SIEM: names of the Elastic Common Schema, and below
// rollcall what it has no name for. It names accounts and people by their ids alone.
type accessChange struct {
	At  time.Time `json:"@timestamp"` // when it became known
	ECS struct {
		Version string `json:"version"`
	} `json:"ecs"`
	Event struct {
		ID       string   `json:"id"`
		Kind     string   `json:"kind"`
		Category []string `json:"category"`
		Type     []string `json:"type"`
		Action   string   `json:"action"`
		Outcome  string   `json:"outcome"`
		Dataset  string   `json:"dataset"`
		Provider string   `json:"provider"`
	} `json:"event"`
	User struct {
		Name   string `json:"name"` // who ran it
		Target struct {
			ID string `json:"id"` // the account
		} `json:"target"`
	} `json:"user"`
	Observer struct {
		Product string `json:"product"`
		Version string `json:"version"`
	} `json:"observer"`
	Rollcall struct {
		RunID           access.RunID           `json:"run_id"` // that did it
		Trigger         string                 `json:"trigger"`
		ActionID        string                 `json:"action_id"`
		FindingID       string                 `json:"finding_id,omitempty"`
		Stage           access.Stage           `json:"stage"`
		System          access.System          `json:"system"`
		Scope           string                 `json:"scope,omitempty"`
		Source          access.Source          `json:"source,omitempty"`
		EmployeeID      access.EmployeeID      `json:"employee_id,omitempty"`
		EntitlementKind access.EntitlementKind `json:"entitlement_kind,omitempty"`
		EntitlementID   string                 `json:"entitlement_id,omitempty"`
		Outcome         access.Result          `json:"outcome"`
		Undoable        bool                   `json:"undoable"`
		RequestID       string                 `json:"request_id,omitempty"` // the system's
		SentAt          time.Time              `json:"sent_at,omitzero"`
		VerifiedAt      time.Time              `json:"verified_at,omitzero"`
		ApprovalIDs     []string               `json:"approval_ids,omitempty"`
		FoundBy         access.RunID           `json:"found_by,omitempty"`
	} `json:"rollcall"`
}

// AccessChange is the line, with its end, that tells a SIEM what became of an action;
// nil where nothing was to be changed, or nothing was tried. What is told twice (a run
// took over from one that was killed) has the same event.id twice.
func AccessChange(run access.Run, o access.Outcome, at time.Time) ([]byte, error) {
	if o.Result == access.Skipped || o.Result == access.AlreadyAbsent {
		return nil, nil
	}
	var c accessChange
	a := &o.Action
	c.At, c.ECS.Version = at.UTC(), ecsVersion
	c.User.Name, c.User.Target.ID = o.Actor, string(a.Account.ID)
	c.Observer.Product, c.Observer.Version = "rollcall", run.ToolVersion
	r := &c.Rollcall
	r.RunID, r.Trigger = run.ID, run.Trigger
	if o.AdoptedFrom != "" && o.AdoptedFrom != run.ID {
		r.RunID, r.FoundBy = o.AdoptedFrom, run.ID
	}
	r.ActionID, r.FindingID, r.Stage, r.System, r.Scope = a.ID, a.FindingID, a.Stage, a.Account.System, a.Account.Scope
	r.Source, r.EmployeeID = a.Person.Source, a.Person.EmployeeID
	r.EntitlementKind, r.EntitlementID, r.Outcome, r.Undoable = a.EntitlementKind, a.EntitlementID, o.Result, a.Undoable
	r.RequestID, r.SentAt, r.VerifiedAt, r.ApprovalIDs = o.RequestID, o.SentAt.UTC(), o.VerifiedAt.UTC(), a.ApprovalIDs()
	e := &c.Event
	e.ID = changeID(r.RunID, a.ID, o.Result)
	e.Kind, e.Category, e.Type = "event", []string{"iam"}, changeType(a)
	e.Action, e.Outcome = string(a.Verb), ecsOutcome(o.Result)
	e.Dataset, e.Provider = "rollcall.access_change", "rollcall"
	line, err := json.Marshal(c)
	return append(line, '\n'), err
}

// changeID is the same whenever the same end of the same action is told.
func changeID(run access.RunID, action string, result access.Result) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(run), action, string(result)}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// changeType is what the schema calls the change: of a user or a group.
func changeType(a *access.Action) []string {
	what, how := "user", "change"
	if slices.Contains([]access.EntitlementKind{access.OktaGroup, access.IAMGroup, access.SSOGroup}, a.EntitlementKind) {
		what = "group"
	}
	if a.Stage == access.Remove {
		how = "deletion"
	}
	return []string{what, how}
}

var ecsOutcomes = map[access.Result]string{access.Done: "success", access.Failed: "failure"}

func ecsOutcome(r access.Result) string { return cmp.Or(ecsOutcomes[r], "unknown") }
