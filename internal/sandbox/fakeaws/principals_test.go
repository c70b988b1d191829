package fakeaws

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

func (c *center) ofPrincipal(t *testing.T, kind ssotypes.PrincipalType, id string) (rows []string) {
	t.Helper()
	out := must(c.sso.ListAccountAssignmentsForPrincipal(t.Context(), &ssoadmin.ListAccountAssignmentsForPrincipalInput{
		InstanceArn: aws.String(InstanceARN), PrincipalType: kind, PrincipalId: &id,
	}))(t)
	for _, a := range out.AccountAssignments {
		rows = append(rows, string(a.PrincipalType)+" "+*a.PrincipalId)
	}
	return rows
}

func TestAUserIsGivenTheRowsOfItsGroupsUnlessToldOtherwise(t *testing.T) {
	for _, direct := range []bool{false, true} {
		c := newCenter(t, Options{DirectRowsForUser: direct})
		member, alone := c.users[0], c.users[4]
		want := []string{"GROUP " + c.group}
		if direct {
			want = nil
		}
		if got := c.ofPrincipal(t, "USER", member); !slices.Equal(got, want) {
			t.Errorf("direct %v: the member of a group is given %q, want %q", direct, got, want)
		}
		if got := c.ofPrincipal(t, "USER", alone); !slices.Equal(got, []string{"USER " + alone}) {
			t.Errorf("direct %v: the user is given %q", direct, got)
		}
		if got := c.ofPrincipal(t, "GROUP", c.group); !slices.Equal(got, []string{"GROUP " + c.group}) {
			t.Errorf("direct %v: the group is given %q", direct, got)
		}
	}
}

func TestAQuestionByPrincipalNeedsAnIDAndAType(t *testing.T) {
	c := newCenter(t, Options{})
	for kind, id := range map[ssotypes.PrincipalType]string{"USER": "", "ROBOT": c.users[0]} {
		_, err := c.sso.ListAccountAssignmentsForPrincipal(t.Context(), &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: aws.String(InstanceARN), PrincipalType: kind, PrincipalId: &id,
		})
		if err == nil {
			t.Errorf("%s %q was answered", kind, id)
		}
	}
}

func TestPeopleGroupsAndApplicationsTellWhenTheyWereMade(t *testing.T) {
	c := newCenter(t, Options{})
	made := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	c.AddCenterUser(CenterUser{UserName: "dated", CreatedAt: made})
	c.AddCenterGroup(CenterGroup{DisplayName: "dated", CreatedAt: made})
	c.AddApplication("wiki", boss)
	store := aws.String(StoreID)
	users := must(c.store.ListUsers(t.Context(), &identitystore.ListUsersInput{IdentityStoreId: store}))(t).Users
	groups := must(c.store.ListGroups(t.Context(), &identitystore.ListGroupsInput{IdentityStoreId: store}))(t).Groups
	if last := users[len(users)-1]; last.CreatedAt == nil || !last.CreatedAt.Equal(made) || users[0].CreatedAt != nil {
		t.Errorf("users: %v, and without a date %v", last.CreatedAt, users[0].CreatedAt)
	}
	if last := groups[len(groups)-1]; last.CreatedAt == nil || !last.CreatedAt.Equal(made) || groups[0].CreatedAt != nil {
		t.Errorf("groups: %v, and without a date %v", last.CreatedAt, groups[0].CreatedAt)
	}
	apps := must(c.sso.ListApplications(t.Context(), &ssoadmin.ListApplicationsInput{InstanceArn: aws.String(InstanceARN)}))(t).Applications
	if len(apps) != 1 || *apps[0].Name != "wiki" || apps[0].CreatedDate == nil {
		t.Errorf("applications: %+v", apps)
	}
}
