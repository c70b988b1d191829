package counted

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"rollcall/internal/sandbox/population"
)

// MotoSize is the size of the organisation in moto. Every permission set is provisioned to
// every account, and there are more sets than accounts: asked which sets are
// where, moto takes no notice of the account, and asked the other way round it
// names the caller's own.
const (
	MotoSize     = "200"
	motoAccounts = 5 // members; the management account comes on top
	motoUsers    = 200
	motoGroups   = 20
	motoPerGroup = 25 // one group has 125
	motoSets     = 8
	motoIAMUsers = 10 // in each account
)

// filling is moto while it is filled.
type filling struct {
	ctx      context.Context
	cfg      sdk.Config
	accounts []string // all of them, the management account last
	counts   population.AWSCounts
}

// fillMoto makes the organisation and says how large it is.
func fillMoto(at string) (population.AWSCounts, error) {
	f := &filling{ctx: context.Background(), cfg: sdk.Config{
		Region: population.AWSRegion, BaseEndpoint: sdk.String(at),
		Credentials: credentials.NewStaticCredentialsProvider(population.AWSKeyID, population.AWSSecret, ""),
	}}
	for _, step := range []struct {
		what string
		do   func() error
	}{{"accounts", f.addAccounts}, {"IAM", f.addIAM}, {"Identity Center", f.addCenter}} {
		if err := step.do(); err != nil {
			return f.counts, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return f.counts, nil
}

func (f *filling) addAccounts() error {
	org := organizations.NewFromConfig(f.cfg)
	if _, err := org.CreateOrganization(f.ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll}); err != nil {
		return err
	}
	for i := range motoAccounts {
		name := fmt.Sprintf("account-%d", i)
		out, err := org.CreateAccount(f.ctx, &organizations.CreateAccountInput{AccountName: &name, Email: sdk.String(name + "@population.example")})
		if err != nil {
			return err
		}
		f.accounts = append(f.accounts, *out.CreateAccountStatus.AccountId)
	}
	me, err := sts.NewFromConfig(f.cfg).GetCallerIdentity(f.ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	f.accounts = append(f.accounts, *me.Account)
	f.counts.Accounts, f.counts.Parents = len(f.accounts), 1
	return nil
}

func (f *filling) addIAM() error {
	for i, account := range f.accounts {
		cfg, own := f.cfg.Copy(), i == len(f.accounts)-1
		if !own {
			role := "arn:aws:iam::" + account + ":role/fill"
			cfg.Credentials = sdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(f.cfg), role))
		}
		client := iam.NewFromConfig(cfg)
		if _, err := client.CreateGroup(f.ctx, &iam.CreateGroupInput{GroupName: sdk.String("engineers")}); err != nil {
			return err
		}
		for n := range motoIAMUsers {
			if err := f.addIAMUser(client, fmt.Sprintf("user-%02d", n)); err != nil {
				return err
			}
		}
		f.counts.IAM = append(f.counts.IAM, population.IAMCounts{Users: motoIAMUsers, Items: motoIAMUsers + 1, Own: own})
	}
	return nil
}

func (f *filling) addIAMUser(client *iam.Client, name string) error {
	if _, err := client.CreateUser(f.ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
		return err
	}
	if _, err := client.AddUserToGroup(f.ctx, &iam.AddUserToGroupInput{UserName: &name, GroupName: sdk.String("engineers")}); err != nil {
		return err
	}
	_, err := client.CreateAccessKey(f.ctx, &iam.CreateAccessKeyInput{UserName: &name})
	return err
}

func (f *filling) addCenter() error {
	sso, ids := ssoadmin.NewFromConfig(f.cfg), identitystore.NewFromConfig(f.cfg)
	instances, err := sso.ListInstances(f.ctx, &ssoadmin.ListInstancesInput{})
	if err != nil {
		return err
	}
	if len(instances.Instances) == 0 {
		return fmt.Errorf("moto has no instance in %s", population.AWSRegion)
	}
	instance := instances.Instances[0]
	users, err := f.addUsers(ids, instance.IdentityStoreId)
	if err != nil {
		return err
	}
	groups, err := f.addGroups(ids, instance.IdentityStoreId, users)
	if err != nil {
		return err
	}
	return f.addAssignments(sso, instance.InstanceArn, users, groups)
}

