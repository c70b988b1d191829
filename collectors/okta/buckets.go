package okta

import (
	"net/http"
	"strings"
)

// The buckets that Okta counts requests in, by the endpoints that share each.
// https://developer.okta.com/docs/reference/rl-global-mgmt/
const (
	usersBucket     = "/api/v1/users"
	userBucket      = "GET /api/v1/users/{id}"
	userWriteBucket = "/api/v1/users/{id}"
	groupsBucket    = "/api/v1/groups"
	groupBucket     = "/api/v1/groups/{id}"
	appsBucket      = "/api/v1/apps"
	appBucket       = "/api/v1/apps/{id}"
	logsBucket      = "/api/v1/logs"
	devicesBucket   = "/api/v1/devices"
	clientsBucket   = "/oauth2/v1/clients"
	otherBucket     = "/api/v1"
)

// starting are the requests per minute that Okta documented last (May 2025),
// relied on only until an answer tells.
var starting = map[string]int{
	usersBucket: 600, userBucket: 2000, userWriteBucket: 600, groupsBucket: 500, groupBucket: 1000,
	appsBucket: 100, appBucket: 500, logsBucket: 120, devicesBucket: 100, clientsBucket: 100, otherBucket: 1200,
}

// smallest is the smallest limit of any bucket in any plan that Okta
// documented: a free organisation's for apps.
const smallest = 20

// bucketOf names the limit that a request is counted in. Okta takes the exact
// endpoint first, then the longest prefix, and tells methods apart where it
// says so: the members of a group count as groups, a user's roles as other.
// https://developer.okta.com/docs/reference/rl-best-practices/
func bucketOf(method, path string) string {
	if strings.HasPrefix(path, clientsBucket) {
		return clientsBucket
	}
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	one := len(parts) == 2
	switch parts[0] {
	case "users":
		return userBucketOf(method, len(parts))
	case "groups":
		if one && parts[1] != "rules" {
			return groupBucket
		}
		return groupsBucket
	case "apps":
		if one {
			return appBucket
		}
		return appsBucket
	case "logs":
		return logsBucket
	case "devices":
		return devicesBucket
	}
	return otherBucket
}

func userBucketOf(method string, parts int) string {
	switch {
	case parts == 1:
		return usersBucket
	case parts == 2 && method == http.MethodGet:
		return userBucket
	case parts == 2:
		return userWriteBucket
	}
	return otherBucket
}
