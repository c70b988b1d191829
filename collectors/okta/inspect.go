package okta

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// Inspect reads the one thing that the action would change, fresh and by id.
func (r *Revoker) Inspect(ctx context.Context, a access.Action) (access.State, error) {
	if err := r.admit(a); err != nil {
		return access.State{}, err
	}
	state, _, err := r.look(ctx, a)
	return state, err
}

// look reads what the action would change, and whether it may: never the job's own account.
func (r *Revoker) look(ctx context.Context, a access.Action) (access.State, wireUser, error) {
	state, user, err := r.lookAt(ctx, a)
	if err == nil {
		err = r.ownAccount(ctx, &state, a)
	}
	return state, user, err
}

func (r *Revoker) lookAt(ctx context.Context, a access.Action) (access.State, wireUser, error) {
	if a.Verb == access.OktaDeleteToken {
		return r.lookAtToken(ctx, a)
	}
	user, unseen, err := r.user(ctx, string(a.Account.ID))
	if err != nil {
		return access.State{}, user, fmt.Errorf("read account %s: %w", a.Account, err)
	}
	if unseen {
		state, err := r.forUnseen(ctx, a)
		return state, user, err
	}
	state := access.State{Before: imageOf(user)}
	switch remove := removals[a.Verb]; {
	case remove != nil:
		err = remove(r, ctx, &state, user, a)
	case a.Verb == access.OktaSuspend:
		forSuspend(&state, user)
	case a.Verb == access.OktaDeactivate:
		forDeactivate(&state, user)
	case a.Verb == access.OktaUnsuspend:
		forUnsuspend(&state, user, a.Undoes)
	default:
		err = r.forSessions(ctx, &state, user)
	}
	if why := notBlocked(a, user); why != "" {
		state.Refuse = why
	}
	if why := reviving(user); why != "" {
		state.Holds, state.Refuse = false, why
	}
	// The state is told even of a user whose login changed: the id is the same,
	// and a run that was interrupted must be able to read what it did.
	if why := otherPerson(a, user); why != "" {
		state.Refuse = why
	}
	return state, user, err
}

// otherPerson says why an account is not the one that was judged: ids are for
// ever, but a login may have been given to somebody else since.
func otherPerson(a access.Action, u wireUser) string {
	switch {
	case a.Login == "":
		return "the action names no login to check the account against; plan again"
	case !strings.EqualFold(a.Login, u.Profile.Login):
		return fmt.Sprintf("the account's login is %s now and was %s when this was planned; plan again", u.Profile.Login, a.Login)
	}
	return ""
}

// reviving says that somebody is activating a deactivated user again: until that is over
// nothing may be changed, and nothing is proven by what they still are.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/
func reviving(u wireUser) string {
	if to := u.TransitioningToStatus; u.Status == "DEPROVISIONED" && to != "" && to != u.Status {
		return fmt.Sprintf("the user is being activated again (on the way from %s to %s); plan again when that is over", u.Status, to)
	}
	return ""
}

func forSuspend(s *access.State, u wireUser) {
	switch {
	case u.Status == "SUSPENDED" || u.Status == "DEPROVISIONED":
		s.Holds, s.Detail = true, "the user is "+u.Status
	case u.TransitioningToStatus == "DEPROVISIONED":
		s.InProgress, s.Detail = true, "the user is being deactivated"
	case u.Status != "ACTIVE" && u.Status != "LOCKED_OUT":
		s.Refuse = fmt.Sprintf("okta suspends nobody who is %s; deactivate the user instead", u.Status)
	}
}

func forDeactivate(s *access.State, u wireUser) {
	switch {
	case u.Status == "DEPROVISIONED":
		s.Holds, s.Detail = true, "the user is DEPROVISIONED"
	case u.TransitioningToStatus == "DEPROVISIONED":
		s.InProgress, s.Detail = true, "okta is still deactivating the user"
	}
}

// afterwards is what clearing sessions cannot reach.
const afterwards = "; sessions inside apps live on until they end by themselves"

