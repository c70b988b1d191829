package fakeokta

import "time"

// Status is a user's state in Okta.
// https://developer.okta.com/docs/reference/api/users/#user-status
type Status string

const (
	Staged          Status = "STAGED"
	Provisioned     Status = "PROVISIONED"
	Active          Status = "ACTIVE"
	Recovery        Status = "RECOVERY"
	PasswordExpired Status = "PASSWORD_EXPIRED"
	LockedOut       Status = "LOCKED_OUT"
	Suspended       Status = "SUSPENDED"
	Deprovisioned   Status = "DEPROVISIONED"
)

// Types of groups; only the members of an TypeOktaGroup can be edited.
const (
	TypeOktaGroup = "OKTA_GROUP"
	TypeAppGroup  = "APP_GROUP"
	TypeBuiltIn   = "BUILT_IN"
)

// Who an admin role is assigned to.
const (
	ToUser   = "USER"
	ToGroup  = "GROUP"
	ToClient = "CLIENT" // an OAuth client, by its client id
)

// CustomRoleType is the type of assignments of custom roles; every other type
// (SUPER_ADMIN, ORG_ADMIN, ...) is a standard role.
const CustomRoleType = "CUSTOM"

// State is the whole organisation as plain data, each list sorted by id.
type State struct {
	Org          Org              `json:"org"`
	LastID       int              `json:"last_id"`
	Users        []User           `json:"users"`
	Groups       []Group          `json:"groups"`
	Members      []Member         `json:"members"`
	Rules        []GroupRule      `json:"rules"`
	Apps         []App            `json:"apps"`
	AppUsers     []AppUser        `json:"app_users"`
	AppGroups    []AppGroup       `json:"app_groups"`
	CustomRoles  []CustomRole     `json:"custom_roles"`
	ResourceSets []ResourceSet    `json:"resource_sets"`
	Roles        []RoleAssignment `json:"roles"`
	APITokens    []APIToken       `json:"api_tokens"`
	Factors      []Factor         `json:"factors"`
	Grants       []Grant          `json:"grants"`
	Events       []Event          `json:"events"`
}

// Org is the tenant itself.
type Org struct {
	ID          string    `json:"id"`
	CompanyName string    `json:"company_name"`
	Subdomain   string    `json:"subdomain"`
	Created     time.Time `json:"created"`
}

// User is a login. Zero times are nulls in answers. Profile holds login,
// email, firstName, lastName and whatever else the organisation keeps.
type User struct {
	ID              string         `json:"id"`
	Status          Status         `json:"status"`
	Created         time.Time      `json:"created"`
	Activated       time.Time      `json:"activated"`
	StatusChanged   time.Time      `json:"status_changed"`
	LastLogin       time.Time      `json:"last_login"`
	LastUpdated     time.Time      `json:"last_updated"`
	PasswordChanged time.Time      `json:"password_changed"`
	Profile         map[string]any `json:"profile"`
	ProviderType    string         `json:"provider_type"` // OKTA, ACTIVE_DIRECTORY, FEDERATION, ...
	ProviderName    string         `json:"provider_name"`

	Sessions    int `json:"sessions"`     // live sessions at Okta
	OAuthTokens int `json:"oauth_tokens"` // live refresh and access tokens

	Transitioning Status `json:"transitioning,omitempty"` // where an unfinished change leads
	PollsLeft     int    `json:"polls_left,omitempty"`    // reads until it is finished
}

// Login is the user's name at sign-in.
func (u User) Login() string { return text(u.Profile["login"]) }

// Group is a group of users; SourceApp is set on groups that an app or a
// directory owns.
type Group struct {
	ID                    string    `json:"id"`
	Type                  string    `json:"type"`
	Name                  string    `json:"name"`
	Description           string    `json:"description"`
	SourceApp             string    `json:"source_app,omitempty"`
	PushMappings          int       `json:"push_mappings"`
	Created               time.Time `json:"created"`
	LastUpdated           time.Time `json:"last_updated"`
	LastMembershipUpdated time.Time `json:"last_membership_updated"`
}

// Member is a user in a group; RuleID names the rule that put them there.
type Member struct {
	GroupID string `json:"group_id"`
	UserID  string `json:"user_id"`
	RuleID  string `json:"rule_id,omitempty"`
}

