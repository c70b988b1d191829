package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/wholefile"
	"rollcall/reports/archive"
)

const rotateHelp = `Hands the archive over to another signing key, in a run of its own: the key that signs
today (archive.signing_key) signs that the new one signs from now on, and the new one
signs it too. Whoever holds any public key of the chain verifies all of it. Nothing that
the former key signs afterwards counts, and a machine that still has it is refused.

   rollcall audit rotate-key --make --new-key-file keys/signing-2027.pem --by Ann --reason yearly

--new-key-file and --new-key-env say where the new private key is, as archive.signing_key
does; --make makes the pair first, and overwrites nothing. Reviews that are open go on:
worksheets that went out before are taken in as before.

--lost is for when the former key is gone. Nothing can vouch for the new one then: verify
says so for ever, and everybody who verifies needs the new public key, added to the end of
the file of the old one. Before that, the chain is checked with archive.public_key.`

func auditRotateCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "rotate-key", Usage: "let another key sign the archive from now on", Description: rotateHelp,
		Flags: []cli.Flag{configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "new-key-file", Usage: "the `FILE` of the new private key, Ed25519 in PKCS#8 PEM"},
			&cli.StringFlag{Name: "new-key-env", Usage: "the `VARIABLE` that holds it"},
			&cli.BoolFlag{Name: "make", Usage: "make the pair first, where --new-key-file says", DisableDefaultText: true},
			&cli.StringFlag{Name: "by", Usage: "`WHO` answers for it (needed)"},
			&cli.StringFlag{Name: "reason", Usage: "`WHY`, for the record (needed)"},
			&cli.BoolFlag{Name: "lost", Usage: "the former key is lost: begin anew with the new one", DisableDefaultText: true}},
		Action: func(c *cli.Context) error { return e.rotateKey(c) },
	}
}

func (e *environ) rotateKey(c *cli.Context) error {
	switch {
	case c.IsSet("new-key-file") == c.IsSet("new-key-env"):
		return refuse("say where the new key is with --new-key-file FILE or --new-key-env VARIABLE, one of them")
	case c.Bool("make") && !c.IsSet("new-key-file"):
		return refuse("--make writes the new pair to a file: say to which with --new-key-file FILE")
	case c.String("by") == "" || c.String("reason") == "":
		return refuse("rotate-key needs --by WHO and --reason WHY: they stay in the archive")
	}
	cfg, err := e.config(c)
	if err != nil {
		return err
	}
	held, err := e.lock(c.Context, cfg, "audit rotate-key")
	if err != nil {
		return err
	}
	defer held.unlock()
	where := config.Secret{Key: "the new key", Env: c.String("new-key-env"), File: c.String("new-key-file")}
	if c.Bool("make") {
		if err := makePair(where.File, "leave --make out to use it, or name another file"); err != nil {
			return err
		}
	}
	next, err := e.privateKey(where)
	if err != nil {
		return err
	}
	done, err := e.handOver(c, cfg, next)
	if err != nil {
		return err
	}
	return e.tellHandedOver(cfg, where, done, c.Bool("json"))
}

// handedOver is a change of keys that is in the chain.
type handedOver struct {
	Run       access.RunID `json:"run_id"`
	KeySHA256 string       `json:"public_key_sha256"`
	NewRoot   bool         `json:"new_root"`
	Head      string       `json:"archive_head"`
}

func (e *environ) handOver(c *cli.Context, cfg config.Config, next ed25519.PrivateKey) (handedOver, error) {
	done := handedOver{KeySHA256: access.Digest(next.Public().(ed25519.PublicKey)), NewRoot: c.Bool("lost")}
	by, reason := strings.TrimSpace(c.String("by")), strings.TrimSpace(c.String("reason"))
	if done.NewRoot {
		return e.beginAnew(c.Context, cfg, next, by, reason, done)
	}
	keep, err := e.openArchive(c.Context, cfg)
	if err != nil {
		return done, err
	}
	run, err := e.upkeepRun(cfg, keep, "audit rotate-key")
	if err == nil {
		done.Run = run.ID
		done.Head, err = keep.RotateKey(run, next, by, reason)
	}
	if err != nil {
		return done, aborted(fmt.Errorf("rotate the key (the former one goes on signing): %w", err))
	}
	return done, nil
}

