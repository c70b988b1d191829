package okta

import (
	"fmt"
	"net/http"

	"rollcall/internal/access"
)

// right is what reading a family needs: the OAuth scope of a service app, and
// the permission of its admin role; an API token has the rights of its owner's
// role alone. role is the standard role that is documented to be enough, empty
// where none is.
// https://developer.okta.com/docs/api/oauth2/
// https://developer.okta.com/docs/api/openapi/okta-management/guides/permissions/
type right struct{ name, scope, permission, over, role string }

// kinds has one line for each family: its name in the Reads, and what to
// grant. The roles have to cover everything, not a part: a role for some users
// or groups sees less and is not told so.
var kinds = [families + 1]right{
	users:        {"users", "okta.users.read", "okta.users.read", "all users", "READ_ONLY_ADMIN"},
	groups:       {"groups", "okta.groups.read", "okta.groups.read", "all groups", "READ_ONLY_ADMIN"},
	groupMembers: {"group_members", "okta.groups.read", "okta.groups.read", "all groups", "READ_ONLY_ADMIN"},
	groupRules:   {"group_rules", "okta.groups.read", "okta.groups.read", "all groups", "READ_ONLY_ADMIN"},
	apps:         {"apps", "okta.apps.read", "okta.apps.read", "all apps", "READ_ONLY_ADMIN"},
	appUsers:     {"app_users", "okta.apps.read", "okta.apps.read", "all apps", "READ_ONLY_ADMIN"},
	appGroups:    {"app_groups", "okta.apps.read", "okta.apps.read", "all apps", "READ_ONLY_ADMIN"},
	adminRoles:   {"admin_roles", "okta.roles.read", "okta.iam.read", "all of identity and access management", ""},
	adminClients: {"admin_clients", "okta.roles.read", "okta.iam.read", "all of identity and access management", ""},
	apiTokens:    {"api_tokens", "okta.apiTokens.read", "okta.users.apitokens.read", "all users", ""},
	systemLog:    {access.LogsRead, "okta.logs.read", "", "", "READ_ONLY_ADMIN"}, // Okta documents no permission of custom roles for it
}

// remedy says what to do about a refusal with this status.
func (r right) remedy(status int, caller string) string {
	if status == http.StatusUnauthorized {
		return "okta does not accept the credential of " + caller + ": make a new one, or reactivate its owner, then rollcall check --connect"
	}
	role := fmt.Sprintf("a custom admin role with %s on %s", r.permission, r.over)
	switch {
	case r.permission == "":
		role = "the admin role " + r.role
	case r.role != "":
		role = fmt.Sprintf("the admin role %s (or %s)", r.role, role)
	}
	return fmt.Sprintf("grant %s to %s as OAuth scope, and %s; an API token needs its owner to have the role, and no scope; then rollcall check --connect",
		r.scope, caller, role)
}
