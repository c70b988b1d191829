// Package company is Halden Robotics, a made-up company of about 300 people: HR's
// lists of two days, the policy files, and what its people hold in Okta and AWS.
// The demo plays it and tests judge by it.
//
// It must never decide what is right: it states facts as HR, IT and the systems
// would. Its one invariant: it knows no randomness and no clock, so that the same
// first night gives the same company, byte for byte.
package company

import (
	"errors"
	"time"

	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/zones"
)

// Name, Zone and Domain are the company's own; Zone is where its days end.
const (
	Name   = "Halden Robotics"
	Zone   = "Europe/Amsterdam"
	Domain = "halden.example"
)

// The secrets of the sandbox. They open nothing but it.
const (
	OktaReadToken   = "sandbox-okta-read"
	OktaRevokeToken = "sandbox-okta-revoke"
	AWSKeyID        = "AKIASANDBOXROLLCALL0"
	AWSSecret       = "sandbox-aws-secret"
)

// The roles that rollcall assumes in every account, and Identity Center's region.
const (
	ReadRole   = "rollcall-read"
	RevokeRole = "rollcall-revoke"
	Region     = "eu-west-1"
)

// Story names somebody of whom the company has something to tell.
type Story string

// The stories. Tonight is the second night.
const (
	LeaverKeys       Story = "leaves today: IAM user, access keys, an API token"
	LeaverLocked     Story = "leaves today: their Okta login is locked out"
	LeaverSession    Story = "leaves today: uses the session of yesterday after midnight"
	LeaverProtected  Story = "leaves today: their account is protected"
	LeaverContractor Story = "leaves today: a contractor"
	LeaverConsultant Story = "leaves today: a consultant known to Identity Center only"
	LeaverSeattle    Story = "leaves today: in Seattle, where the day is not over"
	LeaverFuture     Story = "leaves in two weeks"
	Vanished         Story = "is not in today's file, without a word"
	Garden           Story = "goes on garden leave"
	OnLeave          Story = "is on parental leave"
	JoinerEarly      Story = "starts today, could sign in yesterday already"
	JoinerMissing    Story = "starts today without a right that the job needs"
	MoverTonight     Story = "moves from Sales to Product today"
	MoverEarlier     Story = "moved from Support to Marketing and kept the old rights"
	TwoIDs           Story = "is an employee and a contractor with one address"
	ExceptionLive    Story = "has something by a live exception"
	ExceptionOver    Story = "has something by an exception that is over"
	Unmapped         Story = "has a job that no rule names"
)

// File is one file by name.
type File struct {
	Name string
	Text []byte
}

// Company is everything there is before the first night.
type Company struct {
	People []Person
	Cast   map[Story]Person
	// Policy are the files that people keep; Day1 and Day2 are HR's lists of two
	// days.
	Policy, Day1, Day2 []File

	day   time.Time // the date of the first night, midnight UTC
	okta  *fakeokta.Server
	aws   *fakeaws.Server
	users map[string]string // employee id -> Okta user id
	group map[string]string // Okta group -> id
	appID map[string]string // Okta app -> id
	link  linked            // the IAM user that only links.csv knows
}

// linked is an IAM user whose tags say nothing, and whose it is.
type linked struct{ account, id, person string }

// Clocks are what the two servers take for the time. AWS has one of its own,
// because the SDK holds the sessions that AWS gives out against the real time.
type Clocks struct{ Okta, AWS func() time.Time }

// Build makes the company as it is on the first night.
func Build(first time.Time, now Clocks) *Company {
	y, m, d := first.In(location()).Date()
	c := &Company{Cast: map[Story]Person{}, day: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), users: map[string]string{}, group: map[string]string{}, appID: map[string]string{}}
	c.People = c.everybody()
	c.okta, c.aws = newOkta(now.Okta), newAWS(now.AWS)
	c.fillOkta()
	c.fillAWS()
	c.Policy = c.policy()
	c.Day1, c.Day2 = c.rosters(false), c.rosters(true)
	return c
}

// Okta is the company's Okta; it changes as it is used.
func (c *Company) Okta() *fakeokta.Server { return c.okta }

// AWS is the company's AWS; it changes as it is used.
func (c *Company) AWS() *fakeaws.Server { return c.aws }

// Overnight is what happens between the two nights. IT makes the login of the joiner
// of tomorrow, and forgets one of the groups. Somebody whose access has ended opens an
// application with the session of yesterday, and somebody uses the last way in: both
// sign in to nothing, so that only Okta's log tells.
func (c *Company) Overnight() {
	p := c.Cast[JoinerMissing]
	c.login(p, fakeokta.Active)
	c.join(p, allStaff)
	midnight := time.Date(c.day.Year(), c.day.Month(), c.day.Day()+1, 0, 0, 0, 0, location())
	c.okta.SignOn(c.users[c.Cast[LeaverSession].ID], c.appID["Zendesk"], midnight.Add(40*time.Minute), fakeokta.Client{IP: "203.0.113.24", Browser: "CHROME", OS: "Windows 11"})
	glass, _ := c.okta.User(BreakGlass)
	c.okta.AddEvent(fakeokta.Event{Published: midnight.Add(70 * time.Minute), Type: "user.session.access_admin_app", Message: "User accessing Okta admin app",
		Actor: fakeokta.Party{ID: glass.ID, Type: "User", Name: "Break Glass"}, Client: fakeokta.Client{IP: "198.51.100.7", Browser: "FIREFOX", OS: "Mac OS X"}})
}

// Snapshot is the state of both systems; Restore brings it back.
func (c *Company) Snapshot() (okta, aws []byte, err error) {
	if okta, err = c.okta.Snapshot(); err != nil {
		return nil, nil, err
	}
	aws, err = c.aws.Snapshot()
	return okta, aws, err
}

// Restore replaces the state of both systems by one that Snapshot gave.
func (c *Company) Restore(okta, aws []byte) error {
	return errors.Join(c.okta.Restore(okta), c.aws.Restore(aws))
}

// location is the company's zone.
func location() *time.Location {
	zone, err := zones.Load(Zone)
	if err != nil { // the program carries the zones with it
		return time.UTC
	}
	return zone
}
