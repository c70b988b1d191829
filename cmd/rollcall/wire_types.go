package main

import (
	"context"

	"rollcall/collectors"
	"rollcall/internal/config"
	"rollcall/jobs"
)

// maker makes the hands of one type of system: what reads, what takes away, and what
// gives back (nil without a credential for it), with a credential each.
type maker struct {
	collector func(wiring, context.Context, config.System) (collectors.Collector, error)
	revoker   func(wiring, context.Context, config.System) (jobs.Revoker, error)
	restorer  func(wiring, context.Context, config.System) (jobs.Restorer, error)
}

// makers are the types of systems that there are.
var makers = map[string]maker{
	config.TypeOkta: {wiring.oktaCollector, wiring.oktaRevoker, wiring.oktaRestorer},
	config.TypeAWS:  {wiring.awsCollector, wiring.awsRevoker, wiring.awsRestorer},
}
