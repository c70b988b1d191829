package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// user reads a user. A 404 may mean several things, so a list has to agree
// that there is none to be seen.
func (r *Revoker) user(ctx context.Context, id string) (u wireUser, unseen bool, err error) {
	err = r.c.getInto(ctx, "/api/v1/users/"+id, &u)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return wireUser{}, true, r.listedNowhere(ctx, id, err)
	case err == nil && u.ID != id:
		return u, false, fmt.Errorf("okta answers with user %q when asked for %q", u.ID, id)
	}
	return u, false, err
}

func (r *Revoker) listedNowhere(ctx context.Context, id string, notFound error) error {
	path := "/api/v1/users?limit=2&filter=" + url.QueryEscape(`id eq "`+id+`"`)
	rows, _, err := list[wireID](ctx, r.c, path, nil)
	switch {
	case err != nil:
		return errors.Join(notFound, err)
	case len(rows) > 0:
		return fmt.Errorf("okta lists the user all the same: %w", notFound)
	}
	return nil
}

// forUnseen judges a user whom neither their id nor a list shows. To an admin whose role
// leaves somebody out they look the same as one who was deleted: only the log tells. (ADR 59)
func (r *Revoker) forUnseen(ctx context.Context, a access.Action) (access.State, error) {
	if a.Verb == access.OktaUnsuspend {
		return access.State{Refuse: "okta shows no such user to the credential that gives back: deleted, or not covered by its admin role; nothing can be given back"}, nil
	}
	event, err := r.deletion(ctx, string(a.Account.ID))
	if err != nil {
		return access.State{}, fmt.Errorf("okta shows user %s to this credential neither by id nor in a list: it was deleted, or its admin role does not cover them; "+
			"look in Okta, and give it a role over all users: %w", a.Account.ID, err)
	}
	return access.State{Holds: true, Detail: fmt.Sprintf("the user does not exist any more: okta's log has the event %s of %s", event.EventType, event.Published.UTC().Format(time.RFC3339))}, nil
}

// deletes is how the events of a user's deletion begin.
// https://developer.okta.com/docs/reference/api/event-types/
const deletes = "user.lifecycle.delete."

// deletion finds in the log that a user was deleted. It keeps 90 days.
func (r *Revoker) deletion(ctx context.Context, id string) (wireEvent, error) {
	if !r.looksIntoLog {
		return wireEvent{}, errors.New("this credential may not look into the log: that of the night tells")
	}
	path := "/api/v1/logs?limit=10&sortOrder=DESCENDING&since=" + url.QueryEscape(r.cfg.Now().AddDate(0, 0, -90).UTC().Format("2006-01-02T15:04:05.000Z")) +
		"&filter=" + url.QueryEscape(`eventType sw "`+deletes+`" and target.id eq "`+id+`"`)
	var events []wireEvent
	if err := r.c.getInto(ctx, path, &events); err != nil {
		return wireEvent{}, err
	}
	found := slices.IndexFunc(events, func(e wireEvent) bool {
		_, is := e.about(map[string]access.AccountKey{id: {}})
		return is && strings.HasPrefix(e.EventType, deletes) && e.Outcome.Result == "SUCCESS"
	})
	if found < 0 {
		return wireEvent{}, errors.New("its log has no deletion of them")
	}
	return events[found], nil
}
