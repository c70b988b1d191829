package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// judging is one row of a returned file while it is judged.
type judging struct {
	*intake
	row    access.ReturnedRow
	issued *access.Issued
	choice access.Choice
	bad    bool
}

// problem says why a row does not count, in the reviewer's words.
func (j *judging) problem(column, seen, says string) {
	j.bad = true
	j.out.File.Problems = append(j.out.File.Problems, access.RowProblem{Line: j.row.Line, RowID: j.row.ID, Column: column, Seen: seen, Says: says})
}

// judge counts a row's answer, or says all that is wrong with it. A blank is open.
func (j *judging) judge() {
	if !j.find() {
		return
	}
	j.untouched()
	j.read()
	if j.bad || j.choice == access.ChooseNothing {
		return
	}
	j.allowed()
	next := j.complete()
	if j.bad {
		return
	}
	d := j.decision()
	if j.choice == access.ChooseNotMine {
		d.PassTo = cmp.Or(next.mail, next.name)
		j.passTo(next)
	}
	j.out.File.Counted++
	if was, answered := j.final[d.RowID]; !answered || !sameAnswer(was, d) {
		j.out.Decisions = append(j.out.Decisions, d)
	}
}

// find finds the row that was issued.
func (j *judging) find() bool {
	n, has := j.sheet.rows[j.row.ID]
	now := j.sheets[j.holder[j.row.ID]]
	switch {
	case j.row.ID == "":
		j.problem("Row ID", "", "the row has no Row ID, so that nobody can tell what it is about. Copy your decision to the row of the file that you got")
	case !has && now == nil:
		j.problem("Row ID", j.row.ID, "no row of this review has this Row ID. Rows cannot be added: if somebody's access is missing here, write to "+j.c.Approver)
	case !has:
		j.problem("Row ID", j.row.ID, fmt.Sprintf("this row is on another worksheet, of %s. It counts only there", now.ReviewerName))
	case now != j.sheet:
		if c, _ := ParseChoice(j.row.Decision); !blank(j.row) && c != access.ChooseNotMine { // a file says again what it said before
			j.problem("Decision", j.row.Decision, fmt.Sprintf("this row was passed on, and %s is asked about it now. Write to them if you know something that they should know", now.ReviewerName))
		}
	default:
		j.issued = &j.sheet.Rows[n]
	}
	return j.issued != nil
}

// blank reports whether nothing was written on a row.
func blank(row access.ReturnedRow) bool {
	return strings.TrimSpace(row.Decision+row.Reason+row.ChangeTo+row.PassTo+row.Comment) == "" && len(row.Formula) == 0
}

// untouched compares what may not be changed with what was issued.
func (j *judging) untouched() {
	for n := range j.row.Cells {
		if n >= len(j.issued.Cells) || j.row.Cells[n] != j.issued.Cells[n] {
			was := ""
			if n < len(j.issued.Cells) {
				was = j.issued.Cells[n]
			}
			j.problem(j.head(n), j.row.Cells[n], fmt.Sprintf("this said %q when the file went out, and may not be changed. Put it back, or copy your decision to a fresh file. If what it says is wrong, write so under Comment", was))
		}
	}
	if j.row.Cells != nil && len(j.row.Cells) < len(j.issued.Cells) {
		j.problem(j.head(len(j.row.Cells)), "", "a column is missing. Copy your decision to a fresh file")
	}
	if !j.bad && j.row.MAC != j.issued.MAC && !j.saysItAll() {
		j.problem("Row ID", j.row.ID, "the hidden seal of this row is not the one that it went out with, so that nobody can tell what was answered. Copy your decision to a fresh file")
	}
	if len(j.row.Formula) > 0 {
		j.problem(j.row.Formula[0], "a formula", "a formula is no answer. Type the text itself")
	}
}

// saysItAll reports whether a row came back without its seal, but with all else: a
// program for spreadsheets that saves one sheet leaves the hidden one out. All that the
// seal is over was compared then.
func (j *judging) saysItAll() bool { return j.row.MAC == "" && len(j.row.Cells) > 0 }

// head is the head of a locked column.
func (j *judging) head(n int) string {
	if n < len(j.rules.Locked) {
		return j.rules.Locked[n]
	}
	return fmt.Sprintf("locked column %d", n+1)
}

