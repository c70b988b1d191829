package fakeaws

import (
	"encoding/json"
	"net/http"
)

// organizationOps are the operations of Organizations; none of them writes.
var organizationOps = map[string]jsonOp{
	"AWSOrganizationsV20161128.DescribeOrganization": describeOrganization,
	"AWSOrganizationsV20161128.ListAccounts":         listAccounts,
}

const (
	organizationID = "o-rollcall01"
	// accountsMaxPage is the least generous limit of all of these APIs.
	// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
	accountsMaxPage = 20
)

type jsonAccount struct {
	ID              string `json:"Id"`
	Arn             string
	Email           string
	Name            string
	Status          string `json:",omitempty"`
	State           string
	JoinedMethod    string
	JoinedTimestamp *float64
}

type listAccountsOut struct {
	Accounts  []jsonAccount
	NextToken string `json:",omitempty"`
}

func listAccounts(s *Server, c call, body []byte) (any, *apiError) {
	var in struct {
		MaxResults int
		NextToken  string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fail(http.StatusBadRequest, "SerializationException", "%v", err)
	}
	if failure := s.managementOnly(c); failure != nil {
		return nil, failure
	}
	accounts, next, failure := page(s, s.st.Accounts, in.NextToken, in.MaxResults, accountsMaxPage)
	if failure != nil {
		failure.Code = "InvalidInputException"
		return nil, failure
	}
	out := listAccountsOut{Accounts: []jsonAccount{}, NextToken: next}
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, jsonAccount{
			ID: a.ID, Arn: s.organizationARN("account") + "/" + a.ID, Email: a.Email, Name: a.Name,
			Status: a.Status, State: a.State, JoinedMethod: "CREATED", JoinedTimestamp: epoch(a.JoinedAt),
		})
	}
	return out, nil
}

type jsonOrganization struct {
	ID                 string `json:"Id"`
	Arn                string
	FeatureSet         string
	MasterAccountArn   string
	MasterAccountID    string `json:"MasterAccountId"`
	MasterAccountEmail string
}

// describeOrganization answers any account of the organization.
func describeOrganization(s *Server, c call, _ []byte) (any, *apiError) {
	if s.account(c.Account) == nil {
		return nil, fail(http.StatusBadRequest, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	}
	organization := jsonOrganization{
		ID: organizationID, Arn: s.organizationARN("organization"), FeatureSet: "ALL",
		MasterAccountArn: s.organizationARN("account") + "/" + s.opts.ManagementAccount, MasterAccountID: s.opts.ManagementAccount,
	}
	if management := s.account(s.opts.ManagementAccount); management != nil {
		organization.MasterAccountEmail = management.Email
	}
	return struct{ Organization jsonOrganization }{organization}, nil
}

func (s *Server) managementOnly(c call) *apiError {
	if c.Account == s.opts.ManagementAccount {
		return nil
	}
	return fail(http.StatusBadRequest, "AccessDeniedException", "You don't have permissions to access this resource.")
}

func (s *Server) organizationARN(kind string) string {
	return "arn:aws:organizations::" + s.opts.ManagementAccount + ":" + kind + "/" + organizationID
}
