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
	on("GET", "users/{user}", of((*call).user, getUser)),
	on("DELETE", "users/{user}", of((*call).user, deleteUser)),
	on("GET", "users/{user}/groups", of((*call).user, listUserGroups)),
	on("GET", "users/{user}/roles", of((*call).user, listUserRoles)),
	on("GET", "users/{user}/roles/{role}", of((*call).ownRole, getUserRole)),
	on("DELETE", "users/{user}/roles/{role}", of((*call).ownRole, deleteUserRole)),
	on("GET", "users/{user}/factors", of((*call).user, listFactors)),
	on("DELETE", "users/{user}/factors/{factor}", of((*call).user, deleteFactor)),
	on("GET", "users/{user}/grants", of((*call).user, listGrants)),
	on("DELETE", "users/{user}/grants", of((*call).user, deleteGrants)),
	on("GET", "users/{user}/clients", of((*call).user, listClients)),
	on("DELETE", "users/{user}/sessions", of((*call).user, clearSessions)),
	on("POST", "users/{user}/lifecycle/suspend", of((*call).user, suspend)),
	on("POST", "users/{user}/lifecycle/unsuspend", of((*call).user, unsuspend)),
	on("POST", "users/{user}/lifecycle/unlock", of((*call).user, unlock)),
	on("POST", "users/{user}/lifecycle/deactivate", of((*call).user, deactivate)),
	on("POST", "users/{user}/lifecycle/activate", of((*call).user, activate)),
	on("POST", "users/{user}/lifecycle/reactivate", of((*call).user, reactivate)),
	on("POST", "users/{user}/lifecycle/reset_factors", of((*call).user, resetFactors)),

	on("GET", "groups", listGroups),
	on("GET", "groups/rules", listRules),
	on("GET", "groups/{group}", of((*call).group, getGroup)),
	on("GET", "groups/{group}/users", of((*call).group, listMembers)),
	on("PUT", "groups/{group}/users/{user}", of((*call).seat, addMember)),
	on("DELETE", "groups/{group}/users/{user}", of((*call).seat, removeMember)),
	on("GET", "groups/{group}/apps", of((*call).group, listGroupApps)),
	on("GET", "groups/{group}/roles", of((*call).group, listGroupRoles)),

	on("GET", "apps", listApps),
	on("GET", "apps/{app}", of((*call).app, getApp)),
	on("GET", "apps/{app}/users", of((*call).app, listAppUsers)),
	on("GET", "apps/{app}/users/{user}", of((*call).app, getAppUser)),
	on("DELETE", "apps/{app}/users/{user}", of((*call).app, deleteAppUser)),
	on("GET", "apps/{app}/groups", of((*call).app, listAppGroups)),

	on("GET", "iam/assignees/users", listAssignees),
	on("GET", "iam/roles", listCustomRoles),
	on("GET", "iam/resource-sets", listResourceSets),
	on("GET", "iam/resource-sets/{set}/bindings", of((*call).set, listBindings)),
	on("GET", "iam/resource-sets/{set}/bindings/{role}/members", of((*call).set, listBindingMembers)),
	on("GET", "iam/resource-sets/{set}/resources", of((*call).set, listResources)),

	on("GET", "/oauth2/v1/clients/{client}/roles", listClientRoles),

	on("GET", "api-tokens", listAPITokens),
	on("DELETE", "api-tokens/{token}", deleteAPIToken),
	on("GET", "logs", listLogs),
	on("GET", "org", getOrg),
}

// of finds first what the path names, or answers that it is not there.
func of[T any](find func(*call) (T, *reply), do func(*call, T) reply) handler {
	return func(c *call) reply {
		found, missing := find(c)
		if missing != nil {
			return *missing
		}
		return do(c, found)
	}
}

// found is a row that a path names, or the answer that it is not there.
func found[T any](row *T, id, kind string) (*T, *reply) {
	if row == nil {
		missing := notFound(id, kind)
		return nil, &missing
	}
	return row, nil
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
