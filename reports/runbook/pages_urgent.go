package runbook

import (
	"rollcall/internal/access"
	"rollcall/reports"
)

// Pages for when it cannot wait.

func (c company) urgentRemoval() Page {
	here := []string{"One command blocks every account of one person that the last night knew, in seconds, and reads back that nothing works. It can be undone (page Mistake and restore)."}
	does := "blocked and verified"
	if !c.manually() {
		says := "manual is observe"
		if c.cfg.Manual == "" {
			says = "manual is not set"
		}
		here = []string{says + " in the configuration: the command shows here what it would do, and changes nothing. Block by hand in the consoles, then let the night see it. To let the command act, write manual: enforce."}
		does = "would"
	}
	return Page{
		Name: access.RunbookUrgentRemoval, Title: "Urgent removal", Happened: "Somebody must lose everything now, somebody who left was seen at work, or a protected account belongs to somebody who left.",
		Readers: []string{"Security", "HR", "IT on call"},
		Here: append(here, "The guards judge it like a night: protected accounts and the last super admin are left alone. Those are blocked by hand.",
			"Sessions inside applications live on until they end by themselves; the summary says so for each account."),
		Steps: []Step{
			{Do: "Call IT on call, and have someone who may decide it on the line.",
				How: []string{"Say whether the person knows. Leave out medical and disciplinary detail: reasons stand in summaries."}, Who: either(c.hr(), c.security()),
				Tools:  []Tool{{Says: "The telephone. What to have ready stands at the end of this page."}},
				Verify: typed("It shows that it is the right person, and which accounts they have:", c.command("why", "--person", "ID").shows("stands:")),
				Leaves: "The ticket.",
				Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: "PERSON must lose all access now, from TIME on: WHY. APPROVER. They know it already: yes or no. Ticket TICKET."}},
			{Do: "Block everything that the last night knew.", Who: either(c.onCall(), c.security()),
				How: []string{"If a night is at work it waits for it. If it cannot wait, block in the consoles first and run it afterwards.",
					"It ends with 0 only when all was read and nothing that may be theirs works. 3: an account is held, or may be theirs and was not touched. 4: something that is named was not read, so that nobody can say. 5: a step failed or was skipped; with --read it plans anew. Any of these: go on with the next step."},
				Tools:  []Tool{typed("", c.command("revoke", "--person", "ID", "--reason", "WHY", "--ticket", "TICKET").shows(does))},
				Verify: typed("Again, reading all systems first: it finds accounts that were made since the last night, and says that nothing is left to do:", c.command("revoke", "--read", "--person", "ID", "--reason", "WHY", "--ticket", "TICKET").shows(c.readAgain())),
				Leaves: "Who ordered it, why, the ticket, each change with what was read back (tables actions and endings; the summary of the run).",
				Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: reports.SayNotBlocked("PERSON, ACCOUNT", "all their access was ordered to end at TIME", "RUN")}},
			{Do: "Block by hand what the command left, and what it cannot reach.", Who: c.onCall(),
				How: []string{"Each account under URGENT (perhaps_theirs): look in its console who uses it. If it is theirs, add the line that the finding has to links.csv and run the command again, or block it here. If it is not, leave it, and have links.csv or nonhuman.csv say whose it is, confirmed today: each night names it until then.",
					"What was skipped, and what is theirs in a system that was not read.",
					"Protected accounts; applications outside " + c.systems() + "; devices, badges, shared passwords. End sessions in the applications that matter.", byHand},
				Tools:  c.consoles(),
				Verify: typed("Behind each account stands what was done to it:", c.command("why", "--person", "ID").shows(c.afterRevoke())),
				Leaves: "The systems' own logs; the next night records the state that it reads.",
				Fails:  Call{To: c.security(), Now: true, Say: reports.SayUnseen("PERSON, ACCOUNT", "all their access was ordered to end at TIME", "RUN")}},
			{Do: "Have HR's list say the same, the same day.", How: []string{"Until it does, every night says blocked_active: somebody who works here is blocked. No night undoes it."}, Who: c.hr(),
				Tools:  append([]Tool{{Says: "HR's lists: " + c.lists() + ", columns status, last_working_day, end_date."}}, c.checkLists()...),
				Verify: typed("It says “left”:", c.command("why", "--person", "ID").shows("stands: left")),
				Leaves: "The list as it came, and first_seen_left_at in the table identities.",
				Fails:  Call{To: c.onCall(), Say: "PERSON has left at TIME, and rollcall still says: ANSWER"}},
			{Do: "Look whether the access was used after the end.", How: []string{"used_after_exit says when, what and from where. Ask the team that reads Okta's log for the rest."}, Who: c.security(),
				Tools:  []Tool{c.summary()},
				Verify: typed("No row says that an account is active, or was used after the end:", c.command("audit", "ask", "--question", "leavers-active", "--from", "FROM", "--to", "TO", "--person", "ID").shows("rests on").not("account active", "used after exit")),
				Leaves: "The finding used_after_exit, and the events of the systems' own log (table events).",
				Fails:  Call{To: either(c.security(), c.onCall()), Now: true, Say: reports.SayUrgent(access.UsedAfterExit, "PERSON, ACCOUNT", "The account was used at TIME, after the access had ended.", "FINDING", "RUN")}},
		},
	}
}

