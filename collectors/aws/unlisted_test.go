package aws

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

const nobody = "90670000-0000-0000-0000-000000000000"

// without takes the rows that hold an id out of every answer to an operation, as if their
// page had been lost, or they had been made after it was given.
func without(op, list, key, id string) faults.Rule {
	return faults.Rule{Match: faults.Action(op), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		var answer map[string]any
		if err := json.Unmarshal(a.Body, &answer); err != nil {
			panic(err)
		}
		answer[list] = slices.DeleteFunc(answer[list].([]any), func(row any) bool { return row.(map[string]any)[key] == id })
		a.Body, _ = json.Marshal(answer) // what was just read
		a.Header.Del("Content-Length")
	}}
}

func TestWhomAMembershipOrAnAssignmentNamesAndNoListHasIsAGapOfTheListIfTheyExist(t *testing.T) {
	for name, c := range map[string]struct {
		lose faults.Rule
		only func(o *org) // leaves one kind of row that names them
		read string
		id   func(o *org) string
	}{
		"a user in a group": {without("ListUsers", "Users", "UserName", "pushed"), func(*org) {}, "sso_users", func(o *org) string { return o.fromIdP }},
		"a user who is assigned a permission set": {without("ListUsers", "Users", "UserName", "lone"), func(o *org) {
			o.Assign(prod, o.reader, "USER", o.lone())
		}, "sso_users", (*org).lone},
		"a user who is assigned an application": {without("ListUsers", "Users", "UserName", "lone"), func(o *org) {
			o.AssignApplication(o.AddApplication("wiki", home), "USER", o.lone())
		}, "sso_users", (*org).lone},
		"a group that is assigned a permission set": {without("ListGroups", "Groups", "DisplayName", "platform"), func(*org) {}, "sso_groups", func(o *org) string { return o.platform }},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOrg(t, fakeaws.Options{})
			o.AddCenterUser(fakeaws.CenterUser{UserName: "lone", Status: "ENABLED"})
			c.only(o)
			o.faults.Add(c.lose)
			found := gaps(o.collect(t))
			if gap := found[c.read]; !strings.Contains(gap, c.id(o)) || !strings.Contains(gap, "not in the list") || !strings.Contains(gap, "run again") {
				t.Errorf("%s exists, something names them, the list has them not, and yet: %q", c.id(o), found)
			}
			if found["sso_assignments"] == "" || found["sso_applications"] == "" {
				t.Errorf("what names them is called whole: %q", found)
			}
		})
	}
}

// Who is made while the night reads is in the groups that it reads later, and in no list that
// it read before: in a company where people begin each day that is a usual night, in which
// nobody's block may wait. Who was there when the list was begun is missing from it.
func TestWhoWasMadeAfterTheListWasBegunIsANoteAndNoGap(t *testing.T) {
	for name, c := range map[string]struct {
		made time.Time
		gap  bool
	}{
		"since": {start.Add(time.Minute), false}, "when it was begun": {start, true}, "before": {start.Add(-time.Hour), true}, "nobody says when": {time.Time{}, true},
	} {
		o := openOrg(t, fakeaws.Options{})
		o.AddCenterMember(o.platform, o.AddCenterUser(fakeaws.CenterUser{UserName: "lone", Status: "ENABLED", CreatedAt: c.made}))
		late := o.AddCenterGroup(fakeaws.CenterGroup{DisplayName: "late", CreatedAt: c.made})
		o.Assign(prod, o.reader, "GROUP", late)
		o.faults.Add(without("ListUsers", "Users", "UserName", "lone"))
		o.faults.Add(without("ListGroups", "Groups", "DisplayName", "late"))
		obs := o.collect(t)
		found := gaps(obs)
		if (found["sso_users"] != "") != c.gap || (found["sso_groups"] != "") != c.gap {
			t.Errorf("%s: gaps %q", name, found)
		}
		for _, id := range []string{o.lone(), late} {
			if noted(obs, id, "was made after the list was begun") == c.gap {
				t.Errorf("%s: %s, notes %q", name, id, obs.Notes)
			}
		}
	}
}

