package roster

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"rollcall/internal/access"
	"rollcall/internal/csvfile"
	"rollcall/internal/zones"
)

// row makes the identity of one row, of an empty one, and tells what is wrong with it
// by itself.
func (r *reader) row(id *access.Identity, rec *csvfile.Record[line]) {
	l := &rec.Line
	id.Source, id.EmployeeID, id.Email, id.Name = r.src.Name, access.EmployeeID(l.EmployeeID), l.Email, fullName(l)
	id.Title, id.Department, id.ManagerID = l.Title, l.Department, access.EmployeeID(l.ManagerID)
	id.WorkerType, id.TimeZone, id.Aliases, id.Row = l.WorkerType, l.TimeZone, l.Aliases, rec.Row
	ragged := r.cells(id, rec.Flaws)
	told, problem := len(r.problems), id.Problem
	r.id(id)
	r.aliases(id)
	r.email(id)
	r.dates(id, l)
	id.Status = r.status(id, l)
	r.onLeave(id, l)
	r.endless(id)
	r.zone(id, l)
	r.future(id, l)
	if ragged { // what else is wrong follows from it
		r.problems, id.Problem = r.problems[:told], problem
	}
}

// cells passes on what csvfile found in the row's cells. A formula for an
// e-mail is left to email, which finds that it is no address. It reports
// whether the row has too many cells or too few.
func (r *reader) cells(id *access.Identity, flaws []access.Problem) (ragged bool) {
	for _, p := range flaws {
		if p.Column == r.sheet.Heading("email") {
			continue
		}
		p.Person = id.Key()
		r.problems = append(r.problems, p)
		if p.Severity == access.Hold {
			id.Problem = join(id.Problem, fmt.Sprintf("Row %d%s: %s %s", id.Row, named(p.Column), p.Says, p.Mend))
		}
		ragged = ragged || p.Column == ""
	}
	return ragged
}

func named(column string) string {
	if column == "" {
		return ""
	}
	return ", " + column
}

func (r *reader) id(id *access.Identity) {
	v := string(id.EmployeeID)
	hold := func(says, mend string) { r.hold(id, "employee_id", v, says, mend) }
	switch {
	case plainID(v):
	case v == "":
		hold("The employee ID is empty, so the row cannot be used.", "Write the person's ID.")
	case csvfile.Scientific(v):
		hold(fmt.Sprintf("Employee ID %s: Excel changed it.", v), "Format the column as Text and write the whole ID again.")
	case strings.ContainsFunc(v, csvfile.Hidden):
		hold("The employee ID has a space or an invisible character in it.", "Write the ID without it.")
	case strings.HasPrefix(v, "#") || !strings.ContainsFunc(v, letterOrDigit):
		hold(fmt.Sprintf("%q is no employee ID.", v), "Write the person's ID.")
	}
}

// plainID reports whether an id is as nearly all are: ASCII letters and digits, and no
// number as Excel writes large ones.
func plainID(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

func letterOrDigit(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// aliases tells of a cell that has anything but addresses in it. What it says stays as
// it is.
func (r *reader) aliases(id *access.Identity) {
	for _, one := range access.Aliases(id.Aliases) {
		if !address(one) || strings.ContainsFunc(one, csvfile.Hidden) {
			r.note(*id, "aliases", id.Aliases, fmt.Sprintf("%q among the other e-mails is no e-mail address.", csvfile.Shown(one)),
				"No account is found by it. What looks like an address in the cell still keeps the account that has it from being taken for somebody else's.",
				"Write nothing but addresses, with a comma, a semicolon, a space or a line break between them.")
			return
		}
	}
}

// email empties an address that is none: a defect of an e-mail never holds a
// person who has an id, and a word such as "none" must not match an account. What
// looks like an address in it is kept among the aliases, in angle brackets: so it
// finds no account either, and still protects the one that has it.
func (r *reader) email(id *access.Identity) {
	v := id.Email
	unseen := func(c rune) bool { return c != ' ' && csvfile.Hidden(c) }
	switch {
	case usual(v) || address(v) && !strings.ContainsFunc(v, unseen):
		return
	case v == "":
		r.note(*id, "email", "", "The e-mail is empty.",
			"Accounts are matched by the employee ID only.", "Write the work e-mail, if there is one.")
	case strings.ContainsFunc(v, unseen):
		r.note(*id, "email", v, "The e-mail has an invisible character in it.",
			"It was not used; accounts are matched by the employee ID only.", "Delete it and type it again, such as ann.lee@example.com.")
	default:
		r.note(*id, "email", v, "This is no e-mail address.",
			"It was not used; accounts are matched by the employee ID only.", "Write the work e-mail, such as ann.lee@example.com.")
	}
	id.Email = ""
	for _, like := range access.AddressesIn(v) {
		id.Aliases = strings.TrimSpace(id.Aliases + " <" + like + ">")
	}
}

// usual reports whether an address is of the form that nearly all have: words of
// letters and digits with single dots, dashes or underscores between them, around
// one @. Nothing has to be parsed of it.
func usual(s string) bool {
	at, word := -1, false // word: the last byte was a letter or a digit
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			word = true
		case !word:
			return false
		case c == '@' && at < 0:
			at, word = i, false
		case c == '.' || c == '-' || c == '_' && at < 0:
			word = false
		default:
			return false
		}
	}
	return at > 0 && word
}

func address(s string) bool {
	if usual(s) {
		return true
	}
	if csvfile.Formula(s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == ""
}

// zone takes the time zone of the location where the row has none, and notes one
// that does not exist; the later cut-off applies then.
func (r *reader) zone(id *access.Identity, l *line) {
	if id.TimeZone == "" && l.Location != "" {
		id.TimeZone = r.zoneAt(id.Row, l.Location)
	}
	if id.TimeZone == "" {
		return
	}
	if !r.zones.get(id.TimeZone) {
		r.note(*id, "timezone", id.TimeZone, "We do not know this time zone.",
			"The later of the possible hours counts.", "Write it as Europe/Berlin or America/New_York.")
	}
}

func isZone(name string) bool {
	_, err := zones.Load(name)
	return err == nil
}