func (c company) systems() string {
	says := ""
	for n, s := range c.cfg.Systems {
		if n > 0 {
			says += " and "
		}
		says += string(s.Name)
	}
	return says
}

// readAgain is what the second order says when the first one has done it all.
func (c company) readAgain() string {
	if c.manually() {
		return "Nothing that is known of theirs was open"
	}
	return "would"
}

func (c company) afterRevoke() string {
	if c.manually() {
		return "suspended"
	}
	return "stands:"
}

func (c company) mistake() Page {
	file := c.restoring()
	return Page{
		Name: access.RunbookMistake, Title: "Mistake and restore", Happened: "Somebody who works here was blocked.",
		Readers: []string{"HR", "Security", "IT on call"},
		Here: []string{
			"A block can be undone by a command that needs credentials of its own. They lie with security, never on the machine of the night.",
			"It gives back only what the person may have today, only to people who work here by tonight's list, and says what cannot be given back: sessions, tokens, and everything that was removed.",
			"Nothing is given back by itself.",
		},
		Steps: []Step{
			{Do: "Correct HR's list, and export it anew.", How: []string{"An older list is refused. Nobody is restored whom the list of now says has left."}, Who: c.hr(),
				Tools:  append([]Tool{{Says: "HR's lists: " + c.lists() + "."}}, c.checkLists()...),
				Verify: typed("It says “active”:", c.command("why", "--person", "ID").shows("stands: active")),
				Leaves: "Both lists, as they came.",
				Fails:  Call{To: c.onCall(), Now: true, Say: "The wrong person was cut off: PERSON, since TIME, by run RUN. It was a mistake, and must be undone. APPROVER. rollcall does not take the corrected list; it says: ANSWER"}},
			{Do: "Find the run that did it.", Who: either(c.onCall(), c.security()), Tools: []Tool{c.summary()},
				Verify: typed("Each line “action” names the run, in brackets:", c.command("why", "--person", "ID").shows("(run ")),
				Leaves: "Nothing: it only reads.",
				Fails:  Call{To: c.security(), Now: true, Say: "PERSON cannot sign in, and no run of rollcall did it. Look in the log of the system who blocked ACCOUNT."}},
			{Do: "See what would come back.", Who: c.security(),
				Verify: typed("It lists what would be restored, what cannot be undone, and what is refused and why. It changes nothing:", c.commandWith(file, "restore", "--run", "RUN", "--person", "ID", "--show").ends(0, 3).shows("nothing was changed", "would be restored")),
				Leaves: "Nothing: it only reads.",
				Fails:  Call{To: c.onCall(), Now: true, Say: "rollcall restore refuses to give back ACCOUNT to PERSON, who works here and was cut off by mistake. It says: ANSWER"}},
			{Do: "Give it back.", Who: c.security(), Tools: []Tool{typed("", c.commandWith(file, "restore", "--run", "RUN", "--person", "ID", "--reason", "WHY").ends(0, 3).shows("restored"))},
				How:    []string{"manual: enforce has to be in the configuration of that machine. Afterwards the person signs in anew, and connects applications and makes tokens anew."},
				Verify: typed("Their account is active again:", c.command("why", "--person", "ID").shows("active: theirs")),
				Leaves: "A run of its own (trigger restore): who, why, what came back and what did not (table actions, stage restore).",
				Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: "PERSON works here and was cut off by run RUN. rollcall restore could not give back ACCOUNT. Restore it by hand in the console. It says: ANSWER"}},
			{Do: "Write down why it happened.", Who: either(c.security(), c.compliance()),
				How:    []string{"A wrong row, a wrong link, a date that was moved? If several people were hit, the limits of the guards let too many through."},
				Verify: typed("The restore stands there with its reason:", c.command("audit", "ask", "--question", "overrides", "--from", "FROM", "--to", "TO").shows("restore")),
				Leaves: "The answer, and the ticket.",
				Fails:  Call{To: c.compliance(), Say: "PERSON was cut off by mistake from TIME on and has their access back. Run RUN, ticket TICKET."}},
		},
	}
}

