package config

// What happens to a person on garden leave.
const (
	GardenRevoke = "revoke"
	GardenReview = "review"
)

// Policy says where the policy files are, as written (see Config.Path). Only
// RoleMap is always set.
type Policy struct {
	RoleMap, Exceptions, NonHuman, SoD, Links, Answers, Contacts, Delegates string

	GardenLeave string
	// ExceptionMaxDays is how long an exception may last; a longer one is told
	// when the policy files are linted.
	ExceptionMaxDays int
	// DormantDays, KeyDays and MoverDays say after how many days access that
	// nobody uses, an access key, and access of a former job are overdue.
	DormantDays, KeyDays, MoverDays int
	// Protected are globs over a login or system:account id: never acted on.
	Protected []string
}

func (r *reader) policy(p *Policy) func(value) {
	return func(v value) {
		r.mapping(v, []field{
			{"rolemap", "add the path of the role map, such as rolemap.csv", r.text(&p.RoleMap)},
			{"exceptions", "", r.text(&p.Exceptions)},
			{"nonhuman", "", r.text(&p.NonHuman)},
			{"sod", "", r.text(&p.SoD)},
			{"links", "", r.text(&p.Links)},
			{"answers", "", r.text(&p.Answers)},
			{"contacts", "", r.text(&p.Contacts)},
			{"delegates", "", r.text(&p.Delegates)},
			{"garden_leave", "", r.text(&p.GardenLeave, oneOf(GardenRevoke, GardenReview))},
			{"exception_max_days", "", r.days(&p.ExceptionMaxDays)},
			{"dormant_days", "", r.days(&p.DormantDays)},
			{"key_days", "", r.days(&p.KeyDays)},
			{"mover_days", "", r.days(&p.MoverDays)},
			{"protected", "", r.texts(&p.Protected)},
		})
	}
}
