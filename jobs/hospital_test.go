package jobs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/collectors/aws"
	"rollcall/collectors/okta"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/jobs"
)

const restoreSecret = "00restoreSecretOfTheSandbox00000000000"

// hospital is a village whose leo has something of everything that a block takes.
func newHospital(t *testing.T) *village {
	t.Helper()
	v := newVillage(t, fakeokta.Options{})
	v.okta.SetToken(restoreSecret, fakeokta.Token{Name: "restore", UserID: v.users["ann"].ID})
	v.aws.AddRole(fakeaws.Role{Account: management, Name: "restore"})
	user := v.aws.AddCenterUser(fakeaws.CenterUser{UserName: leo, Email: leo, Status: "ENABLED"})
	v.aws.Assign(management, v.aws.AddPermissionSet("Books", "PT1H"), "USER", user)
	v.aws.Assign(management, v.aws.AddPermissionSet("Admin", "PT1H"), "USER", user)
	v.aws.AddCenterMember(v.aws.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "Readers"}), user)
	v.rules = []access.Rule{{Role: "Everyone", System: "aws", Kind: "permission_set", Entitlement: "Books", Requirement: access.Allowed},
		{Role: "Everyone", System: "aws", Kind: "sso_group", Entitlement: "Readers", Requirement: access.Allowed}}
	v.mode = access.Observe
	v.good(jobs.ExitDone) // what is normal, with all of it
	v.mode = access.Enforce
	return v
}

// held is what leo holds.
func (v *village) held() map[string]any {
	out := v.effects()
	delete(out, "tokens") // it is deleted for good
	for _, u := range v.okta.State().Users {
		out[u.Login()] = u.Status // and so are sessions
	}
	center := v.aws.State().Center
	out["assignments"], out["members"] = len(center.Assignments), len(center.Memberships)
	return out
}

func (v *village) restoreJob() *jobs.Job {
	v.t.Helper()
	v.clock.Pass(time.Hour)
	job := v.job()
	job.Run.Trigger, job.Revokers, job.Detail = "restore", nil, nil
	atOkta, err := okta.NewRestorer(v.oktaConfig(restoreSecret))
	v.ok(err)
	atAWS, err := aws.NewRestorer(v.t.Context(), v.awsConfig("restore"))
	v.ok(err)
	job.Restorers = map[access.System]jobs.Restorer{"okta": atOkta, "aws": atAWS}
	return job
}

func wish(run access.RunID) jobs.Wish { return jobs.Wish{Run: run, Reason: "HR's mistake"} }

// undo is a restore that must not abort, with its exit code.
func (v *village) undo(run access.RunID, code int) jobs.Restored {
	v.t.Helper()
	r, err := v.restoreJob().Restore(v.t.Context(), wish(run))
	v.ok(err)
	if r.Night.Run.ExitCode != code {
		v.t.Fatalf("exit code %d, want %d: %s, %s", r.Night.Run.ExitCode, code, fates(r), told(r.Night.Outcomes))
	}
	return r
}

func fates(r jobs.Restored) (all []string) {
	for _, u := range r.Undoings {
		all = append(all, fmt.Sprintf("%s %s %s: %s", u.Fate, u.Action.Verb, u.Action.Entitlement, u.Why))
	}
	return all
}

// mistake blocks leo by HR's mistake, which HR then corrects, and gives the run.
func (v *village) mistake() access.RunID {
	v.t.Helper()
	v.is(access.StatusLeft, "leo")
	run := v.good(jobs.ExitDone).Run.ID
	v.corrects("leo")
	return run
}

// corrects writes HR's next list, in which these people work here after all. It is
// another one than any before: a list of before the mistake would be refused.
func (v *village) corrects(names ...string) {
	v.is(access.StatusActive, names...)
	v.people[0].Title = fmt.Sprint("Clerk ", v.nights)
}

func blockedActive(n *access.Night) int {
	return len(slices.DeleteFunc(slices.Clone(n.Findings), func(f access.Finding) bool { return f.Kind != access.BlockedActive }))
}

// agrees checks that a night finds blocked exactly what still is.
func (v *village) agrees(n *access.Night) {
	v.t.Helper()
	for _, f := range n.Findings {
		if f.Kind == access.BlockedActive && f.Account.System == "okta" && v.status("leo") == fakeokta.Active {
			v.t.Errorf("restored, and found blocked: %s", f.Reason)
		}
	}
	user, _ := v.aws.IAMUser(management, "leo")
	_, denied := v.memory().Blocked[access.AccountKey{System: "aws", Scope: management, ID: access.AccountID(user.ID)}]
	if is := slices.Contains(user.Attached, "arn:aws:iam::aws:policy/AWSDenyAll"); denied != is {
		v.t.Errorf("leo is denied in IAM: %v, and remembered so: %v", is, denied)
	}
}
