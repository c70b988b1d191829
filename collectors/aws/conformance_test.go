package aws

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors"
	"rollcall/collectors/collectortest"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/faults"
)

func TestTheCollectorConforms(t *testing.T) {
	collectortest.Run(t, collectortest.Suite{
		Serve: func(t *testing.T, pageSize int, clock *collectortest.Clock) http.Handler {
			return populated(fakeaws.Options{MaxPage: pageSize, ExtraInstance: true, ReportPolls: 1}, func() time.Time { return clock.Now().Add(ahead) }).Server
		},
		New: func(t *testing.T, env collectortest.Env) collectors.Collector {
			c, err := NewCollector(t.Context(), Config{
				System: "aws", Region: "us-east-1", Endpoint: env.URL, HTTP: env.HTTP, RoleName: "read", ExternalID: "x", RunID: "suite",
				Credentials: credentials.NewStaticCredentialsProvider("AKIAJOB", "s", ""),
				Rates:       Rates{IdentityCenter: 1e6, IAM: 1e6},
				Now:         env.Clock.Now, Sleep: env.Clock.Sleep, Timeout: env.Timeout,
			})
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		// Every request is a POST: what writes is told by its name.
		Writes: func(r *http.Request) bool {
			for name := range writes {
				if faults.Action(name)(r) {
					return true
				}
			}
			return false
		},
		Faults: append(collectortest.Common(),
			collectortest.Fault{Name: "repeated token", Rule: faults.Rule{Kind: faults.Rewrite, Rewrite: repeatToken}},
			collectortest.Fault{Name: "truncated without a marker", Rule: faults.Rule{Kind: faults.Rewrite, Rewrite: loseMarker}},
			collectortest.Fault{Name: "access denied", Rule: faults.AWSDenied()},
			collectortest.Fault{Name: "throttled", Rule: faults.AWSThrottle()},
			collectortest.Fault{Name: "expired token", Rule: faults.AWSExpired(), Onwards: true},
		),
	})
}

var markers = regexp.MustCompile(`<Marker>[^<]*</Marker>`)

// repeatToken lets a page that has a next one lead to the first.
func repeatToken(a *faults.Answer) {
	a.Body = markers.ReplaceAll(a.Body, []byte("<Marker>ZmFrZWF3cy1wYWdlOjA=</Marker>"))
	var body map[string]any
	if json.Unmarshal(a.Body, &body) == nil && body["NextToken"] != nil {
		body["NextToken"] = "ZmFrZWF3cy1wYWdlOjA=" // page 0 of the sandbox
		a.Body, _ = json.Marshal(body)
	}
}

func loseMarker(a *faults.Answer) { a.Body = markers.ReplaceAll(a.Body, nil) }
