package runbook

import (
	"fmt"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
	"rollcall/reports"
)

// Pages about what a night asks of people, and what auditors do.

func (c company) periodicReview() Page {
	r := c.cfg.Review
	removal := "What is decided Remove is told every night as a task for the owner: review.removals is observe."
	if c.acts() && r.Removals == access.Enforce {
		removal = fmt.Sprintf("What is decided Remove is taken away by the night, %s after it was first told: single memberships, assignments and policies, never a password, a key or an admin role.", phrase.Counted(r.NoticeDays, "day"))
	}
	unanswered := "What nobody answered never counts as Keep: " + r.Approver + " decides about it."
	if r.Unanswered == config.UnansweredRevoke {
		unanswered = "What nobody answered never counts as Keep: privileged access is removed, and " + r.Approver + " decides about the rest."
	}
	return Page{
		Name: access.RunbookPeriodicReview, Title: "Periodic review", Happened: "The review of access is due, or a worksheet or the summary asks somebody to decide.",
		Readers: []string{"Reviewers", "Compliance", "System owners"},
		Here: []string{
			fmt.Sprintf("Reviewers have %s. A Keep of what no rule allows lasts %s.", phrase.Counted(r.Days, "day"), phrase.Counted(r.KeepDays, "day")),
			removal, unanswered,
			fmt.Sprintf("Outside a review, worksheets of a night ask about the same things: access without a rule, accounts that are nobody's, unused access (%s), old keys (%s), accounts of programs.", phrase.Counted(c.cfg.Policy.DormantDays, "day"), phrase.Counted(c.cfg.Policy.KeyDays, "day")),
		},
		Steps: []Step{
			{Do: "Open the review on its first day, after a night that read everything.", Who: c.compliance(),
				Tools:  []Tool{typed("", c.command("review", "open").shows("What to do next"))},
				Verify: typed("It lists every reviewer with the rows that are open:", c.command("review", "status").shows("nothing came back yet")),
				Leaves: "The frozen list, each worksheet with its SHA-256, and the books: every grant is in the review or left out with a reason (table worksheets).",
				Fails:  Call{To: c.onCall(), Say: "The access review cannot be opened. rollcall review open says: ANSWER"}},
			{Do: "Send each reviewer one of the three files with their name.", Who: c.compliance(),
				How:    []string{"A workbook, a CSV and a page for the browser ask the same. Send nobody somebody else's."},
				Tools:  []Tool{{Says: "The files: " + c.path(r.Dir, "REVIEW", "worksheets") + "."}, typed("Who has to be told or reminded today, with the text of the message:", c.command("review", "remind").shows("messages to send"))},
				Verify: typed("The same day it has nothing more to send:", c.command("review", "remind")),
				Leaves: "Each message, with its day (table notices).",
				Fails:  Call{To: c.approver(), Say: "Nobody can be found who reviews the access of PERSON. The review is REVIEW. Who decides?"}},
			{Do: "Decide row by row, and send the file back.", Who: reviewer,
				How: []string{"Begin with “Decide first”. Keep, Change, Remove or Not mine; nothing is chosen for you, and an empty row stays open. Give a reason where it asks for one. Do not decide about your own access.",
					"What a flag means: unexpected access has no rule; dormant was not used; orphan and ambiguous accounts are nobody's for certain; a conflict is two rights that nobody may hold together."},
				Tools:  []Tool{{Says: "The worksheet that you were sent."}},
				Verify: typed("Why somebody has a right, and what was decided about it before:", c.command("why", "--person", "ID", "--entitlement", "RIGHT").shows("stands:")),
				Leaves: "The file as it was sent back, and each decision with its reason and day (table decisions).",
				Fails:  Call{To: c.compliance(), Say: "I cannot judge a row of my worksheet of review REVIEW. It is about PERSON and RIGHT. Who can?"}},
			{Do: "Take in what comes back.", Who: c.compliance(),
				How:    []string{"Put the files into a folder. Of two files of one worksheet the one that was saved last counts. What is wrong with a file lies in the folder to-mend of the review: send it back."},
				Tools:  []Tool{typed("", c.command("review", "import", "--dir", "FOLDER").shows("answers count"))},
				Verify: typed("Who still owes what:", c.command("review", "status").shows("Open at the end of each day")),
				Leaves: "Each file as it came, with its SHA-256, sender and time.",
				Fails:  Call{To: reviewer, Say: "Your worksheet of review REVIEW could not be read. Please mend the marked-up copy and send it back. It says: ANSWER"}},
			{Do: "Close it when everything is answered.", Who: either(c.compliance(), c.approver()),
				How:    []string{"Before the end it is refused while rows are open. " + unanswered},
				Tools:  []Tool{typed("If rows are open, and it has to end all the same:", c.command("review", "close", "--unanswered").shows("closed"))},
				Verify: typed("Per reviewer: issued, answered, late, kept without a look:", c.command("audit", "ask", "--question", "campaign", "--campaign", "REVIEW").shows("rests on")),
				Leaves: "The auditors' checks and the pack in the folder compliance of the review.",
				Fails:  Call{To: c.approver(), Say: "The review REVIEW cannot be closed. Rows are open: whose, it says here: ANSWER"}},
			{Do: "See that what was to be removed is gone.", Who: either(c.owners(), c.compliance()), Tools: append(c.consoles(), typed("The pack again, as of now:", c.command("review", "close", "--campaign", "REVIEW", "--pack"))),
				How:    []string{removal},
				Verify: typed("Each Remove or Change with the night that saw it gone; what is open has none:", c.command("audit", "ask", "--question", "removals", "--campaign", "REVIEW", "--date", "DAY").shows("rests on")),
				Leaves: "The answer, and the pack.",
				Fails:  Call{To: c.owners(), Say: "PERSON was to lose RIGHT by the review REVIEW, and still has it. Remove this one thing."}},
		},
	}
}

