package okta

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// wireEvent is a line of the System Log. It is also what is kept of one as evidence:
// debugContext, session ids, places and the details of actors and targets (hashes of
// tokens, say) are not read at all.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/
type wireEvent struct {
	UUID           string      `json:"uuid"`
	Published      time.Time   `json:"published"`
	EventType      string      `json:"eventType"`
	Version        string      `json:"version,omitempty"`
	Severity       string      `json:"severity,omitempty"`
	DisplayMessage string      `json:"displayMessage,omitempty"`
	Actor          wireParty   `json:"actor"`
	Target         []wireParty `json:"target"`
	Outcome        struct {
		Result string `json:"result"`
		Reason string `json:"reason,omitempty"`
	} `json:"outcome"`
	Client struct {
		ID        string `json:"id,omitempty"`
		IPAddress string `json:"ipAddress,omitempty"`
		UserAgent struct {
			Browser string `json:"browser,omitempty"`
			OS      string `json:"os,omitempty"`
		} `json:"userAgent"`
	} `json:"client"`
	Transaction struct {
		ID   string `json:"id,omitempty"`
		Type string `json:"type,omitempty"`
	} `json:"transaction"`
}

type wireParty struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	AlternateID string `json:"alternateId,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// usage is a family of events that say that somebody used an account: whoever let it
// in (a session, an application, a token), or did something as it.
type usage struct {
	kind string // the type of the event, or with a dot at its end what it begins with
	// target: the account may be what the event is about, since an application acted
	// for it.
	target bool
	says   string
	named  string // the same, where the name of the application follows
}

// uses are the events that are a use, if they succeeded. A sign-on policy that was
// evaluated, a factor that was verified and a session that ended are none: each comes
// with one of these, or led to nothing. What an API token did shows by what it changed.
// user.authentication.sso says that Okta let somebody through, and not whether the
// application did.
// https://developer.okta.com/docs/reference/api/event-types/
// https://developer.okta.com/docs/reference/system-log-query/#user-event-details
var uses = []usage{
	{kind: "user.session.start", says: "signed in"},
	{kind: "user.session.access_admin_app", says: "opened the admin console"},
	{kind: "user.authentication.sso", says: "opened an application", named: "opened the application "},
	{kind: "user.authentication.auth_via_radius", says: "signed in through RADIUS"},
	{kind: "app.oauth2.token.grant", target: true, says: "got a token for an application", named: "got a token for the application "},
	{kind: "app.oauth2.token.grant.", target: true, says: "got a token for an application", named: "got a token for the application "},
	{kind: "app.oauth2.as.token.grant", target: true, says: "got a token for an application", named: "got a token for the application "},
	{kind: "app.oauth2.as.token.grant.", target: true, says: "got a token for an application", named: "got a token for the application "},
	{kind: "system.api_token.create", says: "made an API token"},
	{kind: "user.lifecycle.", says: "changed a user"},
	{kind: "user.account.privilege.", says: "changed who is an administrator"},
	{kind: "group.user_membership.", says: "changed who is in a group"},
	{kind: "application.user_membership.", says: "changed who has an application"},
}

// usesFilter asks for the events that may be a use of these accounts.
func usesFilter(watches []access.Watch) string {
	kinds, ids := make([]string, len(uses)), make([]string, len(watches))
	for i, u := range uses {
		kinds[i] = `eventType eq "` + u.kind + `"`
		if strings.HasSuffix(u.kind, ".") {
			kinds[i] = `eventType sw "` + u.kind + `"`
		}
	}
	for i, w := range watches {
		ids[i] = string(w.Account.ID)
	}
	return "(" + strings.Join(kinds, " or ") + ") and (" + anyOf("actor.id", ids) + " or " + anyOf("target.id", ids) + ")"
}

// usesOf are the events that are a use of a watched account.
func usesOf(w access.Watch, events []wireEvent) []access.Event {
	var out []access.Event
	for _, e := range events {
		says, is := e.useOf(string(w.Account.ID))
		if !is || e.Published.Before(w.From) || slices.ContainsFunc(out, func(had access.Event) bool { return had.ID == e.UUID }) {
			continue
		}
		one := e.event(w.Account)
		one.Says = says
		out = append(out, one)
	}
	return out
}

// useOf says what a user did, if the event is a use by them.
func (e wireEvent) useOf(id string) (says string, is bool) {
	if e.Outcome.Result != "SUCCESS" && e.Outcome.Result != "ALLOW" {
		return "", false
	}
	for _, u := range uses {
		fits := e.EventType == u.kind || strings.HasSuffix(u.kind, ".") && strings.HasPrefix(e.EventType, u.kind)
		did := e.Actor.ID == id || u.target && slices.ContainsFunc(e.Target, func(p wireParty) bool { return p.ID == id })
		if fits && did {
			if app := e.application(); u.named != "" && app != "" {
				return u.named + app, true
			}
			return u.says, true
		}
	}
	return "", false
}

// application is the one that was opened, or that acted.
func (e wireEvent) application() string {
	for _, p := range append(slices.Clone(e.Target), e.Actor) {
		if p.Type == "AppInstance" || p.Type == "PublicClientApp" {
			return p.DisplayName
		}
	}
	return ""
}

// leaves are the events by which Okta tells of what rollcall does.
var leaves = map[string]access.Verb{
	"user.lifecycle.suspend": access.OktaSuspend, "user.lifecycle.unsuspend": access.OktaUnsuspend, "user.lifecycle.deactivate": access.OktaDeactivate, "user.session.clear": access.OktaClearSessions,
	"system.api_token.revoke": access.OktaDeleteToken, "user.mfa.factor.reset_all": access.OktaResetFactors, "group.user_membership.remove": access.OktaLeaveGroup,
	"application.user_membership.remove": access.OktaUnassignApp, "user.account.privilege.revoke": access.OktaRemoveAdminRole,
}

// about finds the account that an event is about.
func (e wireEvent) about(accounts map[string]access.AccountKey) (access.AccountKey, bool) {
	for _, p := range e.Target {
		if account, is := accounts[p.ID]; is {
			return account, true
		}
	}
	return access.AccountKey{}, false
}

// event is a line of the log in rollcall's words.
func (e wireEvent) event(account access.AccountKey) access.Event {
	raw, _ := json.Marshal(e) // texts and a time always are JSON
	out := access.Event{
		ID: e.UUID, Account: account, Type: e.EventType, Outcome: e.Outcome.Result, Actor: e.Actor.name(), Client: e.client(),
		At: e.Published.UTC(), RequestID: e.Transaction.ID, Verb: leaves[e.EventType], Raw: raw,
	}
	for _, p := range e.Target { // beside the account, a group, an application or a token
		if p.ID != string(account.ID) {
			out.EntitlementID = p.ID
			break
		}
	}
	return out
}

// name is how people know who acted.
func (p wireParty) name() string {
	for _, s := range []string{p.AlternateID, p.DisplayName} {
		if s != "" && !strings.EqualFold(s, "unknown") {
			return s
		}
	}
	return p.ID
}

// client says from where, as far as Okta knows.
func (e wireEvent) client() string {
	agent := []string{}
	for _, s := range []string{e.Client.UserAgent.Browser, e.Client.UserAgent.OS} {
		if s != "" && !strings.HasPrefix(strings.ToLower(s), "unknown") {
			agent = append(agent, s)
		}
	}
	if len(agent) > 0 && agent[0] == strings.ToUpper(agent[0]) { // CHROME
		agent[0] = agent[0][:1] + strings.ToLower(agent[0][1:])
	}
	if e.Client.IPAddress == "" {
		return strings.Join(agent, " on ")
	}
	return strings.TrimSuffix(e.Client.IPAddress+", "+strings.Join(agent, " on "), ", ")
}
