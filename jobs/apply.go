package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// verifyDelays are the waits between the reads that look for an effect: systems
// take a while to show what they did.
var verifyDelays = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// removalDelays are longer: Okta deactivates in the background, with many
// applications for minutes, and nothing waits for a remove.
var removalDelays = append(slices.Clone(verifyDelays), 15*time.Second, 30*time.Second, time.Minute, 2*time.Minute)

// looksFor are the waits between the reads that look for what an action did.
func looksFor(stage access.Stage) []time.Duration {
	if stage == access.Remove {
		return removalDelays
	}
	return verifyDelays
}

// refusalReads is how often, besides the first, an effect is looked for after an
// error that seems to be a refusal.
const refusalReads = 2

// refused reports whether an error seems to say that a change was not made. Of an answer
// that was lost the hands say that it may have been.
func refused(err error) bool {
	var unsure interface{ MayHaveWorked() bool }
	return err != nil && (!errors.As(err, &unsure) || !unsure.MayHaveWorked())
}

// applier carries out actions, one after the other: re-read, journal the
// intent, act, re-read, journal the outcome.
type applier struct {
	job     *Job
	journal *journal
}

// run carries out the actions in order. One that fails does not stop the others;
// a journal that cannot be written, or a stop of the whole run, does. The
// outcomes so far are returned in any case.
func (a applier) run(ctx context.Context, actions []access.Action) ([]access.Outcome, error) {
	var out []access.Outcome
	for _, act := range actions {
		if err := ctx.Err(); err != nil {
			return out, fmt.Errorf("stopped before %s of %s in %s: %w", act.Verb, act.Login, act.Account.System, err)
		}
		o, err := a.one(ctx, act)
		if err != nil {
			return out, err
		}
		out = append(out, o)
	}
	return out, nil
}

// one carries out one action. An error means that the journal could not be
// written: then nothing was sent, or what was sent is found by the next run.
func (a applier) one(ctx context.Context, act access.Action) (access.Outcome, error) {
	o := access.Outcome{Action: act, PlannedAt: a.job.Run.StartedAt, Actor: a.job.Run.Actor}
	if why := a.unwanted(act); why != "" {
		o.Result, o.Detail = access.Skipped, why
		return o, a.close(nil, &o)
	}
	r := a.job.hand(act)
	if r == nil {
		o.Result, o.Detail = access.Failed, fmt.Sprintf("no credential that may change %s is configured; nothing was sent", act.Account.System)
		return o, a.close(nil, &o)
	}
	st, err := r.Inspect(ctx, act)
	switch {
	case err != nil:
		o.Result, o.Detail = access.Failed, "could not be read before acting, so nothing was sent: "+err.Error()
		return o, a.close(nil, &o)
	case st.Refuse != "":
		o.Result, o.Detail = access.Skipped, st.Refuse
		return o, a.close(nil, &o)
	case st.Holds:
		o.Result, o.Detail, o.VerifiedAt, o.Before = access.AlreadyAbsent, st.Detail, a.job.Now(), st.Before
		return o, a.close(nil, &o)
	case st.InProgress:
		o.Result, o.Detail, o.Before = access.Pending, phrase.Both("nothing was sent: it is under way already", st.Detail), st.Before
		return o, a.close(nil, &o)
	}
	return a.send(ctx, r, o, st)
}

// gone are the actions of the plan to apply that tonight's decision does not
// want (any more): skipped, each with a record.
func (a applier) gone(tonight access.Plan) ([]access.Outcome, error) {
	if a.job.Only == nil {
		return nil, nil
	}
	wanted, otherwise := map[string]string{}, map[access.AccountKey]bool{} // accounts that steps end tonight which were not planned
	for _, act := range tonight.Actions {
		wanted[act.ID] = "run"
		otherwise[act.Account] = otherwise[act.Account] || act.Stage == access.Block && a.unwanted(act) != ""
	}
	for _, h := range tonight.Held {
		wanted[h.Action.ID] = "a guard holds it tonight: " + h.Guard
	}
	var out []access.Outcome
	for _, act := range a.job.Only.Actions {
		why := wanted[act.ID]
		if why == "run" {
			continue
		}
		if why == "" {
			why = "no longer wanted: the person is no certain leaver now, or it is done already"
			switch {
			case act.Stage == access.Block && otherwise[act.Account]:
				why = "the account is not as it was when this was planned, and other steps end it now: make a new plan, or run the night"
			case act.InUse():
				why = "no longer wanted: it is done already, or something lets the person have it, or a read that it rests on is not whole"
			}
		}
		o := access.Outcome{Action: act, PlannedAt: a.job.Only.CreatedAt, Actor: a.job.Run.Actor, Result: access.Skipped, Detail: why}
		if err := a.close(nil, &o); err != nil {
			return out, err
		}
		out = append(out, o)
	}
	return out, nil
}

