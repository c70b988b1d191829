package aws

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/collectors"
	"rollcall/internal/access"
	"rollcall/internal/deploytest"
	"rollcall/internal/sandbox/fakeaws"
)

// The rights that deploy/aws gives are the requests that are sent, no more and
// no less. The requests are read where they leave, signed: a right is named by
// the service that a request is signed for, and its operation
// (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).

// everyRead collects from worlds in which every request of a collector is due.
func everyRead(t *testing.T) map[string]map[string]bool {
	t.Helper()
	asked := newAskedRights()
	as := func(prefer collectors.Prefer) func(*Config) {
		return func(c *Config) { c.HTTP, c.ManagementRoleName, c.Prefer = asked, "read", prefer }
	}
	few := openOrg(t, fakeaws.Options{})
	few.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "gone", CreatedAt: start.AddDate(-1, 0, 0)})
	few.collect(t, as(collectors.PreferTime)) // makes the report, which goes on naming those who are gone
	removeUser(t, few, "gone")
	few.AddIAMUser(fakeaws.IAMUser{Account: prod, Name: "young", CreatedAt: start.Add(ahead)}) // whom the report does not name yet
	few.Assign(prod, few.reader, "USER", nobody)                                               // whom no list names
	few.Assign(prod, few.reader, "GROUP", nobody)
	obs := few.collect(t, as(collectors.PreferTime))
	leaver, _ := find(t, obs, prod, "leaver")
	if _, err := few.collector(t, as(collectors.PreferTime)).Detail(t.Context(), obs, []int{leaver}); err != nil {
		t.Fatal(err)
	}
	manyPairs(t).collect(t, as(collectors.PreferCalls))
	return asked.byRole
}

// everyRevocation blocks in every way, also by a way round and of those who
// are gone already, and removes everything.
func everyRevocation(t *testing.T) map[string]map[string]bool {
	t.Helper()
	asked := newAskedRights()
	as := func(c *Config) { c.HTTP, c.ManagementRoleName = asked, "block" }
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	obs := o.collect(t)
	full := openOrg(t, fakeaws.Options{})
	full.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) {
		for len(u.Attached) < 10 {
			u.Attached = append(u.Attached, "arn:aws:iam::"+prod+":policy/p"+string(rune('0'+len(u.Attached))))
		}
	})
	do(t, full.revoker(t, as), full.act(access.IAMDeny, full.collect(t)))
	for _, verb := range allVerbs {
		do(t, o.revoker(t, as), o.act(verb, obs))
	}
	removeUser(t, o, "leaver")
	do(t, o.revoker(t, as), o.act(access.IAMDeny, obs))
	o.faults.Add(apiError("ListGroupMembershipsForMember", 400, "ResourceNotFoundException"))
	if _, err := o.revoker(t, as).Inspect(t.Context(), o.act(access.SSODeleteMembership, obs)); err != nil {
		t.Fatal(err)
	}
	fromTheDelegate(t, asked, false)
	left, actions := leftovers(t, fakeaws.Options{})
	for _, a := range actions {
		do(t, left.revoker(t, as, func(c *Config) { c.Removes = true }), a)
	}
	return asked.byRole
}

