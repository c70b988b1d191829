package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
)

// told is one answer that a hand reads: to which operation, for which action, and whether
// it says that the action is done.
type told struct {
	operation string
	verb      access.Verb
	says      func(o *org, a access.Action, body []byte) bool
	change    func(*access.Action)
}

// texts are all texts of an answer of IAM, by the rules of XML alone.
func texts(body []byte) map[string]bool {
	found := map[string]bool{}
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err != nil {
			return found
		}
		if text, ok := token.(xml.CharData); ok {
			found[string(text)] = true
		}
	}
}

func denyIn(body []byte) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(texts(body))), isDenyAll)
}

// rowsOf gives the rows of a list of Identity Center's by the rules of JSON alone; not ok is
// no list, or a row in which one of the fields is no text or empty.
func rowsOf(body []byte, list string, fields ...string) (rows []map[string]string, ok bool) {
	var answer map[string]json.RawMessage
	var all []map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&answer) != nil || json.Unmarshal(answer[list], &all) != nil || all == nil {
		return nil, false
	}
	for _, raw := range all {
		row := map[string]string{}
		for _, field := range fields {
			var text string
			if json.Unmarshal(raw[field], &text) != nil || text == "" {
				return nil, false
			}
			row[field] = text
		}
		rows = append(rows, row)
	}
	return rows, true
}

func inGroup(body []byte, group string) (is, known bool) {
	rows, ok := rowsOf(body, "GroupMemberships", "MembershipId", "GroupId")
	return slices.ContainsFunc(rows, func(row map[string]string) bool { return row["GroupId"] == group }), ok
}

func neverSays(*org, access.Action, []byte) bool { return false }

var inspected = []told{
	{operation: "GetUser", verb: access.IAMDeny, says: func(_ *org, a access.Action, body []byte) bool {
		return texts(body)[string(a.Account.ID)] && denyIn(body)
	}},
	{operation: "ListAttachedUserPolicies", verb: access.IAMDeny, says: func(_ *org, _ access.Action, body []byte) bool { return denyIn(body) }},
	{operation: "ListAccessKeys", verb: access.IAMDeactivateKey, says: func(_ *org, a access.Action, body []byte) bool {
		all := texts(body)
		return strings.Contains(string(body), "AccessKeyMetadata") && (!all[a.EntitlementID] || all["Inactive"] || all["Expired"])
	}},
	{operation: "GetAccountAuthorizationDetails", verb: access.IAMDeny, change: func(a *access.Action) { a.Login, a.Account.ID = "nobody", "AIDANOBODY0000000001" },
		says: func(_ *org, a access.Action, body []byte) bool {
			return strings.Contains(string(body), "UserDetailList") && !slices.Contains(usersIn(body), string(a.Account.ID))
		}},
	{operation: "ListAccountAssignments", verb: access.SSODeleteAssignment, says: func(_ *org, a access.Action, body []byte) bool {
		rows, ok := rowsOf(body, "AccountAssignments", "PrincipalId", "PrincipalType")
		return ok && !slices.ContainsFunc(rows, func(row map[string]string) bool {
			return row["PrincipalType"] == "USER" && row["PrincipalId"] == string(a.Account.ID)
		})
	}},
	{operation: "DescribeAccountAssignmentDeletionStatus", verb: access.SSODeleteAssignment, says: neverSays}, // it is listed all the same
	{operation: "ListGroupMembershipsForMember", verb: access.SSODeleteMembership, says: func(_ *org, a access.Action, body []byte) bool {
		is, known := inGroup(body, a.EntitlementID)
		return known && !is
	}},
	{operation: "ListGroupMembershipsForMember", verb: access.SSOCreateMembership, says: func(_ *org, a access.Action, body []byte) bool {
		is, _ := inGroup(body, a.EntitlementID)
		return is
	}},
	{operation: "ListAttachedUserPolicies", verb: access.IAMUndeny, says: func(_ *org, _ access.Action, body []byte) bool {
		return strings.Contains(string(body), "AttachedPolicies") && !denyIn(body)
	}},
	{operation: "ListAccessKeys", verb: access.IAMActivateKey, says: func(_ *org, a access.Action, body []byte) bool {
		all := texts(body)
		return all[a.EntitlementID] && all["Active"]
	}},
}

// blockOf is the verb of the block that a verb undoes, or itself.
func blockOf(v access.Verb) access.Verb {
	switch v {
	case access.IAMUndeny:
		return access.IAMDeny
	case access.IAMActivateKey:
		return access.IAMDeactivateKey
	case access.SSOCreateMembership:
		return access.SSODeleteMembership
	}
	return v
}

func (one told) action(o *org, obs access.Observation) access.Action {
	a := o.act(blockOf(one.verb), obs)
	a.Verb = one.verb
	if restoring[one.verb] {
		before, _ := json.Marshal(userImage{User: a.Login, UserID: string(a.Account.ID), Policies: []string{}}) // names always marshal
		a.Undoes = &access.Undone{At: start, Before: before, Detail: "denied by policy"}
	}
	if one.change != nil {
		one.change(&a)
	}
	return a
}