func (c company) auditRequest() Page {
	return Page{
		Name: access.RunbookAuditRequest, Title: "Audit request", Happened: "Auditors ask for evidence, or for a sample.",
		Readers: []string{"Compliance", "Auditors"},
		Here: []string{
			"Every run leaves a signed record that names the one before it. What is asked is answered from these records, not from the systems of today.",
			"The archive: " + c.archive() + ". The public key: " + c.path(c.cfg.Archive.PublicKey) + ".",
			"Answers hold personal data: give them to auditors only, and on no chat.",
		},
		Steps: []Step{
			{Do: "Check that the archive is whole.", Who: c.compliance(),
				How:    []string{"Compare the end of the chain with the newest one that you were sent. Exit code 4 names nights that have no record: find out why, and keep the reason."},
				Tools:  []Tool{typed("", c.command("audit", "verify").ends(0, 4).shows("End of the chain"))},
				Verify: typed("Whether every night ran, and what kept one from it:", c.command("audit", "ask", "--question", "nights", "--from", "FROM", "--to", "TO").shows("rests on")),
				Leaves: "Nothing: it only reads.",
				Fails:  Call{To: either(c.security(), c.onCall()), Now: true, Say: "rollcall audit verify says that the archive is not as it was written. Change nothing in it. It says: ANSWER"}},
			{Do: "Answer the question that was asked.", Who: c.compliance(),
				How:    []string{"There are twenty. The most usual are below; each takes other days and, where it says so, one person."},
				Tools:  []Tool{typed("All of them:", c.command("audit", "ask", "--list").shows("who-reaches")), typed("What one means, and its SQL:", c.command("audit", "ask", "--explain", "leavers").shows("within_sla"))},
				Verify: typed("Leavers, with the hours to the block:", c.command("audit", "ask", "--question", "leavers", "--from", "FROM", "--to", "TO", "--days", "1").shows("within_sla")),
				Leaves: "Under each answer: the runs that it rests on, their signatures, and its SHA-256.",
				Fails:  Call{To: c.onCall(), Say: "rollcall audit ask does not answer. It says: ANSWER"}},
			{Do: "Draw the sample, and give the evidence of each row with it.", Who: c.compliance(),
				How:    []string{"The auditors name the number for the seed: the same seed draws the same rows, so that nobody can choose."},
				Tools:  []Tool{typed("", c.command("audit", "ask", "--question", "leavers", "--from", "FROM", "--to", "TO", "--days", "1", "--sample", "2", "--seed", "7", "--bundle", "FOLDER"))},
				Verify: typed("Whether a night's decisions follow from what it read (it decides them once more):", c.command("audit", "replay", "--run", "last").shows("The plan is the same")),
				Leaves: "A folder with the archive's rows of each sampled row, the journal, and the digests.",
				Fails:  Call{To: c.onCall(), Say: "The evidence for the auditors' sample cannot be made. It says: ANSWER"}},
			{Do: "Make the evidence pack of the period.", Who: c.compliance(),
				How:    []string{"Open index.html in it. Tell the auditors the two digests that the command prints by another way than the folder goes."},
				Tools:  []Tool{typed("", c.command("audit", "export", "--from", "FROM", "--to", "TO", "--out", "FOLDER").shows("SHA-256 of the public key"))},
				Verify: typed("Who changed or overrode what in the period; the pack has the same rows:", c.command("audit", "ask", "--question", "overrides", "--from", "FROM", "--to", "TO").shows("rests on")),
				Leaves: "The folder: answers, workbooks, signed records, and how to check all of it without rollcall.",
				Fails:  Call{To: c.onCall(), Say: "The evidence pack from FROM to TO cannot be made. It says: ANSWER"}},
		},
	}
}