// GroupRule assigns users to groups by an expression. The sandbox does not
// evaluate it: AddRuleMember says whom it matched.
type GroupRule struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Status      string    `json:"status"`
	Expression  string    `json:"expression"`
	GroupIDs    []string  `json:"group_ids"`
	Excluded    []string  `json:"excluded"`
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"last_updated"`
}

// App is an application; SignOnMode is SAML_2_0, OPENID_CONNECT, BOOKMARK, ...
// Those of OPENID_CONNECT are OAuth clients too: ClientType is web, browser,
// native, or service for one that acts as nobody.
type App struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Label       string    `json:"label"`
	Status      string    `json:"status"`
	SignOnMode  string    `json:"sign_on_mode"`
	ClientID    string    `json:"client_id,omitempty"`
	ClientType  string    `json:"client_type,omitempty"`
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"last_updated"`
}

// AppUser is a direct assignment of an app to a user.
type AppUser struct {
	AppID   string    `json:"app_id"`
	UserID  string    `json:"user_id"`
	Created time.Time `json:"created"`
}

// AppGroup is the assignment of an app to a group, and so to its members.
type AppGroup struct {
	AppID    string    `json:"app_id"`
	GroupID  string    `json:"group_id"`
	Priority int       `json:"priority"`
	Created  time.Time `json:"created"`
}

// CustomRole is an admin role made by the organisation.
type CustomRole struct {
	ID          string    `json:"id"`
	Label       string    `json:"label"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
}

// ResourceSet is what the holders of a custom role may administer; Resources
// are ORNs.
type ResourceSet struct {
	ID          string     `json:"id"`
	Label       string     `json:"label"`
	Description string     `json:"description"`
	Resources   []Resource `json:"resources"`
	Created     time.Time  `json:"created"`
}

// Resource is one line of a resource set.
type Resource struct {
	ID  string `json:"id"`
	ORN string `json:"orn"`
}

// RoleAssignment gives an admin role to a user, a group or a client. RoleID and
// ResourceSetID are those of custom roles only.
type RoleAssignment struct {
	ID            string    `json:"id"`
	To            string    `json:"to"` // ToUser, ToGroup or ToClient
	Assignee      string    `json:"assignee"`
	Type          string    `json:"type"`
	Label         string    `json:"label"`
	RoleID        string    `json:"role_id,omitempty"`
	ResourceSetID string    `json:"resource_set_id,omitempty"`
	Created       time.Time `json:"created"`
}

// APIToken is the row that an administrator sees of an SSWS token; the secret
// is known to Options.Tokens only.
type APIToken struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	UserID      string    `json:"user_id"`
	ClientName  string    `json:"client_name"`
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"last_updated"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// Factor is an enrolled second factor: push, webauthn, sms, token:software:totp, ...
type Factor struct {
	ID       string    `json:"id"`
	UserID   string    `json:"user_id"`
	Type     string    `json:"type"`
	Provider string    `json:"provider"`
	Status   string    `json:"status"`
	Created  time.Time `json:"created"`
}

// Grant is a user's consent to a scope of an OAuth client.
type Grant struct {
	ID         string    `json:"id"`
	UserID     string    `json:"user_id"`
	ClientID   string    `json:"client_id"`
	ClientName string    `json:"client_name"`
	ScopeID    string    `json:"scope_id"`
	Created    time.Time `json:"created"`
}

// Event is one line of the System Log. Persisted is when the log has it, later
// than Published for one that was delayed; zero is Published.
type Event struct {
	ID        string    `json:"id"`
	Published time.Time `json:"published"`
	Persisted time.Time `json:"persisted,omitzero"`
	Type      string    `json:"type"` // user.lifecycle.suspend, user.session.clear, ...
	Message   string    `json:"message"`
	Outcome   string    `json:"outcome,omitempty"` // SUCCESS, FAILURE, ALLOW, DENY, ...
	Actor     Party     `json:"actor"`
	Targets   []Party   `json:"targets"`
	Client    Client    `json:"client,omitzero"`
	Request   string    `json:"request,omitempty"` // the id of the request that caused it: the transaction
}

// Client is where the request behind an event came from.
type Client struct {
	IP      string `json:"ip,omitempty"`
	Browser string `json:"browser,omitempty"`
	OS      string `json:"os,omitempty"`
}

// Party is who acted, or what was acted upon.
type Party struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"`
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
