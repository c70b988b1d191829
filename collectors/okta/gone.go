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
	case err == nil && u.Status == "":
		return u, false, fmt.Errorf("okta's answer about user %q does not say how the user is: it has no status", id)
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
	event, err := r.deletion(ctx, deletesUser, string(a.Account.ID))
	if err != nil {
		return access.State{}, fmt.Errorf("okta shows user %s to this credential neither by id nor in a list: it was deleted, or its admin role does not cover them; "+
			"look in Okta, and give it a role over all users: %w", a.Account.ID, err)
	}
	return access.State{Holds: true, Detail: fmt.Sprintf("the user does not exist any more: okta's log has the event %s of %s", event.EventType, event.Published.UTC().Format(time.RFC3339))}, nil
}

// How the events of a deletion begin.
// https://developer.okta.com/docs/reference/api/event-types/
const (
	deletesUser  = "user.lifecycle.delete."
	deletesGroup = "group.lifecycle.delete"
	deletesApp   = "application.lifecycle.delete"
)

// groupInSight: that a user's list lacks a group proves that they left it only if this
// credential can see the group, or the log tells that it was deleted. A role over some
// groups is shown a list without the others, and is not told so. (ADR 61)
func (r *Revoker) groupInSight(ctx context.Context, id string) (detail string, err error) {
	var it wireID
	err = r.c.getInto(ctx, "/api/v1/groups/"+id, &it)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return r.outOfSight(ctx, "group", id, deletesGroup, err)
	case err != nil:
		return "", fmt.Errorf("the user's list does not have group %s, and whether this credential can see that group is not known: give it a role over all groups that may read them: %w", id, err)
	case it.ID != id:
		return "", fmt.Errorf("okta answers with group %q when asked for %q", it.ID, id)
	}
	return "the user is not in the group", nil
}

// outOfSight judges a group or an app that okta does not show: gone only if its log says so.
func (r *Revoker) outOfSight(ctx context.Context, what, id, deletes string, notFound error) (detail string, err error) {
	event, err := r.deletion(ctx, deletes, id)
	if err != nil {
		return "", fmt.Errorf("okta shows no %s %s to this credential: it was deleted, or its admin role does not cover it; look in Okta, and give it a role over all %ss: %w",
			what, id, what, errors.Join(notFound, err))
	}
	return fmt.Sprintf("the %s does not exist any more: okta's log has the event %s of %s", what, event.EventType, event.Published.UTC().Format(time.RFC3339)), nil
}

// deletion finds in the log that something was deleted. It keeps 90 days.
func (r *Revoker) deletion(ctx context.Context, deletes, id string) (wireEvent, error) {
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
