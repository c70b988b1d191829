package fakeokta

type ruleWire struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Name        string         `json:"name"`
	Status      string         `json:"status"`
	Created     *string        `json:"created"`
	LastUpdated *string        `json:"lastUpdated"`
	Conditions  ruleConditions `json:"conditions"`
	Actions     ruleActions    `json:"actions"`
}

type ruleConditions struct {
	Expression ruleExpression `json:"expression"`
	People     rulePeople     `json:"people"`
}

type ruleExpression struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type rulePeople struct {
	Users  ruleExclude `json:"users"`
	Groups ruleExclude `json:"groups"`
}

type ruleExclude struct {
	Exclude []string `json:"exclude"`
}

type ruleActions struct {
	AssignUserToGroups ruleAssign `json:"assignUserToGroups"`
}

type ruleAssign struct {
	GroupIDs []string `json:"groupIds"`
}

func toRuleWire(r *GroupRule) ruleWire {
	return ruleWire{
		ID: r.ID, Type: "group_rule", Name: r.Name, Status: r.Status,
		Created: stamp(r.Created), LastUpdated: stamp(r.LastUpdated),
		Conditions: ruleConditions{
			Expression: ruleExpression{Type: "urn:okta:expression:1.0", Value: r.Expression},
			People:     rulePeople{Users: ruleExclude{ids(r.Excluded)}, Groups: ruleExclude{[]string{}}},
		},
		Actions: ruleActions{ruleAssign{ids(r.GroupIDs)}},
	}
}

// ids is never null.
func ids(list []string) []string { return append([]string{}, list...) }

func listRules(c *call) reply {
	return listed(c, c.org.rules.where(nil), func(r *GroupRule) string { return r.ID }, toRuleWire, ruleSize)
}
