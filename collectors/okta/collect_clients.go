package okta

import (
	"context"
	"fmt"
	"net/url"
	"regexp"

	"rollcall/collectors"
)

// readClients reads the admin roles of OAuth clients: of the service apps, and
// of whatever else the bindings of custom roles name. No list says which
// clients hold roles, and the roles of apps that sign people in are those of
// the people, so nobody else is asked.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentClient/
func (s *survey) readClients(ctx context.Context) {
	f := s.family[adminClients]
	f.restsOn(s.family[apps])
	var ids []string
	for _, a := range s.apps {
		if a.serves() {
			ids = append(ids, a.Credentials.OAuthClient.ClientID)
		}
	}
	<-s.boundary
	if s.bound.broken {
		f.note("the clients that custom roles name", "are not all known; admin_roles says why")
	}
	ids = unique(append(ids, s.bound.clients...))
	s.tally.expect(len(ids))
	collectors.InParallel(abreast, ids, func(id string) {
		rows, err := s.rolesOfClient(ctx, id)
		if err != nil {
			f.miss("the roles of client "+id, err)
			return
		}
		keep(s, s.cliRoles, id, rows)
	})
}

// wholeClient is the shape of a client id, which an admin may choose: letters,
// digits and $-_.+!*'(), from 6 to 100.
var wholeClient = regexp.MustCompile(`^[A-Za-z0-9$_.+!*'(),-]{6,100}$`)

func (s *survey) rolesOfClient(ctx context.Context, id string) ([]wireRole, error) {
	if !wholeClient.MatchString(id) {
		s.tally.expect(-1)
		return nil, fmt.Errorf("client %q has no id of Okta's shape, so nothing is sent", id)
	}
	return rowsOf[wireRole](ctx, s, query{kind: adminClients, path: "/oauth2/v1/clients/" + url.PathEscape(id) + "/roles", pages: 1})
}
