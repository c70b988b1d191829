package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/roster"
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/jobs"
	"rollcall/reports/archive"
)

const replayHelp = `Decides a past run once more, from the archive alone: its configuration, HR's lists and
the policy files as they were read, what was seen of the systems, the state that the
run before it left, the journals that it knew, and the approvals. It needs no
credentials, no network and no clock: "now" is the run's. Nothing is written.

The plan must come out the same to the byte, and so must the findings and what was
said of each person, account, right and grant. Where something differs, it says what,
field by field. The chain of manifests is checked with the public key first, and each
file that is read against its digest.

   rollcall audit replay --run 20260331T020000Z-a1b2c3 --archive copy --key archive.pub

It ends with 0 when everything is the same; with 5 when something differs; with 4 when
the run was recorded by a rollcall that did not archive all of it yet, so that not all
can be compared; with 2 when there is no such run, or none that decides: a restore gives
back what another run took, and a review records answers.`

func auditReplayCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "replay", Usage: "decide a past run once more from the archive: is the plan the same?", Description: replayHelp,
		Flags: append(archiveFlags(), jsonFlag(), &cli.StringFlag{Name: "run", Usage: "the `ID` of the run, as summaries and table runs have it, or last (needed)"}),
		Action: func(c *cli.Context) error {
			if c.String("run") == "" {
				return refuse("audit replay needs --run ID: summaries, the notices and the table runs name it (rollcall audit ask --question nights lists them)")
			}
			cfg, keys, err := e.auditedArchive(c)
			if err != nil {
				return err
			}
			keep, err := e.past(c.Context, cfg)
			if err != nil {
				return aborted(err)
			}
			runs, err := archive.Committed(keep.Store(), keys...)
			if err != nil {
				return aborted(fmt.Errorf("the archive %s: %w", archiveRoot(cfg), err))
			}
			run, err := runNamed(keep, runs, c.String("run"))
			if err != nil {
				return err
			}
			told, err := reperform(c.Context, keep, run)
			if err != nil {
				return err
			}
			return e.tellReplay(told, c.Bool("json"))
		},
	}
}

// runNamed finds a run that decided something.
func runNamed(keep *archive.Archive, runs []archive.CommittedRun, name string) (archive.CommittedRun, error) {
	if name == "last" {
		for _, r := range slices.Backward(runs) {
			if trigger, err := r.Trigger(keep.Store()); err == nil && undecided(r, trigger) == "" {
				return r, nil
			}
		}
		return archive.CommittedRun{}, refuse("the archive has no run that decided anything yet")
	}
	at := slices.IndexFunc(runs, func(r archive.CommittedRun) bool { return string(r.RunID) == name })
	if at < 0 {
		return archive.CommittedRun{}, refuse("the archive has no committed run %q: rollcall audit ask --question nights lists those that there are", name)
	}
	trigger, err := runs[at].Trigger(keep.Store())
	if err != nil {
		return runs[at], aborted(err)
	}
	if why := undecided(runs[at], trigger); why != "" {
		return runs[at], refuse("run %s is a %s, and has no plan of a night to decide once more: %s", name, trigger, why)
	}
	return runs[at], nil
}

// undecided says why a run has no plan that follows from facts alone; "": it has one.
func undecided(r archive.CommittedRun, trigger string) string {
	switch {
	case strings.HasPrefix(trigger, "audit "):
		return "it records what was done to the archive itself: another key, or what expired"
	case !r.Has("reads"):
		return "it looked at no system and decided nothing about access (what people were asked and answered, or what became of the archive itself)"
	case trigger == "restore":
		return "it gives back what another run took, as somebody asked for; the table actions says what, and the journal of that run says what was taken"
	}
	return ""
}

// replayed is what came out.
type replayed struct {
	Run         access.RunID       `json:"run_id"`
	Trigger     string             `json:"trigger"`
	Mode        access.Mode        `json:"mode"`
	Now         string             `json:"now"`
	WrittenBy   string             `json:"written_by"`
	ReplayedBy  string             `json:"replayed_by"`
	PlanSHA256  string             `json:"plan_sha256"`      // as table runs has it
	AnewSHA256  string             `json:"plan_sha256_anew"` // as it follows now
	Actions     int                `json:"actions"`
	Held        int                `json:"held"`
	Same        bool               `json:"same"`
	NotCompared string             `json:"not_compared,omitempty"`
	Records     []archive.Compared `json:"records"`
}

