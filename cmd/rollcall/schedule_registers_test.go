package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rollcall/internal/access"
)

// The heads of the registers that people keep.
const (
	headOfRoleMap    = "role,title,department,worker_type,system,scope,kind,entitlement,requirement,risk,owner,meaning,approved_by,approved_on,expires_on\n"
	headOfExceptions = "id,source,employee_id,system,scope,kind,entitlement,reason,ticket,approved_by,approved_on,expires_on\n"
	headOfContacts   = "system,responsibility,name,business_hours_contact,after_hours_contact,hours,timezone\n"
	headOfLinks      = "system,scope,account_id,source,employee_id,confirmed_by,confirmed_on\n"
	headOfAnswers    = "source,employee_id,answer,same_as,last_working_day,confirmed_by,confirmed_on\n"
)

// registers lets people change what they keep by hand, writes it for tonight,
// and tells what became of it. Unusable: a file whose loss costs no leaver's
// block was damaged.
func (v *village) registers(sheets map[access.Source]sheet, spoil bool) (story []string, unusable bool) {
	v.t.Helper()
	if spoil {
		story = append(v.link(), v.answer(sheets)...)
	}
	kept := map[string]string{
		"rolemap.csv":    headOfRoleMap + "Everyone,,,,okta,,group,*,allowed,standard,Ann,Everything in Okta,Ann,2040-01-01,\n",
		"exceptions.csv": headOfExceptions + "X1,employees,E01,okta,,app,Wiki,A project,T-1,Ann,2040-01-01,2040-06-01\n",
		"contacts.csv":   headOfContacts + ",on_call,Ops,ops@example.test,+1 555 0100,,UTC\n",
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if spoil && v.r.IntN(20) == 0 {
			kept[name], unusable = pick(v.r, []string{"", "\n", "sistem,nam\nokta,Ann\n", "<html>Session expired</html>"}), true
			story = append(story, "  damaged: "+name)
		}
	}
	kept["links.csv"], kept["answers.csv"] = v.linksFile(), v.answersFile()
	for name, text := range kept {
		if err := os.WriteFile(filepath.Join(v.dir, name), []byte(text), 0o640); err != nil {
			v.t.Fatal(err)
		}
	}
	return story, unusable
}

// link says of some account, once in a while, whose it is: nobody's that
// anybody could tell, or even somebody else's than it seems.
func (v *village) link() []string {
	if v.r.IntN(4) > 0 {
		return nil
	}
	l, who := pick(v.r, v.logins), pick(v.r, v.staff.all())
	if strings.Contains(l.name, "rollcall") || l.name == "job" {
		return nil // the job's own
	}
	v.staff.links[l.key] = who
	return []string{fmt.Sprintf("  linked: %s to %s", l.key, name(who))}
}

// protects reports whether the configuration protects an account: by what it is
// called, whoever a link gives it to.
func (v *village) protects(l login) bool {
	return slices.ContainsFunc(v.staff.all(), func(who *soul) bool { return who.protected && (l.name == who.login || l.name == who.mail()) })
}

// disputed reports whether a link gives an account to somebody whose address
// another id has as well: the link settles whose it is, and nobody can say here
// which of the two ids the person goes by.
func (v *village) disputed(l login, who *soul, j judged) bool {
	_, linked := v.staff.links[l.key]
	return linked && who != nil && j.force[who.source].known[who].tainted
}

// answer lets HR say of somebody who is in no list any more that they left, if
// they ever had one id only.
// Once the list shows them again, the answer is taken back.
func (v *village) answer(sheets map[access.Source]sheet) (story []string) {
	for _, who := range v.staff.all() {
		k := v.staff.force[who.source].known[who]
		switch here := sheets[who.source].says[who].fate; {
		case here != "" && here != absent:
			delete(v.staff.answers, who)
		case k != nil && k.vanished && !k.tainted && v.staff.answers[who].IsZero() && v.r.IntN(2) == 0:
			v.staff.answers[who] = v.clock.Now().AddDate(0, 0, -1)
			story = append(story, fmt.Sprintf("  answered: %s left on %s", name(who), v.staff.answers[who].Format(time.DateOnly)))
		}
	}
	return story
}

func (v *village) linksFile() string {
	var b strings.Builder
	b.WriteString(headOfLinks)
	for _, l := range v.logins {
		if who := v.staff.links[l.key]; who != nil {
			fmt.Fprintf(&b, "%s,%s,%s,%s,%s,Ann,2041-01-01\n", l.key.System, l.key.Scope, l.key.ID, who.source, who.id)
		}
	}
	return b.String()
}

func (v *village) answersFile() string {
	var b strings.Builder
	b.WriteString(headOfAnswers)
	for _, who := range v.staff.all() {
		if day := v.staff.answers[who]; !day.IsZero() {
			fmt.Fprintf(&b, "%s,%s,left,,%s,Ann,%s\n", who.source, who.id, day.Format(time.DateOnly), v.clock.Now().Format(time.DateOnly))
		}
	}
	return b.String()
}
