package fakeokta

import (
	"net/http"
	"slices"
	"strings"
)

// openID is the sign-on mode of apps that are OAuth clients.
const openID = "OPENID_CONNECT"

// templates are the names of apps that are not made from a catalogue entry.
var templates = map[string]string{
	openID: "oidc_client", "BOOKMARK": "bookmark",
	"BROWSER_PLUGIN": "template_swa", "SECURE_PASSWORD_STORE": "template_sps",
}

type appWire struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	Label         string         `json:"label"`
	Status        string         `json:"status"`
	Created       *string        `json:"created"`
	LastUpdated   *string        `json:"lastUpdated"`
	SignOnMode    string         `json:"signOnMode"`
	Features      []string       `json:"features"`
	Accessibility appAccess      `json:"accessibility"`
	Visibility    appVisibility  `json:"visibility"`
	Credentials   appCredentials `json:"credentials"`
	Settings      appSettings    `json:"settings"`
	Links         links          `json:"_links"`
}

type appAccess struct {
	SelfService bool `json:"selfService"`
}

type appVisibility struct {
	AutoSubmitToolbar bool `json:"autoSubmitToolbar"`
	Hide              struct {
		IOS bool `json:"iOS"`
		Web bool `json:"web"`
	} `json:"hide"`
}

type appCredentials struct {
	UserNameTemplate struct {
		Template string `json:"template"`
		Type     string `json:"type"`
	} `json:"userNameTemplate"`
	OAuthClient *clientCredentials `json:"oauthClient,omitempty"`
}

type clientCredentials struct {
	ID         string `json:"client_id"`
	AuthMethod string `json:"token_endpoint_auth_method"`
}

// appSettings holds the app part only where the sign-on mode wants one.
type appSettings struct {
	App         map[string]string `json:"app,omitempty"`
	OAuthClient *clientSettings   `json:"oauthClient,omitempty"`
}

type clientSettings struct {
	Type      string   `json:"application_type"`
	Grants    []string `json:"grant_types"`
	Responses []string `json:"response_types"`
}

func (c *call) appWire(a *App) appWire {
	w := appWire{
		ID: a.ID, Name: a.Name, Label: a.Label, Status: a.Status, SignOnMode: a.SignOnMode,
		Created: stamp(a.Created), LastUpdated: stamp(a.LastUpdated), Features: []string{},
		Settings: appSettings{App: settingsOf(a.SignOnMode)},
		Links: links{
			"self": c.href("apps", a.ID), "users": c.href("apps", a.ID, "users"), "groups": c.href("apps", a.ID, "groups"),
		},
	}
	w.Credentials.UserNameTemplate.Template = "${source.login}"
	w.Credentials.UserNameTemplate.Type = "BUILT_IN"
	if a.ClientID != "" {
		w.Credentials.OAuthClient = &clientCredentials{a.ClientID, "private_key_jwt"}
		w.Settings.OAuthClient = clientSettingsOf(a.ClientType)
	}
	return w
}

// clientSettingsOf: a service asks for tokens of its own, all others for those
// of the person who signs in.
func clientSettingsOf(kind string) *clientSettings {
	if kind == "service" {
		return &clientSettings{kind, []string{"client_credentials"}, []string{"token"}}
	}
	return &clientSettings{kind, []string{"authorization_code"}, []string{"code"}}
}

func settingsOf(signOnMode string) map[string]string {
	switch signOnMode {
	case "BOOKMARK":
		return map[string]string{"url": "https://app.example"}
	case "SECURE_PASSWORD_STORE":
		return map[string]string{"url": "https://app.example", "usernameField": "user", "passwordField": "password"}
	default:
		return nil
	}
}

var appFilters = map[string]string{"id": "eq", "status": "eq", "user.id": "eq", "group.id": "eq", "name": "eq"}

// listApps omits inactive apps unless asked for them.
func listApps(c *call) reply {
	f, err := parseFilter(c.query.Get("filter"))
	if err != nil || f.only(appFilters) != nil {
		return badFilter()
	}
	inactive := c.query.Get("includeNonDeleted") == "true" || strings.Contains(c.query.Get("filter"), "status")
	q := lower(c.query.Get("q"))
	rows := c.org.apps.where(func(a *App) bool {
		shown := inactive || a.Status == "ACTIVE"
		named := strings.HasPrefix(lower(a.Label), q) || strings.HasPrefix(lower(a.Name), q)
		return shown && named && f.match(func(attribute string) []string { return c.appAttribute(a, attribute) })
	})
	return listed(c, rows, func(a *App) string { return a.ID }, c.appWire, appSize)
}

func (c *call) appAttribute(a *App, attribute string) []string {
	switch attribute {
	case "id":
		return []string{a.ID}
	case "name":
		return []string{a.Name}
	case "status":
		return []string{a.Status}
	case "group.id":
		return c.org.appGroups[a.ID].keysOf()
	default:
		held := []string{}
		for _, row := range c.holders(a) {
			held = append(held, row.user.ID)
		}
		return held
	}
}

// app resolves the {app} of the path.
func (c *call) app() (*App, *reply) {
	return found(c.org.apps.get(c.vars["app"]), c.vars["app"], "AppInstance")
}

func getApp(c *call, a *App) reply {
	return ok(c.appWire(a))
}

func listGroupApps(c *call, g *Group) reply {
	return listed(c, c.org.appsOf(g.ID), func(a *App) string { return a.ID }, c.appWire, groupAppSize)
}

type appGroupWire struct {
	ID          string            `json:"id"`
	LastUpdated *string           `json:"lastUpdated"`
	Priority    int               `json:"priority"`
	Profile     map[string]string `json:"profile"`
	Links       links             `json:"_links"`
}

func listAppGroups(c *call, a *App) reply {
	wire := func(g *AppGroup) appGroupWire {
		return appGroupWire{
			ID: g.GroupID, LastUpdated: stamp(g.Created), Priority: g.Priority, Profile: map[string]string{},
			Links: links{
				"self": c.href("apps", a.ID, "groups", g.GroupID),
				"app":  c.href("apps", a.ID), "group": c.href("groups", g.GroupID),
			},
		}
	}
	return listed(c, c.org.appGroups[a.ID].where(nil), func(g *AppGroup) string { return g.GroupID }, wire, appGroupSize)
}

// deleteAppUser takes a direct assignment; what a group grants stays and is
// refused, with the status of a missing permission.
func deleteAppUser(c *call, a *App) reply {
	u, missing := c.user()
	if missing != nil {
		return *missing
	}
	if c.org.appUsers[a.ID].get(u.ID) != nil {
		c.org.appUsers[a.ID].del(u.ID)
		c.log("application.user_membership.remove", "Remove user's application membership", userParty(u), appParty(a))
		return done()
	}
	if slices.ContainsFunc(c.holders(a), func(h holder) bool { return h.user == u }) {
		return refuse(http.StatusForbidden, "E0000046", "Deactivate application for user forbidden.",
			"Deactivate application for user forbidden. The user's group memberships grant access to the application.")
	}
	return notFound(u.ID, "AppUser")
}

func appParty(a *App) Party { return Party{ID: a.ID, Type: "AppInstance", Name: a.Label} }
