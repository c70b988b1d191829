package fakeaws

import (
	"net/http"
	"slices"
	"strings"
)

type externalID struct{ Issuer, Id string }

type mailRow struct {
	Value, Type string
	Primary     bool
}

type centerUserRow struct {
	IdentityStoreId, UserId, UserName, DisplayName string
	UserStatus                                     string       `json:",omitempty"`
	Emails                                         []mailRow    `json:",omitempty"`
	ExternalIds                                    []externalID `json:",omitempty"`
	CreatedAt                                      *float64     `json:",omitempty"`
}

func external(issuer, id string) []externalID {
	if issuer == "" {
		return nil
	}
	return []externalID{{issuer, id}}
}

func (u CenterUser) row() centerUserRow {
	row := centerUserRow{IdentityStoreId: StoreID, UserId: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, UserStatus: u.Status, ExternalIds: external(u.ExternalIssuer, u.ExternalID), CreatedAt: epoch(u.CreatedAt)}
	if u.Email != "" {
		row.Emails = []mailRow{{u.Email, "work", true}}
	}
	return row
}

type centerGroupRow struct {
	IdentityStoreId, GroupId, DisplayName string
	ExternalIds                           []externalID `json:",omitempty"`
	CreatedAt                             *float64     `json:",omitempty"`
}

func (g CenterGroup) row() centerGroupRow {
	return centerGroupRow{StoreID, g.ID, g.DisplayName, external(g.ExternalIssuer, g.ExternalID), epoch(g.CreatedAt)}
}

type memberRow struct {
	IdentityStoreId, MembershipId, GroupId string
	MemberId                               struct{ UserId string }
}

func (m Membership) row() memberRow {
	row := memberRow{IdentityStoreId: StoreID, MembershipId: m.ID, GroupId: m.GroupID}
	row.MemberId.UserId = m.UserID
	return row
}

func listCenterUsers(s *Server, _ call, in centerInput) (any, *apiError) {
	return list(s, in, "Users", convert(s.st.Center.Users, CenterUser.row))
}

func describeCenterUser(s *Server, _ call, in centerInput) (any, *apiError) {
	if u := find(s.st.Center.Users, func(u *CenterUser) bool { return u.ID == in.UserId }); u != nil {
		return u.row(), nil
	}
	return nil, notFound("USER %s", in.UserId)
}

// getCenterUserID finds a user by userName, in any case.
func getCenterUserID(s *Server, _ call, in centerInput) (any, *apiError) {
	unique := in.AlternateIdentifier.UniqueAttribute
	name, _ := unique.AttributeValue.(string)
	for _, u := range s.st.Center.Users {
		if strings.EqualFold(unique.AttributePath, "userName") && strings.EqualFold(u.UserName, name) {
			return map[string]string{"IdentityStoreId": StoreID, "UserId": u.ID}, nil
		}
	}
	return nil, notFound("USER %s", name)
}

// deleteCenterUser also ends memberships; assignments stay, orphaned.
func deleteCenterUser(s *Server, _ call, in centerInput) (any, *apiError) {
	center := &s.st.Center
	center.Users = slices.DeleteFunc(center.Users, func(u CenterUser) bool { return u.ID == in.UserId })
	center.Memberships = slices.DeleteFunc(center.Memberships, func(m Membership) bool { return m.UserID == in.UserId })
	return struct{}{}, nil
}

func listCenterGroups(s *Server, _ call, in centerInput) (any, *apiError) {
	return list(s, in, "Groups", convert(s.st.Center.Groups, CenterGroup.row))
}

func describeCenterGroup(s *Server, _ call, in centerInput) (any, *apiError) {
	if g := s.centerGroup(in.GroupId); g != nil {
		return g.row(), nil
	}
	return nil, notFound("GROUP %s", in.GroupId)
}

func (s *Server) centerGroup(id string) *CenterGroup {
	return find(s.st.Center.Groups, func(g *CenterGroup) bool { return g.ID == id })
}

// memberships gives the rows that match.
func (s *Server) memberships(match func(Membership) bool) []memberRow {
	var rows []memberRow
	for _, m := range s.st.Center.Memberships {
		if match(m) {
			rows = append(rows, m.row())
		}
	}
	return rows
}

func listMemberships(s *Server, _ call, in centerInput) (any, *apiError) {
	if s.centerGroup(in.GroupId) == nil {
		return nil, notFound("GROUP %s", in.GroupId)
	}
	return list(s, in, "GroupMemberships", s.memberships(func(m Membership) bool { return m.GroupID == in.GroupId }))
}

func listMembershipsForMember(s *Server, _ call, in centerInput) (any, *apiError) {
	return list(s, in, "GroupMemberships", s.memberships(func(m Membership) bool { return m.UserID == in.MemberId.UserId }))
}

func getMembershipID(s *Server, _ call, in centerInput) (any, *apiError) {
	rows := s.memberships(func(m Membership) bool { return m.UserID == in.MemberId.UserId && m.GroupID == in.GroupId })
	if len(rows) == 0 {
		return nil, notFound("membership of %s in %s", in.MemberId.UserId, in.GroupId)
	}
	return map[string]string{"IdentityStoreId": StoreID, "MembershipId": rows[0].MembershipId}, nil
}

func isMemberInGroups(s *Server, _ call, in centerInput) (any, *apiError) {
	type result struct {
		GroupId          string
		MemberId         struct{ UserId string }
		MembershipExists bool
	}
	results := []result{}
	for _, g := range in.GroupIds {
		found := s.memberships(func(m Membership) bool { return m.UserID == in.MemberId.UserId && m.GroupID == g })
		results = append(results, result{g, in.MemberId, len(found) > 0})
	}
	return map[string]any{"Results": results}, nil
}

func createMembership(s *Server, _ call, in centerInput) (any, *apiError) {
	if s.centerGroup(in.GroupId) == nil {
		return nil, notFound("GROUP %s", in.GroupId)
	}
	if len(s.memberships(func(m Membership) bool { return m.UserID == in.MemberId.UserId && m.GroupID == in.GroupId })) > 0 {
		return nil, fail(http.StatusBadRequest, "ConflictException", "the member is in the group already")
	}
	m := Membership{ID: s.uuid(), GroupID: in.GroupId, UserID: in.MemberId.UserId}
	s.st.Center.Memberships = append(s.st.Center.Memberships, m)
	return map[string]string{"IdentityStoreId": StoreID, "MembershipId": m.ID}, nil
}

func deleteMembership(s *Server, _ call, in centerInput) (any, *apiError) {
	center := &s.st.Center
	at := slices.IndexFunc(center.Memberships, func(m Membership) bool { return m.ID == in.MembershipId })
	if at < 0 {
		return nil, notFound("MEMBERSHIP %s", in.MembershipId)
	}
	center.Memberships = slices.Delete(center.Memberships, at, at+1)
	return struct{}{}, nil
}