// reperform decides a run once more and compares.
func reperform(ctx context.Context, keep *archive.Archive, run archive.CommittedRun) (replayed, error) {
	past, err := keep.At(run)
	if err != nil {
		return replayed{}, aborted(err)
	}
	b, err := past.Basis(roster.Decode)
	var older *archive.OlderError
	if errors.As(err, &older) {
		return replayed{}, exitError{exitIncomplete, fmt.Errorf("run %s was written by another rollcall, before it archived all that is needed to decide it once more (%w): its tables can be read (rollcall audit ask, audit sql), its plan cannot be compared", run.RunID, err)}
	}
	var gone *archive.ExpiredError
	if errors.As(err, &gone) {
		return replayed{}, exitError{exitIncomplete, fmt.Errorf("run %s cannot be decided once more: %w", run.RunID, gone)}
	}
	if err != nil {
		return replayed{}, aborted(err)
	}
	r := replayed{Run: b.Run.ID, Trigger: b.Run.Trigger, Mode: b.Run.Mode, Now: b.Run.StartedAt.Format("2006-01-02 15:04:05 MST"), WrittenBy: b.Run.ToolVersion,
		ReplayedBy: strings.TrimPrefix(thisProgram().String(), "rollcall "), PlanSHA256: b.Run.PlanSHA256}
	if b.Partial {
		r.NotCompared = fmt.Sprintf("this run was written by rollcall %s before it archived on what grounds it decided (which lists were refused, and why, approvals, orders by hand): its findings can be compared, its plan not", b.Run.ToolVersion)
	}
	job, err := rewired(past, b)
	if err != nil {
		return r, aborted(fmt.Errorf("decide run %s once more: %w", run.RunID, err))
	}
	n, err := job.Reperform(ctx, b.SeenAt)
	if err != nil {
		return r, aborted(fmt.Errorf("decide run %s once more: %w", run.RunID, err))
	}
	r.AnewSHA256, r.Actions, r.Held = n.Plan.SHA256, len(n.Plan.Actions), len(n.Plan.Held)
	if r.Records, err = past.Compare(n); err != nil {
		return r, aborted(err)
	}
	if b.Partial { // in the first place of the records stands the plan
		r.Records = r.Records[1:]
	}
	r.Same = !slices.ContainsFunc(r.Records, deviates) && (b.Partial || r.PlanSHA256 == r.AnewSHA256)
	return r, nil
}

// deviates: of the plan each byte counts, of a table what its rows say.
func deviates(c archive.Compared) bool { return !c.Same || c.Name == "plan" && !c.Identical }

// rewired is a run's job with parts that come out of the archive alone.
func rewired(past archive.PastRun, b *archive.Basis) (*jobs.Job, error) {
	raw, err := b.Input("config")
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, errors.New("it has no configuration among its inputs")
	}
	cfg, err := config.Load(b.File("config"), raw)
	if err != nil {
		return nil, fmt.Errorf("its configuration is none that this rollcall can use: %w", err)
	}
	journals, err := past.Journals()
	if err != nil {
		return nil, err
	}
	return &jobs.Job{
		Run: b.Run, Settings: settings(cfg, b.Run.Mode), Order: b.Order, Records: journals,
		Archive: remembered{memory: b.Memory},
		Inputs:  func(access.Memory) (jobs.Inputs, error) { return recalledInputs(cfg, b) },
		Collect: func(context.Context) []access.Observation { return b.Systems },
	}, nil
}

// remembered is an archive of which only what a run remembered is there: deciding
// needs no more.
type remembered struct {
	jobs.Archive
	memory access.Memory
}

// Memory is what the run remembered.
func (r remembered) Memory() (access.Memory, error) { return r.memory, nil }

func (e *environ) tellReplay(r replayed, asJSON bool) error {
	var err error
	if asJSON {
		err = writeJSON(e, r)
	} else {
		err = printReplayed(e.stdout, r)
	}
	switch {
	case err != nil:
		return aborted(err)
	case r.NotCompared != "":
		return exitError{exitIncomplete, errors.New(r.NotCompared)}
	case !r.Same:
		return exitError{exitFailed, fmt.Errorf("run %s is not what follows from its inputs: see what differs above", r.Run)}
	}
	return nil
}

// shownUnlike is how many differences of one record are printed; --json has more.
const shownUnlike = 20

func printReplayed(w io.Writer, r replayed) error {
	tellf(w, "Run %s (%s, mode %s), decided once more as of %s.\n", r.Run, r.Trigger, cmp.Or(r.Mode, access.Observe), r.Now)
	for _, c := range r.Records {
		says := "the same"
		switch {
		case c.Identical:
			says += ", to the byte"
		case deviates(c):
			says = fmt.Sprintf("%d difference(s)", c.Count)
		}
		rows := ""
		if c.Name != "plan" {
			rows = fmt.Sprintf("%d row(s), ", c.Rows)
		}
		tellf(w, "  %-13s %s%s\n", c.Name, rows, says)
		for _, u := range c.Unlike[:min(len(c.Unlike), shownUnlike)] {
			tellf(w, "    ! %s\n", u)
		}
		if more := c.Count - shownUnlike; more > 0 {
			tellf(w, "    and %d more (--json)\n", more)
		}
	}
	if r.WrittenBy != r.ReplayedBy {
		tellf(w, "It was written by rollcall %s, and decided once more by rollcall %s", r.WrittenBy, r.ReplayedBy)
		if r.Same {
			fmt.Fprint(w, ".\n")
		} else {
			fmt.Fprint(w, ": differences may come from that. Decide it once more by the rollcall that wrote it.\n")
		}
	}
	verdict := fmt.Sprintf("The plan is the same: %d action(s), %d held, SHA-256 %s.", r.Actions, r.Held, r.AnewSHA256)
	switch {
	case r.NotCompared != "":
		verdict = "Not compared: the plan."
	case !r.Same:
		verdict = unlike(r) + " Keep the archive as it is, and tell whoever answers for it."
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}

// unlike says what is not the same. The digest in the table runs can be right where the
// plan's file or another table is not what follows.
func unlike(r replayed) string {
	var names []string
	for _, c := range r.Records {
		if deviates(c) {
			names = append(names, c.Name)
		}
	}
	if r.PlanSHA256 != r.AnewSHA256 {
		return fmt.Sprintf("NOT THE SAME: %s. The plan that was recorded has the SHA-256 %s, the one that follows %s.", cmp.Or(strings.Join(names, ", "), "the digest of the plan"), r.PlanSHA256, r.AnewSHA256)
	}
	return fmt.Sprintf("NOT THE SAME: %s. The plan has the SHA-256 that was recorded, %s.", strings.Join(names, ", "), r.AnewSHA256)
}
