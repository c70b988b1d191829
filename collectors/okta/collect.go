package okta

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"rollcall/internal/access"
)

// Page sizes: the largest that Okta documents, or advises where it does not.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/
const (
	userPage     = 200
	groupPage    = 200
	memberPage   = 1000
	rulePage     = 200
	appPage      = 200
	appUserPage  = 500
	appGroupPage = 200
	rolePage     = 100
)

// lean asks for users without the parts that nobody here reads.
var lean = http.Header{"Content-Type": {
	"application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus",
}}

// Collector reads one organisation. It can send nothing but GET and HEAD.
type Collector struct {
	cfg Config
	c   *client
}

// NewCollector checks the configuration; it sends nothing yet.
func NewCollector(cfg Config) (*Collector, error) {
	cfg = cfg.withDefaults()
	c, err := newClient(cfg, readsOnly)
	if err != nil {
		return nil, err
	}
	return &Collector{cfg: cfg, c: c}, nil
}

func readsOnly(method, path string) error {
	if !reads(method) {
		return fmt.Errorf("refuse %s %s: a collector only reads", method, path)
	}
	return nil
}

// System is the name under which the organisation is configured.
func (k *Collector) System() access.System { return k.cfg.System }

// Collect reads users, groups and their members, apps and who holds them,
// admin roles and API tokens. What is denied or broken is a gap in the Read of
// its family; the error is the end of the context.
func (k *Collector) Collect(ctx context.Context) (access.Observation, error) {
	s := newSurvey(k)
	s.whoAmI(ctx)
	var all sync.WaitGroup
	all.Go(func() { s.directory(ctx) })
	all.Go(func() { s.applications(ctx) })
	all.Go(func() { s.run(groupRules, func() { s.readRules(ctx) }) })
	all.Go(func() { s.run(apiTokens, func() { s.readTokens(ctx) }) })
	all.Wait()
	if err := ctx.Err(); err != nil {
		return access.Observation{}, fmt.Errorf("collect %s: %w", k.cfg.System, err)
	}
	return s.observation(), nil
}

// survey is everything one Collect reads, in Okta's words.
type survey struct {
	*Collector
	family [families]*family
	caller string
	self   string

	mu        sync.Mutex // guards the maps while lists are read side by side
	users     []wireUser
	groups    []wireGroup
	members   map[string][]string // group -> users
	rules     []wireRule
	apps      []wireApp
	appUsers  map[string][]wireAppUser // app -> who holds it
	appGroups map[string][]string      // app -> groups
	userRoles map[string][]wireRole
	grpRoles  map[string][]wireRole
	setLabels map[string]string
	// adminUsers and adminGroups are those that some list names as holders of roles.
	adminUsers, adminGroups map[string]bool
	tokens                  []wireToken
}

func newSurvey(k *Collector) *survey {
	s := &survey{
		Collector: k,
		members:   map[string][]string{}, appUsers: map[string][]wireAppUser{}, appGroups: map[string][]string{},
		userRoles: map[string][]wireRole{}, grpRoles: map[string][]wireRole{}, setLabels: map[string]string{},
	}
	for kind := range families {
		s.family[kind] = newFamily(kind)
	}
	return s
}

// run times one family.
func (s *survey) run(kind int, read func()) {
	f := s.family[kind]
	f.started = s.cfg.Now().UTC()
	read()
	f.finished = s.cfg.Now().UTC()
}

// whoAmI learns whose credential this is. A service app is nobody's user, and
// Okta may refuse to say; but when the answer was lost, the job could act on
// its own account unawares, so the list of accounts is not complete.
func (s *survey) whoAmI(ctx context.Context) {
	var me wireUser
	err := s.c.getInto(s.family[users].within(ctx), "/api/v1/users/me", &me)
	switch {
	case denied(err), statusOf(err) == http.StatusNotFound:
		s.caller = "unknown (" + err.Error() + ")"
	case err != nil:
		s.caller = "unknown (" + err.Error() + ")"
		s.family[users].note("whose credential this is could not be read", err.Error())
	case me.ID == "" || me.Profile.Login == "":
		s.caller = "unknown (okta does not say)"
	default:
		s.caller, s.self = me.Profile.Login, me.ID
	}
}

// directory reads the groups first: their counts judge what follows.
func (s *survey) directory(ctx context.Context) {
	s.run(groups, func() { s.readGroups(ctx) })
	var rest sync.WaitGroup
	rest.Go(func() { s.run(users, func() { s.readUsers(ctx) }) })
	rest.Go(func() { s.run(groupMembers, func() { s.readMembers(ctx) }) })
	rest.Go(func() { s.run(adminRoles, func() { s.readRoles(ctx) }) })
	rest.Wait()
}

func (s *survey) readGroups(ctx context.Context) {
	f := s.family[groups]
	path := "/api/v1/groups?expand=stats&limit=" + strconv.Itoa(groupPage)
	rows, seen, err := list[wireGroup](f.within(ctx), s.c, path, nil)
	if err != nil {
		f.miss("the list of groups", err, s.caller)
		return
	}
	s.groups = rows
	f.saw(path, seen, len(rows))
}

