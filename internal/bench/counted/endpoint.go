package counted

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// oktaID is the shape of Okta's ids, and of the sandbox's.
var oktaID = regexp.MustCompile(`^[A-Za-z0-9]{20}$`)

// oktaEndpoint names a request by its method and path, ids left out.
func oktaEndpoint(r *http.Request, _ []byte) string {
	parts := strings.Split(r.URL.Path, "/")
	for i, part := range parts {
		if oktaID.MatchString(part) {
			parts[i] = "{id}"
		}
	}
	return r.Method + " " + strings.Join(parts, "/")
}

// scope is the service in a signature: Credential=KEY/date/region/service/...
var scope = regexp.MustCompile(`Credential=[^/]+/[^/]+/[^/]+/([^/]+)/`)

// awsEndpoint names a request by its service and action.
func awsEndpoint(r *http.Request, body []byte) string {
	service := "unsigned"
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		service = m[1]
	}
	if _, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return service + ":" + action
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return service + ":unreadable"
	}
	return service + ":" + form.Get("Action")
}

// changes are the words with which AWS's operations begin that change something.
// IAM's reports and STS's sessions are none of them.
var changes = regexp.MustCompile(`:(Add|Attach|Create|Deactivate|Delete|Detach|Put|Remove|Tag|Update)`)

// Changes reports whether a request to an endpoint changes something.
func Changes(endpoint string) bool {
	if method, _, ok := strings.Cut(endpoint, " "); ok { // Okta's
		return method != http.MethodGet && method != http.MethodHead
	}
	return changes.MatchString(endpoint)
}
