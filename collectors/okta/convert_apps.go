package okta

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// addApps grants each app to whom Okta lists, directly and through each group
// that carries it.
func (b *builder) addApps() {
	given := make([]uint32, len(b.survey.groups)) // group -> 1 + the last app that it is given
	for n, a := range b.survey.apps {
		at := b.add(access.Entitlement{Kind: access.OktaApp, ID: a.ID, Name: a.Label, Editable: true, Read: appUsers})
		serial := uint32(n + 1)
		b.mark(a, given, serial)
		for _, h := range b.survey.appUsers[a.ID] {
			if account, ok := b.known(h.user, appUsers, "app "+a.Label); ok {
				b.addHolding(a, at, account, h, b.carriers(account, given, serial))
			}
		}
	}
	b.family[appUsers].restsOn(b.family[users])
	b.family[appUsers].restsOn(b.family[appGroups])
}

// addHolding grants an app once for each path. Where no group that is known to
// carry it has the account, the one that Okta names does.
func (b *builder) addHolding(a wireApp, app, account uint32, h holding, through []uint32) {
	if group, ok := b.groupAt[h.group]; ok && len(through) == 0 {
		through = []uint32{uint32(group)}
	}
	switch {
	case h.direct:
		b.grant(account, app, 0, time.Time{})
	case len(through) == 0:
		b.family[appUsers].note(fmt.Sprintf("app %s of user %s", a.Label, b.obs.Accounts[account].Login),
			"is held through a group that was not seen; the gaps of group_members and app_groups say which, or run again")
	}
	for _, group := range through {
		b.grant(account, app, group+1, time.Time{})
	}
}

// mark notes which groups an app is given to.
func (b *builder) mark(a wireApp, given []uint32, serial uint32) {
	for _, id := range b.survey.appGroups[a.ID] {
		group, ok := b.groupAt[id]
		if !ok {
			b.family[appGroups].note(fmt.Sprintf("app %s is given to group %s", a.Label, id), "which is not in the list of groups")
			continue
		}
		given[group] = serial
		if b.unread(group) {
			b.family[appUsers].note(fmt.Sprintf("who holds app %s through group %s", a.Label, b.survey.groups[group].Profile.Name),
				"its members could not be read")
		}
	}
}

// carriers gives the groups through which an account holds the app of that
// serial. A direct assignment hides these in Okta's answer, though it is the
// groups that keep the app when the direct one is taken away.
func (b *builder) carriers(account uint32, given []uint32, serial uint32) []uint32 {
	var through []uint32
	for _, group := range b.memberOf[account] {
		if given[group] == serial {
			through = append(through, group)
		}
	}
	if b.everyone >= 0 && given[b.everyone] == serial && !b.disabled(account) {
		through = append(through, uint32(b.everyone))
	}
	return through
}
