package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/internal/access"
	"rollcall/internal/awsreach"
)

// caller is who the job is, and where.
type caller struct {
	account    string
	arn        string
	userID     string
	partition  string // aws, aws-cn, aws-us-gov
	management string // the management account; its own account outside an organization
	// alone says that the account belongs to no organization.
	alone bool
}

// whoAmI asks the token service, which answers whoever has valid credentials.
func (s *session) whoAmI(ctx context.Context) (caller, error) {
	out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return caller{}, fmt.Errorf("%s: the AWS credentials do not work: %w; check the credentials of this system in rollcall.yaml",
			s.cfg.System, explain(err, "the job"))
	}
	me := caller{account: sdk.ToString(out.Account), arn: sdk.ToString(out.Arn), userID: sdk.ToString(out.UserId)}
	parts := strings.SplitN(me.arn, ":", 3)
	if len(parts) < 3 || !accountForm.MatchString(me.account) {
		return caller{}, fmt.Errorf("%s: AWS named the caller %q in account %q, which is no identity", s.cfg.System, me.arn, me.account)
	}
	me.partition = parts[1]
	return me, nil
}

// organization finds the management account.
func (s *session) organization(ctx context.Context, me caller) (caller, error) {
	out, err := s.org.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if awsreach.Code(err) == "AWSOrganizationsNotInUseException" {
		me.management, me.alone = me.account, true
		return me, nil
	}
	if err != nil {
		return me, explain(err, me.arn)
	}
	if out.Organization == nil || sdk.ToString(out.Organization.MasterAccountId) == "" {
		return me, fmt.Errorf("organizations:DescribeOrganization: the answer names no management account")
	}
	me.management = *out.Organization.MasterAccountId
	return me, nil
}

// self gives the accounts that the job itself acts as. A role is no account.
func (c caller) self(system access.System) []access.AccountKey {
	kind := c.arn[strings.LastIndex(c.arn, ":")+1:]
	switch {
	case kind == "root":
		return []access.AccountKey{{System: system, Scope: c.account, ID: rootID}}
	case strings.HasPrefix(kind, "user/"):
		return []access.AccountKey{{System: system, Scope: c.account, ID: access.AccountID(c.userID)}}
	}
	return nil
}

// identity is as whom one account is entered.
type identity struct {
	creds sdk.CredentialsProvider
	role  string // the role's ARN, empty for the job's own credentials
	arn   string // what AWS calls the caller there
}

// enter gets credentials for an account, now, so that a refused role is one
// error with its own words and not one of each call.
func (s *session) enter(ctx context.Context, me caller, account string) (identity, error) {
	name := s.cfg.RoleName
	if account == me.management && s.cfg.ManagementRoleName != "" {
		name = s.cfg.ManagementRoleName
	} else if account == me.account && (account == me.management || name == "" || me.management == "") {
		return identity{creds: s.base.Credentials, arn: me.arn}, nil
	}
	if name == "" {
		return identity{}, fmt.Errorf("no role to enter account %s: set role_name of system %s to a role that every account has", account, s.cfg.System)
	}
	name = strings.Trim(name, "/")
	in := identity{
		role: fmt.Sprintf("arn:%s:iam::%s:role/%s", me.partition, account, name),
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: without the role's path
		arn: fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", me.partition, account, name[strings.LastIndex(name, "/")+1:], s.cfg.RunID),
	}
	in.creds = s.assume(in.role)
	if _, err := in.creds.Retrieve(ctx); err != nil {
		if denied(err) {
			return in, explained{fmt.Sprintf("%s may not be assumed by %s: create the role in account %s, let its trust policy name %s, and grant that identity sts:AssumeRole on it",
				in.role, me.arn, account, me.arn), err}
		}
		return in, fmt.Errorf("assume %s: %w", in.role, explain(err, me.arn))
	}
	return in, nil
}