// readUsers reads the live users and then the deactivated, which Okta leaves
// out of the first list; in this order nobody who is deactivated meanwhile is
// missed. Everyone's count tells when the lists are short.
func (s *survey) readUsers(ctx context.Context) {
	f := s.family[users]
	for _, g := range s.groups {
		if g.everyone() {
			f.claimed = g.members()
		}
	}
	live := "/api/v1/users?limit=" + strconv.Itoa(userPage)
	gone := live + "&filter=" + url.QueryEscape(`status eq "DEPROVISIONED"`)
	for _, path := range []string{live, gone} {
		rows, seen, err := list[wireUser](f.within(ctx), s.c, path, lean)
		if err != nil {
			f.miss("the list of users", err, s.caller)
			continue
		}
		s.users = append(s.users, rows...)
		f.saw(path, seen, len(rows))
	}
	s.users = distinct(s.users)
	if !f.broken() && len(s.users) < f.claimed {
		f.note(fmt.Sprintf("the list of users ends after %d", len(s.users)),
			fmt.Sprintf("the group Everyone counts %d; run again, and if it stays so look for a scoped admin role", f.claimed))
	}
}

// distinct keeps the last row of each user.
func distinct(rows []wireUser) []wireUser {
	at := make(map[string]int, len(rows))
	kept := rows[:0]
	for _, u := range rows {
		if i, twice := at[u.ID]; twice {
			kept[i] = u
			continue
		}
		at[u.ID] = len(kept)
		kept = append(kept, u)
	}
	return kept
}

// readMembers reads every group that may have members but the built-in ones:
// Everyone is known from the users, and Okta Administrators refuses the call.
func (s *survey) readMembers(ctx context.Context) {
	f := s.family[groupMembers]
	f.restsOn(s.family[groups])
	f.claimed = 0
	fanOut(s.groups, func(g wireGroup) {
		if g.Type == builtIn || g.members() == 0 {
			return
		}
		what := fmt.Sprintf("group %s (%s)", g.Profile.Name, g.ID)
		ids, err := s.membersOf(f.within(ctx), g)
		s.mu.Lock()
		defer s.mu.Unlock()
		f.claimed += max(g.members(), 0)
		if err != nil {
			f.miss(what, err, s.caller)
			return
		}
		s.members[g.ID] = ids
		if len(ids) < g.members() {
			f.note(what, fmt.Sprintf("okta counts %d members and lists %d; run again", g.members(), len(ids)))
		}
	})
}

// membersOf reads a group, once more when it has fewer members than Okta
// counts.
func (s *survey) membersOf(ctx context.Context, g wireGroup) ([]string, error) {
	var ids []string
	for range 2 {
		rows, err := subList[wireID](ctx, s, groupMembers, "group", g.ID,
			"/api/v1/groups/%s/users?limit="+strconv.Itoa(memberPage), lean)
		if err != nil {
			return nil, err
		}
		ids = idsOf(rows)
		if len(ids) >= g.members() {
			break
		}
	}
	return ids, nil
}

func idsOf(rows []wireID) []string {
	seen := make(map[string]bool, len(rows))
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		if !seen[row.ID] {
			seen[row.ID] = true
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func (s *survey) readRules(ctx context.Context) {
	f := s.family[groupRules]
	path := "/api/v1/groups/rules?limit=" + strconv.Itoa(rulePage)
	rows, seen, err := list[wireRule](f.within(ctx), s.c, path, nil)
	if err != nil {
		f.miss("the list of group rules", err, s.caller)
		return
	}
	s.rules = rows
	f.saw(path, seen, len(rows))
}

// readTokens reads the API tokens, one answer without pages.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApiToken/
func (s *survey) readTokens(ctx context.Context) {
	f := s.family[apiTokens]
	path := "/api/v1/api-tokens"
	rows, seen, err := list[wireToken](f.within(ctx), s.c, path, nil)
	if err != nil {
		f.miss("the list of API tokens", err, s.caller)
		return
	}
	s.tokens = rows
	f.saw(path, seen, len(rows))
}

// subList reads a list that hangs below one object, whose id becomes part of
// the path.
func subList[T any](ctx context.Context, s *survey, kind int, what, id, path string, header http.Header) ([]T, error) {
	if err := validID(what, id); err != nil {
		return nil, err
	}
	path = fmt.Sprintf(path, id)
	rows, seen, err := list[T](ctx, s.c, path, header)
	if err != nil {
		return nil, err
	}
	s.family[kind].saw(path, seen, len(rows))
	return rows, nil
}

// fanOut does something for each, a few at a time; the transport bounds what
// is in flight over all.
func fanOut[T any](all []T, do func(T)) {
	var g errgroup.Group
	g.SetLimit(inFlight)
	for _, one := range all {
		g.Go(func() error {
			do(one)
			return nil
		})
	}
	_ = g.Wait() // do reports through its family
}