// byHand is what rollcall would do. A group's assignment is everybody's, and a key that is
// inactive ends no session that began with it.
const byHand = "Okta: suspend, and clear the sessions. IAM: attach the policy AWSDenyAll to the user first, then make the access keys inactive. Identity Center: take the person out of each group that gives access, and take away the assignments that are theirs alone; never an assignment of a group, for it is everybody's."

func (c company) revocationFailed() Page {
	return Page{
		Name: access.RunbookRevocationFailed, Title: "Revocation failed", Happened: "A run ended with 5, or an account of somebody who left is not proven to be blocked.",
		Readers: []string{"IT on call", "Security"},
		Here: []string{
			"Every failed action is tried again by the next run. A person who left stays in until one succeeds, so do not wait for it.",
			"“Pending” is Okta at work in the background; look again after an hour. “Unknown” means that no answer came: look yourself.",
		},
		Steps: []Step{
			{Do: "Read which account it is, and what the system answered.", Who: c.onCall(), Tools: []Tool{c.summary()},
				Verify: typed("The lines “action” say what was sent, when, and the answer:", c.command("why", "--person", "ID").shows("stands: left", "failed")),
				Leaves: "Nothing: it only reads.",
				Fails:  Call{To: c.security(), Now: true, Say: reports.SayUnseen("PERSON, ACCOUNT", "their employment ended at TIME", "RUN")}},
			{Do: "Block the account by hand, now.", Who: c.onCall(), Tools: c.consoles(),
				How:    []string{byHand},
				Verify: typed("It reads the systems now, and shows the account suspended:", c.command("why", "--person", "ID").shows("suspended")),
				Leaves: "The system's own log.",
				Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: reports.SayNotBlocked("PERSON, ACCOUNT", "their employment ended at TIME", "RUN")}},
			{Do: "Mend the cause.", Who: c.onCall(), How: []string{"A 403 is a right that is missing or was taken away; a 429 is a limit that was reached; a timeout is the network."},
				Tools:  []Tool{typed("What is wrong in configuration and files:", c.command("check"))},
				Verify: typed("Every scope is read to its end:", c.command("check", "--connect").shows("complete")),
				Leaves: "Nothing is kept; the next night records each read (table reads).",
				Fails:  Call{To: c.owners(), Say: "rollcall may not do what it needs in your system. It says: ANSWER. The rights stand in the folder deploy. Run RUN."}},
			{Do: "Run the night again.", Who: c.onCall(), Tools: []Tool{typed("It reads first what became of what was open:", c.command("nightly").ends(0, 3))},
				Verify: typed("The row has a time under blocked_verified_at:", c.command("audit", "ask", "--question", "leavers", "--from", "FROM", "--to", "TO", "--days", "1", "--person", "ID").shows("blocked_verified_at")),
				Leaves: "The failed action and its cure, each with its run.",
				Fails:  Call{To: either(c.onCall(), c.security()), Now: true, Say: reports.SayNotBlocked("PERSON, ACCOUNT", "their employment ended at TIME", "RUN")}},
			{Do: "Tell HR and compliance how long it was open.", Who: c.security(),
				Verify: typed("“account active” names what was open for more than a day, and on which nights, “used after exit” what was used:", c.command("audit", "ask", "--question", "leavers-active", "--from", "FROM", "--to", "TO", "--person", "ID").shows("rests on")),
				Leaves: "The answer, for the file of the incident.",
				Fails:  Call{To: either(c.hr(), c.compliance()), Say: "PERSON left at TIME, and ACCOUNT could be used until it was blocked by hand. Run RUN, ticket TICKET."}},
		},
	}
}

