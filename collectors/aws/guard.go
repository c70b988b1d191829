package aws

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"

	"github.com/aws/smithy-go/middleware"
)

// stackOption is how the SDK lets a client's requests be changed.
type stackOption = func(*middleware.Stack) error

// operationSet names the operations that a client may send and, of each, the
// input fields that must be there and well-formed. What it does not name is
// refused before anything is sent.
type operationSet map[string][]string

// reads change nothing. The per-user ones insist on the user's name: IAM takes
// a request without one for a question about the caller
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html).
var reads = operationSet{
	"GetCallerIdentity":    nil,
	"AssumeRole":           {"RoleArn"},
	"DescribeOrganization": nil,
	"ListAccounts":         nil,

	"GetAccountAuthorizationDetails": nil,
	"GenerateCredentialReport":       nil, // makes a report for us to read, and nothing else
	"GetCredentialReport":            nil,
	"ListVirtualMFADevices":          nil,
	"GetUser":                        {"UserName"},
	"ListAttachedUserPolicies":       {"UserName"},
	"ListAccessKeys":                 {"UserName"},
	"ListSSHPublicKeys":              {"UserName"},
	"ListSigningCertificates":        {"UserName"},
	"ListServiceSpecificCredentials": {"UserName"}, // or AllUsers

	"ListInstances":                           nil,
	"ListPermissionSets":                      {"InstanceArn"},
	"DescribePermissionSet":                   {"InstanceArn", "PermissionSetArn"},
	"ListAccountsForProvisionedPermissionSet": {"InstanceArn", "PermissionSetArn"},
	"ListPermissionSetsProvisionedToAccount":  {"InstanceArn", "AccountId"},
	"ListAccountAssignments":                  {"InstanceArn", "PermissionSetArn", "AccountId"},
	"ListAccountAssignmentsForPrincipal":      {"InstanceArn", "PrincipalId"},
	"ListApplications":                        {"InstanceArn"},
	"ListApplicationAssignments":              {"ApplicationArn"},

	"ListUsers":                     {"IdentityStoreId"},
	"ListGroups":                    {"IdentityStoreId"},
	"ListGroupMemberships":          {"IdentityStoreId", "GroupId"},
	"ListGroupMembershipsForMember": {"IdentityStoreId"},

	"DescribeAccountAssignmentDeletionStatus": {"InstanceArn", "AccountAssignmentDeletionRequestId"},
}

// writes are the whole power of a Revoker: they take away and can be undone.
// The forms below allow no other policy than AWSDenyAll and no other status
// than Inactive.
var writes = operationSet{
	"AttachUserPolicy":                {"UserName", "PolicyArn"},
	"PutUserPermissionsBoundary":      {"UserName", "PermissionsBoundary"},
	"UpdateAccessKey":                 {"UserName", "AccessKeyId", "Status"},
	"UpdateSSHPublicKey":              {"UserName", "SSHPublicKeyId", "Status"},
	"UpdateSigningCertificate":        {"UserName", "CertificateId", "Status"},
	"UpdateServiceSpecificCredential": {"UserName", "ServiceSpecificCredentialId", "Status"},
	"DeleteAccountAssignment":         {"InstanceArn", "PermissionSetArn", "PrincipalType", "PrincipalId", "TargetType", "TargetId"},
	"DeleteGroupMembership":           {"IdentityStoreId", "MembershipId"},
}

var (
	userNameForm  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	accountForm   = regexp.MustCompile(`^\d{12}$`)
	idForm        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	appForm       = regexp.MustCompile(`^arn:aws[a-z-]*:sso::\d{12}:application/[\w.-]+/[\w-]+$`)
	setForm       = regexp.MustCompile(`^arn:aws[a-z-]*:sso:::permissionSet/[\w-]+/[\w-]+$`)
	instanceForm  = regexp.MustCompile(`^arn:aws[a-z-]*:sso:::instance/[\w-]+$`)
	denyAllForm   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::aws:policy/AWSDenyAll$`)
	roleForm      = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	inactiveForm  = regexp.MustCompile(`^Inactive$`)
	userTypeForm  = regexp.MustCompile(`^USER$`)
	inAccountForm = regexp.MustCompile(`^AWS_ACCOUNT$`)
)

// forms says what each input field has to look like.
var forms = map[string]*regexp.Regexp{
	"UserName":            userNameForm,
	"PolicyArn":           denyAllForm,
	"PermissionsBoundary": denyAllForm,
	"Status":              inactiveForm,
	"PrincipalType":       userTypeForm,
	"TargetType":          inAccountForm,
	"TargetId":            accountForm,
	"AccountId":           accountForm,
	"RoleArn":             roleForm,
	"InstanceArn":         instanceForm,
	"PermissionSetArn":    setForm,
	"ApplicationArn":      appForm,

	"AccessKeyId":                 idForm,
	"SSHPublicKeyId":              idForm,
	"CertificateId":               idForm,
	"ServiceSpecificCredentialId": idForm,
	"PrincipalId":                 idForm,
	"IdentityStoreId":             idForm,
	"MembershipId":                idForm,
	"GroupId":                     idForm,
	"UserId":                      idForm,

	"AccountAssignmentDeletionRequestId": idForm,
}

func union(sets []operationSet) operationSet {
	all := operationSet{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

// only is the one choke-point that every request of every client passes: the
// operation has to be in one of the sets, and its ids have to be whole.
func only(allowed operationSet) stackOption {
	return func(stack *middleware.Stack) error {
		fields, ok := allowed[stack.ID()]
		if !ok {
			return fmt.Errorf("%s is refused: this client may not send it", stack.ID())
		}
		check := middleware.InitializeMiddlewareFunc("rollcall:ids",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
				out middleware.InitializeOutput, answered middleware.Metadata, err error,
			) {
				if err := wholeInput(in.Parameters, fields); err != nil {
					return out, answered, fmt.Errorf("%s is refused: %w", stack.ID(), err)
				}
				err = counted(ctx, stack.ID(), func(ctx context.Context) (err error) {
					out, answered, err = next.HandleInitialize(ctx, in)
					return err
				})
				return out, answered, err
			})
		return stack.Initialize.Add(check, middleware.After)
	}
}

// wholeInput reports the first of the fields that is absent, empty or
// malformed.
func wholeInput(input any, fields []string) error {
	v := reflect.Indirect(reflect.ValueOf(input))
	if all := v.FieldByName("AllUsers"); all.IsValid() && !all.IsNil() && all.Elem().Bool() {
		return nil // about everybody, and AWS refuses a user name beside it
	}
	for _, name := range fields {
		field := v.FieldByName(name)
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		if field.Kind() != reflect.String || field.Len() == 0 {
			return fmt.Errorf("%s is empty, which AWS could take for the caller's own", name)
		}
		if !forms[name].MatchString(field.String()) {
			return fmt.Errorf("%s %q is malformed", name, field.String())
		}
	}
	return nil
}

// limited makes every attempt wait its turn. It stands inside the SDK's retry
// loop, so that retries count, and before the signature, so that waiting does
// not age it.
func limited(p *pace) stackOption {
	return func(stack *middleware.Stack) error {
		wait := middleware.FinalizeMiddlewareFunc("rollcall:rate",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
				middleware.FinalizeOutput, middleware.Metadata, error,
			) {
				if err := p.wait(ctx); err != nil {
					return middleware.FinalizeOutput{}, middleware.Metadata{}, err
				}
				out, answered, err := next.HandleFinalize(ctx, in)
				p.heard(err)
				return out, answered, err
			})
		return stack.Finalize.Insert(wait, "Retry", middleware.After)
	}
}
