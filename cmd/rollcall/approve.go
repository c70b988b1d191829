package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reconcile"
	"rollcall/reports"
	"rollcall/reports/archive"
)

const approveHelp = `Answers for what a guard holds: writes a signed file into the folder of approvals.
The next run that finds it lets pass exactly what it names, of exactly that guard,
once. Whoever came to the list since is judged anew; if somebody of the list turns
out not to have left, nothing of it passes. It expires after approvals.max_age.

Of a plan (plan.json, or the one beside a night's summary): --plan and --guard; with
--scope only the trip of that scope, else all trips of the guard, a file for each.
Of a list of HR's that was refused because of its numbers: --guard roster --roster.

Look at what you approve: the report lists everybody by name. It takes your own key
(approvals.key), whose public half approvals.keys names where the night runs;
--new-key makes the pair. Nobody can approve what a protected account, a gap in
what was read, or the lack of a first night holds.`

func approveCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "approve", Usage: "answer for what a guard holds: write a signed approval", Description: approveHelp,
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "plan", Usage: "the plan `FILE` in which a guard holds something"},
			&cli.StringFlag{Name: "guard", Usage: "the `GUARD`, as the summary names it: " + strings.Join(reconcile.Answerable, ", ")},
			&cli.StringFlag{Name: "scope", Usage: "only the trip of this `SCOPE`, as the summary names it (behind the guard)"},
			&cli.StringFlag{Name: "roster", Usage: "with --guard roster: the refused list, a CSV `FILE`"},
			&cli.StringFlag{Name: "source", Usage: "with --guard roster: which list of the configuration it is, by `NAME`"},
			&cli.StringFlag{Name: "by", Usage: "`WHO` answers for it (needed)"},
			&cli.StringFlag{Name: "reason", Usage: "`WHY` it is right (needed)"},
			&cli.IntFlag{Name: "count", Usage: "how many you were told: refuse unless it names exactly that `NUMBER`", DefaultText: "any"},
			&cli.BoolFlag{Name: "new-key", Usage: "only make a pair of keys to approve with; overwrites nothing", DisableDefaultText: true},
		},
		Action: func(c *cli.Context) error {
			cfg, err := e.config(c)
			if err != nil {
				return err
			}
			if c.Bool("new-key") {
				return e.newApprovalKey(c, cfg)
			}
			given, err := e.approve(c, cfg)
			if err != nil {
				return err
			}
			return e.tellApprovals(cfg, given, c.Bool("json"))
		},
	}
}

// approved is one approval that was written, with what to tell of it.
type approved struct {
	File     string          `json:"file"`
	Approval access.Approval `json:"approval"`
	says     string
	names    []string
	others   []string // trips of other guards that hold some of the same
}

// approve checks what is asked for, signs and writes.
func (e *environ) approve(c *cli.Context, cfg config.Config) ([]approved, error) {
	if err := approvable(c); err != nil {
		return nil, err
	}
	key, err := e.approvalKey(c.Context, cfg)
	if err != nil {
		return nil, err
	}
	var out []approved
	if c.String("guard") == "roster" {
		out, err = e.approveRoster(c, cfg)
	} else {
		out, err = e.approvePlan(c, cfg)
	}
	if err != nil {
		return nil, err
	}
	for _, a := range out {
		if c.IsSet("count") && c.Int("count") != a.Approval.Count {
			return nil, refuse("%s (%s) is about %d, and --count says %d: look at the list again, with whoever told you the number; nothing was written", a.Approval.Guard, a.Approval.Scope, a.Approval.Count, c.Int("count"))
		}
	}
	now := e.now().UTC().Truncate(time.Second)
	for n := range out {
		a := &out[n].Approval
		a.ID, a.By, a.Reason, a.CreatedAt, a.ExpiresAt = newApprovalID(now), c.String("by"), c.String("reason"), now, now.Add(cfg.Approvals.MaxAge)
		b, err := sealApproval(*a, key)
		if err != nil {
			return nil, err
		}
		out[n].File = filepath.Join(cfg.Path(cfg.Approvals.Dir), a.ID+".json")
		if err := writeOne(out[n].File, startFile{text: b, perm: 0o644}); err != nil {
			return nil, exitError{exitAborted, fmt.Errorf("write the approval: %w: check the folder, then approve again", err)}
		}
	}
	return out, nil
}