func (o *org) lone() string {
	for _, u := range o.State().Center.Users {
		if u.UserName == "lone" {
			return u.ID
		}
	}
	return ""
}

func TestWhoIsNotListedIsAskedForOnceAndNobodyElse(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.AddCenterMember(o.platform, nobody)
	o.Assign(prod, o.reader, "USER", nobody)
	o.Assign(prod, o.reader, "GROUP", nobody)
	o.AssignApplication(o.AddApplication("wiki", home), "USER", nobody)
	obs := o.collect(t)
	if got := count(o, "DescribeUser"); got != 1 {
		t.Errorf("DescribeUser was asked %d times", got)
	}
	if got := count(o, "DescribeGroup"); got != 1 {
		t.Errorf("DescribeGroup was asked %d times", got)
	}
	if found := gaps(obs); len(found) > 0 {
		t.Errorf("AWS says that they do not exist, and yet: %q", found)
	}
	for _, say := range []string{"group platform has a member " + nobody, "assigned to user " + nobody, "assigned to group " + nobody, "application wiki is assigned to user " + nobody} {
		if !noted(obs, say, "no longer exists") {
			t.Errorf("%q is not among the notes %q", say, obs.Notes)
		}
	}
}

func TestWhereNobodyCanTellWhetherWhoIsNotListedExistsTheListIsNotWhole(t *testing.T) {
	refuse := func(code string) faults.Rule {
		return faults.Rule{Match: faults.Action("DescribeUser"), Kind: faults.Status, Code: 400,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: `{"__type":"` + code + `","message":"no"}`}
	}
	for name, c := range map[string]struct {
		rule faults.Rule
		says string
	}{
		"denied": {refuse("AccessDeniedException"), "grant it identitystore:DescribeUser"},
		"of somebody else": {faults.Rule{Match: faults.Action("DescribeUser"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Code, a.Body = 200, []byte(`{"UserId":"90670000-0000-0000-0000-00000000dead"}`)
		}}, "was given"},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOrg(t, fakeaws.Options{})
			o.AddCenterMember(o.platform, nobody)
			o.faults.Add(c.rule)
			if found := gaps(o.collect(t)); !strings.Contains(found["sso_users"], c.says) || found["sso_memberships"] == "" {
				t.Errorf("gaps %q", found)
			}
		})
	}
}

func TestAHolderOfAKindThatNobodyKnowsIsAGap(t *testing.T) {
	for op, read := range map[string]string{"ListAccountAssignments": "sso_assignments", "ListApplicationAssignments": "sso_applications"} {
		o := openOrg(t, fakeaws.Options{})
		o.faults.Add(faults.Rule{Match: faults.Action(op), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
			a.Body = bytes.ReplaceAll(a.Body, []byte(`"GROUP"`), []byte(`"ROBOT"`))
			a.Header.Del("Content-Length")
		}})
		if found := gaps(o.collect(t)); !strings.Contains(found[read], `a holder is a "ROBOT"`) {
			t.Errorf("%s: gaps %q", op, found)
		}
	}
}

func TestAnIAMUserInAGroupThatIsNotListedIsAGap(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.faults.Add(faults.Rule{Match: faults.Action("GetAccountAuthorizationDetails"), Kind: faults.Rewrite, Rewrite: func(a *faults.Answer) {
		a.Body = groupDetails.ReplaceAll(a.Body, []byte("<GroupDetailList></GroupDetailList>"))
		a.Header.Del("Content-Length")
	}})
	if gap := gaps(o.collect(t))[prod+"/iam"]; !strings.Contains(gap, "leaver") || !strings.Contains(gap, "admins") {
		t.Errorf("what admins may do is missing of who is in it, and the gap is %q", gap)
	}
}

var groupDetails = regexp.MustCompile(`(?s)<GroupDetailList>.*</GroupDetailList>`)
