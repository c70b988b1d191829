package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

// Revoker blocks, and removes what a block left. It cannot delete a user, write a
// policy, attach any policy but AWSDenyAll or detach that one, or activate a
// credential: its clients refuse to send that.
type Revoker struct {
	session *session

	mu sync.Mutex
	// me, center and the rest are read once and kept.
	me      caller
	center  center
	entered map[string]identity // by AWS account
	// requests are those that Act has sent and not seen the end of, by action: a
	// deleted assignment goes on being listed for a while.
	requests map[string]string
}

// NewRevoker sends nothing yet. Its credentials and roles are not the
// Collector's.
func NewRevoker(ctx context.Context, cfg Config) (*Revoker, error) {
	may := []operationSet{reads, writes}
	if cfg.Removes {
		may = append(may, removes)
	}
	if cfg.Removes && cfg.Deletes {
		may = append(may, deletes)
	}
	s, err := newSession(ctx, cfg, may...)
	if err != nil {
		return nil, err
	}
	return &Revoker{session: s, entered: map[string]identity{}, requests: map[string]string{}}, nil
}

// System is the configured name.
func (r *Revoker) System() access.System { return r.session.cfg.System }

// Self is the IAM user, or root, whose credentials it has; none if that is a role.
func (r *Revoker) Self(ctx context.Context) ([]access.AccountKey, error) {
	me, err := r.whoAmI(ctx)
	return me.self(r.System()), err
}

// Inspect reads the one thing that the action would change, afresh. IAM takes
// seconds to tell all its parts, so a change may not show at once: ask again.
func (r *Revoker) Inspect(ctx context.Context, a access.Action) (access.State, error) {
	if err := r.wellFormed(a); err != nil {
		return access.State{}, err
	}
	me, err := r.whoAmI(ctx)
	if err != nil {
		return access.State{}, err
	}
	for _, own := range me.self(r.System()) {
		if own == a.Account {
			return access.State{Refuse: "this is the account that the job itself acts as"}, nil
		}
	}
	state, err := wayOf(a.Verb).inspect(r, ctx, a)
	if err != nil {
		return access.State{}, fmt.Errorf("inspect %s of %s: %w", a.Verb, a.Login, explain(err, me.arn))
	}
	return state, nil
}

// Act makes the change. Of an IAM user it first checks again that the name is
// still that user's. What Act says is no proof: Inspect is.
func (r *Revoker) Act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if restoring[a.Verb] {
		return access.Receipt{}, fmt.Errorf("%s gives back, which a revoker does not: rollcall restore does", a.Verb)
	}
	return r.act(ctx, a)
}

func (r *Revoker) act(ctx context.Context, a access.Action) (access.Receipt, error) {
	if err := r.wellFormed(a); err != nil {
		return access.Receipt{}, err
	}
	me, err := r.whoAmI(ctx)
	if err != nil {
		return access.Receipt{}, err
	}
	receipt, err := wayOf(a.Verb).act(r, ctx, a)
	if err != nil {
		return receipt, fmt.Errorf("%s of %s: %w", a.Verb, a.Login, explain(err, me.arn))
	}
	return receipt, nil
}

// way is how a verb is read and how it is sent.
type way struct {
	inspect func(*Revoker, context.Context, access.Action) (access.State, error)
	act     func(*Revoker, context.Context, access.Action) (access.Receipt, error)
}

// wayOf is the way of a verb; those that are not of Identity Center are of IAM, which
// knows its own.
func wayOf(v access.Verb) way {
	switch v {
	case access.SSODeleteAssignment:
		return way{(*Revoker).inspectAssignment, (*Revoker).deleteAssignment}
	case access.SSODeleteMembership:
		return way{(*Revoker).inspectMembership, (*Revoker).deleteMembership}
	case access.SSOCreateAssignment:
		return way{(*Revoker).inspectNewAssignment, (*Revoker).createAssignment}
	case access.SSOCreateMembership:
		return way{(*Revoker).inspectNewMembership, (*Revoker).createMembership}
	}
	return way{(*Revoker).inspectIAM, (*Revoker).actIAM}
}

