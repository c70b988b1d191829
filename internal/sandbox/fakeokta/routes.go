package fakeokta

import (
	"net/http"
	"strings"
)

type handler func(*call) reply

type endpoint struct {
	method string
	path   []string
	do     handler
}

// endpoints in order of precedence: literal segments before variables.
var endpoints = []endpoint{
	on("GET", "users/me", me),
	on("GET", "users", listUsers),
	on("GET", "users/{user}", getUser),
	on("DELETE", "users/{user}", deleteUser),
	on("GET", "users/{user}/groups", listUserGroups),
	on("GET", "users/{user}/roles", listUserRoles),
	on("GET", "users/{user}/roles/{role}", getUserRole),
	on("DELETE", "users/{user}/roles/{role}", deleteUserRole),
	on("GET", "users/{user}/factors", listFactors),
	on("DELETE", "users/{user}/factors/{factor}", deleteFactor),
	on("GET", "users/{user}/grants", listGrants),
	on("DELETE", "users/{user}/grants", deleteGrants),
	on("GET", "users/{user}/clients", listClients),
	on("DELETE", "users/{user}/sessions", clearSessions),
	on("POST", "users/{user}/lifecycle/suspend", suspend),
	on("POST", "users/{user}/lifecycle/unsuspend", unsuspend),
	on("POST", "users/{user}/lifecycle/unlock", unlock),
	on("POST", "users/{user}/lifecycle/deactivate", deactivate),
	on("POST", "users/{user}/lifecycle/activate", activate),
	on("POST", "users/{user}/lifecycle/reactivate", reactivate),
	on("POST", "users/{user}/lifecycle/reset_factors", resetFactors),

	on("GET", "groups", listGroups),
	on("GET", "groups/rules", listRules),
	on("GET", "groups/{group}", getGroup),
	on("GET", "groups/{group}/users", listMembers),
	on("PUT", "groups/{group}/users/{user}", addMember),
	on("DELETE", "groups/{group}/users/{user}", removeMember),
	on("GET", "groups/{group}/apps", listGroupApps),
	on("GET", "groups/{group}/roles", listGroupRoles),

	on("GET", "apps", listApps),
	on("GET", "apps/{app}", getApp),
	on("GET", "apps/{app}/users", listAppUsers),
	on("GET", "apps/{app}/users/{user}", getAppUser),
	on("DELETE", "apps/{app}/users/{user}", deleteAppUser),
	on("GET", "apps/{app}/groups", listAppGroups),

	on("GET", "iam/assignees/users", listAssignees),
	on("GET", "iam/roles", listCustomRoles),
	on("GET", "iam/resource-sets", listResourceSets),
	on("GET", "iam/resource-sets/{set}/bindings", listBindings),
	on("GET", "iam/resource-sets/{set}/bindings/{role}/members", listBindingMembers),
	on("GET", "iam/resource-sets/{set}/resources", listResources),

	on("GET", "/oauth2/v1/clients/{client}/roles", listClientRoles),

	on("GET", "api-tokens", listAPITokens),
	on("DELETE", "api-tokens/{token}", deleteAPIToken),
	on("GET", "logs", listLogs),
	on("GET", "org", getOrg),
}

// on takes a path below /api/v1/, or a whole one that begins with a slash.
func on(method, path string, do handler) endpoint {
	if !strings.HasPrefix(path, "/") {
		path = root + path
	}
	return endpoint{method, strings.Split(path[1:], "/"), do}
}

const root = "/api/v1/"

// route finds the endpoint; an empty segment (an id that got lost) matches
// nothing, as at Okta.
func route(method, path string) (handler, map[string]string, int) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, nil, http.StatusNotFound
	}
	segments := strings.Split(rest, "/")
	status := http.StatusNotFound
	for _, e := range endpoints {
		vars, ok := match(e.path, segments)
		if !ok {
			continue
		}
		if e.method == method {
			return e.do, vars, http.StatusOK
		}
		status = http.StatusMethodNotAllowed
	}
	return nil, nil, status
}

func match(pattern, segments []string) (map[string]string, bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
	vars := map[string]string{}
	for i, want := range pattern {
		name, variable := strings.CutPrefix(want, "{")
		switch {
		case segments[i] == "":
			return nil, false
		case variable:
			vars[strings.TrimSuffix(name, "}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return vars, true
}
