package main

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/internal/config"
)

// approvalKey is the approver's own key, which the night has to know.
func (e *environ) approvalKey(ctx context.Context, cfg config.Config) (ed25519.PrivateKey, error) {
	text, err := e.secret(ctx, cfg, cfg.Approvals.Key)
	if err != nil {
		if cfg.Approvals.Key.Zero() {
			return nil, refuse("%s does not say where your key is: make a pair with rollcall approve --new-key, and write approvals.key", cfg.File)
		}
		return nil, refuse("the key to approve with: %w (make a pair with rollcall approve --new-key)", err)
	}
	key, err := keyFrom("the key to approve with", cfg.Approvals.Key, text)
	if err != nil {
		return nil, err
	}
	trusted, flaws := e.trustedKeys(cfg)
	public := key.Public().(ed25519.PublicKey)
	if !slices.ContainsFunc(trusted, func(k ed25519.PublicKey) bool { return k.Equal(public) }) {
		return nil, refuse("%s", untrusted(cfg, flaws))
	}
	return key, nil
}

func untrusted(cfg config.Config, flaws []string) string {
	says := "no run would believe this approval: the public half of your key is not among approvals.keys of " + cfg.File
	if len(flaws) > 0 {
		says += " (" + strings.Join(flaws, "; ") + ")"
	}
	return says + ": have whoever keeps the configuration add it"
}

// newApprovalKey makes a pair: the private half where approvals.key says, else in
// keys/approval.pem beside the configuration.
func (e *environ) newApprovalKey(c *cli.Context, cfg config.Config) error {
	for _, flag := range []string{"plan", "guard", "scope", "roster", "source", "by", "reason", "count", "json"} {
		if c.IsSet(flag) {
			return refuse("--new-key only makes keys: leave --%s out, and approve with the new key afterwards", flag)
		}
	}
	if cfg.Approvals.Key.Env != "" {
		return refuse("approvals.key is an %s, which a file cannot be written to: write {file: path} for now, or leave it out", cfg.Approvals.Key)
	}
	private := cfg.Approvals.Key.File
	if private == "" {
		private = cfg.Path(filepath.Join("keys", "approval.pem"))
	}
	public := publicBeside(private)
	if err := makePair(private, "name another place in approvals.key, or move it away"); err != nil {
		return err
	}
	_, err := tellf(e.stdout, `Written:
   %s   yours alone: never where the night runs, never in version control
   %s   for approvals.keys of the rollcall.yaml that the night runs with

Next, in rollcall.yaml:
   approvals:
     keys: [%s]
     key: {file: %s}
`, private, public, fromFolder(cfg, public), fromFolder(cfg, private))
	return err
}

// fromFolder is a path as it would stand in the configuration.
func fromFolder(cfg config.Config, path string) string {
	if rel, err := filepath.Rel(cfg.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}
