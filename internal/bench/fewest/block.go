package fewest

import "rollcall/internal/sandbox/population"

// What a block takes at least: each change is one request, and rollcall's own rule (a
// change is read before and after it) asks for two more, by the narrowest question
// that the vendor has. Of everything that two changes could share nothing is shared:
// between two of them a record is written, and a person may have been at work.

// BlockOkta stops users: each is suspended, and signed out everywhere; each API token
// is deleted. A token can only be seen in the list of all, and its owner by a question
// of its own while it is there.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/
func BlockOkta(o population.OktaOpen) Requests {
	return some(Requests{
		"POST /api/v1/users/{id}/lifecycle/suspend": o.Live,
		"DELETE /api/v1/users/{id}/sessions":        o.Live,
		"DELETE /api/v1/api-tokens/{id}":            o.Tokens,
		"GET /api/v1/users/{id}":                    4*o.Live + o.Tokens,
		"GET /api/v1/api-tokens":                    2 * o.Tokens,
	})
}

// BlockAWS denies IAM users everything, makes their keys inactive (no population has
// other credentials) and takes assignments away. That a name is still the same user's
// is a question of its own, as is what is attached to it, or which keys it has. Once
// for each account a role is assumed; once it is asked where Identity Center is. Who the
// job is was asked before anything was planned. Where AWS does not end the deletion of an
// assignment at once, how far it is has to be asked besides.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
func BlockAWS(o population.AWSOpen) Requests {
	r := Requests{
		"iam:AttachUserPolicy":         o.IAMUsers,
		"iam:UpdateAccessKey":          o.Credentials,
		"sso:DeleteAccountAssignment":  o.Assignments,
		"iam:GetUser":                  2 * (o.IAMUsers + o.Credentials),
		"iam:ListAttachedUserPolicies": 2 * o.IAMUsers,
		"iam:ListAccessKeys":           2 * o.Credentials,
		"sso:ListAccountAssignments":   2 * o.Assignments,
		"sts:AssumeRole":               o.Accounts,
	}
	if o.Assignments > 0 {
		r["sso:ListInstances"] = 1
	}
	return some(r)
}

// some leaves out what is not asked for.
func some(r Requests) Requests {
	for endpoint, n := range r {
		if n == 0 {
			delete(r, endpoint)
		}
	}
	return r
}