// field is something that an action has to name.
type field struct {
	name, value string
	form        *regexp.Regexp
}

// wellFormed refuses an action that names nobody or nothing, before any
// request. The clients' own choke-point looks at each request once more.
func (r *Revoker) wellFormed(a access.Action) error {
	if a.InUse() && (a.Stage != access.Remove || !a.Verb.Separate()) {
		return fmt.Errorf("%s is refused: the person works here, and it does more than take one right", a.Verb)
	}
	fields := []field{{"account id", string(a.Account.ID), idForm}}
	user := []field{{"user name", a.Login, userNameForm}, {"AWS account", a.Account.Scope, accountForm}}
	thing := field{"id", a.EntitlementID, idForm}
	if own, ok := removalFields(a); ok {
		fields = append(append(fields, user...), own...)
		return r.whole(a, fields)
	}
	switch a.Verb {
	case access.IAMDeny, access.IAMUndeny:
		fields = append(fields, user...)
	case access.IAMDeactivateKey, access.IAMDeactivateSSHKey, access.IAMDeactivateCertificate, access.IAMDeactivateCredential,
		access.IAMActivateKey, access.IAMActivateSSHKey, access.IAMActivateCertificate, access.IAMActivateCredential:
		fields = append(append(fields, user...), thing)
	case access.SSODeleteAssignment, access.SSOCreateAssignment:
		fields = append(fields, field{"permission set", a.EntitlementID, setForm}, field{"AWS account", a.GrantScope, accountForm})
	case access.SSODeleteMembership, access.SSOCreateMembership:
		fields = append(fields, thing)
	default:
		return fmt.Errorf("%s knows no verb %q", r.System(), a.Verb)
	}
	return r.whole(a, fields)
}

// whole refuses an action that belongs elsewhere, or one of whose fields is empty
// or malformed.
func (r *Revoker) whole(a access.Action, fields []field) error {
	if a.Account.System != r.System() {
		return fmt.Errorf("%s was given an action on an account of %q", r.System(), a.Account.System)
	}
	for _, f := range fields {
		if !f.form.MatchString(f.value) {
			return fmt.Errorf("%s is refused: its %s %q is empty or malformed", a.Verb, f.name, f.value)
		}
	}
	return nil
}

// whoAmI asks who the job is and where, once.
func (r *Revoker) whoAmI(ctx context.Context) (caller, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.me.management != "" {
		return r.me, nil
	}
	me, err := r.session.whoAmI(ctx)
	if err != nil {
		return caller{}, err
	}
	me, err = r.session.organization(ctx, me)
	if err != nil {
		return caller{}, fmt.Errorf("find the management account: %w", err)
	}
	r.me = me
	return me, nil
}

// enter gets credentials for an AWS account, once.
func (r *Revoker) enter(ctx context.Context, account string) (identity, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if who, ok := r.entered[account]; ok {
		return who, nil
	}
	who, err := r.session.enter(ctx, r.me, account)
	if err != nil {
		return identity{}, err
	}
	r.entered[account] = who
	return who, nil
}

// image writes a before-image; it holds names and states, never a secret.
func image(before any) (json.RawMessage, error) { return json.Marshal(before) }

// gone is the state of a thing that is not there any more.
func gone(detail string) access.State { return access.State{Holds: true, Detail: detail} }

// settled gives the receipt of a change; of a thing that is absent already it
// is no failure, because Inspect has the last word.
func settled(err error, answer middleware.Metadata) (access.Receipt, error) {
	if absent(err) {
		return access.Receipt{RequestID: requestOf(err), Detail: "AWS says that it is not there"}, nil
	}
	id, _ := awsmiddleware.GetRequestIDMetadata(answer)
	return access.Receipt{RequestID: id}, err
}

func requestOf(err error) string {
	var reply interface{ ServiceRequestID() string }
	if errors.As(err, &reply) {
		return reply.ServiceRequestID()
	}
	return ""
}
