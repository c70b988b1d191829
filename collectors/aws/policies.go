package aws

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// powerful are AWS's own policies that open an account, or the way to it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html).
var powerful = []string{"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"}

const denyAll = "AWSDenyAll"

// denyAllARN is AWS's own policy that denies everything
// (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html).
func denyAllARN(partition string) string { return "arn:" + partition + ":iam::aws:policy/" + denyAll }

func isDenyAll(arn string) bool { return denyAllForm.MatchString(arn) }

// managed gives the name of AWS's own policy, or nothing for the account's.
func managed(arn string) string {
	if _, name, ok := strings.Cut(arn, ":iam::aws:policy/"); ok {
		return name[strings.LastIndex(name, "/")+1:]
	}
	return ""
}

// open says whether a policy document, URL-encoded as IAM gives it, allows
// everything on everything. One that cannot be read is not called open.
func open(encoded string) bool {
	text, err := url.PathUnescape(encoded)
	if err != nil {
		return false
	}
	var document struct{ Statement statements }
	if json.Unmarshal([]byte(text), &document) != nil {
		return false
	}
	return slices.ContainsFunc(document.Statement, func(s statement) bool {
		everything := slices.Contains(s.Action, "*") || slices.Contains(s.Action, "*:*")
		return s.Effect == "Allow" && everything && slices.Contains(s.Resource, "*")
	})
}

// denies says whether a policy document denies anything. One that cannot be read
// may.
func denies(text string) bool {
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	var document struct{ Statement statements }
	return json.Unmarshal([]byte(text), &document) != nil ||
		slices.ContainsFunc(document.Statement, func(s statement) bool { return s.Effect != "Allow" })
}

// denying says so of an attached policy. Those of AWS are not read: the ones that
// are made to deny say so in their names.
func (a *accountFacts) denying(arn string) bool {
	if name := managed(arn); name != "" {
		return strings.Contains(name, "Deny") || strings.Contains(name, "Quarantine")
	}
	p, read := a.policies[arn]
	return !read || p.denies
}

type statement struct {
	Effect    string
	Action    words
	Resource  words
	Principal json.RawMessage // of trust documents
}

// statements and words are lists that a policy may also write as one value.
type (
	statements []statement
	words      []string
)

func (s *statements) UnmarshalJSON(b []byte) error { return oneOrMany(b, (*[]statement)(s)) }
func (w *words) UnmarshalJSON(b []byte) error      { return oneOrMany(b, (*[]string)(w)) }

func oneOrMany[T any](b []byte, list *[]T) error {
	if json.Unmarshal(b, list) == nil {
		return nil
	}
	var one T
	err := json.Unmarshal(b, &one)
	*list = []T{one}
	return err
}

// inForce are the documents of a policy that count, one at most.
func inForce(p types.ManagedPolicyDetail) (documents []string) {
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion {
			documents = append(documents, sdk.ToString(v.Document))
		}
	}
	return documents
}

// opens says whether one of the account's own policies allows everything in the
// version that is in force.
func opens(p types.ManagedPolicyDetail) bool { return slices.ContainsFunc(inForce(p), open) }

// deniesInForce says whether one of the account's own policies denies anything.
func deniesInForce(p types.ManagedPolicyDetail) bool {
	documents := inForce(p)
	return len(documents) == 0 || slices.ContainsFunc(documents, denies)
}
