package fewest

import (
	"strings"
	"time"

	"rollcall/internal/sandbox/population"
)

// CenterRate is what the collector sends to Identity Center by default: half of
// the 20 requests a second that AWS allows to everybody together.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
const CenterRate = 10.0

// awsMinimum is the fewest requests that read everything that rollcall
// promises, at the vendor's largest pages. Pairs and their holders can be read
// pair by pair or principal by principal; pairs by permission set or by account.
// All of it counts in one limit, so the fewest requests are also the fastest.
func awsMinimum(c population.AWSCounts) Requests {
	byPair := Requests{
		"sso:ListAccountsForProvisionedPermissionSet": pagesOfAll(c.SetAccounts, 100),
		"sso:ListAccountAssignments":                  pagesOfAll(c.PairHolders, 100),
	}
	if mirror := pagesOfAll(c.AccountSets, 100); mirror < byPair["sso:ListAccountsForProvisionedPermissionSet"] {
		delete(byPair, "sso:ListAccountsForProvisionedPermissionSet")
		byPair["sso:ListPermissionSetsProvisionedToAccount"] = mirror
	}
	byPrincipal := Requests{"sso:ListAccountAssignmentsForPrincipal": pagesOfAll(c.PrincipalRows, 100)}
	return awsCommon(c).with(cheapest(byPair, byPrincipal, awsBound))
}

// awsCommon is what every plan reads. An account without IAM users has none of
// their credentials; the report it has, for its root. The management account is in the
// name of every account, and the report tells of second factors: neither is asked.
func awsCommon(c population.AWSCounts) Requests {
	p := Requests{
		"sts:GetCallerIdentity":              1,
		"organizations:ListAccounts":         pages(c.Accounts, 20),
		"sso:ListInstances":                  1,
		"sso:ListPermissionSets":             pages(len(c.SetAccounts), 100),
		"sso:DescribePermissionSet":          len(c.SetAccounts),
		"sso:ListApplications":               pages(len(c.Apps), 100),
		"identitystore:ListUsers":            pages(c.Users, 100),
		"identitystore:ListGroups":           pages(c.Groups, 100),
		"identitystore:ListGroupMemberships": pagesOfAll(c.Members, 100),
	}
	if len(c.Apps) > 0 {
		p["sso:ListApplicationAssignments"] = pagesOfAll(c.Apps, 100)
	}
	for _, account := range c.IAM {
		p = p.with(iamMinimum(account))
	}
	return p
}

// iamMinimum: the report has to be asked for before it can be had.
func iamMinimum(c population.IAMCounts) Requests {
	p := Requests{
		"iam:GetAccountAuthorizationDetails": pages(c.Items, 1000),
		"iam:GenerateCredentialReport":       1,
		"iam:GetCredentialReport":            1,
	}
	if !c.Own {
		p["sts:AssumeRole"] = 1
	}
	if c.Users > 0 {
		p["iam:ListServiceSpecificCredentials"] = pages(c.ServiceIDs, 1000)
	}
	return p
}

// AWSPublished is the minimum as the project's targets write it, by which other
// programs were measured. It walks the tree of OUs and reads three documents of
// each permission set, which rollcall does not, and counts the IAM of the
// accounts that have users; it leaves out the token service.
func AWSPublished(c population.AWSCounts) int {
	sets := len(c.SetAccounts)
	n := 1 + 2*c.Parents + 1 + pages(sets, 100) + 4*sets + pages(c.Users, 100) + pages(c.Groups, 100) +
		pagesOfAll(c.Members, 100) + min(c.Accounts, sets) + len(c.PairHolders)
	for _, account := range c.IAM {
		if account.Users > 0 {
			n += pages(account.Items, 1000) + 3
		}
	}
	return n
}

// awsBound is the time that a plan takes at least in Identity Center.
func awsBound(p Requests) time.Duration {
	calls := 0
	for endpoint, n := range p {
		if inCenter(endpoint) {
			calls += n
		}
	}
	return time.Duration(float64(max(0, calls-1)) / CenterRate * float64(time.Second))
}

// inCenter says whether an endpoint counts in Identity Center's limit.
func inCenter(endpoint string) bool {
	return strings.HasPrefix(endpoint, "sso:") || strings.HasPrefix(endpoint, "identitystore:")
}
