package main

import (
	"context"
	"fmt"

	"rollcall/collectors"
	"rollcall/collectors/aws"
	"rollcall/internal/config"
	"rollcall/jobs"
)

func (w wiring) awsCollector(ctx context.Context, s config.System) (collectors.Collector, error) {
	c := w.aws(s, s.AWS.Profile, s.AWS.Role, s.AWS.ManagementRole)
	c.Progress = w.reading.of(s.Name)
	return aws.NewCollector(ctx, c)
}

func (w wiring) awsRevoker(ctx context.Context, s config.System) (jobs.Revoker, error) {
	if s.AWS.RevokeRole == "" {
		return nil, fmt.Errorf("set systems.%s.revoke_role", s.Name)
	}
	c := w.aws(s, s.AWS.RevokeProfile, s.AWS.RevokeRole, s.AWS.ManagementRevokeRole)
	c.Removes, c.Deletes = w.removes(), w.removes() && w.cfg.Remove.DeleteUsers
	return aws.NewRevoker(ctx, c)
}

func (w wiring) awsRestorer(ctx context.Context, s config.System) (jobs.Restorer, error) {
	if s.AWS.RestoreRole == "" {
		return nil, nil
	}
	return aws.NewRestorer(ctx, w.aws(s, s.AWS.RestoreProfile, s.AWS.RestoreRole, s.AWS.ManagementRestoreRole))
}

// aws is how one hand reaches AWS: with the credentials of a profile, if it has
// one of its own.
func (w wiring) aws(s config.System, profile, role, managementRole string) aws.Config {
	return aws.Config{
		System: s.Name, Region: s.AWS.Region, Endpoint: s.AWS.Endpoint, Credentials: w.e.outside.awsCredentials, Profile: profile,
		RoleName: role, ManagementRoleName: managementRole,
		ExternalID: s.AWS.ExternalID, RunID: string(w.run.ID), HRTag: s.AWS.HRIDTag, SkipIdentityCenter: s.AWS.SkipIdentityCenter,
		HTTP: w.transport(s.Name), Proxy: w.net.proxy, RootCAs: w.net.roots, Heard: w.clocks.of(s.Name), Rates: w.e.outside.awsRates, Now: w.e.now, Sleep: w.e.sleeper(),
		Prefer: collectors.Prefer(w.cfg.Collect.Prefer),
	}
}