func (c company) breakGlassUsed() Page {
	return Page{
		Name: access.RunbookBreakGlassUsed, Title: "Break-glass used", Happened: "Somebody used an account that is for emergencies only.",
		Readers: []string{"Security", "IT on call"},
		Here:    []string{"rollcall never blocks these accounts. Every use since the last night is told once, as urgent: when, what was done, and from where, as far as the system tells.", c.breakGlass()},
		Steps: []Step{
			{Do: "Ask whoever keeps the account who used it, and why.", Who: c.security(),
				How:    []string{"If nobody can say within the hour, take it for misuse."},
				Tools:  []Tool{c.summary()},
				Verify: typed("The account, its owner, and when it was last used:", c.command("audit", "ask", "--question", "nonhuman", "--date", "DAY").shows("break_glass")),
				Leaves: "The finding break_glass_used, with time and address.",
				Fails:  Call{To: either(c.security(), c.onCall()), Now: true, Say: reports.SayUrgent(access.BreakGlassUsed, "nobody known, ACCOUNT", "It was used at TIME, and nobody can say by whom or why.", "FINDING", "RUN")}},
			{Do: "If it was misuse: change its password and factors, and end its sessions.", Who: either(c.security(), c.onCall()), Tools: c.consoles(),
				How:    []string{"Two people, in the console. Keep one way in that works."},
				Verify: typed("The systems can still be read, and the account is still there:", c.command("check", "--connect").shows("complete")),
				Leaves: "The system's own log.",
				Fails:  Call{To: either(c.security(), c.onCall()), Now: true, Say: "ACCOUNT, a break-glass account, may be in the wrong hands since TIME, and its password cannot be changed. Suspected misuse. Finding FINDING of run RUN."}},
			{Do: "Look at what was changed with it.", Who: c.security(),
				Verify: typed("What was added, removed and altered between two days, and whether a line allows it:", c.command("audit", "ask", "--question", "changes", "--from", "FROM", "--to", "TO").shows("rests on")),
				Leaves: "The answer, for the file of the incident.",
				Fails:  Call{To: either(c.security(), c.onCall()), Now: true, Say: "ACCOUNT, a break-glass account, was used at TIME, and what was done with it is not known. Finding FINDING of run RUN."}},
			{Do: "If it was an emergency: seal it again.", Who: c.security(), How: []string{"New password, back into the safe, and the day of the next look into review_by."},
				Tools:  []Tool{{Says: c.registers()}},
				Verify: typed("Nothing about the register stands there as STOP or HOLD:", c.command("check").shows("nonhuman")),
				Leaves: "The line in the register; each night keeps it in the table nonhuman.",
				Fails:  Call{To: c.compliance(), Say: "ACCOUNT, a break-glass account, was used at TIME by PERSON: WHY. APPROVER. Ticket TICKET."}},
		},
	}
}

// breakGlass names the accounts.
func (c company) breakGlass() string {
	names := ""
	for _, n := range c.policy.NonHuman {
		if n.Kind == access.KindBreakGlass {
			if names != "" {
				names += ", "
			}
			names += n.Account + " in " + n.System
		}
	}
	if names == "" {
		return "No account is registered as break_glass: a use of one is not noticed. Add it to the register (nonhuman.csv)."
	}
	return "The accounts: " + names + "."
}
