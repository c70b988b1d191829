package fakeokta

import (
	"regexp"
	"strings"
	"time"
)

type link struct {
	Href string `json:"href"`
}

type links map[string]link

// stamp writes a time as Okta does, to the millisecond; zero is null.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

func stampText(t time.Time) string {
	if s := stamp(t); s != nil {
		return *s
	}
	return ""
}

type userWire struct {
	ID                    string         `json:"id"`
	Status                Status         `json:"status"`
	TransitioningToStatus Status         `json:"transitioningToStatus,omitempty"`
	Created               *string        `json:"created"`
	Activated             *string        `json:"activated"`
	StatusChanged         *string        `json:"statusChanged"`
	LastLogin             *string        `json:"lastLogin"`
	LastUpdated           *string        `json:"lastUpdated"`
	PasswordChanged       *string        `json:"passwordChanged"`
	Type                  idWire         `json:"type"`
	Profile               map[string]any `json:"profile"`
	Credentials           *credentials   `json:"credentials,omitempty"`
	Links                 links          `json:"_links"`
}

type idWire struct {
	ID string `json:"id"`
}

type credentials struct {
	Provider provider `json:"provider"`
}

type provider struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// userType is the id of the one user type of the organisation.
const userType = "oty00000000000000001"

func (c *call) userWire(u *User) userWire {
	w := userWire{
		ID: u.ID, Status: u.Status, TransitioningToStatus: u.Transitioning,
		Created: stamp(u.Created), Activated: stamp(u.Activated), StatusChanged: stamp(u.StatusChanged),
		LastLogin: stamp(u.LastLogin), LastUpdated: stamp(u.LastUpdated), PasswordChanged: stamp(u.PasswordChanged),
		Type: idWire{userType}, Profile: u.Profile,
		Credentials: &credentials{provider{u.ProviderType, u.ProviderName}},
		Links:       links{"self": c.href("users", u.ID)},
	}
	if w.Profile == nil {
		w.Profile = map[string]any{}
	}
	c.trim(&w)
	return w
}

// trim leaves out what the caller asked to do without: Content-Type:
// application/json; okta-response=omitCredentials,...
func (c *call) trim(w *userWire) {
	_, omit, _ := strings.Cut(c.r.Header.Get("Content-Type"), "okta-response=")
	if strings.Contains(omit+",", "omitCredentials,") || strings.Contains(omit, `omitCredentials"`) {
		w.Credentials = nil
	}
	if strings.Contains(omit, "omitTransitioningToStatus") {
		w.TransitioningToStatus = ""
	}
}

// lifecycle names the changes that a user's state allows.
var lifecycle = map[Status][]string{
	Staged: {"activate", "deactivate"}, Provisioned: {"reactivate", "deactivate"},
	Active: {"suspend", "deactivate"}, Recovery: {"deactivate"}, PasswordExpired: {"deactivate"},
	LockedOut: {"unlock", "deactivate"}, Suspended: {"unsuspend", "deactivate"}, Deprovisioned: {"activate"},
}

// oneUser is a user as answered alone: with links to what may be done next.
func (c *call) oneUser(u *User) reply {
	w := c.userWire(u)
	for _, name := range lifecycle[u.Status] {
		w.Links[name] = c.href("users", u.ID, "lifecycle", name)
	}
	return ok(w)
}

func userParty(u *User) Party {
	first, last := text(u.Profile["firstName"]), text(u.Profile["lastName"])
	return Party{ID: u.ID, Type: "User", Name: strings.TrimSpace(first + " " + last)}
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

func slug(label string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(label), "_"), "_")
}
