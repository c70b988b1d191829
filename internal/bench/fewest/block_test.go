package fewest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/population"
)

func TestABlockIsOneRequestForEachChangeAndAQuestionBeforeAndAfterIt(t *testing.T) {
	for name, tt := range map[string]struct{ got, want Requests }{
		"nobody in Okta": {BlockOkta(population.OktaOpen{}), Requests{}},
		"nobody in AWS":  {BlockAWS(population.AWSOpen{}), Requests{}},
		"two users of Okta, one with an API token": {BlockOkta(population.OktaOpen{Live: 2, Tokens: 1}), Requests{
			"POST /api/v1/users/{id}/lifecycle/suspend": 2, "DELETE /api/v1/users/{id}/sessions": 2, "DELETE /api/v1/api-tokens/{id}": 1,
			"GET /api/v1/users/{id}": 2*(2+2) + 1, "GET /api/v1/api-tokens": 2,
		}},
		"three IAM users with two keys in two accounts": {BlockAWS(population.AWSOpen{IAMUsers: 3, Credentials: 2, Accounts: 2}), Requests{
			"iam:AttachUserPolicy": 3, "iam:UpdateAccessKey": 2, "iam:GetUser": 2 * (3 + 2), "iam:ListAttachedUserPolicies": 6, "iam:ListAccessKeys": 4,
			"sts:AssumeRole": 2,
		}},
		"two assignments": {BlockAWS(population.AWSOpen{Assignments: 2}), Requests{
			"sso:DeleteAccountAssignment": 2, "sso:ListAccountAssignments": 4, "sso:ListInstances": 1,
		}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
