package population

import (
	"fmt"

	"rollcall/internal/sandbox/fakeaws"
)

// What a client of every AWS population needs to know.
const (
	AWSKeyID      = "AKIAPOPULATION000000"
	AWSSecret     = "sandbox-bench-secret"
	AWSManagement = "100000000000"
	AWSRole       = "rollcall-read"
	AWSRegion     = "eu-west-1"

	// With these the sandbox may be changed, where its size says Blocks.
	AWSBlockingKeyID  = "AKIAPOPULATION000001"
	AWSBlockingSecret = "sandbox-bench-block"
	AWSBlockingRole   = "rollcall-revoke"
)

// AWSSize says how large an AWS organisation is.
type AWSSize struct {
	Name          string
	Accounts, OUs int
	// Identity Center. LongGroups have more than a page of members each, LongGroup
	// of them; the other groups share the rest of the memberships.
	Users, Groups, Memberships, LongGroups, LongGroup int
	// Pairs are permission sets that are provisioned to accounts.
	PermissionSets, Pairs, Assignments int
	// IAM of all accounts together; Roles include the one that rollcall assumes in
	// each account. Spread: over every account instead of in one.
	IAMUsers, IAMGroups, Roles, IAMMemberships, Keys int
	Spread                                           bool
	// Blocks: there is another key of the management account, and another role in each
	// account, which may change things.
	Blocks bool
}

// AWS1000 is the organisation by which every AWS collector is measured.
var AWS1000 = AWSSize{
	Name: "1000", Accounts: 20, OUs: 3,
	Users: 1000, Groups: 100, Memberships: 5000, LongGroups: 15, LongGroup: 150,
	PermissionSets: 20, Pairs: 300, Assignments: 600,
	IAMUsers: 500, IAMGroups: 50, Roles: 100, IAMMemberships: 999, Keys: 400,
}

// AWSSizes are the organisations of the benchmark. In the last one, reading the
// assignments by principal takes fewer requests than pair by pair.
var AWSSizes = []AWSSize{
	{
		Name: "100", Accounts: 5, OUs: 1,
		Users: 100, Groups: 20, Memberships: 500, PermissionSets: 8, Pairs: 30, Assignments: 60,
		IAMUsers: 50, IAMGroups: 5, Roles: 10, IAMMemberships: 99, Keys: 40,
	},
	AWS1000,
	spreadOut(AWS1000),
	{
		Name: "8000", Accounts: 60, OUs: 8,
		Users: 8000, Groups: 400, Memberships: 40_000, LongGroups: 60, LongGroup: 150,
		PermissionSets: 40, Pairs: 1200, Assignments: 2400,
		IAMUsers: 2000, IAMGroups: 200, Roles: 400, IAMMemberships: 3999, Keys: 1600, Spread: true,
	},
	{
		Name: "800wide", Accounts: 100, OUs: 8,
		Users: 800, Groups: 200, Memberships: 1600,
		PermissionSets: 30, Pairs: 2000, Assignments: 4000,
		IAMUsers: 100, IAMGroups: 10, Roles: 110, IAMMemberships: 199, Keys: 80,
	},
}

func spreadOut(z AWSSize) AWSSize {
	z.Name, z.Spread = z.Name+"spread", true
	return z
}

func (z AWSSize) check() error {
	rest, groups := z.Memberships-z.LongGroups*z.LongGroup, z.IAMGroups
	if z.Spread {
		groups /= z.Accounts
	}
	return meets("aws "+z.Name, []demand{
		{z.Accounts > 1 && z.Roles >= z.Accounts, "every account needs a role for rollcall"},
		{z.Groups > z.LongGroups && rest >= 0 && rest <= (z.Groups-z.LongGroups)*z.Users, "the memberships do not fit the groups"},
		{z.LongGroup <= z.Users, "a group has more members than there are users"},
		{z.Pairs <= z.Accounts*z.PermissionSets && z.Pairs >= z.PermissionSets, "the pairs do not fit the accounts and permission sets"},
		{z.Assignments >= z.Pairs && z.Assignments <= 2*z.Pairs, "an assignment beyond two a pair, or a pair without one"},
		{z.IAMMemberships <= z.IAMUsers*min(groups, 10) && z.Keys <= 2*z.IAMUsers, "IAM's quotas forbid the memberships or keys"},
	})
}

// account gives the id of the i-th account; the first one manages the others.
func account(i int) string { return fmt.Sprintf("1%011d", i) }