// read reads the decision.
func (j *judging) read() {
	var ok bool
	j.choice, ok = ParseChoice(j.row.Decision)
	switch {
	case !ok:
		j.problem("Decision", j.row.Decision, "this is no decision. Write Keep, Change, Remove or Not mine, or leave it blank")
	case j.choice == access.ChooseNothing && strings.TrimSpace(j.row.Reason+j.row.ChangeTo+j.row.PassTo) != "":
		j.problem("Decision", "", "something is written on this row, but no decision: it stays open. Choose Keep, Change, Remove or Not mine")
	}
}

// allowed checks who answers.
func (j *judging) allowed() {
	i := &j.issued.Item
	switch {
	case j.st.subject(i, j.by), !j.sure && j.other.name != "" && j.st.subject(i, j.other):
		j.problem("Decision", j.row.Decision, j.ownWords())
		j.ownCheck()
	case i.Risk == access.RiskPrivileged && j.choice != access.ChooseNotMine && j.st.administers(i.System, j.by):
		if says := j.whoElse(); says != "" {
			j.problem("Decision", j.row.Decision, fmt.Sprintf("%s administers %s, so that somebody else has to judge privileged access there. %s", j.by.name, i.System, says))
		}
	}
}

// whoElse says who judges a privileged row in the place of an administrator, or ""
// if nobody else is known.
func (j *judging) whoElse() string {
	i, reviewer := &j.issued.Item, reviewerOf(&j.sheet.Sheet)
	if j.by.id() != reviewer.id() && j.st.employed(reviewer, j.now) && !j.st.administers(i.System, reviewer) {
		return reviewer.name + " has to send an answer to it"
	}
	if who, ok := j.route.neutral(i, j.issued.Duty, j.otherDuty(), j.by.id(), reviewer.id()); ok {
		return "Choose Not mine, and pass it to " + who.name
	}
	return ""
}

// ownCheck keeps on record that somebody answered about themselves. It does not count.
func (j *judging) ownCheck() {
	if j.choice == access.ChooseNotMine || !j.st.subject(&j.issued.Item, j.by) {
		return
	}
	d := j.decision()
	d.Choice, d.Until = access.ChoiceOwnCheck, access.Day{}
	j.out.Decisions = append(j.out.Decisions, d)
}

// otherDuty is who is asked about the same right in the other duty, or "".
func (j *judging) otherDuty() string {
	for _, id := range j.duties[j.issued.Item.RowID] {
		if s := j.sheets[j.holder[id]]; id != j.issued.ID && s != nil {
			return reviewerOf(&s.Sheet).id()
		}
	}
	return ""
}

// complete checks that an answer has what it needs, and finds to whom it passes the row.
func (j *judging) complete() (next asked) {
	i := &j.issued.Item
	if why := ReasonFor(i, j.choice); why != "" && !reasoned(j.row.Reason) {
		j.problem("Reason", j.row.Reason, fmt.Sprintf("%s needs a reason of %d characters or more", why, shortestReason))
	} else if was, answered := j.final[j.issued.ID]; why == "" && answered && was.Choice != access.ChoiceGone && was.Choice != j.choice && !reasoned(j.row.Reason) {
		j.problem("Reason", j.row.Reason, fmt.Sprintf("%s was answered on %s already. Another answer needs a reason of %d characters or more", was.Choice.Word(), localDay(was.ReceivedAt, j.rules.zone()), shortestReason))
	}
	switch j.choice {
	case access.ChooseChange:
		if strings.TrimSpace(j.row.ChangeTo) == "" {
			j.problem("Change to", "", "Change needs what they should have instead. Write it under Change to")
		}
	case access.ChooseNotMine:
		return j.next()
	}
	return asked{}
}

