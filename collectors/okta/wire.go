package okta

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The slim forms in which answers are decoded: only what is used.

// named is a row of a list, which says what it is about: an id, a link. One that says
// nothing is no row at all, though Go decodes it.
type named interface{ named() string }

func (u wireUser) named() string    { return u.ID }
func (w wireID) named() string      { return w.ID }
func (g wireGroup) named() string   { return g.ID }
func (r wireRule) named() string    { return r.ID }
func (a wireApp) named() string     { return a.ID }
func (a wireAppUser) named() string { return a.ID }
func (r wireRole) named() string    { return r.key() }
func (s wireSet) named() string     { return s.ID }
func (m wireMember) named() string  { return m.Links.Self.Href }
func (t wireToken) named() string   { return t.ID }
func (g wireGrant) named() string   { return g.ID }
func (f wireFactor) named() string  { return f.ID }

type wireUser struct {
	ID                    string      `json:"id"`
	Status                string      `json:"status"`
	TransitioningToStatus string      `json:"transitioningToStatus"`
	Created               time.Time   `json:"created"`
	LastLogin             time.Time   `json:"lastLogin"`
	StatusChanged         time.Time   `json:"statusChanged"`
	Profile               wireProfile `json:"profile"`
}

type wireProfile struct {
	Login          string `json:"login"`
	Email          string `json:"email"`
	FirstName      string `json:"firstName"`
	LastName       string `json:"lastName"`
	DisplayName    string `json:"displayName"`
	EmployeeNumber text   `json:"employeeNumber"`
}

func (p wireProfile) name() string {
	if p.DisplayName != "" {
		return p.DisplayName
	}
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

// text is a string, also when a schema made a number of it.
type text string

// UnmarshalJSON keeps a number's digits as they stand.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		return nil
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	}
	*t = text(b)
	return nil
}

type wireID struct {
	ID string `json:"id"`
}

type wireGroup struct {
	ID      string `json:"id"`
	Type    string `json:"type"` // OKTA_GROUP, APP_GROUP, BUILT_IN
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`
	Embedded struct {
		Stats map[string]any `json:"stats"`
	} `json:"_embedded"`
}

// members is how many users Okta says the group has, -1 if it does not say.
func (g wireGroup) members() int { return g.count("usersCount") }

// apps is how many apps Okta says the group is given, -1 if it does not say.
func (g wireGroup) apps() int { return g.count("appsCount") }

func (g wireGroup) count(name string) int {
	if n, ok := g.Embedded.Stats[name].(float64); ok && n >= 0 {
		return int(n)
	}
	return -1
}

// listsMembers says whether the members have to be asked for.
func (g wireGroup) listsMembers() bool { return g.Type != builtIn && g.members() != 0 }

// mayAdminister says whether the roles have to be asked for. Of the built-in
// groups only Everyone can be given one; Okta Administrators is a list of those
// who hold some.
func (g wireGroup) mayAdminister() bool { return g.admin() && (g.Type != builtIn || g.everyone()) }

// admin is Okta's flag of a group with admin roles, whose name is spelt in
// three ways across Okta's own texts. Where it is missing the answer is yes:
// ask for the roles rather than miss them.
func (g wireGroup) admin() bool {
	for _, name := range []string{"hasAdminPrivlege", "hasAdminPrivilege", "hasAdminPrivileges"} {
		if flag, ok := g.Embedded.Stats[name].(bool); ok {
			return flag
		}
	}
	return true
}

// builtIn groups are made and filled by Okta.
const builtIn = "BUILT_IN"

func (g wireGroup) everyone() bool { return g.Type == builtIn && g.Profile.Name == "Everyone" }

type wireRule struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Actions struct {
		Assign struct {
			GroupIDs []string `json:"groupIds"`
		} `json:"assignUserToGroups"`
	} `json:"actions"`
}

type wireApp struct {
	ID          string `json:"id"`
	Label       string `json:"label"`
	Status      string `json:"status"`
	Credentials struct {
		OAuthClient struct {
			ClientID string `json:"client_id"`
		} `json:"oauthClient"`
	} `json:"credentials"`
	Settings struct {
		OAuthClient struct {
			Type   string   `json:"application_type"`
			Grants []string `json:"grant_types"`
		} `json:"oauthClient"`
	} `json:"settings"`
}

// slim keeps what a link is about.
func (a wireApp) slim() wireApp { return wireApp{ID: a.ID, Label: a.Label, Status: a.Status} }

// live says that the app is, or may be, in use.
func (a wireApp) live() bool { return a.Status != "INACTIVE" && a.Status != "DELETED" }

// serves says that the app acts by itself, as no person: such a client can
// hold admin roles. Where the type is missing the answer is yes.
// https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
func (a wireApp) serves() bool {
	client := a.Settings.OAuthClient
	return a.Credentials.OAuthClient.ClientID != "" &&
		(client.Type == "service" || client.Type == "" || slices.Contains(client.Grants, "client_credentials"))
}

// wireAppUser is an assignment; scope USER is direct, GROUP came by a group.
type wireAppUser struct {
	ID    string `json:"id"`
	Scope string `json:"scope"`
	Links struct {
		Group wireLink `json:"group"`
	} `json:"_links"`
}

type wireLink struct {
	Href string `json:"href"`
}

// lastSegment is the id at the end of a link.
func (l wireLink) lastSegment() string { return l.Href[strings.LastIndex(l.Href, "/")+1:] }

// names reports whether the link leads to one of a collection: users, groups,
// apps, clients.
func (l wireLink) names(collection string) bool {
	root := "/api/v1/"
	if collection == "clients" {
		root = "/oauth2/v1/"
	}
	return strings.Contains(l.Href, root+collection+"/")
}

// wireRole is an admin role assignment; Role and ResourceSet are those of a
// custom one (the SDK's struct drops them).
type wireRole struct {
	ID             string `json:"id"`
	Type           string `json:"type"`
	Label          string `json:"label"`
	AssignmentType string `json:"assignmentType"`
	Role           string `json:"role"`
	ResourceSet    string `json:"resource-set"`
	Links          struct {
		Assignee wireLink `json:"assignee"`
	} `json:"_links"`
}

// throughGroup: the row came with a group, which its assignee link names.
func (r wireRole) throughGroup() bool {
	return r.AssignmentType == "GROUP" && r.Links.Assignee.names("groups")
}

// key is the role's id, for a custom one with the resource set it is bound to.
func (r wireRole) key() string {
	switch {
	case r.Role == "":
		return r.Type
	case r.ResourceSet == "":
		return r.Role
	}
	return r.Role + "@" + r.ResourceSet
}

type wireSet struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type wireMember struct {
	Links struct {
		Self wireLink `json:"self"`
	} `json:"_links"`
}

type wireToken struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	UserID      string    `json:"userId"`
	ClientName  string    `json:"clientName"`
	TokenWindow string    `json:"tokenWindow"`
	Created     time.Time `json:"created"`
	ExpiresAt   time.Time `json:"expiresAt"`
}

// wireGrant is a user's consent to a scope of an OAuth client.
type wireGrant struct {
	ID       string `json:"id"`
	ClientID string `json:"clientId"`
	ScopeID  string `json:"scopeId"`
}

type wireFactor struct {
	ID       string `json:"id"`
	Type     string `json:"factorType"`
	Provider string `json:"provider"`
}