// unwanted says why an action is not to be carried out although the guards let
// it: the plan that was asked for does not have it.
func (a applier) unwanted(act access.Action) string {
	if a.job.Only == nil {
		return ""
	}
	for _, p := range a.job.Only.Actions {
		if same(p, act) {
			return ""
		}
	}
	for _, h := range a.job.Only.Held {
		if len(act.Released) > 0 && same(h.Action, act) {
			return ""
		}
	}
	return "not in the plan that was applied"
}

// same reports whether tonight's action is the one that was planned: the same
// change for the same person to an account that still has the same login.
func same(planned, tonight access.Action) bool {
	return planned.ID == tonight.ID && planned.Person == tonight.Person && planned.Login == tonight.Login
}

// send journals the intent, acts, reads back and journals the outcome. What was
// begun is finished even when the run is told to stop.
func (a applier) send(ctx context.Context, r hand, o access.Outcome, st access.State) (access.Outcome, error) {
	if err := a.job.clock(); err != nil { // a sweep has read nothing of some systems before this
		return o, err
	}
	ctx = context.WithoutCancel(ctx)
	if err := a.alone(o.Action); err != nil {
		return o, err
	}
	o.Before, o.SentAt = st.Before, a.job.Now()
	ref, err := a.journal.write(entry{Kind: "intent", At: o.SentAt, Action: &o.Action, Before: o.Before, Actor: o.Actor})
	if err != nil {
		return o, err
	}
	if err := a.alone(o.Action); err != nil { // writing the record may have taken long
		return o, err
	}
	receipt, sent := a.act(ctx, r, o.Action)
	o.RequestID, o.Detail = receipt.RequestID, receipt.Detail
	a.readBack(ctx, r, &o, sent)
	return o, a.close(&ref, &o)
}

const (
	// sendTime is how long one change may take to be sent, under a lock that can be
	// lost.
	sendTime = 2 * time.Minute
	// aloneFor has to be sure before a change is begun: sendTime, and as much again,
	// since some changes (Okta's suspension of a locked-out user) go on to their end
	// once they are begun.
	aloneFor = 2 * sendTime
)

// alone is nil when no other run can begin before this change is done.
func (a applier) alone(act access.Action) error {
	if a.job.Outlasts == nil {
		return nil
	}
	if err := a.job.Outlasts(aloneFor); err != nil {
		return fmt.Errorf("stopped before %s of %s in %s, which was not sent, for another run may be at work: %w", act.Verb, act.Login, act.Account.System, err)
	}
	return nil
}

// act sends the one change.
func (a applier) act(ctx context.Context, r hand, act access.Action) (access.Receipt, error) {
	if a.job.Outlasts != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, sendTime)
		defer cancel()
	}
	return r.Act(ctx, act)
}

// readBack settles an outcome by reading: done only when it was seen.
func (a applier) readBack(ctx context.Context, r hand, o *access.Outcome, sent error) {
	var st access.State
	var err error
	for n, d := range looksFor(o.Action.Stage) {
		if d > 0 && (a.job.Sleep(ctx, d) != nil) {
			break
		}
		st, err = r.Inspect(ctx, o.Action)
		if err == nil && (st.Holds || (refused(sent) && !st.InProgress && n >= refusalReads)) {
			break
		}
	}
	switch {
	case err != nil:
		o.Result, o.Detail = access.Unknown, phrase.Both(o.Detail, "what it did could not be read: "+err.Error())
	case st.Holds:
		o.Result, o.VerifiedAt, o.Detail = access.Done, a.job.Now(), phrase.Both(o.Detail, st.Detail)
	case sent != nil && !st.InProgress:
		o.Result = access.Failed
	default:
		o.Result, o.Detail = access.Pending, phrase.Both(phrase.Both(o.Detail, st.Detail), "not seen to have worked yet")
	}
	if sent != nil {
		o.Detail = phrase.Both(o.Detail, "the answer was: "+sent.Error())
	}
}

// close journals an outcome, and tells it; ref is the intent, nil when nothing was sent.
func (a applier) close(ref *intentRef, o *access.Outcome) error {
	_, err := a.journal.write(entry{Kind: "outcome", At: a.job.Now(), Closes: ref, Outcome: o})
	if err == nil {
		a.job.changed(*o)
	}
	return err
}

// hand is what may carry out an action, nil if nothing here may.
func (j *Job) hand(act access.Action) hand {
	if act.Stage == access.Restore {
		return j.Restorers[act.Account.System]
	}
	return j.Revokers[act.Account.System]
}