// approvable refuses what cannot be meant, before a key is asked for.
func approvable(c *cli.Context) error {
	guard := c.String("guard")
	if guard == "" {
		return refuse("approve needs --guard GUARD, as the summary names it (one of %s)", strings.Join(reconcile.Answerable, ", "))
	}
	if why := reconcile.Unanswerable(guard); why != "" {
		return refuse("what the guard %s holds cannot be approved: %s", guard, why)
	}
	needs, not := "plan", []string{"roster", "source"}
	if guard == "roster" {
		needs, not = "roster", []string{"plan", "scope"}
	}
	for _, flag := range not {
		if c.IsSet(flag) {
			return refuse("--%s does not go with --guard %s: leave it out", flag, guard)
		}
	}
	for _, flag := range []string{needs, "by", "reason"} {
		if c.String(flag) == "" {
			return refuse("approve --guard %s needs --%s: see rollcall approve --help", guard, flag)
		}
	}
	for _, flag := range []string{"by", "reason"} {
		if s := c.String(flag); !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return refuse("--%s has to be one line of plain text: it is kept for auditors", flag)
		}
	}
	return nil
}

// approvalKey is the approver's own key, which the night has to know.
func (e *environ) approvalKey(ctx context.Context, cfg config.Config) (ed25519.PrivateKey, error) {
	text, err := e.secret(ctx, cfg, cfg.Approvals.Key)
	if err != nil {
		if cfg.Approvals.Key.Zero() {
			return nil, refuse("%s does not say where your key is: make a pair with rollcall approve --new-key, and write approvals.key", cfg.File)
		}
		return nil, refuse("the key to approve with: %w (make a pair with rollcall approve --new-key)", err)
	}
	key, err := archive.ParsePrivateKey([]byte(text))
	if err != nil {
		return nil, refuse("the key to approve with (%s): %w", cfg.Approvals.Key, err)
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

// approvePlan makes an approval of each trip that is asked for.
func (e *environ) approvePlan(c *cli.Context, cfg config.Config) ([]approved, error) {
	p, err := readPlan(c.String("plan"))
	if err != nil {
		return nil, err
	}
	if err := jobs.CheckPlan(p, e.now(), config.MostApproval); err != nil {
		return nil, refuse("%w", err)
	}
	all := slices.Concat(p.Trips, p.Behind)
	logins := loginsOf(p)
	var out []approved
	for _, g := range all {
		if g.Guard != c.String("guard") || c.IsSet("scope") && g.Scope != c.String("scope") || len(g.Stakes) == 0 {
			continue
		}
		a := approved{says: g.Says, others: besides(all, g), Approval: access.Approval{Guard: g.Guard, Scope: g.Scope, Cohort: g.Stakes, CohortSHA256: access.CohortDigest(g.Stakes), Count: len(g.Stakes), PlanSHA256: p.SHA256}}
		for _, k := range g.Cohort {
			a.names = append(a.names, logins[k]+" in "+string(k.System))
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, refuse("in %s the guard %s holds nothing%s that could be approved; %s", c.String("plan"), c.String("guard"), ofScope(c), heldInstead(all))
	}
	return out, nil
}

func ofScope(c *cli.Context) string {
	if !c.IsSet("scope") {
		return ""
	}
	return fmt.Sprintf(" of the scope %q", c.String("scope"))
}

func heldInstead(all []access.GuardError) string {
	var names []string
	for _, g := range all {
		if len(g.Stakes) > 0 {
			names = append(names, fmt.Sprintf("--guard %s --scope %s", g.Guard, reports.ShellWord(g.Scope)))
		}
	}
	if len(names) == 0 {
		return "nothing in it can be: make a plan of now with rollcall plan"
	}
	return "what can be: " + strings.Join(names, ", or ")
}

func loginsOf(p access.Plan) map[access.AccountKey]string {
	out := map[access.AccountKey]string{}
	for _, a := range p.Actions {
		out[a.Account] = a.Login
	}
	for _, h := range p.Held {
		out[h.Action.Account] = h.Action.Login
	}
	return out
}

// besides are the other trips that hold some of the same accounts.
func besides(all []access.GuardError, g access.GuardError) (out []string) {
	for _, other := range all {
		if other.Guard == g.Guard && other.Scope == g.Scope || len(other.Stakes) == 0 {
			continue
		}
		if slices.ContainsFunc(other.Cohort, func(k access.AccountKey) bool { return slices.Contains(g.Cohort, k) }) {
			out = append(out, fmt.Sprintf("%s (%s)", other.Guard, other.Scope))
		}
	}
	return out
}

// approveRoster makes an approval of a list that the guard refuses for its numbers.
func (e *environ) approveRoster(c *cli.Context, cfg config.Config) ([]approved, error) {
	file := c.String("roster")
	one, err := pickRoster(cfg, file, access.Source(c.String("source")))
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, refuse("read the list: %w: check the name of the file", err)
	}
	keep, err := e.past(c.Context, cfg)
	if err != nil {
		return nil, refuse("the list in force, which the list is held against, is in the archive: %w", err)
	}
	m, err := keep.Memory(roster.Decode)
	if err != nil {
		return nil, exitError{exitAborted, fmt.Errorf("read the list in force: %w", err)}
	}
	list, problems := roster.Read(roster.Source{Name: one.Name, File: one.File, Columns: one.Columns, Statuses: one.Statuses, Dates: one.Dates, Today: e.now()}, b)
	v := reconcile.Accept(list, problems, m, rosterGuard(cfg, one), e.now()).Verdict
	switch {
	case v.Accepted:
		return nil, refuse("%s is not refused, so that there is nothing to approve: the night accepts it as it is", file)
	case !v.Refusal.Approvable:
		return nil, refuse("why %s is refused cannot be approved (%s): %s", file, v.Refusal.Says, v.Refusal.Mend)
	}
	return []approved{{says: v.Refusal.Says, Approval: access.Approval{Guard: "roster", Scope: string(one.Name), Roster: &v.Seen, CohortSHA256: v.Seen.Rows, Count: v.Seen.Gone}}}, nil
}

// rosterGuard is what a list has to stand up to.
func rosterGuard(cfg config.Config, one config.Roster) reconcile.RosterGuard {
	g := cfg.Guards.Roster
	return reconcile.RosterGuard{ShrinkPercent: g.ShrinkPercent, GoneMin: g.GoneMin, GonePercent: g.GonePercent, Canaries: one.Canaries}
}

// tellApprovals says what was written, and what follows.
func (e *environ) tellApprovals(cfg config.Config, all []approved, asJSON bool) error {
	if asJSON {
		return writeJSON(e, all)
	}
	for _, a := range all {
		fmt.Fprintf(e.stdout, "%s\n   of     %s (%s): %s\n", a.File, a.Approval.Guard, a.Approval.Scope, a.says)
		if r := a.Approval.Roster; r != nil {
			fmt.Fprintf(e.stdout, "   names  the list %s with %d people, held against one of %d; %d are newly gone\n", r.File, r.People, r.Before, r.Gone)
		} else {
			fmt.Fprintf(e.stdout, "   names  %s\n", strings.Join(firstNames(a.names), ", "))
		}
		fmt.Fprintf(e.stdout, "   by     %s: %s\n   until  %s, and once\n", a.Approval.By, a.Approval.Reason, a.Approval.ExpiresAt.Format("2006-01-02 15:04 MST"))
		if len(a.others) > 0 {
			fmt.Fprintf(e.stdout, "   but    the same accounts are held by %s too: approve that as well\n", strings.Join(a.others, ", "))
		}
	}
	_, err := fmt.Fprintf(e.stdout, `
Next: the folder %s has to be there where the night runs, with this in it. The
next run that finds it goes on; rollcall plan shows beforehand what would count.
`, cfg.Approvals.Dir)
	return err
}

// firstNames are as many as are told one by one.
func firstNames(names []string) []string {
	if len(names) <= mostNamed {
		return names
	}
	return append(slices.Clone(names[:mostNamed]), fmt.Sprintf("and %d more", len(names)-mostNamed))
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
	public := strings.TrimSuffix(private, filepath.Ext(private)) + "-public.pem"
	for _, file := range []string{private, public} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return refuse("%s is there already, and nothing is overwritten: name another place in approvals.key, or move it away", file)
		}
	}
	privatePEM, publicPEM, err := archive.NewKey()
	if err != nil {
		return err
	}
	if err := errors.Join(writeOne(private, startFile{text: privatePEM, perm: 0o600}), writeOne(public, startFile{text: publicPEM, perm: 0o644})); err != nil {
		return exitError{exitAborted, fmt.Errorf("write the keys: %w: remove what was written, and try again", err)}
	}
	_, err = fmt.Fprintf(e.stdout, `Written:
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
