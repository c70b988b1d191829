package okta

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"rollcall/collectors"
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
	groupAppPage = 200
	rolePage     = 100
)

// lean asks for users without the parts that nobody here reads.
var lean = http.Header{"Content-Type": {
	"application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus",
}}

// Collector reads one organisation. It can send nothing but GET and HEAD.
type Collector struct {
	cfg  Config
	c    *client
	logs *client // with a token for the System Log alone
}

// NewCollector checks the configuration; it sends nothing yet.
func NewCollector(cfg Config) (*Collector, error) {
	cfg = cfg.withDefaults()
	if err := checkPrefer(cfg); err != nil {
		return nil, err
	}
	c, err := newClient(cfg, readsOnly)
	if err != nil {
		return nil, err
	}
	ofLogs := cfg
	ofLogs.Scopes = LogScopes()
	logs, err := newClient(ofLogs, readsOnly)
	if err != nil {
		return nil, err
	}
	return &Collector{cfg: cfg, c: c, logs: logs}, nil
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
// admin roles, the OAuth clients that hold some, and API tokens. What is denied
// or broken is a gap in the Read of its family; the error is that of a run that
// was stopped.
func (k *Collector) Collect(ctx context.Context) (access.Observation, error) {
	s := newSurvey(k)
	s.read(ctx)
	if err := collectors.Stopped(ctx); err != nil {
		return access.Observation{}, fmt.Errorf("collect %s: %w", k.cfg.System, err)
	}
	s.judge()
	return s.observation(), nil
}

// survey is everything one Collect reads, in Okta's words.
type survey struct {
	*Collector
	family [families]*family
	limits limits
	tally  *tally
	caller string
	self   string

	users    []wireUser
	groups   []wireGroup
	rules    []wireRule
	apps     []wireApp
	tokens   []wireToken
	bound    bindings
	boundary chan struct{} // closed when bound is known

	mu        sync.Mutex          // guards the maps while lists are read side by side
	members   map[string][]string // group -> users
	appUsers  map[string][]holding
	appGroups map[string][]string // app -> groups
	userRoles map[string][]wireRole
	grpRoles  map[string][]wireRole
	cliRoles  map[string][]wireRole
	// rolesUnread are the users and groups whose roles were asked for and could
	// not be read.
	rolesUnread map[string]bool
}

func newSurvey(k *Collector) *survey {
	s := &survey{
		Collector: k, limits: limits{heard: map[string]int{}}, tally: &tally{tell: k.cfg.Progress}, boundary: make(chan struct{}),
		members: map[string][]string{}, appUsers: map[string][]holding{}, appGroups: map[string][]string{},
		userRoles: map[string][]wireRole{}, grpRoles: map[string][]wireRole{}, cliRoles: map[string][]wireRole{}, rolesUnread: map[string]bool{},
	}
	for kind := range families {
		s.family[kind] = newFamily(kind)
	}
	return s
}

// read reads every family side by side. One waits for another only where it
// needs the answer: who the members of which groups are, say.
func (s *survey) read(ctx context.Context) {
	var all sync.WaitGroup
	side := func(kind int, read func(context.Context), needs ...int) {
		all.Go(func() {
			for _, need := range needs {
				<-s.family[need].done
			}
			s.run(kind, func() { read(ctx) })
		})
	}
	all.Go(func() { s.whoAmI(ctx) })
	side(groups, s.readGroups)
	side(apps, s.readApps)
	side(users, s.readUsers)
	side(groupRules, s.readRules)
	side(apiTokens, s.readTokens)
	side(adminRoles, s.readRoles)
	side(groupMembers, s.readMembers, groups)
	side(appUsers, s.readAppUsers, apps)
	side(appGroups, s.readLinks, groups, apps)
	side(adminClients, s.readClients, apps)
	all.Wait()
}

// run times one family and says when it is done.
func (s *survey) run(kind int, read func()) {
	f := s.family[kind]
	defer close(f.done)
	f.started = s.cfg.Now().UTC()
	read()
	f.finished = s.cfg.Now().UTC()
}

// keep stores what was read of one object.
func keep[T any](s *survey, into map[string]T, id string, rows T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	into[id] = rows
}

// whoAmI learns whose credential this is. A service app is nobody's user, and
// Okta may refuse to say; but when the answer was lost, the job could act on
// its own account unawares, so the list of accounts is not complete.
func (s *survey) whoAmI(ctx context.Context) {
	var me wireUser
	progress := s.tally.list(0)
	err := s.c.getInto(s.family[users].within(ctx), "/api/v1/users/me", &me)
	progress.page(false)
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
