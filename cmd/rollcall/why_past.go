package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reconcile"
)

// recall adds what past nights said to explanations. Night after night is read,
// and of each only what is about these people is kept.
func (e *environ) recall(ctx context.Context, cfg config.Config, all []reconcile.Explanation, asked int, right string) error {
	runs, _, err := e.pastNights(ctx, cfg, asked, nil)
	if err != nil {
		return aborted(fmt.Errorf("what past nights said is not told: %w", err))
	}
	var people []access.PersonKey
	for _, x := range all {
		people = append(people, x.Person.Key())
	}
	var nights []reconcile.PastNight
	progress := e.counting("reading nights")
	defer progress.end()
	for at, run := range runs {
		progress.tell(at, len(runs))
		n, err := run.Of(people)
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return aborted(fmt.Errorf("what past nights said is not told: %w", err))
		}
		nights = append(nights, n)
	}
	reviews, err := e.pastReviews(ctx, cfg, people)
	if err != nil {
		return aborted(fmt.Errorf("what past reviews said is not told: %w", err))
	}
	for i := range all {
		h := reconcile.Recall(nights, people[i], right)
		h.Asked = asked
		h.Campaigns, h.Reviews = len(reviews), reconcile.RecallReviews(reviews, people[i], right)
		all[i].Past = &h
	}
	return nil
}

// pastReviews are all campaigns, with what is about these people.
func (e *environ) pastReviews(ctx context.Context, cfg config.Config, people []access.PersonKey) ([]access.CampaignRecord, error) {
	keep, err := e.pastArchive(ctx, cfg)
	if keep == nil || err != nil {
		return nil, err
	}
	reviews, gone, err := keep.ReviewsOf(people)
	for _, id := range gone {
		e.log.Warn(fmt.Sprintf("the review %s has expired, and nothing is told of it: only its SHA-256 is known any more", id))
	}
	return reviews, err
}

// printPast tells what past nights and reviews said about somebody.
func (e *environ) printPast(h reconcile.History) {
	if h.Nights == 0 {
		fmt.Fprintln(e.stdout, "  what past nights said: nothing, for no night has run yet")
		return
	}
	tellf(e.stdout, "  what was said %s:\n", howMany(h.Nights, h.Asked, h.From, h.To))
	if len(h.Rights)+len(h.Findings)+len(h.Actions) == 0 {
		fmt.Fprintln(e.stdout, "    nothing about this")
	}
	for _, r := range h.Rights {
		tellf(e.stdout, "    - held: %s\n", pastRight(r.PastGrant))
		for _, p := range r.Periods {
			tellf(e.stdout, "        %s: %s%s\n", when(p.Span), pastVerdict(p.PastVerdict), howItEnded(p))
		}
	}
	for _, f := range h.Findings {
		tellf(e.stdout, "    - found: %s, %s: %s%s\n", f.Kind, when(f.Span), f.Reason, since(f.FirstSeen))
	}
	for _, a := range h.Actions {
		tellf(e.stdout, "    - action: %s\n", pastAction(a))
	}
	e.printReviews(h)
}

// printReviews tells what each review asked about somebody, and what was answered.
func (e *environ) printReviews(h reconcile.History) {
	if h.Campaigns == 0 {
		return
	}
	tellf(e.stdout, "  what reviews said (%s):\n", phrase.Counted(h.Campaigns, "campaign"))
	if len(h.Reviews) == 0 {
		fmt.Fprintln(e.stdout, "    nothing about this")
	}
	for _, r := range h.Reviews {
		tellf(e.stdout, "    - %s, by campaign %s\n", reviewedRight(r), r.Campaign)
		for _, a := range r.Answers {
			tellf(e.stdout, "        %s: %s\n", a.On, pastAnswer(a))
		}
		if r.Asked != "" {
			tellf(e.stdout, "        open: %s is asked (%s), since %s, to answer by %s\n", r.Asked, r.Because, r.AskedOn, r.Due)
		}
	}
}

// reviewedRight names what a row asked about.
func reviewedRight(r reconcile.PastReview) string {
	what := "the account itself"
	if r.Kind != "" {
		what = rightWords(r.Kind, cmp.Or(r.Entitlement, r.EntitlementID))
	}
	return fmt.Sprintf("reviewed: %s in %s by %s", what, strings.TrimSpace(string(r.System)+" "+r.Scope), r.Login)
}

// pastAnswer says what was decided, by whom and why.
func pastAnswer(a reconcile.PastAnswer) string {
	says := a.Choice.Word()
	if a.By != "" {
		says += ", by " + a.By
	}
	if a.PassTo != "" {
		says += ", to " + a.PassTo
	}
	if a.ChangeTo != "" {
		says += ", to " + a.ChangeTo + " instead"
	}
	if a.Reason != "" {
		says += ": " + a.Reason
	}
	if !a.Until.IsZero() {
		says += "; allowed until " + a.Until.String()
	}
	return says
}

func pastRight(g reconcile.PastGrant) string {
	path := "directly"
	if g.Via != "" {
		path = "through " + g.Via
	}
	place := strings.TrimSpace(string(g.System) + " " + g.Scope)
	return fmt.Sprintf("%s in %s by %s, %s%s", rightWords(g.Kind, g.Entitlement), place, g.Login, path, since(g.FirstSeen))
}

// rightWords names a right with its kind, unless its name begins with it.
func rightWords(kind access.EntitlementKind, name string) string {
	if k := words(string(kind)); !strings.HasPrefix(name, k) {
		return k + " " + name
	}
	return name
}

// words writes a name of a program's as people read it.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

func since(day access.Day) string {
	if day.IsZero() {
		return ""
	}
	return "; known since " + day.String()
}

// pastVerdict says what policy said of a right.
func pastVerdict(v reconcile.PastVerdict) string {
	switch {
	case v.Expected && v.ApprovedBy != "":
		return "expected by " + v.Cites + ", approved by " + v.ApprovedBy
	case v.Expected:
		return "expected by " + v.Cites
	case strings.HasPrefix(v.Cites, "not judged"):
		return v.Cites
	case v.Cites != "":
		return "not expected; " + v.Cites + " had ended"
	}
	return "not expected, nothing allowed it"
}

// howItEnded says what followed a period, if it was not the last night's.
func howItEnded(p reconcile.Period) string {
	switch {
	case !p.Gone.IsZero():
		return "; gone on " + p.Gone.String()
	case p.Unseen > 0:
		return fmt.Sprintf("; not seen since, but the system was not read to its end (%s)", phrase.Counted(p.Unseen, "night"))
	}
	return ""
}

// pastAction says what was done to an account, or why not.
func pastAction(a reconcile.PastAction) string {
	what := words(string(a.Verb))
	if a.EntitlementID != "" {
		what += " " + cmp.Or(a.Entitlement, a.EntitlementID)
	}
	says := fmt.Sprintf("%s: %s of %s in %s: %s", phrase.Minute(a.At), what, a.Login, strings.TrimSpace(string(a.System)+" "+a.Scope), words(string(a.Outcome)))
	if a.Detail != "" {
		says += ", " + a.Detail
	}
	if a.Nights > 1 {
		says += ", as on " + phrase.Counted(a.Nights-1, "night") + " before it, since " + a.From.String()
	}
	return says + fmt.Sprintf(" (run %s)", a.Run)
}
