package fakeaws

import (
	"net/http"
	"slices"
)

// assignmentOf is the assignment that an input names.
func assignmentOf(in centerInput) Assignment {
	return Assignment{in.TargetId, in.PermissionSetArn, in.PrincipalType, in.PrincipalId}
}

// busy is the conflict with a change that runs on the same permission set and
// account, for who asks for it.
func (s *Server) busy(a Assignment) *apiError {
	for _, c := range s.st.Center.Changes {
		if s.opts.ConflictWhileInProgress && c.Status == "IN_PROGRESS" && c.Assignment.Account == a.Account && c.Assignment.PermissionSet == a.PermissionSet {
			return fail(http.StatusBadRequest, "ConflictException", "there is a conflicting operation in process for %s", a.PermissionSet)
		}
	}
	return nil
}

// begin starts a change. Without polls to wait for it is done at once.
func (s *Server) begin(change AssignmentChange) *AssignmentChange {
	change.RequestID, change.Status, change.PollsLeft, change.CreatedAt = s.uuid(), "IN_PROGRESS", s.opts.AssignmentPolls, s.now()
	s.st.Center.Changes = append(s.st.Center.Changes, change)
	return &s.st.Center.Changes[len(s.st.Center.Changes)-1]
}

// poll brings a change one step on, and gives its status.
func (s *Server) poll(c *AssignmentChange) {
	if c.Status != "IN_PROGRESS" {
		return
	}
	if c.PollsLeft > 0 {
		c.PollsLeft--
		return
	}
	if c.Reason != "" {
		c.Status = "FAILED"
		return
	}
	c.Status = "SUCCEEDED"
	center := &s.st.Center
	if c.Deletion {
		center.Assignments = slices.DeleteFunc(center.Assignments, func(a Assignment) bool { return a == c.Assignment })
	} else if !slices.Contains(center.Assignments, c.Assignment) {
		center.Assignments = append(center.Assignments, c.Assignment)
	}
}

func createAssignment(s *Server, _ call, in centerInput) (any, *apiError) {
	a := assignmentOf(in)
	if err := s.busy(a); err != nil {
		return nil, err
	}
	c := s.begin(AssignmentChange{Assignment: a, Reason: s.st.Center.FailNextCreation})
	s.st.Center.FailNextCreation = ""
	if s.opts.AssignmentPolls == 0 {
		s.poll(c)
	}
	return map[string]any{"AccountAssignmentCreationStatus": c.answer()}, nil
}

func deleteAssignment(s *Server, _ call, in centerInput) (any, *apiError) {
	a := assignmentOf(in)
	if !slices.Contains(s.st.Center.Assignments, a) {
		return nil, notFound("assignment of %s %s", a.PrincipalType, a.PrincipalID)
	}
	if err := s.busy(a); err != nil {
		return nil, err
	}
	c := s.begin(AssignmentChange{Assignment: a, Deletion: true, Reason: s.st.Center.FailNextDeletion})
	s.st.Center.FailNextDeletion = ""
	if s.opts.AssignmentPolls == 0 {
		s.poll(c)
	}
	return map[string]any{"AccountAssignmentDeletionStatus": c.answer()}, nil
}

// changeRow is the status of a change as the API gives it.
type changeRow struct {
	RequestId, Status, FailureReason, TargetId, TargetType string
	PermissionSetArn, PrincipalType, PrincipalId           string
	CreatedDate                                            *float64
}

func (c AssignmentChange) answer() changeRow {
	row := changeRow{RequestId: c.RequestID, Status: c.Status, TargetId: c.Assignment.Account, TargetType: "AWS_ACCOUNT",
		PermissionSetArn: c.Assignment.PermissionSet, PrincipalType: c.Assignment.PrincipalType, PrincipalId: c.Assignment.PrincipalID, CreatedDate: epoch(c.CreatedAt)}
	if c.Status == "FAILED" {
		row.FailureReason = c.Reason
	}
	return row
}

func describeDeletion(s *Server, _ call, in centerInput) (any, *apiError) {
	return s.describeChange(in, true, "AccountAssignmentDeletionStatus")
}

func describeCreation(s *Server, _ call, in centerInput) (any, *apiError) {
	return s.describeChange(in, false, "AccountAssignmentCreationStatus")
}

// describeChange polls one change, which brings it a step on.
func (s *Server) describeChange(in centerInput, deletion bool, name string) (any, *apiError) {
	request := in.AccountAssignmentDeletionRequestId + in.AccountAssignmentCreationRequestId
	c := find(s.st.Center.Changes, func(c *AssignmentChange) bool { return c.Deletion == deletion && c.RequestID == request })
	if c == nil {
		return nil, notFound("request %s", request)
	}
	s.poll(c)
	return map[string]any{name: c.answer()}, nil
}

// listDeletions polls every deletion at once.
func listDeletions(s *Server, _ call, in centerInput) (any, *apiError) {
	type row struct {
		RequestId, Status string
		CreatedDate       *float64
	}
	var rows []row
	for _, c := range pick(s.st.Center.Changes, func(c *AssignmentChange) bool { return c.Deletion }) {
		s.poll(c)
		rows = append(rows, row{c.RequestID, c.Status, epoch(c.CreatedAt)})
	}
	return list(s, in, "AccountAssignmentsDeletionStatus", rows)
}
