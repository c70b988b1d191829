package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"rollcall/internal/access"
)

// writes are the only changes that a Revoker's transport lets out. To delete a
// user is not among them: the first call deactivates, the second erases.
var writes = []*regexp.Regexp{
	regexp.MustCompile(`^POST /api/v1/users/` + idShape + `/lifecycle/(suspend|unlock|deactivate)$`),
	regexp.MustCompile(`^DELETE /api/v1/users/` + idShape + `/sessions$`),
	regexp.MustCompile(`^DELETE /api/v1/api-tokens/` + idShape + `$`),
}

// removes are those of a Revoker that also removes.
var removes = []*regexp.Regexp{
	regexp.MustCompile(`^POST /api/v1/users/` + idShape + `/lifecycle/reset_factors$`),
	regexp.MustCompile(`^DELETE /api/v1/users/` + idShape + `/grants$`),
	regexp.MustCompile(`^DELETE /api/v1/users/` + idShape + `/roles/` + idShape + `$`),
	regexp.MustCompile(`^DELETE /api/v1/groups/` + idShape + `/users/` + idShape + `$`),
	regexp.MustCompile(`^DELETE /api/v1/apps/` + idShape + `/users/` + idShape + `$`),
}

func revokes(method, path string) error { return among(writes, method, path) }

func revokesAndRemoves(method, path string) error {
	return among(slices.Concat(writes, removes), method, path)
}

func among(changes []*regexp.Regexp, method, path string) error {
	line := method + " " + path
	if reads(method) || slices.ContainsFunc(changes, func(w *regexp.Regexp) bool { return w.MatchString(line) }) {
		return nil
	}
	return fmt.Errorf("refuse %s: it is not among the changes that this revoker makes", line)
}

// Revoker takes access away, one action at a time: Inspect, Act, Inspect. It
// never takes an error for a success: Okta's 404 and 403 each have two
// meanings, and only reading again tells which.
type Revoker struct {
	cfg Config
	c   *client
	// looksIntoLog: its scopes have okta.logs.read, which a Restorer's have not.
	looksIntoLog bool

	mu      sync.Mutex
	cleared map[access.AccountID]time.Time // when Okta answered that sessions are cleared
	reset   map[access.AccountID]bool      // Okta answered that all factors are reset
	asked   bool                           // whose token this is
	me      string                         // the id of its user; "": not told
}

// NewRevoker checks the configuration; it sends nothing yet.
func NewRevoker(cfg Config) (*Revoker, error) {
	cfg = cfg.withDefaults()
	may := revokes
	if cfg.Removes {
		may = revokesAndRemoves
	}
	c, err := newClient(cfg, may)
	if err != nil {
		return nil, err
	}
	return &Revoker{cfg: cfg, c: c, looksIntoLog: true, cleared: map[access.AccountID]time.Time{}, reset: map[access.AccountID]bool{}}, nil
}

// System is the name under which the organisation is configured.
func (r *Revoker) System() access.System { return r.cfg.System }

// admit is the choke-point: no request of any kind for an action whose ids
// are empty or malformed, or which belongs elsewhere.
func (r *Revoker) admit(a access.Action) error {
	if a.Account.System != r.cfg.System {
		return fmt.Errorf("action %s is for system %q, not for %q", a.ID, a.Account.System, r.cfg.System)
	}
	if a.InUse() && (a.Stage != access.Remove || !a.Verb.Separate()) {
		return fmt.Errorf("%s is refused: the person works here, and it does more than take one right", a.Verb)
	}
	account := validID("account", string(a.Account.ID))
	switch a.Verb {
	case access.OktaSuspend, access.OktaDeactivate, access.OktaClearSessions, access.OktaRevokeGrants, access.OktaResetFactors, access.OktaUnsuspend:
		return account
	case access.OktaDeleteToken:
		return errors.Join(account, validID("API token", a.EntitlementID))
	case access.OktaLeaveGroup:
		return errors.Join(account, validID("group", a.EntitlementID))
	case access.OktaUnassignApp:
		return errors.Join(account, validID("app", a.EntitlementID))
	case access.OktaRemoveAdminRole:
		return errors.Join(account, validRoleKey(a.EntitlementID))
	}
	return fmt.Errorf("okta cannot %q", a.Verb)
}

// Act makes the change. It reads the state once more and changes nothing when
// that is no longer as the action wants it; an error says nothing of what Okta
// did, so the caller inspects again.
func (r *Revoker) Act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if a.Verb == access.OktaUnsuspend {
		return access.Receipt{}, errors.New("a revoker gives nothing back: rollcall restore does")
	}
	return r.act(ctx, a)
}