// do acts by a Revoker or a Restorer, and sees that it holds.
func do(t *testing.T, r hand, a access.Action) {
	t.Helper()
	if _, err := r.Inspect(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Act(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if state, err := r.Inspect(t.Context(), a); err != nil || !state.Holds {
		t.Fatalf("%s: %+v, %v", a.Verb, state, err)
	}
}

// fromTheDelegate takes an assignment to the management account away, or gives one
// back, as a job that acts from the account that Identity Center is delegated to.
func fromTheDelegate(t *testing.T, asked *askedRights, back bool) {
	t.Helper()
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	server := fakeaws.New(fakeaws.Options{
		Now: func() time.Time { return start.Add(ahead) }, ManagementAccount: prod, AssignmentPolls: 1,
		Credentials: []fakeaws.Credential{{AccessKeyID: "AKIAJOB", Secret: "s", Account: home, UserName: "job"}},
	})
	if err := server.Restore(encode(t, o.State())); err != nil {
		t.Fatal(err)
	}
	server.AddRole(fakeaws.Role{Account: prod, Name: "boss", ExternalID: "x"})
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	o.Server, o.url = server, listening.URL
	a := o.act(access.SSODeleteAssignment, o.collect(t))
	boss := func(c *Config) { c.HTTP, c.ManagementRoleName = asked, "boss" }
	if back {
		do(t, o.restorer(t, boss), o.blocked(t, o.revoker(t, func(c *Config) { c.ManagementRoleName = "boss" }), a.Verb, o.collect(t)))
		return
	}
	do(t, o.revoker(t, boss), a)
}

// rights gives what the templates allow a role.
func rights(t *testing.T, template, role string, parameters map[string]string) map[string]bool {
	t.Helper()
	read, err := deploytest.Load(deploytest.Dir(2), template)
	if err != nil {
		t.Fatal(err)
	}
	roles, err := read.Roles(deploytest.Stack{Account: prod, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, action := range roles[role].Actions("Allow") {
		allowed[action] = true
	}
	return allowed
}

var (
	accountsParameters = map[string]string{
		"ReadPrincipal": "arn:aws:iam::" + home + ":role/a", "RevokePrincipal": "arn:aws:iam::" + home + ":role/b",
		"RestorePrincipal": "arn:aws:iam::" + home + ":role/c", "ExternalId": "xx", "FormerBoundaries": "arn:aws:iam::*:policy/staff", "Removal": "yes",
	}
	jobParameters = map[string]string{
		"ReadHost": "arn:aws:iam::" + home + ":role/a", "RevokeHost": "arn:aws:iam::" + home + ":role/b", "RestoreHost": "arn:aws:iam::" + home + ":role/c",
		"ExternalId": "xx", "CenterInstance": "ssoins-0123456789abcdef", "IdentityStore": "d-0123456789",
	}
	managementParameters = map[string]string{"CenterInstance": "ssoins-0123456789abcdef", "Restore": "yes"}
)

func differ(t *testing.T, whose string, asked, allowed map[string]bool) {
	t.Helper()
	for _, right := range slices.Sorted(maps.Keys(asked)) {
		if !allowed[right] {
			t.Errorf("%s: %s is missing in the template", whose, right)
		}
	}
	for _, right := range slices.Sorted(maps.Keys(allowed)) {
		if !asked[right] {
			t.Errorf("%s: %s is in the template, and is never asked for", whose, right)
		}
	}
}

func TestTheReadingRolesMayDoExactlyWhatACollectorSends(t *testing.T) {
	asked := everyRead(t)
	differ(t, "rollcall-job-read", asked[theJob], rights(t, "job.yaml", "rollcall-job-read", jobParameters))
	differ(t, "rollcall-read", asked["read"], rights(t, "accounts.yaml", "rollcall-read", accountsParameters))
}

func TestTheBlockingRolesMayDoExactlyWhatARevokerSends(t *testing.T) {
	changingRoles(t, "revoke", everyRevocation(t), "block")
}

// changingRoles holds what was asked of the roles that change something against the
// templates; theirs is who asked in the accounts.
func changingRoles(t *testing.T, does string, asked map[string]map[string]bool, theirs string) {
	t.Helper()
	differ(t, "rollcall-job-"+does, asked[theJob], rights(t, "job.yaml", "rollcall-job-"+does, jobParameters))
	differ(t, "rollcall-"+does, asked[theirs], rights(t, "accounts.yaml", "rollcall-"+does, accountsParameters))
	differ(t, "rollcall-"+does+" in the management account, of a job elsewhere", asked["boss"],
		rights(t, "management.yaml", "rollcall-"+does, managementParameters))
}

// What guard.go lets out and nothing here sends would be a right that nobody
// looked at.
func TestEveryOperationThatCanBeSentIsSentHere(t *testing.T) {
	sent := map[string]bool{"GetCallerIdentity": true} // which is not noted
	for _, asked := range []map[string]map[string]bool{everyRead(t), everyRevocation(t), everyRestoration(t)} {
		for _, rights := range asked {
			for right := range rights {
				_, operation, _ := strings.Cut(right, ":")
				sent[operation] = true
			}
		}
	}
	can := map[string]bool{}
	for operation := range union([]operationSet{reads, writes, removes, gives}) {
		can[operation] = true
	}
	if !maps.Equal(sent, can) {
		t.Errorf("sent %q, can be sent %q", slices.Sorted(maps.Keys(sent)), slices.Sorted(maps.Keys(can)))
	}
}

// everyRestoration undoes every way of blocking, of a boundary with one before it
// and without, and reads what an interrupted night did, also to who is gone by now.
func everyRestoration(t *testing.T) map[string]map[string]bool {
	t.Helper()
	asked := newAskedRights()
	as := func(c *Config) { c.HTTP, c.ManagementRoleName = asked, "restore" }
	o := openOrg(t, fakeaws.Options{AssignmentPolls: 1})
	obs, revoker := o.collect(t), o.revoker(t)
	for _, verb := range allVerbs {
		undo := o.blocked(t, revoker, verb, obs)
		do(t, o.restorer(t, as), undo)
		if _, err := o.restorer(t, as).Inspect(t.Context(), o.act(verb, obs)); err != nil {
			t.Fatal(err)
		}
	}
	for _, before := range []string{"", "arn:aws:iam::" + prod + ":policy/all"} {
		full := openOrg(t, fakeaws.Options{})
		full.UpdateIAMUser(prod, "leaver", fullQuota)
		full.UpdateIAMUser(prod, "leaver", func(u *fakeaws.IAMUser) { u.Boundary = before })
		do(t, full.restorer(t, as), full.blocked(t, full.revoker(t), access.IAMDeny, full.collect(t)))
	}
	removeUser(t, o, "leaver")
	o.faults.Add(apiError("ListGroupMembershipsForMember", 400, "ResourceNotFoundException"))
	for _, verb := range []access.Verb{access.IAMDeny, access.SSODeleteMembership} {
		_, _ = o.restorer(t, as).Inspect(t.Context(), o.act(verb, obs)) // what is asked is noted
	}
	fromTheDelegate(t, asked, true)
	return asked.byRole
}

func TestTheRestoringRolesMayDoExactlyWhatARestorerSends(t *testing.T) {
	changingRoles(t, "restore", everyRestoration(t), "restore")
}
