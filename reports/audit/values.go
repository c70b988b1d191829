package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"rollcall/reports/archive"
)

// Understood are the values of parameters as questions take them.
type Understood struct {
	Values map[string]string
	// Says tells what was taken for what, and which night stands for a day that has none.
	Says []string
}

// term is something that a parameter may be, by what it is called.
type term struct {
	value string   // what the question takes
	also  []string // other names of the same; the first one is shown beside it
}

func (w term) is(given string) bool {
	return slices.ContainsFunc(append([]string{w.value}, w.also...), func(s string) bool { return s != "" && strings.EqualFold(s, given) })
}

func (w term) String() string {
	for _, name := range slices.Backward(w.also) {
		if name != "" && name != w.value {
			return w.value + " (" + name + ")"
		}
	}
	return w.value
}

// vocabulary is what a parameter may be: read from one table of a run.
type vocabulary struct {
	table string
	what  string // of a value that no run knows
	read  func(archive.Store, archive.CommittedRun) ([]term, error)
}

var vocabularies = map[string]vocabulary{
	"person":      {"identities", "nobody whom a list of HR ever had", peopleOf},
	"entitlement": {"entitlements", "no right that a night ever saw", rightsOf},
	"system":      {"reads", "no system that a night ever read", systemsOf},
	"campaign":    {"items", "no review that was ever opened", campaignsOf},
}

// peopleOf are people as list/id; also by id, e-mail and name.
func peopleOf(store archive.Store, r archive.CommittedRun) (all []term, err error) {
	type row struct {
		Source     string `parquet:"source,dict"`
		EmployeeID string `parquet:"employee_id"`
		Email      string `parquet:"email"`
		Name       string `parquet:"name"`
	}
	err = archive.EachRow(store, r, "identities", func(i row) {
		all = append(all, term{i.Source + "/" + i.EmployeeID, []string{i.EmployeeID, i.Email, i.Name}})
	})
	return all, err
}

func rightsOf(store archive.Store, r archive.CommittedRun) (all []term, err error) {
	type row struct {
		EntitlementID string `parquet:"entitlement_id"`
		Name          string `parquet:"name"`
	}
	err = archive.EachRow(store, r, "entitlements", func(i row) { all = append(all, term{i.Name, []string{i.EntitlementID}}) })
	return all, err
}

func systemsOf(store archive.Store, r archive.CommittedRun) (all []term, err error) {
	type row struct {
		System string `parquet:"system,dict"`
	}
	err = archive.EachRow(store, r, "reads", func(i row) { all = append(all, term{value: i.System}) })
	return all, err
}

func campaignsOf(store archive.Store, r archive.CommittedRun) (all []term, err error) {
	type row struct {
		CampaignID string `parquet:"campaign_id,dict"`
	}
	err = archive.EachRow(store, r, "items", func(i row) { all = append(all, term{value: i.CampaignID}) })
	return all, err
}

// Understand looks values up in the archive before a question is asked with them: a
// person may be given by name or e-mail, and what no run ever knew is a MisuseError with
// what may have been meant.
func (a *Archive) Understand(q Question, given map[string]string) (Understood, error) {
	u := Understood{Values: map[string]string{}}
	bound, err := q.bind(given, a.lastDate())
	if err != nil {
		return u, err
	}
	for _, p := range q.Parameters {
		value, has := given[p.Name]
		v, looked := vocabularies[p.Name]
		if !has {
			continue
		}
		if looked {
			if value, err = a.meant(v, p.Name, value, &u, bound["date"], bound["to"], bound["from"]); err != nil {
				return u, err
			}
		}
		u.Values[p.Name] = value
		if p.Type == "date" {
			u.Says = append(u.Says, a.nearDay(q, p.Name, value)...)
		}
	}
	return u, nil
}

// meant is the value that is meant by a word. The nights that the question is about are
// asked first, then the newest, then all.
func (a *Archive) meant(v vocabulary, name, given string, u *Understood, dates ...string) (string, error) {
	first, rest := a.inOrder(v.table, dates)
	for _, r := range first {
		all, err := v.read(a.store, r)
		if err != nil {
			return "", err
		}
		if value, found, err := one(all, name, given, u); found || err != nil {
			return value, err
		}
	}
	all, err := a.everSaid(v, rest)
	if err != nil {
		return "", err
	}
	if value, found, err := one(all, name, given, u); found || err != nil {
		return value, err
	}
	for _, r := range first {
		words, err := v.read(a.store, r)
		if err != nil {
			return "", err
		}
		all = append(all, words...)
	}
	says := fmt.Sprintf("--%s %q is %s", name, given, v.what)
	if near := nearest(all, given); len(near) > 0 {
		return "", Misuse("%s: the nearest are %s", says, strings.Join(near, ", "))
	}
	return "", Misuse("%s, and nothing is near it", says)
}

// inOrder are the runs that have a table: those that stand at the dates and the newest
// one, and all others, newest first. What was let go is not there.
func (a *Archive) inOrder(table string, dates []string) (first, rest []archive.CommittedRun) {
	chosen := map[int]bool{}
	take := func(to string) {
		for _, r := range slices.Backward(a.between("", to)) {
			if has(r, table) {
				if !chosen[r.Sequence] {
					first = append(first, r)
				}
				chosen[r.Sequence] = true
				return
			}
		}
	}
	for _, d := range dates {
		if d != "" {
			take(d)
		}
	}
	take("")
	for _, r := range slices.Backward(a.runs) {
		if has(r, table) && !chosen[r.Sequence] {
			rest = append(rest, r)
		}
	}
	return first, rest
}

func has(r archive.CommittedRun, table string) bool {
	return slices.ContainsFunc(r.Tables, func(f archive.TableFile) bool { return f.Table == table && f.Expired == nil })
}

// everSaid are the words of all these runs, each once.
func (a *Archive) everSaid(v vocabulary, runs []archive.CommittedRun) (all []term, err error) {
	var mu sync.Mutex
	known := map[string]term{}
	tell := telling(a.Tell, "nights searched")
	err = archive.InParallel(len(runs), func(n int) error {
		words, err := v.read(a.store, runs[n])
		mu.Lock()
		defer mu.Unlock()
		for _, w := range words {
			known[strings.Join(append(w.also, w.value), "\x00")] = w
		}
		return err
	}, func(done int) { tell(done, len(runs)) })
	for _, w := range known {
		all = append(all, w)
	}
	return all, err
}

// one is the only thing that a word can mean. What a question takes as it is stays so.
func one(all []term, name, given string, u *Understood) (value string, found bool, err error) {
	byValue := map[string]term{}
	for _, w := range all {
		if w.value == given || len(w.also) > 0 && w.also[0] == given {
			return given, true, nil
		}
		if w.is(given) {
			byValue[w.value] = w
		}
	}
	var meant []term
	for _, w := range byValue {
		meant = append(meant, w)
	}
	slices.SortFunc(meant, func(x, y term) int { return cmp.Compare(x.value, y.value) })
	switch len(meant) {
	case 0:
		return "", false, nil
	case 1:
		u.Says = append(u.Says, fmt.Sprintf("--%s %q is taken for %s", name, given, meant[0]))
		return meant[0].value, true, nil
	}
	texts := make([]string, len(meant))
	for i, w := range meant {
		texts[i] = w.String()
	}
	return "", true, Misuse("--%s %q may be any of %d: give one of %s", name, given, len(meant), strings.Join(texts[:min(len(texts), 10)], ", "))
}