// next is to whom a row is passed on.
func (j *judging) next() asked {
	i, to := &j.issued.Item, strings.TrimSpace(j.row.PassTo)
	if to == "" {
		j.problem("Pass to", "", "Not mine needs somebody who can judge it. Write their work e-mail or employee ID under Pass to")
		return asked{}
	}
	found, alike := j.st.named(to)
	found = slices.DeleteFunc(found, func(a asked) bool { return !j.st.employed(a, j.now) })
	if len(found) != 1 {
		j.problem("Pass to", to, notOne(found, alike))
		return asked{}
	}
	next := found[0]
	switch {
	case j.st.subject(i, next):
		j.problem("Pass to", to, "the row is about access of theirs: nobody reviews their own. Name somebody else")
	case next.id() == j.by.id():
		j.problem("Pass to", to, "that is you. Name somebody else, or decide")
	case next.id() == reviewerOf(&j.sheet.Sheet).id():
		j.problem("Pass to", to, next.name+" is asked about it already. Leave the row blank, so that they answer it, or name somebody else")
	case slices.Contains(j.passed[j.issued.ID], next.id()):
		j.problem("Pass to", to, next.name+" said already that it is not theirs. Name somebody else, such as the owner of "+string(i.System))
	case i.Risk == access.RiskPrivileged && next.id() == j.otherDuty():
		j.problem("Pass to", to, next.name+" is asked about this privileged access already, and a second person has to judge it. Name somebody else")
	case i.Risk == access.RiskPrivileged && j.st.administers(i.System, next):
		if who, ok := j.route.neutral(i, j.issued.Duty, append(slices.Clone(j.passed[j.issued.ID]), j.otherDuty(), reviewerOf(&j.sheet.Sheet).id())...); ok {
			j.problem("Pass to", to, fmt.Sprintf("%s administers %s, so that somebody else has to judge privileged access there, such as %s", next.name, i.System, who.name))
		}
	}
	return next
}

func notOne(found []asked, alike []string) string {
	switch {
	case len(found) > 1:
		return "more than one person may be meant. Write the work e-mail or the employee ID of the one that you mean"
	case len(alike) > 0:
		return "nobody who works here has this name, address or ID. Did you mean " + strings.Join(alike, ", ") + "? Write their work e-mail"
	}
	return "nobody who works here has this name, address or ID. Write a work e-mail or an employee ID"
}

// named are those whom a text names: by id, by address, or by the exact name if nobody
// else has it. alike are names that are nearly it.
func (st *Staff) named(text string) (found []asked, alike []string) {
	text = strings.TrimSpace(text)
	add := func(a asked) {
		if !slices.ContainsFunc(found, func(b asked) bool { return a.id() == b.id() }) {
			found = append(found, a)
		}
	}
	if mails := mailsIn(text); len(mails) > 0 {
		for _, m := range mails {
			for _, k := range st.people.byEmail[m] {
				add(st.person(st.people.Get(k)))
			}
		}
	} else if keys := (matcher{people: st.people}).byHRID(access.EmployeeID(text)); len(keys) > 0 {
		for _, k := range keys {
			add(st.person(st.people.Get(k)))
		}
	}
	for _, c := range st.contacts {
		if one := st.known(c.Name, c.BusinessHours, c.AfterHours); c.Responsibility == "owner" && st.means(text, one) {
			add(one)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	for n := range st.people.list {
		p := &st.people.list[n]
		switch {
		case sameText(p.Name, text):
			add(st.person(p))
		case len(alike) < 3 && stillWorks(*p) && resembles(p.Identity, text):
			alike = append(alike, p.Name)
		}
	}
	return found, alike
}

// decision is the answer, as it counts.
func (j *judging) decision() access.Decision {
	i := &j.issued.Item
	d := access.Decision{Campaign: j.c.ID, RowID: j.issued.ID, Worksheet: j.sheet.ID, WorksheetSHA256: j.back.SHA256, Revision: j.out.File.Revision, Reviewer: j.by.key, ReviewerName: j.by.name,
		Sender: j.back.Sender, Choice: j.choice, Reason: strings.TrimSpace(j.row.Reason), Comment: strings.TrimSpace(j.row.Comment), Suggested: i.Suggested, ReceivedAt: j.now}
	switch d.Choice {
	case access.ChooseChange:
		d.ChangeTo = strings.TrimSpace(j.row.ChangeTo)
	case access.ChooseKeep:
		if Unexpected(i, j.c.OpenedAt) {
			d.Until = access.Day{At: localDay(j.now, j.rules.zone()).At.AddDate(0, 0, j.rules.keepDays())}
		}
	}
	return d
}

// sameAnswer reports whether a later file only says again what counts already.
func sameAnswer(a, b access.Decision) bool {
	return a.Choice == b.Choice && a.Reason == b.Reason && a.ChangeTo == b.ChangeTo && a.Comment == b.Comment && a.Reviewer == b.Reviewer
}
