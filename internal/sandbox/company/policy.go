package company

// policy are the files in which the company's people decide.
func (c *Company) policy() []File {
	return []File{
		{"rolemap.csv", c.roleMap()},
		{"exceptions.csv", c.exceptions()},
		{"nonhuman.csv", c.nonHuman()},
		{"links.csv", table([][]string{
			{"system", "scope", "account_id", "source", "employee_id", "confirmed_by", "confirmed_on"},
			{"aws", c.link.account, c.link.id, "employees", c.link.person, cloudOwner, date(c.ago(100))},
		})},
		{"answers.csv", table([][]string{{"source", "employee_id", "answer", "same_as", "last_working_day", "confirmed_by", "confirmed_on"}})},
		{"contacts.csv", contacts()},
	}
}

func (c *Company) roleMap() []byte {
	rows := [][]string{{"role", "title", "department", "worker_type", "system", "scope", "kind", "entitlement", "requirement", "risk", "owner", "meaning", "approved_by", "approved_on", "expires_on"}}
	for _, r := range append(append([]right{}, rights...), teamRights()...) {
		rows = append(rows, []string{r.role, r.title, r.department, r.worker, r.system, "", r.kind, r.entitlement, r.requirement, r.risk, r.owner, r.meaning, r.owner, date(c.ago(120)), ""})
	}
	return table(rows)
}

func (c *Company) exceptions() []byte {
	live, over := c.Cast[ExceptionLive], c.Cast[ExceptionOver]
	return table([][]string{
		{"id", "source", "employee_id", "system", "scope", "kind", "entitlement", "reason", "ticket", "approved_by", "approved_on", "expires_on"},
		{"EX-41", "employees", live.ID, "okta", "", "group", "Finance", "Builds the new ledger report with Finance", "IT-2207", financeOwner, date(c.ago(20)), date(c.day.AddDate(0, 0, 40))},
		{"EX-37", "employees", over.ID, "okta", "", "app", "Salesforce", "Cleaned up customer records", "IT-2031", itOwner, date(c.ago(100)), date(c.ago(9))},
	})
}

// nonHuman is the register. The owner of terraform leaves today.
func (c *Company) nonHuman() []byte {
	it, cloud := c.named(itOwner).ID, c.named(cloudOwner).ID
	review := date(c.day.AddDate(0, 6, 0))
	return table([][]string{
		{"system", "scope", "account", "kind", "owner_id", "purpose", "review_by"},
		{"okta", "", BreakGlass, "break_glass", it, "The last way in when nothing else works; never blocked", review},
		{"okta", "", "rollcall-read@" + Domain, "service", it, "rollcall reads Okta with it", review},
		{"okta", "", "rollcall-revoke@" + Domain, "service", it, "rollcall blocks leavers with it", review},
		{"aws", management, "rollcall", "service", cloud, "rollcall enters the accounts with it", review},
		{"aws", production, "terraform", "service", c.Cast[LeaverKeys].ID, "Builds the machines of production", review},
		{"aws", staging, "ci-deploy", "service", cloud, "Puts every night's build on the test systems", review},
		{"aws", "", CloudAuditor, "external", cloud, "The accountants look at the test systems once a year", review},
	})
}

func contacts() []byte {
	return table([][]string{
		{"system", "responsibility", "name", "business_hours_contact", "after_hours_contact", "hours", "timezone"},
		{"", "security", "Security desk", "security@" + Domain, "+31 20 555 0100", "09:00-17:00", Zone},
		{"", "hr", "People team", "people@" + Domain, "+31 20 555 0104", "09:00-17:00", Zone},
		{"", "compliance", "Compliance", "compliance@" + Domain, "+31 20 555 0105", "09:00-17:00", Zone},
		{"", "on_call", "IT on call", "it@" + Domain, "+31 20 555 0101", "09:00-17:00", Zone},
		{"okta", "owner", itOwner, "noor.visser@" + Domain, "+31 20 555 0102", "09:00-17:00", Zone},
		{"aws", "owner", cloudOwner, "mia.laine@" + Domain, "+31 20 555 0103", "09:00-17:00", Zone},
	})
}
