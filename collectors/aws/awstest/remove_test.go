//go:build emulators

package awstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"rollcall/collectors/aws"
	"rollcall/internal/access"
)

// remains is what boto3 finds of the leaver in one account.
type remains struct {
	ID                                                        string
	Password                                                  bool
	Policies, Keys, SSH, Groups, Inline, Devices, Loose, Tags []string
	Others                                                    int
}

func remaining(t *testing.T, endpoint string, raw []byte, device bool) map[string]remains {
	t.Helper()
	var world map[string]any
	if err := json.Unmarshal(raw, &world); err != nil {
		t.Fatal(err)
	}
	world["device"] = device
	with, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]remains
	if err := json.Unmarshal(runPython(t, "remains.py", endpoint, with), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// removesOf gives the actions that remove everything of the leaver's IAM users, in
// the order of B4.
func removesOf(obs access.Observation) (all []access.Action) {
	verbs := []struct {
		kind access.EntitlementKind
		verb access.Verb
	}{
		{access.ConsoleLogin, access.IAMDeleteLogin}, {access.AccessKey, access.IAMDeleteKey}, {access.SSHKey, access.IAMDeleteSSHKey},
		{access.IAMGroup, access.IAMLeaveGroup}, {access.IAMPolicy, access.IAMDetachPolicy}, {access.IAMInlinePolicy, access.IAMDeletePolicy},
	}
	for i, a := range obs.Accounts {
		if a.Kind != access.IAMUser || a.Login != leaver {
			continue
		}
		action := access.Action{Stage: access.Remove, Account: a.Key(), AccountKind: a.Kind, Login: a.Login}
		for _, v := range verbs {
			for _, g := range obs.Grants {
				if e := obs.Entitlements[g.Entitlement]; int(g.Account) == i && g.Direct() && e.Kind == v.kind {
					action.Verb, action.EntitlementKind, action.EntitlementID = v.verb, e.Kind, e.ID
					all = append(all, action)
				}
			}
		}
		action.EntitlementKind, action.EntitlementID = "", ""
		for _, verb := range []access.Verb{access.IAMRemoveMFA, access.IAMTagRemoved} {
			action.Verb = verb
			all = append(all, action)
		}
	}
	for i := range all {
		all[i].ID = "r" + strconv.Itoa(i)
	}
	return all
}

// detailed reads the leaver's credentials one by one.
func detailed(t *testing.T, endpoint string) access.Observation {
	t.Helper()
	collector, obs := collect(t, config(endpoint, "rollcall-read"))
	return withCredentials(t, collector, obs)
}

func withCredentials(t *testing.T, collector *aws.Collector, obs access.Observation) access.Observation {
	t.Helper()
	var users []int
	for i, a := range obs.Accounts {
		if a.Login == leaver {
			users = append(users, i)
		}
	}
	obs, err := collector.Detail(t.Context(), obs, users)
	if err != nil {
		t.Fatal(err)
	}
	return obs
}

func TestARemovedLeaverHasNothingInTheEyesOfBoto3AndStaysDenied(t *testing.T) {
	endpoint, m, raw := populated(t)
	remaining(t, endpoint, raw, true) // a second factor each
	cfg := config(endpoint, "rollcall-block")
	cfg.Removes = true
	revoker, err := aws.NewRevoker(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	obs := detailed(t, endpoint)
	for _, a := range removesOf(obs) { // before the block
		if state, err := revoker.Inspect(t.Context(), a); err != nil || state.Refuse == "" {
			t.Errorf("%s of one who is not blocked: %+v, %v", a.Verb, state, err)
		}
	}
	for _, a := range blocks(obs) {
		if _, err := revoker.Act(t.Context(), a); err != nil {
			t.Fatalf("%s of %s: %v", a.Verb, a.Login, err)
		}
	}
	actions := removesOf(detailed(t, endpoint))
	if len(actions) != 3*7 {
		t.Fatalf("%d actions: %+v", len(actions), actions)
	}
	carryOut(t, revoker, actions)
	for account, r := range remaining(t, endpoint, raw, false) {
		none := !r.Password && len(r.Keys)+len(r.SSH)+len(r.Groups)+len(r.Inline)+len(r.Devices)+len(r.Loose) == 0
		if !none || r.ID != m.IAM[account][leaver].ID || !slices.Equal(r.Policies, []string{"AWSDenyAll"}) || !slices.Contains(r.Tags, "rollcall:removed") || r.Others != 2 {
			t.Errorf("boto3 says of %s: %+v", account, r)
		}
	}
}
