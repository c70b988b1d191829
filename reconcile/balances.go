package reconcile

import (
	"cmp"
	"rollcall/internal/access"
	"slices"
)

// balances are the books: everything received is in exactly one bucket.
func (e *evaluation) balances(d Decision) []access.Balance {
	var out []access.Balance
	for _, r := range e.w.Rosters {
		out = append(out, e.rosterBalance(r))
	}
	for s := range e.systems {
		out = append(out, e.accountBalance(s), e.grantBalance(s))
	}
	rows := 0
	for _, w := range d.Worksheets {
		rows += len(w.Items)
	}
	all := balance("rows of all worksheets", rows, e.rowParts())
	all.Asks = true
	return append(out, all)
}

func balance(what string, total int, parts map[string]int) access.Balance {
	b := access.Balance{What: what, Total: total}
	for name, n := range parts {
		b.Parts = append(b.Parts, access.BalancePart{Name: name, Count: n})
	}
	slices.SortFunc(b.Parts, func(x, y access.BalancePart) int { return cmp.Compare(x.Name, y.Name) })
	return b
}

// rosterBalance: rows in force by where their person stands; further rows of
// the same person are said so.
func (e *evaluation) rosterBalance(r SourceRoster) access.Balance {
	parts := map[string]int{}
	seen := map[access.PersonKey]bool{}
	for _, i := range r.Rows {
		k := keyOf(i)
		if seen[k] {
			parts["further rows of the same person"]++
		} else {
			parts[string(e.people.Get(k).Standing)]++
		}
		seen[k] = true
	}
	return balance("rows in force of roster "+string(r.Verdict.Source), len(r.Rows), parts)
}

func (e *evaluation) accountBalance(s int) access.Balance {
	parts := map[string]int{"matched": 0, "unmatched": 0, "ambiguous": 0}
	for _, m := range e.systems[s].Matches {
		switch m.How {
		case access.Unmatched, access.Ambiguous:
			parts[string(m.How)]++
		default:
			parts["matched"]++
		}
	}
	return balance("accounts of "+string(e.systems[s].System), len(e.systems[s].Accounts), parts)
}

// grantBalance: direct grants by where they went; carried ones go with what
// carries them.
func (e *evaluation) grantBalance(s int) access.Balance {
	parts := map[string]int{}
	for _, g := range e.systems[s].Grants {
		if !g.Direct() {
			parts["carried by a group"]++
			continue
		}
		parts[string(e.bucketOf(s, int(g.Account)))]++
	}
	b := balance("grants of "+string(e.systems[s].System), len(e.systems[s].Grants), parts)
	b.Asks = parts[string(inRows)] > 0
	return b
}

// rowParts counts the rows that there should be.
func (e *evaluation) rowParts() map[string]int {
	parts := map[string]int{}
	for s := range e.systems {
		for a := range e.systems[s].Accounts {
			switch e.bucketOf(s, a) {
			case inRows:
				for _, n := range e.grantsOf[s].of(a) {
					if e.systems[s].Grants[n].Direct() {
						parts["grants"]++
					}
				}
			case inAccount:
				parts["accounts"]++
			}
		}
	}
	return parts
}
