package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// noID is how an id begins that stands for that of a person whose row has none.
const noID = "no-id:"

// withID gives a row without an employee id one that stands for it, so that each
// such person is one of their own: by the first of their addresses, which stays
// what it is from list to list, else by the number of the row. The row is held.
func withID(i access.Identity) access.Identity {
	if i.EmployeeID != "" {
		return i
	}
	by := fmt.Sprintf("row %d", i.Row)
	if all := addresses(i); len(all) > 0 {
		by = all[0]
		if like := access.AddressesIn(by); len(like) > 0 && !slices.Contains(like, by) { // "<ann@x>" is what is left of a cell that was no address
			by = like[0]
		}
	}
	i.EmployeeID = access.EmployeeID(noID + by)
	if i.Problem == "" {
		i.Problem = withoutID
	}
	return i
}

const withoutID = "the row has no employee id"

// idOf is the id of a row, or what stands for it.
func idOf(i *access.Identity) access.EmployeeID {
	if i.EmployeeID != "" {
		return i.EmployeeID
	}
	return withID(*i).EmployeeID
}

// keyOf is the key by which a row's person is known.
func keyOf(i access.Identity) access.PersonKey {
	return access.PersonKey{Source: i.Source, EmployeeID: idOf(&i)}
}

// unnumbered is the address by which somebody is known whose row had no id; is says
// whether it is such a one. Without an address nothing is known of them in
// another list.
func unnumbered(k access.PersonKey) (address string, is bool) {
	by, is := strings.CutPrefix(string(k.EmployeeID), noID)
	return normalMail(by), is
}

// mended finds, among people whose rows in an older list had no id, those of whom
// nothing needs to be remembered: nobody could be known by the row, or a row that
// the older list did not have makes it good. It has an id and the same address, and
// says the same of them, or that they work here.
func mended(gone map[access.PersonKey]access.Status, before, after []access.Identity) map[access.PersonKey]bool {
	out, by := map[access.PersonKey]bool{}, map[string]access.PersonKey{}
	for k := range gone {
		switch address, is := unnumbered(k); {
		case is && address == "":
			out[k] = true
		case is:
			by[address] = k
		}
	}
	if len(by) == 0 {
		return out
	}
	for _, i := range numberedAnew(before, after) {
		for _, mail := range claims(i) {
			if k, is := by[mail]; is && (i.Status == gone[k] || working(i.Status)) {
				out[k] = true
			}
		}
	}
	return out
}

// numberedAnew are the rows with an id that the older list did not have.
func numberedAnew(before, after []access.Identity) (rows []access.Identity) {
	had := map[access.PersonKey]bool{}
	for _, i := range before {
		had[i.Key()] = true
	}
	for _, i := range after {
		if i.EmployeeID != "" && !had[i.Key()] {
			rows = append(rows, i)
		}
	}
	return rows
}

// dropMended forgets of who has vanished those whose rows only had no id, or the id of
// others. It changes v.
func dropMended(v map[access.PersonKey]access.Vanished, before, after []access.Identity) map[access.PersonKey]access.Vanished {
	said := map[access.PersonKey]access.Status{}
	for k, one := range v {
		said[k] = one.Identity.Status
	}
	for k := range mended(said, before, after) {
		delete(v, k)
	}
	for k := range takenApart(slices.Collect(maps.Keys(v)), before, after) {
		delete(v, k)
	}
	return v
}

// withoutMended leaves out, of who is newly gone, those whose rows only had no id, or that
// of others.
func withoutMended(gone []access.PersonKey, before, after []access.Identity) []access.PersonKey {
	said := map[access.PersonKey]access.Status{}
	for _, i := range before {
		if i.EmployeeID == "" {
			said[keyOf(i)] = i.Status
		}
	}
	made, apart := mended(said, before, after), takenApart(gone, before, after)
	return slices.DeleteFunc(gone, func(k access.PersonKey) bool { return made[k] || apart[k] })
}

// withAddresses is one of the rows of a person, with the addresses of the others as
// more aliases: whichever row says where somebody stands, each address is theirs.
func withAddresses(i access.Identity, rows []access.Identity) access.Identity {
	if len(rows) == 1 {
		return i
	}
	known := addresses(i)
	for _, other := range rows {
		for _, mail := range addresses(other) {
			if !slices.Contains(known, mail) {
				known, i.Aliases = append(known, mail), strings.TrimSpace(i.Aliases+" "+mail)
			}
		}
		if strings.Contains(other.Aliases, "@") && !strings.Contains(i.Aliases, other.Aliases) {
			i.Aliases = strings.TrimSpace(i.Aliases + " " + other.Aliases) // with what only looks like an address
		}
	}
	return i
}
