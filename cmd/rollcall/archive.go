package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"time"

	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reports/archive"
	"rollcall/reports/archive/bucket"
)

// past opens the archive to read what earlier runs left; no key is needed. Where no
// run has been yet, the error wraps fs.ErrNotExist, or the archive is empty.
func (e *environ) past(ctx context.Context, cfg config.Config) (*archive.Archive, error) {
	return e.archiveWith(ctx, cfg, nil)
}

// archiveWith opens the archive where the configuration has it.
func (e *environ) archiveWith(ctx context.Context, cfg config.Config, key ed25519.PrivateKey) (*archive.Archive, error) {
	if !cfg.Archive.InS3() {
		return archive.Open(cfg.Path(cfg.Archive.Root), key)
	}
	b, err := e.bucket(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return archive.New(b, key), nil
}

// archiveRoot is the archive's place, for people and for a store.
func archiveRoot(cfg config.Config) string {
	if cfg.Archive.InS3() {
		return cfg.Archive.Root
	}
	return cfg.Path(cfg.Archive.Root)
}

// bucket is an archive's place in S3. It sends nothing yet.
func (e *environ) bucket(ctx context.Context, cfg config.Config) (*bucket.Bucket, error) {
	reach, err := e.network(cfg)
	if err != nil {
		return nil, err
	}
	s := cfg.Archive.S3
	b, err := bucket.Open(ctx, bucket.Config{Root: cfg.Archive.Root, Region: s.Region, Profile: s.Profile, PathStyle: s.PathStyle,
		KMSKey: s.KMSKey, RetainMode: s.RetainMode, RetainDays: s.RetainDays, LegalHold: s.LegalHold,
		Credentials: e.outside.awsCredentials, Proxy: reach.proxy, RootCAs: reach.roots, Now: e.now, Sleep: e.sleeper()})
	if err != nil {
		return nil, refuse("open the archive: %w", err)
	}
	return b, nil
}

// verify checks the whole archive, wherever it lies.
func (e *environ) verify(ctx context.Context, cfg config.Config, ask archive.Checks) (archive.Report, error) {
	if !cfg.Archive.InS3() {
		return archive.Verify(cfg.Path(cfg.Archive.Root), ask)
	}
	b, err := e.bucket(ctx, cfg)
	if err != nil {
		return archive.Report{}, err
	}
	return archive.VerifyStore(b, ask)
}

// hold is the lock while this run has it.
type hold struct {
	unlock   func()
	outlasts func(time.Duration) error // nil: it cannot be lost
}

// lock keeps a second run out: on a folder with the kernel's lock, in S3 with a
// lease.
func (e *environ) lock(ctx context.Context, cfg config.Config, trigger string) (hold, error) {
	take := e.lockFolder
	if cfg.Archive.InS3() {
		take = e.lease
	}
	held, err := take(ctx, cfg, trigger)
	if err != nil {
		return hold{}, aborted(err)
	}
	return held, nil
}

func (e *environ) lockFolder(_ context.Context, cfg config.Config, trigger string) (hold, error) {
	unlock, err := jobs.Lock(cfg.Path(cfg.Archive.Root), e.holder(trigger))
	return hold{unlock: unlock}, err
}

func (e *environ) lease(ctx context.Context, cfg config.Config, trigger string) (hold, error) {
	b, err := e.bucket(ctx, cfg)
	if err != nil {
		return hold{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	if address := e.either("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"); address != "" {
		e.log.Info(fmt.Sprintf("the archive is at %s, as the variable AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL says", address))
	}
	lasts := cmp.Or(e.outside.leaseTime, bucket.LeaseTime)
	l, err := b.Take(ctx, bucket.Holder{Who: e.holder(trigger), Host: host, PID: os.Getpid()}, lasts, func(format string, args ...any) {
		e.log.Warn(fmt.Sprintf(format, args...))
	})
	if errors.Is(err, bucket.ErrHeld) {
		return hold{}, fmt.Errorf("%w (%w); wait until it is done", jobs.ErrLocked, err)
	}
	if err != nil {
		return hold{}, fmt.Errorf("take the lease that keeps a second run out (nothing was read or changed): %w", err)
	}
	return hold{l.Release, func(d time.Duration) error {
		return l.Outlasts(time.Duration(float64(d) * lasts.Seconds() / bucket.LeaseTime.Seconds()))
	}}, nil
}

// holder says who holds the lock, to whoever finds it held.
func (e *environ) holder(trigger string) string {
	return fmt.Sprintf("%s by %s, process %d, since %s", trigger, whoami(), os.Getpid(), e.now().UTC().Format("2006-01-02 15:04:05 MST"))
}

// signingKey is the key that signs the archive.
func (e *environ) signingKey(ctx context.Context, cfg config.Config) (ed25519.PrivateKey, error) {
	pem, err := e.secret(ctx, cfg, cfg.Archive.SigningKey)
	if err != nil {
		return nil, refuse("the key that signs the archive: %w (make one with rollcall init, or openssl genpkey -algorithm ed25519)", err)
	}
	return keyFrom("the key that signs the archive", cfg.Archive.SigningKey, pem)
}

// keyFrom reads a private key that lies at a place.
func keyFrom(what string, place config.Secret, pem string) (ed25519.PrivateKey, error) {
	key, err := archive.ParsePrivateKey([]byte(pem))
	if err != nil {
		return nil, refuse("%s (%s): %w", what, place, err)
	}
	return key, nil
}

// openArchive opens the archive with its signing key.
func (e *environ) openArchive(ctx context.Context, cfg config.Config) (*archive.Archive, error) {
	key, err := e.signingKey(ctx, cfg)
	if err != nil {
		return nil, err
	}
	a, err := e.archiveWith(ctx, cfg, key)
	if err != nil {
		return nil, aborted(fmt.Errorf("open the archive: %w", err))
	}
	return a, nil
}

// verificationKeys reads the public keys that the chain is verified with.
func verificationKeys(file string) ([]ed25519.PublicKey, error) {
	b, err := readKey(file)
	if err != nil {
		return nil, refuse("read the public key: %w", err)
	}
	keys, err := archive.ParsePublicKeys(b)
	if err != nil {
		return nil, refuse("the public key %s: %w", file, err)
	}
	return keys, nil
}
