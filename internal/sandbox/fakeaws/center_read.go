package fakeaws

import (
	"encoding/json"
	"net/http"
	"slices"
)

// centerMax is the largest page of Identity Center and its identity store.
const centerMax = 100

// centerOps are the operations of Identity Center and its identity store, by
// X-Amz-Target.
var centerOps = map[string]centerOp{
	"SWBExternalService.ListInstances":                           listInstances,
	"SWBExternalService.ListPermissionSets":                      listPermissionSets,
	"SWBExternalService.DescribePermissionSet":                   describePermissionSet,
	"SWBExternalService.ListAccountsForProvisionedPermissionSet": listProvisionedAccounts,
	"SWBExternalService.ListPermissionSetsProvisionedToAccount":  listProvisionedSets,
	"SWBExternalService.ListAccountAssignments":                  listAssignments,
	"SWBExternalService.ListAccountAssignmentsForPrincipal":      listAssignmentsForPrincipal,
	"SWBExternalService.ListApplications":                        listApplications,
	"SWBExternalService.ListApplicationAssignments":              listApplicationAssignments,
	"SWBExternalService.CreateAccountAssignment":                 createAssignment,
	"SWBExternalService.DeleteAccountAssignment":                 deleteAssignment,
	"SWBExternalService.DescribeAccountAssignmentDeletionStatus": describeDeletion,
	"SWBExternalService.ListAccountAssignmentDeletionStatus":     listDeletions,
	"SWBExternalService.DescribeAccountAssignmentCreationStatus": describeCreation,
	"AWSIdentityStore.ListUsers":                                 listCenterUsers,
	"AWSIdentityStore.DescribeUser":                              describeCenterUser,
	"AWSIdentityStore.GetUserId":                                 getCenterUserID,
	"AWSIdentityStore.DeleteUser":                                deleteCenterUser,
	"AWSIdentityStore.ListGroups":                                listCenterGroups,
	"AWSIdentityStore.DescribeGroup":                             describeCenterGroup,
	"AWSIdentityStore.ListGroupMemberships":                      listMemberships,
	"AWSIdentityStore.ListGroupMembershipsForMember":             listMembershipsForMember,
	"AWSIdentityStore.GetGroupMembershipId":                      getMembershipID,
	"AWSIdentityStore.IsMemberInGroups":                          isMemberInGroups,
	"AWSIdentityStore.CreateGroupMembership":                     createMembership,
	"AWSIdentityStore.DeleteGroupMembership":                     deleteMembership,
}

// centerWrites are those that change something.
var centerWrites = map[string]bool{
	"SWBExternalService.CreateAccountAssignment": true, "SWBExternalService.DeleteAccountAssignment": true,
	"AWSIdentityStore.DeleteUser": true, "AWSIdentityStore.CreateGroupMembership": true, "AWSIdentityStore.DeleteGroupMembership": true,
}

// centerInput has every member that the operations here take.
type centerInput struct {
	InstanceArn, PermissionSetArn, AccountId, TargetId, TargetType string
	PrincipalType, PrincipalId, ApplicationArn                     string
	AccountAssignmentDeletionRequestId                             string
	AccountAssignmentCreationRequestId                             string
	IdentityStoreId, UserId, GroupId, MembershipId                 string
	MemberId                                                       struct{ UserId string }
	GroupIds                                                       []string
	NextToken                                                      string
	MaxResults                                                     int
	AlternateIdentifier                                            struct {
		UniqueAttribute struct {
			AttributePath  string
			AttributeValue any
		}
	}
}

// centerOp answers one of these operations.
type centerOp func(s *Server, c call, in centerInput) (any, *apiError)

// answer reads the input first.
func (do centerOp) answer(s *Server, c call, body []byte) (any, *apiError) {
	var in centerInput
	if err := in.read(body); err != nil {
		return nil, err
	}
	return do(s, c, in)
}

// read decodes an input and checks that it names this instance or store.
func (in *centerInput) read(body []byte) *apiError {
	if err := json.Unmarshal(body, in); err != nil {
		return fail(http.StatusBadRequest, "SerializationException", "%v", err)
	}
	switch {
	case in.InstanceArn != "" && in.InstanceArn != InstanceARN:
		return notFound("instance %s", in.InstanceArn)
	case in.IdentityStoreId != "" && in.IdentityStoreId != StoreID:
		return notFound("identity store %s", in.IdentityStoreId)
	}
	return nil
}

func notFound(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, "ResourceNotFoundException", format+" does not exist", args...)
}

// list answers one page of rows under a name.
func list[T any](s *Server, in centerInput, name string, rows []T) (any, *apiError) {
	items, next, err := page(s, rows, in.NextToken, in.MaxResults, centerMax)
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []T{}
	}
	out := map[string]any{name: items}
	if next != "" {
		out["NextToken"] = next
	}
	return out, nil
}

// provided is a list of what is provisioned, which the real one leaves out when it is
// empty (https://github.com/PeterBengtson/AFT-SSO-account-configuration/issues/1).
func provided(s *Server, in centerInput, name string, rows []string) (any, *apiError) {
	if len(rows) == 0 {
		return map[string]any{}, nil
	}
	return list(s, in, name, rows)
}

