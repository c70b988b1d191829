package okta

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// gives are the only changes that a Restorer's transport lets out.
var gives = []*regexp.Regexp{
	regexp.MustCompile(`^POST /api/v1/users/` + idShape + `/lifecycle/unsuspend$`),
}

func restores(method, path string) error {
	line := method + " " + path
	if reads(method) || slices.ContainsFunc(gives, func(g *regexp.Regexp) bool { return g.MatchString(line) }) {
		return nil
	}
	return fmt.Errorf("refuse %s: it is not among the changes that a restorer makes", line)
}

// Restorer lifts a suspension, and nothing else: Okta gives back no sessions, no
// API tokens, and nobody who was deactivated as they were. It reads what a
// Revoker did too, so that an interrupted night is closed before anything is
// undone.
type Restorer struct{ r *Revoker }

// NewRestorer checks the configuration; it sends nothing yet. Its credential is
// neither the Collector's nor the Revoker's.
func NewRestorer(cfg Config) (*Restorer, error) {
	cfg = cfg.withDefaults()
	c, err := newClient(cfg, restores)
	if err != nil {
		return nil, err
	}
	return &Restorer{&Revoker{cfg: cfg, c: c, cleared: map[access.AccountID]time.Time{}}}, nil
}

// System is the name under which the organisation is configured.
func (r *Restorer) System() access.System { return r.r.System() }

// Inspect reads the one thing that the action would change, or changed.
func (r *Restorer) Inspect(ctx context.Context, a access.Action) (access.State, error) {
	return r.r.Inspect(ctx, a)
}

// Act lifts the suspension, if it is still the one that is to be undone.
func (r *Restorer) Act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if a.Verb != access.OktaUnsuspend {
		return access.Receipt{}, fmt.Errorf("a restorer cannot %q; it can unsuspend", a.Verb)
	}
	return r.r.act(ctx, a)
}

// skew is how far the clocks of Okta and of the machine that suspended may differ.
const skew = 5 * time.Minute

// forUnsuspend judges a user by whether the suspension is still ours: Okta dates
// the last change of a status, and a later one was somebody else's.
func forUnsuspend(s *access.State, u wireUser, ours *access.Undone) {
	switch {
	case ours == nil || ours.At.IsZero():
		s.Refuse = "the action does not say which suspension it undoes; plan again"
	case u.Status == "DEPROVISIONED" || u.TransitioningToStatus == "DEPROVISIONED":
		s.Refuse = "the user was deactivated, which nothing here undoes: activate the user in Okta's console"
	case u.Status == "SUSPENDED" && u.StatusChanged.After(ours.At.Add(skew)):
		s.Refuse = fmt.Sprintf("the user was suspended anew on %s, after rollcall did: ask whoever did that", phrase.Minute(u.StatusChanged))
	case u.Status != "SUSPENDED":
		s.Holds, s.Detail = true, "the user is "+u.Status
	}
}
