package main

import (
	"bytes"
	"encoding/csv"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/sandbox/company"
	"rollcall/internal/sandbox/fakeaws"
	"rollcall/internal/sandbox/fakeokta"
)

// group and app are the ids of what is called so in Okta.
func (s *story) group(name string) string {
	return idOf(s.t, name, s.company.Okta().State().Groups, func(g fakeokta.Group) (string, string) { return g.Name, g.ID })
}

func (s *story) app(label string) string {
	return idOf(s.t, label, s.company.Okta().State().Apps, func(a fakeokta.App) (string, string) { return a.Label, a.ID })
}

func idOf[T any](t *testing.T, name string, all []T, of func(T) (name, id string)) string {
	t.Helper()
	for _, one := range all {
		if called, id := of(one); called == name {
			return id
		}
	}
	t.Fatalf("nothing is called %s", name)
	return ""
}

// join is what an administrator of Okta does by hand.
func (s *story) join(name, group string) {
	s.company.Okta().AddMember(s.group(group), s.oktaID(s.who[name]))
}

// takes takes an application away, as its owner does in Okta itself.
func (s *story) takes(name, label string) {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodDelete, "http://"+s.state.Okta+"/api/v1/apps/"+s.app(label)+"/users/"+s.oktaID(s.who[name]), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "SSWS "+company.OktaRevokeToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		s.t.Fatalf("%v, %v", answer, err)
	}
	_ = answer.Body.Close()
}

// cast gives a name to the nth person of a title (and team, unless it is empty) who has
// no part in the demo's own story.
func (s *story) cast(name, title, team string, nth int) {
	s.t.Helper()
	for _, p := range s.company.People {
		if p.Title != title || team != "" && p.Team != team || slices.ContainsFunc(slices.Collect(maps.Values(s.company.Cast)), func(q company.Person) bool { return q.ID == p.ID }) {
			continue
		}
		if nth == 0 {
			s.who[name] = p.ID
			return
		}
		nth--
	}
	s.t.Fatalf("there are too few: %s of the team %q", title, team)
}

// cli runs a command with the quarter's configuration.
func (s *story) cli(code int, args ...string) string {
	s.t.Helper()
	return s.run(code, append(slices.Clone(args), "--config", s.path("rollcall.yaml"))...)
}

// write writes a file of the folder, more adds to it, config changes a text of the
// configuration.
func (s *story) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) more(name, text string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name, string(b)+text)
}

func (s *story) config(from, to string) {
	s.t.Helper()
	b, err := os.ReadFile(s.path("rollcall.yaml"))
	if err != nil || !strings.Contains(string(b), from) {
		s.t.Fatalf("the configuration does not say %q (%v)", from, err)
	}
	s.write("rollcall.yaml", strings.Replace(string(b), from, to, 1))
}

// hr is what HR's lists say of somebody from now on, by column. Somebody new has to be
// given all that is not empty.
func (s *story) hr(id string, says map[string]string) {
	s.t.Helper()
	name := "employees.csv"
	if strings.HasPrefix(id, "C") {
		name = "contractors.csv"
	}
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	n := slices.IndexFunc(rows, func(r []string) bool { return r[0] == id })
	if n < 0 {
		n = len(rows)
		rows = append(rows, make([]string, len(rows[0])))
		rows[n][0] = id
	}
	for column, value := range says {
		rows[n][slices.Index(rows[0], column)] = value
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		s.t.Fatal(err)
	}
	s.write(name, out.String())
}

// leaves is HR's word that people of the story have left, with their last day.
func (s *story) leaves(last string, names ...string) {
	s.t.Helper()
	for _, name := range names {
		s.hr(s.who[name], map[string]string{"status": "Terminated", "end_date": last, "last_working_day": last})
	}
}

// login changes somebody's login in Okta.
func (s *story) login(id string, change func(*fakeokta.User)) {
	s.t.Helper()
	if !s.company.Okta().UpdateUser(s.oktaID(id), change) {
		s.t.Fatalf("%s has no login", id)
	}
}

// oktaID is the id of somebody's login.
func (s *story) oktaID(id string) string {
	for _, u := range s.company.Okta().State().Users {
		if u.Profile["employeeNumber"] == id {
			return u.ID
		}
	}
	return ""
}

// signOns is the work of the day before: everybody who can signs in, in Okta and with
// what they have in AWS, but for those who are away.
func (s *story) signOns(night time.Time) {
	worked := night.AddDate(0, 0, -1)
	if worked.Weekday() == time.Saturday || worked.Weekday() == time.Sunday || worked.Before(at("01-01 00:00")) {
		return
	}
	nine := worked.Add(9 * time.Hour)
	byMail := map[string]bool{}
	for _, p := range s.company.People {
		byMail[p.Mail] = !p.Start.After(worked) && !s.away[p.ID]
	}
	for _, u := range s.company.Okta().State().Users {
		if u.Status == fakeokta.Active && byMail[u.Login()] {
			s.company.Okta().UpdateUser(u.ID, func(u *fakeokta.User) { u.LastLogin = nine })
		}
	}
	for _, u := range s.company.AWS().State().Users {
		if denied := slices.Contains(u.Attached, "arn:aws:iam::aws:policy/AWSDenyAll"); denied || !byMail[u.Name+"@"+company.Domain] {
			continue
		}
		s.company.AWS().UpdateIAMUser(u.Account, u.Name, func(u *fakeaws.IAMUser) {
			u.PasswordLastUsed = nine
			for n := range u.AccessKeys {
				if u.AccessKeys[n].Status == "Active" {
					u.AccessKeys[n].LastUsedAt = nine
				}
			}
		})
	}
}