// AWS builds an organisation that the key AWSKeyID of its management account
// may read.
func AWS(z AWSSize, opts fakeaws.Options) (*fakeaws.Server, error) {
	if err := z.check(); err != nil {
		return nil, err
	}
	opts.ManagementAccount, opts.Region = AWSManagement, AWSRegion
	opts.Credentials = []fakeaws.Credential{{AccessKeyID: AWSKeyID, Secret: AWSSecret, Account: AWSManagement, UserName: "bench", ReadOnly: true}}
	if z.Blocks {
		opts.Credentials = append(opts.Credentials, fakeaws.Credential{AccessKeyID: AWSBlockingKeyID, Secret: AWSBlockingSecret, Account: AWSManagement, UserName: "bench-block"})
	}
	o := &cloud{AWSSize: z, Server: fakeaws.New(opts)}
	for i := range z.Accounts {
		o.AddAccount(fakeaws.Account{ID: account(i), Name: fmt.Sprintf("account-%03d", i), Email: fmt.Sprintf("aws+%d@population.example", i), JoinedAt: born})
		o.AddRole(fakeaws.Role{Account: account(i), Name: AWSRole, ReadOnly: true, CreatedAt: born})
		if z.Blocks {
			o.AddRole(fakeaws.Role{Account: account(i), Name: AWSBlockingRole, CreatedAt: born})
		}
	}
	o.addIAM()
	o.addCenter()
	return o.Server, nil
}

type cloud struct {
	AWSSize
	*fakeaws.Server
}

// home is the account of the i-th thing of IAM.
func (o *cloud) home(i int) string {
	if o.Spread {
		return account(i % o.Accounts)
	}
	return account(1)
}

func (o *cloud) addIAM() {
	for i := range o.IAMGroups {
		o.AddIAMGroup(fakeaws.IAMGroup{Account: o.home(i), Name: fmt.Sprintf("group-%03d", i), CreatedAt: born, Attached: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	}
	for i := range o.Roles - o.Accounts {
		o.AddRole(fakeaws.Role{Account: o.home(i), Name: fmt.Sprintf("app-%03d", i), CreatedAt: born})
	}
	joined, keys := spread(o.IAMMemberships, o.IAMUsers), spread(o.Keys, o.IAMUsers)
	for i := range o.IAMUsers {
		u := fakeaws.IAMUser{
			Account: o.home(i), Name: fmt.Sprintf("user-%04d", i), CreatedAt: born,
			Tags:         []fakeaws.Tag{{Key: "employee_id", Value: EmployeeID(i)}},
			LoginProfile: &fakeaws.LoginProfile{CreatedAt: born}, PasswordLastUsed: born.AddDate(2, 0, i%28),
		}
		u.Groups = o.iamGroups(i, joined[i])
		for range keys[i] {
			u.AccessKeys = append(u.AccessKeys, fakeaws.AccessKey{CreatedAt: born, LastUsedAt: born.AddDate(2, 1, i%28), LastUsedService: "s3", LastUsedRegion: AWSRegion})
		}
		if i%2 == 0 {
			u.MFA = []fakeaws.MFADevice{{Serial: "arn:aws:iam::" + o.home(i) + ":mfa/" + u.Name, Virtual: true, EnabledAt: born}}
		}
		o.AddIAMUser(u)
	}
}

// iamGroups names n groups of the user's own account.
func (o *cloud) iamGroups(user, n int) []string {
	var names []string
	for g := user; len(names) < n; g++ {
		if i := g % o.IAMGroups; o.home(i) == o.home(user) {
			names = append(names, fmt.Sprintf("group-%03d", i))
		}
	}
	return names
}

func (o *cloud) addCenter() {
	var users, groups, sets []string
	for i := range o.Users {
		name := login(i)
		users = append(users, o.AddCenterUser(fakeaws.CenterUser{
			UserName: name, DisplayName: fmt.Sprintf("Given%05d Family%05d", i, i), Email: name, Status: "ENABLED",
			ExternalIssuer: "https://population.example/scim", ExternalID: fmt.Sprintf("00u%017d", i),
		}))
	}
	sizes := append(repeat(o.LongGroups, o.LongGroup), spread(o.Memberships-o.LongGroups*o.LongGroup, o.Groups-o.LongGroups)...)
	for i, members := range sizes {
		groups = append(groups, o.AddCenterGroup(fakeaws.CenterGroup{DisplayName: fmt.Sprintf("AWS team %03d", i)}))
		for j := range members {
			o.AddCenterMember(groups[i], users[(i*41+j)%len(users)])
		}
	}
	for i := range o.PermissionSets {
		sets = append(sets, o.AddPermissionSet(fmt.Sprintf("Set%03d", i), "PT1H"))
	}
	for i := range o.AWSSize.Assignments {
		pair := i % o.Pairs
		set := pair % o.PermissionSets
		to, who := "GROUP", groups[pair%len(groups)]
		if i >= o.Pairs {
			to, who = "USER", users[pair%len(users)]
		}
		o.Assign(account((pair/o.PermissionSets+set)%o.Accounts), sets[set], to, who)
	}
}
