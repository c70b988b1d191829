package main

import (
	"context"

	"rollcall/collectors"
	"rollcall/internal/config"
	"rollcall/jobs"
)

// maker makes the two hands of one type of system: what reads, and what
// changes, with a credential each.
type maker struct {
	collector func(wiring, context.Context, config.System) (collectors.Collector, error)
	revoker   func(wiring, context.Context, config.System) (jobs.Revoker, error)
}

// makers are the types of systems that there are.
var makers = map[string]maker{
	config.TypeOkta: {wiring.oktaCollector, wiring.oktaRevoker},
	config.TypeAWS:  {wiring.awsCollector, wiring.awsRevoker},
}