func (c company) archive() string {
	if c.cfg.Archive.InS3() {
		return c.cfg.Archive.Root
	}
	return c.path(c.cfg.Archive.Root)
}

// inArchive is a file of the archive, as whoever may read it finds it.
func (c company) inArchive(name string) string {
	return strings.TrimSuffix(c.archive(), "/") + "/" + name
}

// planToApprove is the plan as the command on the approver's machine names it: the run's
// own where the night runs, else the copy that they were sent.
func (c company) planToApprove() string {
	if c.approving() == c.file {
		return c.inReports("plan.json")
	}
	return "PLAN"
}

func (c company) rosterRefused() Page {
	g := c.cfg.Guards.Roster
	return Page{
		Name: access.RunbookRosterRefused, Title: "Roster refused", Happened: "HR's list was refused, or somebody in it is held.",
		Readers: []string{"HR", "IT on call"},
		Here: []string{
			"A list that cannot be believed costs nobody their access. The last accepted one stays in force: who had left by it is still blocked.",
			fmt.Sprintf("It is refused if it cannot be read, is older than the last one, is %d %% shorter, or if more than %d people (or %d %%) are newly gone in a night or in 7 days.", g.ShrinkPercent, g.GoneMin, g.GonePercent),
			"Somebody who is held (a status that is not known, two rows that contradict each other) is left as they are until the row is mended. Everybody else is done.",
			c.approvers(),
		},
		Steps: []Step{
			{Do: "Read what is wrong with the list.", Who: c.hr(),
				How:    []string{"Each message has the row, the person, the column, what is there, and how to mend it. STOP is the whole file, HOLD is one person."},
				Tools:  []Tool{{Says: "The workbook with the rows to mend: " + c.inReports("hr") + "."}, c.summary()},
				Verify: c.checkRefused(),
				Leaves: "The refused file stays in the archive as it came, with the reason.",
				Fails:  Call{To: c.onCall(), Say: "rollcall refused our list, and we do not understand why. It says: ANSWER"}},
			{Do: "If the list is wrong: correct it and export it anew.", Who: c.hr(),
				How:    []string{"Do not edit it in Excel if you can help it: dates and zeros change. Put it in the place of the old one."},
				Tools:  []Tool{{Says: "HR's lists: " + c.lists() + "."}},
				Verify: c.checkMended(),
				Leaves: "The new list; it is accepted by the next run.",
				Fails:  Call{To: c.onCall(), Say: "Our corrected list is still refused. It says: ANSWER"}},
			{Do: "If the list is right: have somebody answer for this very file.", Who: keyHolder,
				How:    []string{"HR tells by telephone, and not by mail, how many people are newly gone: who left since, and who is no longer in it. The approval is for that file alone: do not send another one meanwhile."},
				Tools:  c.approveList(),
				Verify: typed("The run that would come now takes the list:", c.command("plan", "--out", "FILE").ends(0, 3).shows("Approvals")),
				Leaves: "The signed approval: who, why, how many, until when (table approvals).",
				Fails:  Call{To: either(c.security(), c.hr()), Say: "The list of DAY is right, with COUNT people newly gone, and nobody can approve it. APPROVER. Who holds a key?"}},
			{Do: "Let the next run take it.", Who: c.onCall(), Tools: []Tool{typed("At once, instead of tonight:", c.command("nightly").ends(0, 3).shows("accepted"))},
				Verify: typed("What approvals released:", c.command("audit", "ask", "--question", "overrides", "--from", "FROM", "--to", "TO").shows("rests on")),
				Leaves: "The accepted list, and people with the day on which it first said that they left.",
				Fails:  Call{To: either(c.onCall(), c.hr()), Say: reports.SayGuard("roster", "SCOPE", "no single account", "The list is still refused.", "ANSWER", "RUN")}},
		},
	}
}

