package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"rollcall/collectors/policy"
	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reports/archive"
	"rollcall/reports/runbook"
)

// checkAll reads everything that the configuration names.
func checkAll(ctx context.Context, e *environ, cfg config.Config) *checkup {
	k := &checkup{}
	everywhere := map[access.EmployeeID]bool{}
	var hr lists
	for _, one := range cfg.Rosters {
		before := len(k.Problems)
		b, ok := k.read(cfg, one.File, "rosters")
		var list access.Roster
		if ok {
			list = k.roster(e, one, b)
			k.addWorking(list.Rows)
		}
		hr.add(list, one.Name, k.Problems[before:])
		for _, row := range list.Rows {
			everywhere[row.EmployeeID] = true
		}
	}
	k.Problems = roster.WithoutManagers(k.Problems, func(id access.EmployeeID) bool { return everywhere[id] })
	p, f := checkFiles(ctx, e, k, cfg, hr)
	if f.ContactsFile != "" || cfg.Policy.Contacts == "" {
		k.Missing = runbook.Lacking(cfg, p.Contacts)
	}
	checkNotices(k, cfg, p.Contacts)
	f.ContactsFile = "" // who is missing has been told, and more of it
	k.lint(p, f)
	checkSecrets(e, k, cfg)
	checkKeys(e, k, cfg)
	checkApprovals(e, k, cfg)
	checkExposed(k, cfg)
	if cfg.Manual == "" {
		k.note(cfg.File, "manual is not set.", "What a person starts by hand (revoke, restore) does not act.", "Decide, and write manual: enforce or manual: observe.")
	}
	if s := cfg.Archive.S3; cfg.Archive.InS3() && s.RetainMode == "" && !s.LegalHold {
		k.note(cfg.File, "archive.s3 has neither retain_mode nor legal_hold.", "What the nights write is not locked, unless the bucket does so by itself.", "Set retain_mode and retain_days: see docs/operations.md.")
	}
	for _, s := range cfg.Systems {
		if len(s.Canaries) == 0 && cfg.Mode == access.Enforce {
			k.note(cfg.File, fmt.Sprintf("systems.%s has no canaries.", s.Name), "A list that the system cuts short is harder to notice.", "Name some logins that always exist.")
		}
	}
	return k
}

// checkPolicy reads the policy files, and holds them against each other and
// against what is known of people and systems.
func checkPolicy(ctx context.Context, e *environ, k *checkup, cfg config.Config, hr lists) {
	k.lint(checkFiles(ctx, e, k, cfg, hr))
}

// checkFiles reads the policy files, and what is known of people and systems.
func checkFiles(ctx context.Context, e *environ, k *checkup, cfg config.Config, hr lists) (access.Policy, policy.Facts) {
	p, files := readPolicy(cfg)
	for _, f := range files {
		if f.raw == nil {
			k.Problems = append(k.Problems, f.problems...)
			continue
		}
		held := heldRows(f.problems)
		k.add(checkedFile{File: f.file, What: f.what, Lines: f.lines + held, Held: held}, f.problems)
	}
	checkSources(k, cfg, p)
	f := e.facts(ctx, cfg, p, hr)
	for _, one := range files {
		if one.unusable {
			f.Unusable = append(f.Unusable, policy.Unusable{What: one.what, File: one.file})
		}
	}
	if cfg.Policy.Contacts != "" && !slices.ContainsFunc(files, func(f policyFile) bool { return f.what == "contacts" && f.unusable }) {
		f.ContactsFile = cfg.Policy.Contacts
	}
	return p, f
}

// lint tells what in the policy files is probably not meant.
func (k *checkup) lint(p access.Policy, f policy.Facts) {
	k.Problems = append(k.Problems, policy.Lint(p, f)...)
	k.Unjudged = f.Unjudged()
}

// heldRows counts the lines that have no effect.
func heldRows(problems []access.Problem) int {
	held := map[int]bool{}
	for _, p := range problems {
		if p.Severity == access.Hold {
			held[p.Row] = true
		}
	}
	return len(held)
}

// checkSources notes lines about people of a list that there is not.
func checkSources(k *checkup, cfg config.Config, p access.Policy) {
	var names []string
	for _, r := range cfg.Rosters {
		names = append(names, string(r.Name))
	}
	look := func(line access.Line, person access.PersonKey) {
		if slices.Contains(names, string(person.Source)) {
			return
		}
		k.Problems = append(k.Problems, access.Problem{Severity: access.Note, File: line.File, Row: line.Row, Column: "source", Value: string(person.Source), Person: person,
			Says: "There is no list of that name.", Meanwhile: "The line is about nobody.", Mend: "Use one of " + strings.Join(names, ", ") + "."})
	}
	for _, l := range p.Exceptions {
		look(l.Line, l.Person)
	}
	for _, l := range p.Links {
		look(l.Line, l.Person)
	}
	for _, l := range p.Answers {
		look(l.Line, l.Person)
	}
}

// checkApprovals finds out now what would make an approval worthless in the night.
func checkApprovals(e *environ, k *checkup, cfg config.Config) {
	keys, flaws := e.trustedKeys(cfg)
	for _, flaw := range flaws {
		k.stop(cfg.File, "approvals.keys: "+flaw+".", "What that person approves does not count.", "Put the public key there that rollcall approve --new-key wrote for them.")
	}
	_, signs := e.secretHere(cfg.Archive.SigningKey)
	if _, err := e.secretHere(cfg.Approvals.Key); err == nil && signs == nil && cfg.Mode == access.Enforce {
		k.note(cfg.File, "approvals.key can be read here, where the key that signs the archive is too.", "Whoever may run the night here could answer for it.", "Keep the key to approve with on the machine of the person whose it is.")
	}
	if cfg.Mode == access.Enforce && len(keys) == 0 && len(flaws) == 0 {
		k.note(cfg.File, "approvals.keys is empty.", "Nobody can approve: what a guard holds stays held.", "Have whoever may answer for it run rollcall approve --new-key, and name the public key.")
	}
}

// checkKeys finds out now what would make every signed record worthless later.
func checkKeys(e *environ, k *checkup, cfg config.Config) {
	b, ok := k.read(cfg, cfg.Archive.PublicKey, "archive.public_key")
	if !ok {
		return
	}
	public, err := archive.ParsePublicKey(b)
	if err != nil {
		k.stop(cfg.Archive.PublicKey, "It is not a public key that rollcall can use: "+err.Error()+".", "", "Put the public half of the signing key there.")
		return
	}
	text, err := e.secretHere(cfg.Archive.SigningKey)
	if err != nil {
		return // checkSecrets has told it
	}
	private, err := archive.ParsePrivateKey([]byte(text))
	if err != nil {
		k.stop(cfg.File, "archive.signing_key is not a key that rollcall can use.", "", "Put an Ed25519 key in PKCS#8 PEM there: openssl genpkey -algorithm ed25519")
		return
	}
	if !public.Equal(private.Public().(ed25519.PublicKey)) && !e.signedBefore(cfg, private, public) {
		k.stop(cfg.Archive.PublicKey, "It does not belong to archive.signing_key.", "No record could be verified with it.", "Write it anew: openssl pkey -in SIGNING.pem -pubout")
	}
}

// signedBefore reports whether a key signed the archive before the one that does today.
func (e *environ) signedBefore(cfg config.Config, private ed25519.PrivateKey, public ed25519.PublicKey) bool {
	keep, err := e.archiveWith(context.Background(), cfg, private)
	if err != nil {
		return false
	}
	known, err := keep.KnowsKey(public)
	return err == nil && known
}