func (e *environ) beginAnew(ctx context.Context, cfg config.Config, next ed25519.PrivateKey, by, reason string, done handedOver) (handedOver, error) {
	trust, err := verificationKeys(cfg.Path(cfg.Archive.PublicKey))
	if err != nil {
		return done, err
	}
	keep, err := e.past(ctx, cfg)
	if err != nil {
		return done, aborted(fmt.Errorf("open the archive: %w", err))
	}
	run, err := e.upkeepRun(cfg, keep, "audit rotate-key")
	if err == nil {
		done.Run = run.ID
		done.Head, err = archive.NewRoot(keep.Store(), trust, run, next, by, reason)
	}
	if err != nil {
		return done, aborted(fmt.Errorf("rotate the key: %w", err))
	}
	return done, nil
}

// upkeepRun is the head of a run that tends the archive, on top of its last one.
func (e *environ) upkeepRun(cfg config.Config, keep *archive.Archive, trigger string) (access.Run, error) {
	_, _, last, err := keep.Head()
	run := e.newRun(cfg, trigger, access.Observe)
	run.Previous, run.FinishedAt, run.Verdict, run.ExitCode = last, e.now().UTC(), "done", exitDone
	return run, err
}

// privateKey reads a signing key from where it lies.
func (e *environ) privateKey(where config.Secret) (ed25519.PrivateKey, error) {
	text, err := e.secretHere(where)
	if err != nil {
		return nil, refuse("%w", err)
	}
	return keyFrom("the new key", where, text)
}

// publicBeside is where the public half of a private key's file goes.
func publicBeside(private string) string {
	return strings.TrimSuffix(private, filepath.Ext(private)) + "-public.pem"
}

// makePair writes a new pair of keys. Mend is what to do where one of the files is there.
func makePair(private, mend string) error {
	public := publicBeside(private)
	for _, file := range []string{private, public} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return refuse("%s is there already, and nothing is overwritten: %s", file, mend)
		}
	}
	privatePEM, publicPEM, err := archive.NewKey()
	if err != nil {
		return err
	}
	if err := errors.Join(wholefile.New(private, privatePEM, 0o600), wholefile.New(public, publicPEM, 0o644)); err != nil {
		return exitError{exitAborted, fmt.Errorf("write the keys: %w: remove what was written, and try again", err)}
	}
	return nil
}

func (e *environ) tellHandedOver(cfg config.Config, where config.Secret, done handedOver, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(done)
	}
	p := e.page()
	p.line("The archive %s is handed over: from run %s on another key signs it.", archiveRoot(cfg), done.Run)
	p.line("SHA-256 of the new public key: %s", done.KeySHA256)
	p.line("\nWhat to do now")
	name := "{env: " + where.Env + "}"
	if where.File != "" {
		name = "{file: " + where.File + "}"
	}
	p.line("  1. In %s write archive.signing_key: %s, on every machine that writes to this archive: one with the former key is refused from now on.", cfg.File, name)
	if done.NewRoot {
		p.line("  2. Add the new public key to the end of %s, and give it to everybody who verifies, by a way that does not lead through this machine, with its SHA-256: nothing in the archive vouches for it.", cfg.Path(cfg.Archive.PublicKey))
		p.line("  3. Tell compliance that the former key was lost, and keep what you find out: verify tells the new root for ever.")
	} else {
		p.line("  2. archive.public_key may stay: whoever has it verifies the whole chain. Tell those who verify the SHA-256 above, so that they see that it was you.")
		p.line("  3. When a night has run with the new key, destroy the former private key.")
	}
	p.line("Head of the archive: %s", done.Head)
	return nil
}
