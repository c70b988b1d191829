package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"rollcall/internal/config"
)

// vault keeps what was fetched from AWS, and what was refused, while the program
// runs: each place is asked once. It is never printed.
type vault struct {
	mu      sync.Mutex
	fetched map[config.Secret]fetched
}

func newVault() *vault { return &vault{fetched: map[config.Secret]fetched{}} }

type fetched struct {
	value string
	err   error
}

// errElsewhere says that a secret was not looked for.
var errElsewhere = errors.New("it lies in AWS and was not looked for: rollcall check --connect looks for it")

// secret fetches a secret from where it lies, over the network if need be.
func (e *environ) secret(ctx context.Context, cfg config.Config, s config.Secret) (string, error) {
	return s.Resolve(config.Places{Getenv: e.getenv, ReadFile: readKey, AWS: func(s config.Secret) (string, error) {
		return e.vault.get(s, func() (string, error) { return e.fromAWS(ctx, cfg, inWhole(s)) })
	}})
}

// secretHere gives a secret only if that asks nobody: one in AWS, if this run has
// fetched it.
func (e *environ) secretHere(s config.Secret) (string, error) {
	return s.Resolve(config.Places{Getenv: e.getenv, ReadFile: readKey, AWS: e.vault.had})
}

func (v *vault) get(s config.Secret, fetch func() (string, error)) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	place := inWhole(s)
	f, had := v.fetched[place]
	if !had {
		f.value, f.err = fetch()
		v.fetched[place] = f
	}
	return valueOf(s, f)
}

func (v *vault) had(s config.Secret) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f, had := v.fetched[inWhole(s)]
	if !had {
		return "", errElsewhere
	}
	return valueOf(s, f)
}

// inWhole is where a secret lies, whoever refers to it: one secret may hold several
// values.
func inWhole(s config.Secret) config.Secret {
	s.Key, s.Field = "", ""
	return s
}

// checkSecrets names the secrets that cannot be found here; the host that runs
// the night may have them.
func checkSecrets(e *environ, k *checkup, cfg config.Config) {
	var elsewhere []string
	for _, s := range cfg.Secrets() {
		_, err := e.secretHere(s)
		switch {
		case err == nil:
		case errors.Is(err, errElsewhere):
			elsewhere = append(elsewhere, s.Key)
		case s.InAWS():
			k.stop(cfg.File, strings.TrimSuffix(err.Error(), ".")+".", "What needs it cannot run.", "")
		default:
			k.note(cfg.File, fmt.Sprintf("%s: the %s is not set or cannot be read here.", s.Key, s), "", "It has to be there where the night runs.")
		}
	}
	if len(elsewhere) > 0 {
		k.Unjudged = append(k.Unjudged, "whether the secrets in AWS can be read ("+strings.Join(elsewhere, ", ")+"): rollcall check --connect tries it")
	}
}

// fetchSecrets fetches what lies in AWS, so that the checks that follow see it.
func (e *environ) fetchSecrets(ctx context.Context, cfg config.Config) {
	for _, s := range cfg.Secrets() {
		if s.InAWS() {
			_, _ = e.secret(ctx, cfg, s) // what is wrong is kept, and told by checkSecrets
		}
	}
}

// locked reports that a secret in AWS cannot be had: then no system is tried, for the
// first that needs it would end the check before it has told the rest.
func (e *environ) locked(k *checkup, cfg config.Config) bool {
	for _, s := range cfg.Secrets() {
		if _, err := e.secretHere(s); err != nil && s.InAWS() {
			k.Unjudged = append(k.Unjudged, "whether the systems can be read: mend the secrets in AWS first")
			return true
		}
	}
	return false
}