type instanceRow struct {
	InstanceArn, IdentityStoreId, OwnerAccountId, Name, Status string
}

// listInstances: the organization's, and if asked for one of some member
// account, which holds nobody that matters and comes first.
func listInstances(s *Server, _ call, in centerInput) (any, *apiError) {
	var rows []instanceRow
	if s.opts.ExtraInstance {
		rows = append(rows, instanceRow{"arn:aws:sso:::instance/ssoins-7223000000000099", "d-9067000099", "999999999999", "team", "ACTIVE"})
	}
	return list(s, in, "Instances", append(rows, instanceRow{InstanceARN, StoreID, s.opts.ManagementAccount, "organization", "ACTIVE"}))
}

func listPermissionSets(s *Server, _ call, in centerInput) (any, *apiError) {
	return list(s, in, "PermissionSets", convert(s.st.Center.PermissionSets, func(p PermissionSet) string { return p.ARN }))
}

func describePermissionSet(s *Server, _ call, in centerInput) (any, *apiError) {
	p := find(s.st.Center.PermissionSets, func(p *PermissionSet) bool { return p.ARN == in.PermissionSetArn })
	if p == nil {
		return nil, notFound("permission set %s", in.PermissionSetArn)
	}
	return map[string]any{"PermissionSet": map[string]any{"PermissionSetArn": p.ARN, "Name": p.Name, "SessionDuration": p.SessionDuration, "CreatedDate": epoch(p.CreatedAt)}}, nil
}

// provisioned gives the distinct values of one side of the assignments that
// match.
func (s *Server) provisioned(match func(Assignment) bool, side func(Assignment) string) []string {
	var out []string
	for _, a := range s.st.Center.Assignments {
		if match(a) && !slices.Contains(out, side(a)) {
			out = append(out, side(a))
		}
	}
	return out
}

func listProvisionedAccounts(s *Server, _ call, in centerInput) (any, *apiError) {
	return provided(s, in, "AccountIds", s.provisioned(
		func(a Assignment) bool { return a.PermissionSet == in.PermissionSetArn }, func(a Assignment) string { return a.Account }))
}

func listProvisionedSets(s *Server, _ call, in centerInput) (any, *apiError) {
	return provided(s, in, "PermissionSets", s.provisioned(
		func(a Assignment) bool { return a.Account == in.AccountId }, func(a Assignment) string { return a.PermissionSet }))
}

type assignmentRow struct {
	AccountId, PermissionSetArn, PrincipalType, PrincipalId string
}

func listAssignments(s *Server, _ call, in centerInput) (any, *apiError) {
	var rows []assignmentRow
	for _, a := range s.st.Center.Assignments {
		if a.Account == in.AccountId && a.PermissionSet == in.PermissionSetArn {
			rows = append(rows, a.row())
		}
	}
	return list(s, in, "AccountAssignments", rows)
}

func (a Assignment) row() assignmentRow {
	return assignmentRow{a.Account, a.PermissionSet, a.PrincipalType, a.PrincipalID}
}

// listAssignmentsForPrincipal answers the management account only
// (https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html),
// and gives a user the rows of the user's groups too, unless told otherwise.
func listAssignmentsForPrincipal(s *Server, c call, in centerInput) (any, *apiError) {
	if c.Account != s.opts.ManagementAccount {
		return nil, fail(http.StatusBadRequest, "AccessDeniedException", "only the management account may list by principal")
	}
	if in.PrincipalId == "" || (in.PrincipalType != "USER" && in.PrincipalType != "GROUP") {
		return nil, fail(http.StatusBadRequest, "ValidationException", "a principal needs an id and a type, USER or GROUP")
	}
	principals := []string{in.PrincipalId}
	for _, m := range s.st.Center.Memberships {
		if in.PrincipalType == "USER" && !s.opts.DirectRowsForUser && m.UserID == in.PrincipalId {
			principals = append(principals, m.GroupID)
		}
	}
	var rows []assignmentRow
	for _, a := range s.st.Center.Assignments {
		if slices.Contains(principals, a.PrincipalID) {
			rows = append(rows, a.row())
		}
	}
	return list(s, in, "AccountAssignments", rows)
}

func listApplications(s *Server, _ call, in centerInput) (any, *apiError) {
	if in.InstanceArn == "" {
		return nil, fail(http.StatusBadRequest, "ValidationException", "InstanceArn must not be null")
	}
	type row struct {
		ApplicationArn, Name, ApplicationAccount, InstanceArn, Status string
		CreatedDate                                                   *float64
	}
	return list(s, in, "Applications", convert(s.st.Center.Applications, func(a Application) row {
		return row{a.ARN, a.Name, a.Account, InstanceARN, a.Status, epoch(a.CreatedAt)}
	}))
}

func listApplicationAssignments(s *Server, _ call, in centerInput) (any, *apiError) {
	type row struct{ ApplicationArn, PrincipalType, PrincipalId string }
	app := s.application(in.ApplicationArn)
	if app == nil {
		return nil, notFound("application %s", in.ApplicationArn)
	}
	return list(s, in, "ApplicationAssignments", convert(app.Assigned, func(p AppAssignment) row {
		return row{app.ARN, p.PrincipalType, p.PrincipalID}
	}))
}
