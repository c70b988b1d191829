package runbook

import (
	"fmt"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reports"
)

// Pages about somebody who comes, changes their job, or leaves.

func (c company) onboarding() Page {
	return Page{
		Name: access.RunbookOnboarding, Title: "Onboarding", Happened: "Somebody starts, or lacks what their job needs, or has access before their first day.",
		Readers: []string{"HR", "System owners"},
		Here: []string{
			"What a job gets is decided beforehand, in the role map: the table below. Nobody has to ask for it again.",
			"rollcall gives nothing. Every night it tells the owners what somebody lacks that their job must have (missing_grant), and the manager what somebody has before their first day (early_access).",
			"A person is known by the employee ID. It has to be in the account too (the HR id of the profile in Okta, the tag of a user in AWS), or the e-mail has to be the same.",
		},
		Tables: c.jobs(),
		Steps: []Step{
			{Do: "Put the person into HR's list, before the first day.",
				How:    []string{"Fill in employee_id, email, name, title, department, manager_id, status and start_date. The status is Pending until the first day, then Active. Title and department have to be written as in the table below."},
				Who:    c.hr(),
				Tools:  append([]Tool{{Says: "HR's lists: " + c.lists() + "."}}, c.checkLists()...),
				Verify: typed("Look the person up. It says “pending” before the first day and “active” from then on:", c.command("why", "--person", "ID").shows("stands: active")),
				Leaves: "Every list that a night read is kept as it came (archive, inputs), and each person of it in the table identities.",
				Fails:  Call{To: c.onCall(), Say: "rollcall does not take our list, or does not know PERSON, who starts on DAY. It says: ANSWER"}},
			{Do: "Give what the job must have, on the first day and not earlier.",
				How:    []string{"Give groups, not single rights: what hangs on a group comes with it. Write the employee ID into the account."},
				Who:    c.owners(),
				Tools:  c.consoles(),
				Verify: typed("It names the line of the role map that allows it, and since when it is there:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("role map")),
				Leaves: "The next night records the grant with the line that allows it and who approved that line (table grants, columns cites and approved_by).",
				Fails:  Call{To: c.onCall(), Say: "PERSON started on DAY and cannot be given RIGHT, which the role map says their job must have. Nothing has to be removed. The system says: ANSWER"}},
			{Do: "See the next morning that nothing is missing, and that nothing came too early.",
				Who:    either(c.owners(), c.compliance()),
				Tools:  []Tool{c.summary()},
				Verify: typed("It says “nothing early, all allowed” for a good start; a line “before start” is access that came too early:", c.command("audit", "ask", "--question", "joiners", "--from", "FROM", "--to", "TO", "--person", "ID").shows("nothing early, all allowed")),
				Leaves: "The answer names the nights that it rests on and their signatures; missing_grant and early_access stay in the table findings for as long as they were true.",
				Fails:  Call{To: c.owners(), Say: "PERSON still lacks, or has too early, RIGHT. The finding is FINDING of run RUN. Please give it, or take it away until the first day."}},
			{Do: "If the person needs more than the job gives, ask for it as an exception.",
				How:    []string{"Do not give it beforehand: what nothing allows is put before the manager as unexpected_grant. The page Access request and exception says how."},
				Who:    manager,
				Verify: typed("Until it is approved it says that nothing allows it, or names the lines that would:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("stands: active")),
				Leaves: "The line in the register of exceptions: who approved it, why, and until when.",
				Fails:  Call{To: c.owners(), Say: "PERSON needs RIGHT for their work, and their job does not give it. APPROVER wants it. Who may approve an exception?"}},
		},
	}
}

// jobs shows which job gets what: access that is approved beforehand.
func (c company) jobs() []Table {
	t := Table{Title: "Which job gets what (" + c.cfg.Policy.RoleMap + ")", Heads: []string{"Who", "Must or may have", "What it lets them do", "System", "Right", "Risk", "Owner", "Approved by"}}
	for _, r := range c.policy.RoleMap.Rules {
		t.Rows = append(t.Rows, []string{whoOf(r), requirementWord(r.Requirement), r.Meaning, systemOf(r), rightOf(r), string(r.Risk), r.Owner, r.ApprovedBy})
	}
	return []Table{t}
}

func whoOf(r access.Rule) string {
	who := "everybody"
	if r.Title != "" && r.Title != "*" {
		who = r.Title
	}
	if r.Department != "" && r.Department != "*" {
		who += ", " + r.Department
	}
	if r.WorkerType != "" && r.WorkerType != "*" {
		who += " (" + r.WorkerType + ")"
	}
	return r.Role + ": " + who
}

func requirementWord(q access.Requirement) string {
	if q == access.Required {
		return "must"
	}
	return "may"
}

func systemOf(r access.Rule) string {
	if r.Scope == "" {
		return r.System
	}
	return r.System + ", " + r.Scope
}

func rightOf(r access.Rule) string {
	if r.Kind == "" {
		return r.Entitlement
	}
	return r.Kind + " " + r.Entitlement
}

func (c company) roleChange() Page {
	moving := fmt.Sprintf("What only the old job gave stays until somebody decides: it is put before the new manager, more urgently after %s.", phrase.Counted(c.cfg.Policy.MoverDays, "day"))
	if c.removes() && c.cfg.Remove.Movers {
		moving = fmt.Sprintf("What only the old job gave is taken away by the night, %s after it was first told to the manager. It cannot be given back by a command.", phrase.Counted(c.cfg.Policy.MoverDays, "day"))
	}
	return Page{
		Name: access.RunbookRoleChange, Title: "Role change", Happened: "Somebody gets another title or department, keeps access of an earlier job, or has a job that the role map does not know.",
		Readers: []string{"HR", "Managers", "System owners"},
		Here:    []string{"The new title and department decide from the next night on. What the new job must have and is not there is told to the owners (missing_grant).", moving},
		Tables:  c.jobs(),
		Steps: []Step{
			{Do: "Change title, department and manager in HR's list, on the day on which it counts.",
				How: []string{"Keep the employee ID. A row with a new ID would be a new person."}, Who: c.hr(),
				Tools:  append([]Tool{{Says: "HR's lists: " + c.lists() + ", columns title, department, manager_id."}}, c.checkLists()...),
				Verify: typed("The first line has the new job:", c.command("why", "--person", "ID").shows("stands: active")),
				Leaves: "The list as it came, and the table identities of each night, with the old and the new title.",
				Fails:  Call{To: c.onCall(), Say: "PERSON has a new job from DAY on, and rollcall does not show it. It says: ANSWER"}},
			{Do: "If no line of the role map knows the job, decide what it gets.",
				How: []string{"The finding is unmapped_role. Nothing is taken away because of it, and nothing is expected. Copy a line of a job like it, and have the owner approve it (approved_by, approved_on)."}, Who: c.owners(),
				Tools:  []Tool{{Says: "The role map: " + c.path(c.cfg.Policy.RoleMap) + "."}, typed("Try it before it counts. What cannot be used is marked STOP:", c.command("rolemap", "lint"))},
				Verify: typed("It names the line that allows it now:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("stands: active")),
				Leaves: "The line, and in the table rules each night's role map with file and row.",
				Fails:  Call{To: c.onCall(), Say: "rollcall rolemap lint does not take a line for the job of PERSON. It says: ANSWER"}},
			{Do: "Give what the new job must have.", Who: c.owners(), Tools: c.consoles(),
				Verify: typed("It names the line of the role map that allows it:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("stands: active")),
				Leaves: "The next night's table grants, with the line that allows it.",
				Fails:  Call{To: c.onCall(), Say: "PERSON changed jobs on DAY and cannot be given RIGHT. The system says: ANSWER"}},
			{Do: "Decide what stays of the old job, and take away the rest.",
				How: []string{"The manager answers the rows that say mover_residue in their worksheet: Keep only what the new job needs for a while. What is to stay longer becomes an exception."}, Who: either(manager, c.owners()),
				Tools:  append([]Tool{{Says: "The worksheets of the night: " + c.inReports("worksheets") + "."}}, c.consoles()...),
				Verify: typed("It lists what the old job gave and since when; still_held is false when it is gone, and allowed_by says which line allows what stayed:", c.command("audit", "ask", "--question", "movers", "--from", "FROM", "--to", "TO", "--days", fmt.Sprint(c.cfg.Policy.MoverDays), "--person", "ID").shows("kept_since")),
				Leaves: "The finding mover_residue for each night on which it was there, and the worksheet with its decision.",
				Fails:  Call{To: c.owners(), Say: "PERSON changed jobs on DAY and still has RIGHT of the old one. Please remove this one thing. Finding FINDING of run RUN."}},
		},
	}
}

func (c company) offboarding() Page {
	p := Page{
		Name: access.RunbookOffboarding, Title: "Offboarding", Happened: "Somebody leaves, has left and still has something, or is in no list any more.",
		Readers: []string{"HR", "IT on call", "System owners"},
		Here:    c.leaving(),
		Steps: []Step{
			{Do: "Write the end into HR's list, as soon as it is certain.",
				How: []string{"Fill in last_working_day or end_date, and the status that your system uses (Left, Terminated). Keep the row: a person who is missing has not left. Do not tell managers or a chat about a day that is ahead."}, Who: c.hr(),
				Tools:  append([]Tool{{Says: "HR's lists: " + c.lists() + "."}}, c.checkLists()...),
				Verify: typed("It says “left”, or “scheduled” until the day is over; the day itself is only in HR's list. If it still says “active”, the status is missing in the row: with the day alone nobody is blocked.", c.command("why", "--person", "ID").shows("stands:").not("stands: active")),
				Leaves: "When access should have ended, when the list first said so, and when it was seen to have ended: table endings.",
				Fails:  Call{To: c.onCall(), Say: "rollcall does not take a row of our list as it is meant. The person is ID; please call back HR, who has the rest. It says: ANSWER"}},
			{Do: "If somebody is in no list any more, say what became of them.",
				How: []string{"Add a line to the answers: left with the last working day, active, or same_as with their other ID. The workbook for HR has the line ready."}, Who: c.hr(),
				Tools:  c.answers(),
				Verify: typed("After the answer it says “left”, not “vanished”:", c.command("why", "--person", "ID").shows("stands: left")),
				Leaves: "The line: who confirmed it, and when; each night keeps the file that it read.",
				Fails:  Call{To: c.onCall(), Say: "PERSON is in no list any more. HR says that they left on DAY. rollcall still says: ANSWER"}},
		},
	}
	p.Steps = append(p.Steps, c.closing()...)
	return p
}

// leaving says what the night does by itself when somebody leaves.
func (c company) leaving() []string {
	at := "Access ends at the end of the last working day, in the person's time zone (" + c.cfg.Company.TimeZone + " where none is named). If there is a time, it ends at that moment."
	night := "The night then blocks every account of theirs and reads back that nothing works. That can be undone."
	if !c.acts() {
		night = "rollcall blocks nobody here: mode is observe. The summary says what it would do, and IT on call does it by hand."
	}
	garden := "Garden leave ends access like a last day (policy.garden_leave is revoke)."
	if c.cfg.Policy.GardenLeave != config.GardenRevoke {
		garden = "Garden leave ends nothing by itself: the manager is asked (policy.garden_leave is review)."
	}
	remove := "What is left of a blocked account (groups, factors, keys) is told every night and stays: remove.mode is observe."
	if c.removes() {
		remove = fmt.Sprintf("What is left of a blocked account (groups, factors, keys) is removed %s after nothing of theirs was seen to work. That cannot be undone.", phrase.Counted(c.cfg.Remove.AfterDays, "day"))
	}
	return append([]string{at, night, garden, remove}, c.missing()...)
}

// missing says what follows for somebody who is in no list of HR's any more.
func (c company) missing() []string {
	says := []string{"Somebody who is missing from the list is not taken for gone: HR is asked (vanished_person)."}
	for _, r := range c.cfg.Rosters {
		if r.LeftAfter > 0 {
			says = append(says, fmt.Sprintf("But whoever is absent from %d different lists of %s, and of whom HR has not answered, counts as left (left_after_lists).", r.LeftAfter, r.Name))
		}
	}
	return says
}

func (c company) answers() []Tool {
	file := c.cfg.Policy.Answers
	if file == "" {
		file = "answers.csv"
	}
	return []Tool{{Says: "The answers: " + c.path(file) + ", columns source, employee_id, answer, same_as, last_working_day, confirmed_by, confirmed_on."},
		{Says: "The workbook for HR: " + c.inReports("hr") + "."}}
}

// closing are the steps from the end of the last day on.
func (c company) closing() []Step {
	subject, ended := "PERSON, ACCOUNT", "their employment ended at TIME"
	night := Step{Do: "Let the night block them, or do it between two nights.", How: []string{"A sweep goes by HR's list of now and the accounts of the last night, and needs minutes. Without news it does nothing."}, Who: c.onCall(),
		Tools: []Tool{typed("Between two nights:", c.command("sweep").ends(0, 3)), typed("The whole night:", c.command("nightly").ends(0, 3))}}
	if !c.acts() {
		night = Step{Do: "Block each account by hand, and let the night see it.", How: []string{"mode is observe: rollcall tells, and changes nothing.", byHand}, Who: c.onCall(),
			Tools: append(c.consoles(), typed("What it would do, account by account:", c.command("plan", "--out", "FILE").ends(0, 3)), typed("Afterwards, the night that reads it:", c.command("nightly").ends(0, 3)))}
	}
	night.Verify = typed("Behind each account stands “suspended”, or what else was done, and no action of theirs says “failed”:", c.command("why", "--person", "ID").shows("suspended"))
	night.Leaves = "An intent before each change and what was read after it (journal, table actions); blocked_verified_at in the table endings."
	night.Fails = Call{To: either(c.onCall(), c.security()), Now: true, Say: reports.SayNotBlocked(subject, ended, "RUN")}
	return []Step{night,
		c.seen(subject, ended),
		{Do: "Name somebody else for what they owned.", How: []string{"The findings ownerless_account and the notes about managers name it: accounts of programs (owner_id), rights (owner in the role map), people whom they managed (manager_id)."}, Who: either(c.owners(), c.hr()),
			Tools:  []Tool{{Says: c.registers()}},
			Verify: typed("Accounts of programs with the owner of now; owner_left is false when it is done:", c.command("audit", "ask", "--question", "nonhuman", "--date", "DAY").shows("owner_left")),
			Leaves: "The changed lines; each night keeps the files that it read.",
			Fails:  Call{To: c.owners(), Say: "PERSON has left and still answers for ACCOUNT. Who answers for it from now on? Finding FINDING of run RUN."}},
	}
}

// seen is the step that proves that nothing works. Where rollcall blocks nobody it knows of no
// time at which a suspended account was seen to be closed: it counts only what it did itself.
func (c company) seen(subject, ended string) Step {
	s := Step{Do: "See that nothing of theirs works, within a day of the end.", Who: either(c.onCall(), c.compliance()), Tools: []Tool{c.summary()},
		How:    []string{"The clock that auditors look at runs from the end of access to the verified block. A protected account has no time: it is decided by hand."},
		Verify: typed("A row for each account, with the hours to the block; within_sla is true:", c.command("audit", "ask", "--question", "leavers", "--from", "FROM", "--to", "TO", "--days", "1", "--person", "ID").shows("within_sla", "true")),
		Leaves: "The same row in the evidence pack of the period.",
		Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: reports.SayUnseen(subject, ended, "RUN")}}
	if !c.acts() {
		s.How = []string{"Hours to the block are recorded only of blocks that rollcall sends itself, or where the account is gone. Of what you suspended by hand the proof is that it is no longer seen active."}
		s.Verify = typed("No row says that an account of theirs is active; look again on the second day:", c.command("audit", "ask", "--question", "leavers-active", "--from", "FROM", "--to", "TO", "--person", "ID").shows("rests on").not("account active"))
	}
	return s
}

// registers names the files that say who answers for what.
func (c company) registers() string {
	says := "The role map: " + c.path(c.cfg.Policy.RoleMap)
	if c.cfg.Policy.NonHuman != "" {
		says += ". The register of accounts that are no person's: " + c.path(c.cfg.Policy.NonHuman)
	}
	return says + ". HR's lists: " + c.lists() + "."
}

func (c company) accessRequest() Page {
	file := c.cfg.Policy.Exceptions
	if file == "" {
		file = "exceptions.csv"
	}
	return Page{
		Name: access.RunbookAccessRequest, Title: "Access request and exception", Happened: "Somebody needs more than their job gives, or an exception ends.",
		Readers: []string{"Managers", "System owners", "Compliance"},
		Here: []string{
			"What a job gets needs no request: see the table on the page Onboarding.",
			fmt.Sprintf("An exception is for one person, for one right, with a reason, an approver and an end. It lasts %s at the most (policy.exception_max_days); what is needed for longer belongs into the role map.", phrase.Counted(c.cfg.Policy.ExceptionMaxDays, "day")),
			"While it lasts, the access is reported and nobody is asked. From the day after its end it is put before the manager (expired_exception). Nothing is taken away by itself.",
		},
		Steps: []Step{
			{Do: "Look whether the job gives it already.", Who: manager,
				Verify: typed("It names the line that allows it, or the lines that would give it, or says that nothing allows it:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("stands: active")),
				Leaves: "Nothing: it only reads.",
				Fails:  Call{To: c.onCall(), Say: "rollcall why does not find PERSON or RIGHT. It says: ANSWER"}},
			{Do: "Have the owner of the right approve it, for a time, and write the line.",
				How: []string{"Nobody approves for themselves. Write why it is needed in words that an auditor understands, the ticket, who approved it, when, and until when."}, Who: c.owners(),
				Tools:  []Tool{{Says: "The register of exceptions: " + c.path(file) + ", columns id, source, employee_id, system, scope, kind, entitlement, reason, ticket, approved_by, approved_on, expires_on."}},
				Verify: typed("Nothing about the new line stands there as STOP or HOLD:", c.command("rolemap", "lint").shows("exceptions")),
				Leaves: "The line; each night keeps it in the table exceptions with file and row.",
				Fails:  Call{To: c.onCall(), Say: "rollcall does not take the exception for PERSON about RIGHT, approved by APPROVER. It says: ANSWER"}},
			{Do: "Give the access.", How: []string{"Only after the line is there."}, Who: c.owners(), Tools: c.consoles(),
				Verify: typed("It names the exception, with its end:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("exception")),
				Leaves: "The next night's table grants (cites names the exception), and a finding “excepted” for each night.",
				Fails:  Call{To: c.onCall(), Say: "PERSON cannot be given RIGHT, for which there is an exception, approved by APPROVER. The system says: ANSWER"}},
			{Do: "Show afterwards who approved it.", Who: c.compliance(),
				Verify: typed("A row for each right, with who approved it, when, and by which line:", c.command("audit", "ask", "--question", "approvals", "--date", "DAY", "--person", "ID").shows("approved_by")),
				Leaves: "The answer with what it rests on.",
				Fails:  Call{To: c.owners(), Say: "PERSON has RIGHT, and nobody is named who approved it. Who did, and when?"}},
			{Do: "When it has ended, take the access away or have it approved anew.",
				How: []string{"A new approval is a new line with a new id. Delete a line only once the access is gone."}, Who: c.owners(), Tools: c.consoles(),
				Verify: typed("Every access of theirs that no rule allows, with its exception; there is no row once it is gone:", c.command("audit", "ask", "--question", "against-policy", "--date", "DAY", "--person", "ID").shows("rests on").not("exception has ended")),
				Leaves: "expired_exception in the table findings, from the first night to the last.",
				Fails:  Call{To: c.owners(), Say: "The exception of PERSON for RIGHT ended on DAY, and they still have it. Remove this one thing, or have it approved anew. Finding FINDING of run RUN."}},
		},
	}
}
