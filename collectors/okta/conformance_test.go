package okta

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rollcall/collectors"
	"rollcall/collectors/collectortest"
	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
	"rollcall/internal/sandbox/fakeokta/oktaspec"
	"rollcall/internal/sandbox/faults"
)

// The limits make the plan for time read the links from the groups, so the two
// plans together take every way there is.
func TestConformance(t *testing.T) {
	slowApps := fakeokta.Raised(500_000)
	slowApps[fakeokta.AppsBucket] = 100_000
	for prefer, limits := range map[collectors.Prefer]map[fakeokta.Bucket]int{collectors.PreferTime: slowApps, collectors.PreferCalls: raised} {
		t.Run(string(prefer), func(t *testing.T) { conform(t, prefer, limits) })
	}
}

func conform(t *testing.T, prefer collectors.Prefer, limits map[fakeokta.Bucket]int) {
	date := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	twin := populate(fakeokta.Options{}) // has the same ids
	watches := []access.Watch{watch(twin.ann, epoch.AddDate(0, 10, 0), time.Time{}), watch(twin.bob, epoch.AddDate(0, 10, 0), time.Time{})}
	collectortest.Run(t, collectortest.Suite{
		Serve: func(t *testing.T, pageSize int, clock *collectortest.Clock) http.Handler {
			o := populate(fakeokta.Options{MaxPage: pageSize, Now: clock.Now, RateLimits: limits})
			for n := range 3 {
				o.SignOn(o.ann.ID, o.wiki.ID, date.Add(-time.Duration(n)*time.Hour), home)
			}
			return oktaspec.Judge(t, o)
		},
		New: func(t *testing.T, env collectortest.Env) collectors.Collector {
			k, err := NewCollector(Config{
				System: "okta", OrgURL: env.URL, Token: readerToken, HTTP: env.HTTP,
				Now: env.Clock.Now, Sleep: env.Clock.Sleep, Timeout: env.Timeout, AllowHTTP: true, Prefer: prefer,
			})
			if err != nil {
				t.Fatal(err)
			}
			return withLog{k, watches}
		},
		PageSize: 2, // every list but the shortest has pages still
		Faults: append(append(collectortest.Common(), collectortest.Links()...),
			collectortest.Fault{Name: "429 with its reset", Rule: faults.OktaThrottle(100, date, 30*time.Second)},
			collectortest.Fault{Name: "429 by concurrency", Rule: faults.OktaThrottle(0, date, 30*time.Second)},
			collectortest.Fault{Name: "429 without headers", Rule: faults.OktaError(429, "E0000047", "API call exceeded rate limit.")},
			collectortest.Fault{Name: "403", Rule: faults.OktaError(403, "E0000006", "You do not have permission to perform the requested action")},
			collectortest.Fault{Name: "expired token", Rule: faults.OktaExpired(), Onwards: true},
			collectortest.Fault{Name: "404", Rule: faults.OktaError(404, "E0000007", "Not found: Resource not found")},
			collectortest.Fault{Name: "null instead of a list", Rule: faults.Rule{Kind: faults.Rewrite, Rewrite: nothingInside}},
		),
		// The SDK's token cache has a janitor that only the collector of
		// garbage stops.
		Leaks: []goleak.Option{goleak.IgnoreTopFunction("github.com/patrickmn/go-cache.(*janitor).Run")},
	})
}

// withLog reads the log too, of two accounts, as a night does after it collected.
type withLog struct {
	*Collector
	watches []access.Watch
}

func (k withLog) Collect(ctx context.Context) (access.Observation, error) {
	obs, err := k.Collector.Collect(ctx)
	if err != nil {
		return obs, err
	}
	obs = k.Uses(ctx, obs, k.watches)
	obs.Reads, obs.Aside = append(obs.Reads, obs.Aside...), nil // so that the suite judges it with the others
	return obs, collectors.Stopped(ctx)
}

// nothingInside says null where a list was.
func nothingInside(a *faults.Answer) { a.Body = []byte("null") }