// forSessions judges something that cannot be read: Okta lists no sessions.
// A deactivated user has none. Otherwise nothing counts as cleared before this
// Revoker itself got Okta's 204; then it is done if the user cannot begin new
// ones (SUSPENDED), or once the System Log has the event.
// https://help.okta.com/okta_help.htm?id=usgp-deactivate-user-account
func (r *Revoker) forSessions(ctx context.Context, s *access.State, u wireUser) error {
	if u.Status == "DEPROVISIONED" {
		s.Holds, s.Detail = true, "the user is DEPROVISIONED, which ended all sessions at okta"+afterwards
		return nil
	}
	r.mu.Lock()
	at, sent := r.cleared[access.AccountID(u.ID)]
	r.mu.Unlock()
	switch {
	case !sent:
		return nil
	case u.LastLogin.After(at):
		s.Detail = "the user has logged in since the sessions were cleared"
		return nil
	case u.Status == "SUSPENDED":
		s.Holds, s.Detail = true, "okta answered that sessions are cleared, and the user is SUSPENDED"+afterwards
		return nil
	}
	return r.inLog(ctx, s, u, at)
}

// inLog looks for the event in the System Log, which lags a little.
// https://developer.okta.com/docs/reference/api/event-types/
func (r *Revoker) inLog(ctx context.Context, s *access.State, u wireUser, at time.Time) error {
	since := at.Add(-5 * time.Second).UTC() // Date has whole seconds
	path := "/api/v1/logs?limit=10&sortOrder=DESCENDING&since=" + url.QueryEscape(since.Format("2006-01-02T15:04:05.000Z")) +
		"&filter=" + url.QueryEscape(`eventType eq "user.session.clear" and target.id eq "`+u.ID+`"`)
	var events []wireEvent
	err := r.c.getInto(ctx, path, &events)
	cleared := func(e wireEvent) bool {
		_, is := e.about(map[string]access.AccountKey{u.ID: {}})
		return is && e.EventType == "user.session.clear" && !e.Published.Before(since)
	}
	found := slices.IndexFunc(events, cleared)
	switch {
	case denied(err):
		s.InProgress, s.Detail = true, "okta answered that sessions are cleared; its log could not be read: "+err.Error()
	case err != nil:
		return fmt.Errorf("read the system log on user %s: %w", u.ID, err)
	case found < 0:
		s.InProgress, s.Detail = true, "okta answered that sessions are cleared; its log does not say so yet"
	default:
		s.Holds, s.Detail = true, "okta's log has the event "+events[found].EventType+" of "+
			events[found].Published.UTC().Format(time.RFC3339)+afterwards
	}
	return nil
}

// lookAtToken: a token that is not listed lets nobody in, if its owner can be seen: who
// may not see the owner is shown none of their tokens. One that is has to be the person's own.
func (r *Revoker) lookAtToken(ctx context.Context, a access.Action) (access.State, wireUser, error) {
	rows, _, err := list[wireToken](ctx, r.c, "/api/v1/api-tokens", nil)
	if err != nil {
		return access.State{}, wireUser{}, fmt.Errorf("list API tokens: %w", err)
	}
	for _, t := range rows {
		if t.ID == a.EntitlementID {
			return r.ownToken(ctx, a, t)
		}
	}
	user, unseen, err := r.user(ctx, string(a.Account.ID))
	switch {
	case err != nil:
		return access.State{}, user, fmt.Errorf("read account %s: %w", a.Account, err)
	case unseen:
		state, err := r.forUnseen(ctx, a)
		return state, user, err
	}
	return access.State{Holds: true, Detail: "the token is not among the API tokens"}, user, nil
}

func (r *Revoker) ownToken(ctx context.Context, a access.Action, t wireToken) (access.State, wireUser, error) {
	state := access.State{Before: imageOf(t)}
	if t.UserID != string(a.Account.ID) {
		state.Refuse = fmt.Sprintf("the token belongs to user %s, not to %s; plan again", t.UserID, a.Account.ID)
		return state, wireUser{}, nil
	}
	user, unseen, err := r.user(ctx, t.UserID)
	if err == nil && !unseen {
		state.Refuse = otherPerson(a, user)
	}
	return state, user, err
}

// imageOf is a before-image. The slim forms hold no secret, and a token's
// value is unknown to Okta itself.
func imageOf(v any) json.RawMessage {
	if u, ok := v.(wireUser); ok {
		v = map[string]any{
			"id": u.ID, "status": u.Status, "login": u.Profile.Login, "employee_number": string(u.Profile.EmployeeNumber),
			"status_changed": u.StatusChanged, "last_login": u.LastLogin,
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // strings and times always marshal
	}
	return raw
}