func (r *Revoker) act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if err := r.admit(a); err != nil {
		return access.Receipt{}, err
	}
	state, user, err := r.look(ctx, a)
	switch {
	case err != nil:
		return access.Receipt{}, err
	case state.Refuse != "":
		return access.Receipt{}, fmt.Errorf("%s %s: refused: %s", a.Verb, a.Account, state.Refuse)
	case state.Holds, state.InProgress:
		return access.Receipt{Detail: "nothing was sent: " + state.Detail}, nil
	}
	receipt, err := r.change(ctx, a, user)
	if err != nil {
		return receipt, fmt.Errorf("%s %s: %w", a.Verb, a.Account, err)
	}
	return receipt, nil
}

func (r *Revoker) change(ctx context.Context, a access.Action, user wireUser) (access.Receipt, error) {
	path := "/api/v1/users/" + string(a.Account.ID)
	switch {
	case a.Verb == access.OktaSuspend && user.Status == "LOCKED_OUT":
		return r.unlockAndSuspend(ctx, path)
	case a.Verb == access.OktaSuspend:
		return r.send(ctx, http.MethodPost, path+"/lifecycle/suspend")
	case a.Verb == access.OktaDeactivate:
		return r.deactivate(ctx, path)
	case a.Verb == access.OktaClearSessions:
		return r.clearSessions(ctx, a, path)
	case removals[a.Verb] != nil:
		return r.remove(ctx, a, path)
	case a.Verb == access.OktaUnsuspend:
		return r.send(ctx, http.MethodPost, path+"/lifecycle/unsuspend")
	}
	return r.send(ctx, http.MethodDelete, "/api/v1/api-tokens/"+a.EntitlementID)
}

func (r *Revoker) send(ctx context.Context, method, path string) (access.Receipt, error) {
	receipt, _, err := r.c.send(ctx, method, path, nil)
	return receipt, err
}

// deactivate does not wait: with many apps it takes minutes, and Inspect says
// when it is done. The user gets no mail.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/
func (r *Revoker) deactivate(ctx context.Context, path string) (access.Receipt, error) {
	receipt, _, err := r.c.send(ctx, http.MethodPost, path+"/lifecycle/deactivate?sendEmail=false",
		http.Header{"Prefer": {"respond-async"}})
	return receipt, err
}

// clearSessions also revokes OAuth refresh and access tokens. Okta answers the
// same 204 whether there were any.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserSessions/
func (r *Revoker) clearSessions(ctx context.Context, a access.Action, path string) (access.Receipt, error) {
	receipt, at, err := r.c.send(ctx, http.MethodDelete, path+"/sessions?oauthTokens=true", nil)
	if err != nil {
		return receipt, err
	}
	if at.IsZero() {
		at = r.cfg.Now()
	}
	r.mu.Lock()
	r.cleared[a.Account.ID] = at.UTC()
	r.mu.Unlock()
	receipt.Detail += "; sessions inside apps, and access tokens that apps check by themselves, live on until they end"
	return receipt, nil
}

const (
	suspendTries = 3
	suspendTime  = 2 * time.Minute
)

// unlockAndSuspend: Okta suspends ACTIVE users only, so a locked-out one is
// unlocked for a moment. Once unlocked there is no way back but to suspend,
// though the run be cancelled and answers be lost. Okta may go on for seconds to
// take them for locked out: only a refusal of the unlock says that they are.
func (r *Revoker) unlockAndSuspend(ctx context.Context, path string) (access.Receipt, error) {
	receipt, err := r.send(ctx, http.MethodPost, path+"/lifecycle/unlock")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), suspendTime)
	defer cancel()
	refused := statusOf(err)/100 == 4
	for try := 0; ; try++ {
		var now wireUser
		readErr := r.c.getInto(ctx, path, &now)
		switch asked := path[strings.LastIndex(path, "/")+1:]; {
		case readErr != nil:
			err = errors.Join(err, readErr)
		case now.ID != asked || now.Status == "":
			err = errors.Join(err, fmt.Errorf("okta answers with user %q, who is %q, when asked for %q", now.ID, now.Status, asked))
		case now.Status == "LOCKED_OUT" && !refused && try < suspendTries:
		case now.Status != "ACTIVE":
			return receipt, settled(now, err)
		}
		if try == suspendTries {
			return receipt, errors.Join(errors.New("the user was unlocked to be suspended, and could not be suspended: suspend them by hand now"), err)
		}
		var again access.Receipt
		if again, err = r.send(ctx, http.MethodPost, path+"/lifecycle/suspend"); err == nil {
			again.Detail += " (unlocked first)"
			receipt = again
		} else if now.Status == "LOCKED_OUT" {
			_ = r.cfg.Sleep(ctx, time.Second<<try) // without time left the next read says so
		}
	}
}

// settled keeps an error only when the user is not suspended after all.
func settled(now wireUser, err error) error {
	if now.Status == "SUSPENDED" {
		return nil
	}
	return errors.Join(fmt.Errorf("after the unlock the user is %s", strings.ToLower(now.Status)), err)
}