// approvers says whether anybody may approve here.
func (c company) approvers() string {
	if n := len(c.cfg.Approvals.Keys); n > 0 {
		return fmt.Sprintf("Who may approve here: the holders of the keys that approvals.keys names (%d). An approval lasts %d hours at the most, and counts once.", n, int(c.cfg.Approvals.MaxAge.Hours()))
	}
	return "Nobody may approve here: approvals.keys is empty, so that what is held stays held. Whoever is to approve runs rollcall approve --new-key on their own machine, and the public key goes into approvals.keys."
}

// firstList is the list that the commands of an example name.
func (c company) firstList() config.Roster { return c.cfg.Rosters[0] }

func (c company) checkRefused() Tool {
	r := c.firstList()
	return typed("The same for HR alone, before anything is sent; it ends with 2 if the file cannot be used at all:",
		c.command("check", "--roster", c.path(r.File), "--source", string(r.Name), "--out", "FILE").ends(0, 2).shows("What to do"))
}

func (c company) checkMended() Tool {
	r := c.firstList()
	return typed("It says what would follow from it tonight, and nothing of “would not be believed”:", c.command("check", "--roster", c.path(r.File), "--source", string(r.Name)).shows("If this were tonight's list"))
}

func (c company) approveList() []Tool {
	r := c.firstList()
	return []Tool{typed("On the machine of whoever approves. It refuses if the number is another one:", c.commandWith(c.approving(), "approve", "--guard", "roster", "--roster", c.path(r.File), "--source", string(r.Name), "--count", "COUNT", "--by", "WHO", "--reason", "WHY").shows("and once"))}
}

