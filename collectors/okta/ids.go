package okta

import (
	"fmt"
	"regexp"
)

// idShape is the shape of Okta's ids: 20 characters as a rule, some older or
// newer kinds a little shorter or longer. The SDK does not escape ids, so an
// empty one would name a collection and a slash another endpoint.
const idShape = `[A-Za-z0-9]{18,32}`

var wholeID = regexp.MustCompile(`^` + idShape + `$`)

// validID is the choke-point before any write, and before an id that Okta
// answered becomes part of a path.
func validID(what, id string) error {
	if !wholeID.MatchString(id) {
		return fmt.Errorf("%s %q is not an Okta id (18 to 32 letters and digits), so nothing is sent", what, id)
	}
	return nil
}

// wholeRole admits the names of standard roles (SUPER_ADMIN) beside ids.
var wholeRole = regexp.MustCompile(`^[A-Za-z0-9_]{3,64}$`)

func validRole(id string) error {
	if !wholeRole.MatchString(id) {
		return fmt.Errorf("role %q is not a role id of Okta, so nothing is sent", id)
	}
	return nil
}