func (f *filling) addUsers(ids *identitystore.Client, store *string) (users []string, err error) {
	for i := range motoUsers {
		name := fmt.Sprintf("person.%03d@population.example", i)
		out, err := ids.CreateUser(f.ctx, &identitystore.CreateUserInput{
			IdentityStoreId: store, UserName: &name, DisplayName: &name,
			Name:   &idtypes.Name{GivenName: sdk.String("Given"), FamilyName: sdk.String("Family")},
			Emails: []idtypes.Email{{Value: &name, Type: sdk.String("work"), Primary: true}},
		})
		if err != nil {
			return nil, err
		}
		users = append(users, *out.UserId)
	}
	f.counts.Users = motoUsers
	return users, nil
}

func (f *filling) addGroups(ids *identitystore.Client, store *string, users []string) (groups []string, err error) {
	for i := range motoGroups {
		out, err := ids.CreateGroup(f.ctx, &identitystore.CreateGroupInput{IdentityStoreId: store, DisplayName: sdk.String(fmt.Sprintf("team %02d", i))})
		if err != nil {
			return nil, err
		}
		members := motoPerGroup
		if i == 0 {
			members += 100 // more than a page
		}
		for n := range members {
			_, err := ids.CreateGroupMembership(f.ctx, &identitystore.CreateGroupMembershipInput{
				IdentityStoreId: store, GroupId: out.GroupId, MemberId: &idtypes.MemberIdMemberUserId{Value: users[(i*7+n)%len(users)]},
			})
			if err != nil {
				return nil, err
			}
		}
		groups = append(groups, *out.GroupId)
		f.counts.Members = append(f.counts.Members, members)
		f.counts.Memberships += members
	}
	f.counts.Groups = motoGroups
	return groups, nil
}

// addAssignments gives every pair to a group, and every other one to a user too.
func (f *filling) addAssignments(sso *ssoadmin.Client, instance *string, users, groups []string) error {
	f.counts.PrincipalRows = make([]int, len(users)+len(groups))
	f.counts.AccountSets = make([]int, len(f.accounts))
	pair := 0
	for i := range motoSets {
		out, err := sso.CreatePermissionSet(f.ctx, &ssoadmin.CreatePermissionSetInput{
			InstanceArn: instance, Name: sdk.String(fmt.Sprintf("Set%02d", i)), SessionDuration: sdk.String("PT1H"), Description: sdk.String("-"), RelayState: sdk.String("-"),
		})
		if err != nil {
			return err
		}
		set := out.PermissionSet.PermissionSetArn
		for j, account := range f.accounts {
			holders := []ssoadmin.CreateAccountAssignmentInput{{PrincipalType: ssotypes.PrincipalTypeGroup, PrincipalId: &groups[pair%len(groups)]}}
			if pair%2 == 1 {
				holders = append(holders, ssoadmin.CreateAccountAssignmentInput{PrincipalType: ssotypes.PrincipalTypeUser, PrincipalId: &users[pair]})
			}
			for _, in := range holders {
				in.InstanceArn, in.PermissionSetArn, in.TargetId, in.TargetType = instance, set, &account, ssotypes.TargetTypeAwsAccount
				if _, err := sso.CreateAccountAssignment(f.ctx, &in); err != nil {
					return err
				}
			}
			_, err := sso.ProvisionPermissionSet(f.ctx, &ssoadmin.ProvisionPermissionSetInput{
				InstanceArn: instance, PermissionSetArn: set, TargetId: &account, TargetType: ssotypes.ProvisionTargetTypeAwsAccount,
			})
			if err != nil {
				return err
			}
			f.counts.PairHolders = append(f.counts.PairHolders, len(holders))
			f.counts.AccountSets[j]++
			f.counts.Assignments += len(holders)
			pair++
		}
		f.counts.SetAccounts = append(f.counts.SetAccounts, len(f.accounts))
	}
	return nil
}
