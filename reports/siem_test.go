package reports

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

var changedAt = time.Date(2041, 3, 4, 1, 2, 3, 0, time.UTC)

func blocked(result access.Result) access.Outcome {
	return access.Outcome{Result: result, Actor: "rollcall@night", RequestID: "req-1", SentAt: changedAt, VerifiedAt: changedAt, Detail: "the answer was: no such user ann@example.com",
		Action: access.Action{ID: "act-1", FindingID: "f-1", Stage: access.Block, Verb: access.OktaSuspend, Login: "ann@example.com", Reason: "left on 2041-03-03", Undoable: true,
			Person: access.PersonKey{Source: "employees", EmployeeID: "E01"}, Account: access.AccountKey{System: "okta", ID: "00u1"}}}
}

func lineOf(t *testing.T, run access.RunID, o access.Outcome) (map[string]any, string) {
	t.Helper()
	line, err := AccessChange(access.Run{ID: run, Trigger: "nightly", ToolVersion: "v1"}, o, changedAt)
	if err != nil {
		t.Fatal(err)
	}
	if line == nil {
		return nil, ""
	}
	if bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' {
		t.Fatalf("not one line: %q", line)
	}
	var flat, deep map[string]any
	if err := json.Unmarshal(line, &deep); err != nil {
		t.Fatal(err)
	}
	flat = map[string]any{}
	flatten(flat, "", deep)
	return flat, string(line)
}

func flatten(into map[string]any, at string, v map[string]any) {
	for k, one := range v {
		if deep, is := one.(map[string]any); is {
			flatten(into, at+k+".", deep)
			continue
		}
		into[at+k] = one
	}
}

func TestAChangeOfAccessIsOneLineOfTheCommonSchema(t *testing.T) {
	got, line := lineOf(t, "r1", blocked(access.Done))
	for field, want := range map[string]any{"@timestamp": "2041-03-04T01:02:03Z", "ecs.version": "8.17.0", "event.kind": "event", "event.action": "suspend", "event.outcome": "success",
		"event.dataset": "rollcall.access_change", "user.target.id": "00u1", "user.name": "rollcall@night", "rollcall.run_id": "r1", "rollcall.action_id": "act-1",
		"rollcall.stage": "block", "rollcall.system": "okta", "rollcall.employee_id": "E01", "rollcall.outcome": "done", "rollcall.request_id": "req-1"} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
	for _, secret := range []string{"ann@example.com", "left on"} {
		if strings.Contains(line, secret) {
			t.Errorf("%q is in %s", secret, line)
		}
	}
}

func TestWhatFailedIsToldAndWhatChangedNothingIsNot(t *testing.T) {
	for result, want := range map[access.Result]any{access.Failed: "failure", access.Pending: "unknown", access.Unknown: "unknown", access.Skipped: nil, access.AlreadyAbsent: nil} {
		got, _ := lineOf(t, "r1", blocked(result))
		if got["event.outcome"] != want {
			t.Errorf("%s: %v", result, got["event.outcome"])
		}
	}
}

func TestARemoveAndAGroupAreCalledSo(t *testing.T) {
	o := blocked(access.Done)
	o.Action.Stage, o.Action.Verb, o.Action.EntitlementKind, o.Action.EntitlementID = access.Remove, access.OktaLeaveGroup, access.OktaGroup, "00g1"
	got, _ := lineOf(t, "r1", o)
	if types := got["event.type"].([]any); types[0] != "group" || types[1] != "deletion" || got["rollcall.entitlement_id"] != "00g1" {
		t.Errorf("%v", got)
	}
}

func TestWhatIsToldTwiceHasOneID(t *testing.T) {
	first, _ := lineOf(t, "r1", blocked(access.Done))
	found := blocked(access.Done)
	found.AdoptedFrom = "r1"
	again, _ := lineOf(t, "r2", found)
	if first["event.id"] != again["event.id"] || again["rollcall.run_id"] != "r1" || again["rollcall.found_by"] != "r2" {
		t.Errorf("%v\n%v", first, again)
	}
	for name, other := range map[string]access.Outcome{"another end": blocked(access.Failed), "another action": func() access.Outcome { o := blocked(access.Done); o.Action.ID = "act-2"; return o }()} {
		if got, _ := lineOf(t, "r1", other); got["event.id"] == first["event.id"] {
			t.Errorf("%s has the same id", name)
		}
	}
	if got, _ := lineOf(t, "r3", blocked(access.Done)); got["event.id"] == first["event.id"] {
		t.Error("another run has the same id")
	}
}

func TestNothingInAChangeEndsTheLineOrTheText(t *testing.T) {
	o := blocked(access.Done)
	o.Action.Account.ID = "a\"}\n{\"event\":{\"action\":\"forged\"}}\r\u2028\x00\x1b[31m"
	got, line := lineOf(t, "r1", o)
	if got["user.target.id"] != string(o.Action.Account.ID) || got["event.action"] != "suspend" {
		t.Errorf("%v", got)
	}
	if strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\n\r\x00\x1b\u2028") {
		t.Errorf("%q", line)
	}
}