func (c company) guardTripped() Page {
	g := c.cfg.Guards
	return Page{
		Name: access.RunbookGuardTripped, Title: "Guard tripped", Happened: "A run ended with 3: a guard held something back.",
		Readers: []string{"IT on call", "Security", "HR"},
		Here: []string{
			fmt.Sprintf("Limits here: more than %d accounts (or %d %%) blocked in a night, %d (or %d %%) in 7 days; more than %d with one department, manager or right in common; %d things a night that cannot be undone. Of a number and a share the larger counts.",
				g.Blast.NightMin, g.Blast.NightPercent, g.Blast.WeekMin, g.Blast.WeekPercent, g.Concentration, g.Irreversible),
			"What trips is held whole; all the rest was done. Every night judges it afresh. Nothing is lost by waiting, but people who left stay in meanwhile.",
			"No guard can be switched off. “protected”, “reads” and “baseline” cannot be approved: decide by hand, mend the read, or wait for the next night.",
			c.approvers(),
		},
		Steps: []Step{
			{Do: "Read which guard it is, and look at the people by name.", Who: c.onCall(), Tools: []Tool{c.summary()},
				How:    []string{"The summary says what was counted, who has to know, what happens next night, and the command that goes on."},
				Verify: typed("What would be done now, and what is held and why:", c.command("plan", "--out", "FILE").ends(0, 3).shows("Guards that tripped")),
				Leaves: "The trip with its cohort (the run's plan.json, kept in the archive).",
				Fails:  Call{To: either(c.security(), c.onCall()), Say: reports.SayGuard("GUARD", "SCOPE", "COUNT accounts", "Nobody has decided yet.", "Decide today.", "RUN")}},
			{Do: "Ask HR: did all of these people leave?", Who: either(c.hr(), c.onCall()),
				How:    []string{"By telephone, with the number. If not: HR corrects its list (page Roster refused), and nothing is approved."},
				Verify: typed("For each person, what HR's list says:", c.command("why", "--person", "ID").shows("stands: left")),
				Leaves: "The ticket.",
				Fails:  Call{To: c.hr(), Say: "rollcall holds COUNT accounts of people who left by your list of DAY. Is that right? Run RUN."}},
			{Do: "If all is right: approve exactly this.", Who: keyHolder,
				How: []string{"On their own machine, with a copy of the run's plan. Whoever has the machine of the night sends it, or whoever may read the archive takes it from there: no other plan will do.",
					"The approval file goes into the folder " + c.path(c.cfg.Approvals.Dir) + " of the machine of the night."},
				Tools: []Tool{{Says: "The plan: " + c.inReports("plan.json") + " on the machine of the night; the same plan is " + c.inArchive("plans/RUN.json") + " in the archive."},
					typed("", c.commandWith(c.approving(), "approve", "--plan", c.planToApprove(), "--guard", "GUARD", "--by", "WHO", "--reason", "WHY").shows("and once")),
					typed("That it was this run's plan: the archive says here, beside RUN, what the approval file has as plan_sha256. If it is another one, delete the approval file and call security:",
						c.commandWith(c.approving(), "audit", "sql", "--query", "select run_id, plan_sha256 from runs", "--from", "DAY", "--to", "DAY").shows("plan_sha256"))},
				Verify: typed("Under Approvals it says that the file counts:", c.command("plan", "--out", "FILE").ends(0, 3).shows("Approvals", "counts")),
				Leaves: "The signed approval: who, why, exactly which accounts, until when.",
				Fails:  Call{To: either(c.security(), c.hr()), Say: "The guard GUARD holds COUNT accounts, HR says that all of them left, and nobody can approve it. Who holds a key? Run RUN."}},
			{Do: "Run the night again.", Who: c.onCall(), Tools: []Tool{typed("At once, instead of tonight:", c.command("nightly").ends(0, 3))},
				Verify: typed("The approval, and what it released:", c.command("audit", "ask", "--question", "overrides", "--from", "FROM", "--to", "TO").shows("approval")),
				Leaves: "Each released action names its approval (table actions, column approval_id).",
				Fails:  Call{To: either(c.onCall(), c.security()), Say: reports.SayHeld("PERSON, ACCOUNT", "their employment ended at TIME", "RUN")}},
			{Do: "If it is “protected”: decide by hand, tonight.", Who: either(c.security(), c.onCall()), Tools: c.consoles(),
				How:    []string{"rollcall never touches protected accounts. Protected here: " + c.protected() + "."},
				Verify: typed("Once a night has read what was done by hand, no row says that the account is active:", c.command("audit", "ask", "--question", "leavers-active", "--from", "FROM", "--to", "TO", "--person", "ID").shows("rests on").not("account active")),
				Leaves: "The finding protected_leaver until it is done.",
				Fails:  Call{To: c.security(), Now: true, Say: reports.SayHeld("PERSON, ACCOUNT (protected)", "their employment ended at TIME", "RUN")}},
		},
	}
}

func (c company) protected() string {
	says := "accounts registered as break_glass, rollcall's own, the last super admin"
	for _, p := range c.cfg.Policy.Protected {
		says += ", " + p
	}
	return says
}
