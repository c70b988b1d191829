package fakeokta

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Bucket is a set of endpoints that share one allowance per minute.
type Bucket string

const (
	UsersBucket     Bucket = "/api/v1/users"
	UserBucket      Bucket = "GET /api/v1/users/{id}"
	UserWriteBucket Bucket = "/api/v1/users/{id}"
	GroupsBucket    Bucket = "/api/v1/groups"
	GroupBucket     Bucket = "/api/v1/groups/{id}"
	AppsBucket      Bucket = "/api/v1/apps"
	AppBucket       Bucket = "/api/v1/apps/{id}"
	LogsBucket      Bucket = "/api/v1/logs"
	DevicesBucket   Bucket = "/api/v1/devices"
	ClientsBucket   Bucket = "/oauth2/v1/clients"
	TokenBucket     Bucket = "/oauth2/v1/token"
	OtherBucket     Bucket = "/api/v1"
)

// published are the requests per minute that Okta documented last for
// Workforce Identity (May 2025); a real organisation's dashboard may differ.
var published = map[Bucket]int{
	UsersBucket: 600, UserBucket: 2000, UserWriteBucket: 600,
	GroupsBucket: 500, GroupBucket: 1000,
	AppsBucket: 100, AppBucket: 500,
	LogsBucket: 120, DevicesBucket: 100, ClientsBucket: 100, OtherBucket: 1200,
	TokenBucket: 600, // not among those published
}

// Raised gives every bucket the same allowance, for tests and demos that
// must not wait.
func Raised(perMinute int) map[Bucket]int {
	limits := map[Bucket]int{}
	for bucket := range published {
		limits[bucket] = perMinute
	}
	return limits
}

// BucketOf is the bucket that a request is counted in: exact paths first,
// then the longest prefix.
// https://developer.okta.com/docs/reference/rl-global-mgmt/
func BucketOf(method, path string) Bucket {
	for _, bucket := range []Bucket{TokenBucket, ClientsBucket} {
		if strings.HasPrefix(path, string(bucket)) {
			return bucket
		}
	}
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	single := len(parts) == 2
	switch {
	case parts[0] == "users" && len(parts) == 1:
		return UsersBucket
	case parts[0] == "users" && single && method == http.MethodGet:
		return UserBucket
	case parts[0] == "users" && single:
		return UserWriteBucket
	case parts[0] == "groups" && single && parts[1] != "rules":
		return GroupBucket
	case parts[0] == "groups":
		return GroupsBucket
	case parts[0] == "apps" && single:
		return AppBucket
	case parts[0] == "apps":
		return AppsBucket
	case parts[0] == "logs":
		return LogsBucket
	case parts[0] == "devices":
		return DevicesBucket
	default:
		return OtherBucket
	}
}

// window is one minute of one bucket; it starts with the first request, not
// on the full minute.
type window struct {
	ends time.Time
	used int
}

// spend counts the request, writes the three headers and says whether it is
// within the allowance.
func (s *Server) spend(h http.Header, r *http.Request, now time.Time) bool {
	bucket := BucketOf(r.Method, r.URL.Path)
	limit, set := s.opts.RateLimits[bucket]
	if !set {
		limit = published[bucket]
	}
	w := s.windows[bucket]
	if w == nil || !now.Before(w.ends) {
		w = &window{ends: now.Truncate(time.Second).Add(time.Minute)}
		s.windows[bucket] = w
	}
	allowed := w.used < limit
	if allowed {
		w.used++
	}
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(limit-w.used))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(w.ends.Unix(), 10))
	return allowed
}
