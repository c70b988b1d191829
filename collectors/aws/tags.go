package aws

import (
	"net/mail"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/access"
)

// plainTag is a tag's key without case, _ and -: people write all of them.
func plainTag(key string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(key))
}

// tagged are the values of a tag, each once. Keys that are the same but for case, _ and -
// may be there side by side.
func tagged(tags []types.Tag, plain string) (values []string) {
	for _, tag := range tags {
		value := strings.TrimSpace(sdk.ToString(tag.Value))
		if value != "" && plainTag(sdk.ToString(tag.Key)) == plain && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// whose gives the HR id and the address that the tags name. Of several all are given:
// several ids are nobody's, and each of several addresses protects whose it is.
func whose(tags []types.Tag, hrTag string) (access.EmployeeID, string) {
	ids, mails := tagged(tags, hrTag), tagged(tags, "email")
	slices.Sort(ids)
	slices.SortFunc(mails, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	mails = slices.CompactFunc(mails, strings.EqualFold) // an address is one however it is written
	return access.EmployeeID(strings.Join(ids, ", ")), strings.Join(mails, ", ")
}

func isMail(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}
