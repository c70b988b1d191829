package fewest

import (
	"time"

	"rollcall/collectors"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/population"
)

// OktaShare is the part of each limit that the collector uses by default.
const OktaShare = 0.4

// oktaPublished are the requests per minute that Okta documented last for
// Workforce Identity, May 2025.
// https://developer.okta.com/docs/reference/rate-limits/
var oktaPublished = map[fakeokta.Bucket]int{
	fakeokta.UsersBucket: 600, fakeokta.UserBucket: 2000, fakeokta.GroupsBucket: 500, fakeokta.GroupBucket: 1000,
	fakeokta.AppsBucket: 100, fakeokta.AppBucket: 500, fakeokta.LogsBucket: 120, fakeokta.OtherBucket: 1200,
}

// oktaMinimum is the fewest requests that read everything, by the plan that is
// preferred, at the page sizes that Okta documents or advises. That apps and
// groups can be linked from either side is the only choice.
// https://developer.okta.com/docs/api/openapi/okta-management/management/
func oktaMinimum(c population.OktaCounts, prefer collectors.Prefer) Requests {
	fromApps := oktaCommon(c).with(Requests{"GET /api/v1/apps/{id}/groups": pagesOfAll(c.AppGroups, 200)})
	fromGroups := oktaCommon(c).with(Requests{"GET /api/v1/groups/{id}/apps": pagesOfAll(c.GroupApps, 200)})
	if prefer == collectors.PreferCalls {
		return cheapest(fromApps, fromGroups, oktaBound)
	}
	return fastest(fromApps, fromGroups, oktaBound)
}

// oktaCommon is what every plan reads. Empty groups are skipped, because the
// list of groups says that they are empty; Everyone is all users.
func oktaCommon(c population.OktaCounts) Requests {
	members := 0
	for _, n := range c.Members {
		if n > 0 {
			members += pages(n, 1000)
		}
	}
	return Requests{
		"GET /api/v1/users":                                        pages(c.Live, 200) + pages(c.Deactivated, 200),
		"GET /api/v1/groups":                                       pages(c.Groups, 200),
		"GET /api/v1/groups/{id}/users":                            members,
		"GET /api/v1/groups/rules":                                 pages(c.Rules, 200),
		"GET /api/v1/apps":                                         pages(len(c.AppUsers), 200),
		"GET /api/v1/apps/{id}/users":                              pagesOfAll(c.AppUsers, 500),
		"GET /api/v1/iam/assignees/users":                          pages(c.RoleHolders, 100),
		"GET /api/v1/users/{id}/roles":                             c.RoleHolders,
		"GET /api/v1/groups/{id}/roles":                            c.RoleGroups,
		"GET /api/v1/iam/resource-sets":                            pages(len(c.Bindings), 100),
		"GET /api/v1/iam/resource-sets/{id}/bindings":              pagesOfAll(c.Bindings, 100),
		"GET /api/v1/iam/resource-sets/{id}/bindings/{id}/members": pagesOfAll(c.BoundMembers, 100),
		"GET /api/v1/api-tokens":                                   1,
	}
}

// oktaBound is the time that a plan takes at least at the collector's share.
func oktaBound(p Requests) time.Duration { return oktaBoundAt(p, OktaShare) }

// oktaBoundAt: the first window of a bucket is open at once, each further one
// begins a minute later.
func oktaBoundAt(p Requests, share float64) time.Duration {
	windows := 1
	for bucket, calls := range oktaBuckets(p) {
		a := max(1, int(float64(oktaPublished[bucket])*share))
		windows = max(windows, (calls+a-1)/a)
	}
	return time.Duration(windows-1) * time.Minute
}

func oktaBuckets(p Requests) map[fakeokta.Bucket]int {
	buckets := map[fakeokta.Bucket]int{}
	for endpoint, calls := range p {
		buckets[fakeokta.BucketOf("GET", endpoint[len("GET "):])] += calls
	}
	return buckets
}
