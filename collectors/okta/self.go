package okta

import (
	"context"
	"fmt"
	"net/http"

	"rollcall/internal/access"
)

// ownAccount refuses to change the account whose API token this is: with it would end
// what the job can do, and everybody who comes later would stay in. A service app is
// nobody's account.
func (r *Revoker) ownAccount(ctx context.Context, s *access.State, a access.Action) error {
	me, err := r.whoAmI(ctx)
	if err == nil && me != "" && me == string(a.Account.ID) {
		s.Refuse = "this is the account that the job itself acts as: give the job a token of another one, then plan again"
	}
	return err
}

// Self is the account whose API token this is.
func (r *Revoker) Self(ctx context.Context) ([]access.AccountKey, error) {
	me, err := r.whoAmI(ctx)
	if err != nil || me == "" {
		return nil, err
	}
	return []access.AccountKey{{System: r.cfg.System, ID: access.AccountID(me)}}, nil
}

// whoAmI asks whose token this is, once. That Okta may not say stops nothing; an answer
// that was lost does.
func (r *Revoker) whoAmI(ctx context.Context) (string, error) {
	if r.cfg.Token == "" {
		return "", nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked {
		return r.me, nil
	}
	var me wireUser
	err := r.c.getInto(ctx, "/api/v1/users/me", &me)
	if err != nil && !denied(err) && statusOf(err) != http.StatusNotFound {
		return "", fmt.Errorf("read whose token this is: %w", err)
	}
	r.asked, r.me = true, me.ID
	return r.me, nil
}