// answers are what an operation may be answered with: hollow ones, those of IAM, and those
// of Identity Center, about the account and the right of an action.
func answers(one told, a access.Action) []string {
	iam := func(inside string) string {
		return "<" + one.operation + "Response><" + one.operation + "Result>" + inside + "</" + one.operation + "Result></" + one.operation + "Response>"
	}
	id := string(a.Account.ID)
	return []string{
		"", "{}", "null", "[]", "<a/>", iam(""), iam("<AttachedPolicies/>"), iam("<AccessKeyMetadata/>"), iam("<UserDetailList/>"),
		iam("<AttachedPolicies><member/></AttachedPolicies>"),
		iam("<AttachedPolicies><member><PolicyArn>" + awsDeny + "</PolicyArn></member></AttachedPolicies>"),
		iam("<User><UserId>" + id + "</UserId><UserName>leaver</UserName></User>"), iam("<User/>"),
		iam("<User><UserId>AIDAANOTHER</UserId><PermissionsBoundary><PermissionsBoundaryArn>" + awsDeny + "</PermissionsBoundaryArn></PermissionsBoundary></User>"),
		iam("<User><UserId>" + id + "</UserId><PermissionsBoundary><PermissionsBoundaryArn>" + awsDeny + "</PermissionsBoundaryArn></PermissionsBoundary></User>"),
		iam("<AccessKeyMetadata><member><AccessKeyId>" + a.EntitlementID + "</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata>"),
		iam("<AccessKeyMetadata><member><AccessKeyId>" + a.EntitlementID + "</AccessKeyId></member></AccessKeyMetadata>"),
		iam("<UserDetailList><member><UserId>" + id + "</UserId></member></UserDetailList>"), iam("<UserDetailList><member/></UserDetailList>"),
		`{"AccountAssignments":[]}`, `{"AccountAssignments":[{"PrincipalId":"` + id + `"}]}`, `{"AccountAssignments":[{"PrincipalId":"` + id + `","PrincipalType":"USER"}]}`,
		`{"AccountAssignments":[{"PrincipalType":"USER"}]}`, `{"AccountAssignments":null}`,
		`{"GroupMemberships":[{"MembershipId":"m"}]}`, `{"GroupMemberships":[{"MembershipId":"m","GroupId":"` + a.EntitlementID + `"}]}`, `{"GroupMemberships":[]}`,
		`{"AccountAssignmentDeletionStatus":{"Status":"SUCCEEDED"}}`, `{"AccountAssignmentDeletionStatus":{"Status":"IN_PROGRESS"}}`, `{"AccountAssignmentDeletionStatus":{}}`,
	}
}

// Whatever AWS answers to a Revoker or a Restorer: an action is done only if that answer
// says so, and anything else is an error, a refusal or not done.
func FuzzInspect(f *testing.F) {
	o := populated(fakeaws.Options{}, func() time.Time { return start.Add(ahead) })
	obs := o.through(f, &altered{Handler: o.Server})
	for n, one := range inspected {
		for _, body := range answers(one, one.action(o, obs)) {
			f.Add(byte(n), []byte(body))
		}
	}
	rt := &altered{Handler: o.Server}
	cfg := o.config("block")
	cfg.HTTP, cfg.Sleep = rt, func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	known, err := NewRevoker(f.Context(), cfg)
	if err != nil {
		f.Fatal(err)
	}
	for _, one := range inspected { // what does not change is read once
		if _, err := known.Inspect(f.Context(), one.action(o, obs)); err != nil {
			f.Fatalf("%s: %v", one.verb, err)
		}
	}
	f.Fuzz(func(t *testing.T, n byte, body []byte) {
		one := inspected[int(n)%len(inspected)]
		a := one.action(o, obs)
		r := &Revoker{session: known.session, me: known.me, center: known.center, entered: known.entered, requests: map[string]string{}}
		if one.operation == "DescribeAccountAssignmentDeletionStatus" {
			r.requests[a.ID] = "request"
		}
		rt.operation, rt.body = one.operation, append([]byte{}, body...)
		state, err := r.Inspect(t.Context(), a)
		o.ResetRequests()
		if err == nil && state.Holds && !one.says(o, a, body) {
			t.Fatalf("%s is done because of %s: %+v", a.Verb, body, state)
		}
		if state.InProgress && !bytes.Contains(body, []byte("IN_PROGRESS")) {
			t.Fatalf("%s is under way because of %s: %+v", a.Verb, body, state)
		}
	})
}

// Whatever lies in the record of a block: it is undone only if the record says whose it is,
// and which policies the user had, none of which denied everything.
func FuzzBeforeOfABlock(f *testing.F) {
	for _, before := range []string{"", "null", "{}", `{"user_id":"AIDA"}`, `{"user_id":"AIDA","attached_policies":null}`, `{"user_id":"AIDA","attached_policies":[]}`, `{"user_id":"AIDB","attached_policies":[]}`,
		`{"user_id":"AIDA","attached_policies":["` + awsDeny + `"]}`, `{"user_id":"AIDA","attached_policies":[null],"permissions_boundary":"` + awsDeny + `"}`} {
		f.Add([]byte(before), "denied by policy")
		f.Add([]byte(before), deniedByBoundary)
	}
	f.Fuzz(func(t *testing.T, text []byte, detail string) {
		a := access.Action{Account: access.AccountKey{ID: "AIDA"}, Undoes: &access.Undone{Before: text, Detail: detail}}
		_, byBoundary, err := beforeDeny(a)
		if err != nil {
			return
		}
		var plain struct {
			ID       any    `json:"user_id"`
			Policies []any  `json:"attached_policies"`
			Boundary string `json:"permissions_boundary"`
		}
		if json.Unmarshal(text, &plain) != nil || plain.ID != any("AIDA") || plain.Policies == nil {
			t.Fatalf("%s is undone", text)
		}
		denies := slices.ContainsFunc(plain.Policies, func(p any) bool { arn, _ := p.(string); return isDenyAll(arn) })
		if !byBoundary && denies || byBoundary && isDenyAll(plain.Boundary) {
			t.Fatalf("%s was denied before, and is undone", text)
		}
	})
}
