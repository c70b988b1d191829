package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/collectors/okta"
	"rollcall/internal/bench/fewest"
	"rollcall/internal/sandbox/population"
)

// unlimited is a rate that nobody reaches here.
const unlimited = 1e6

// newCollector is the one place where collectors are made.
func newCollector(ctx context.Context, t task) (collectors.Collector, error) {
	switch t.System {
	case "okta":
		return okta.NewCollector(okta.Config{
			System: "okta", OrgURL: t.URL, Token: population.OktaToken, AllowHTTP: true, Share: fewest.OktaShare, Prefer: t.Prefer,
		})
	case "aws", "moto":
		cfg := aws.Config{
			System: "aws", Region: population.AWSRegion, Endpoint: t.URL, RoleName: population.AWSRole, RunID: "bench", Now: time.Now,
			Credentials: credentials.NewStaticCredentialsProvider(population.AWSKeyID, population.AWSSecret, ""),
			Rates:       aws.Rates{IdentityCenter: unlimited, IAM: unlimited}, Prefer: t.Prefer,
		}
		if t.Limits {
			cfg.Rates = aws.Rates{IdentityCenter: fewest.CenterRate}
		}
		return aws.NewCollector(ctx, cfg)
	}
	return nil, fmt.Errorf("there is no collector of %q", t.System)
}
