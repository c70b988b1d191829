package population

import (
	"slices"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// OktaOpen is what some people can still get in with.
type OktaOpen struct {
	Live   int // users that can sign in, or that something is under way for
	Tokens int // API tokens
}

// OpenOkta counts it, of the people with these employee ids, and gives the ids of all
// users that are theirs.
func OpenOkta(s fakeokta.State, people map[string]bool) (o OktaOpen, users []string) {
	for _, u := range s.Users {
		number, _ := u.Profile["employeeNumber"].(string)
		if !people[number] {
			continue
		}
		users = append(users, u.ID)
		stopped := u.Status == fakeokta.Suspended || u.Status == fakeokta.Deprovisioned
		o.Live += one(!stopped || u.Transitioning != "" || u.Sessions+u.OAuthTokens > 0)
	}
	for _, t := range s.APITokens {
		o.Tokens += one(slices.Contains(users, t.UserID))
	}
	return o, users
}

// AWSOpen is what some people can still get in with. Whoever Identity Center has from
// another directory signs in there, so that only what is assigned to them is open here.
type AWSOpen struct {
	IAMUsers    int // that nothing denies
	Credentials int // active ones of IAM users
	Assignments int // to users of Identity Center themselves
	Accounts    int // that have any of these IAM users or credentials
}

const denyAll = "arn:aws:iam::aws:policy/AWSDenyAll"

// OpenAWS counts it, of the people with these employee ids, and gives the ids of all
// users that are theirs.
func OpenAWS(s fakeaws.State, people map[string]bool) (o AWSOpen, users []string) {
	accounts := map[string]bool{}
	for _, u := range s.Users {
		if !slices.ContainsFunc(u.Tags, func(t fakeaws.Tag) bool { return t.Key == "employee_id" && people[t.Value] }) {
			continue
		}
		users = append(users, u.ID)
		free, credentials := u.Boundary != denyAll && !slices.Contains(u.Attached, denyAll), activeOf(u)
		o.IAMUsers, o.Credentials = o.IAMUsers+one(free), o.Credentials+credentials
		if free || credentials > 0 {
			accounts[u.Account] = true
		}
	}
	o.Accounts = len(accounts)
	logins := map[string]bool{}
	for number := range people {
		logins[loginOf(number)] = true
	}
	theirs := map[string]bool{}
	for _, u := range s.Center.Users {
		if logins[u.UserName] {
			users = append(users, u.ID)
			theirs[u.ID] = true
		}
	}
	for _, a := range s.Center.Assignments {
		o.Assignments += one(theirs[a.PrincipalID])
	}
	return o, users
}

// activeOf counts the credentials of an IAM user that work, but for the password,
// which works as long as nothing denies the user.
func activeOf(u fakeaws.IAMUser) int {
	return active(u.AccessKeys, func(k fakeaws.AccessKey) string { return k.Status }) +
		active(u.SSHKeys, func(k fakeaws.SSHKey) string { return k.Status }) +
		active(u.Certificates, func(c fakeaws.Certificate) string { return c.Status }) +
		active(u.ServiceCredentials, func(c fakeaws.ServiceCredential) string { return c.Status })
}

func active[T any](credentials []T, status func(T) string) (n int) {
	for _, c := range credentials {
		n += one(status(c) == "Active")
	}
	return n
}
