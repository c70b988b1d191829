package main

import (
	"context"
	"fmt"

	"rollcall/collectors"
	"rollcall/collectors/okta"
	"rollcall/internal/config"
	"rollcall/jobs"
)

func (w wiring) oktaCollector(ctx context.Context, s config.System) (collectors.Collector, error) {
	c, err := w.okta(ctx, s, s.Okta.Read, okta.CollectorScopes())
	if err != nil {
		return nil, err
	}
	c.Prefer, c.Progress = collectors.Prefer(w.cfg.Collect.Prefer), w.reading.of(s.Name)
	return okta.NewCollector(c)
}

func (w wiring) oktaRevoker(ctx context.Context, s config.System) (jobs.Revoker, error) {
	if s.Okta.Revoke.Zero() {
		return nil, fmt.Errorf("set systems.%s.revoke_token, or revoke_client_id and revoke_private_key", s.Name)
	}
	c, err := w.okta(ctx, s, s.Okta.Revoke, okta.RevokerScopes(w.removes(), w.cfg.Remove.AppsAndRoles))
	if err != nil {
		return nil, err
	}
	c.Removes = w.removes()
	return okta.NewRevoker(c)
}

func (w wiring) oktaRestorer(ctx context.Context, s config.System) (jobs.Restorer, error) {
	if s.Okta.Restore.Zero() {
		return nil, nil
	}
	c, err := w.okta(ctx, s, s.Okta.Restore, okta.RestorerScopes())
	if err != nil {
		return nil, err
	}
	return okta.NewRestorer(c)
}

// okta is how one hand reaches Okta: with a token, or as a service app.
func (w wiring) okta(ctx context.Context, s config.System, as config.OktaCredential, scopes []string) (okta.Config, error) {
	c := okta.Config{System: s.Name, OrgURL: s.Okta.OrgURL, HTTP: w.transport(s.Name), Proxy: w.net.proxy, RootCAs: w.net.roots, Heard: w.clocks.of(s.Name),
		Now: w.e.now, Sleep: w.e.sleeper(), Share: s.Okta.Share, AllowHTTP: s.Okta.AllowHTTP}
	if w.e.outside.oktaShare != 0 {
		c.Share = w.e.outside.oktaShare
	}
	if as.ClientID == "" {
		token, err := w.e.secret(ctx, w.cfg, as.Token)
		c.Token = token
		return c, err
	}
	key, err := w.e.secret(ctx, w.cfg, as.PrivateKey)
	c.ClientID, c.PrivateKey, c.KeyID, c.Scopes = as.ClientID, []byte(key), as.KeyID, scopes
	return c, err
}
