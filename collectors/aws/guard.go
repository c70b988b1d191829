package aws

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
)

// stackOption is how the SDK lets a client's requests be changed.
type stackOption = func(*middleware.Stack) error

// operationSet names the operations that a client may send and, of each, the
// input fields that must be there and well-formed; behind a colon a field may have
// a form of its own. What it does not name is refused before anything is sent.
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
	"GetLoginProfile":                {"UserName"},
	"ListGroupsForUser":              {"UserName"},
	"ListUserPolicies":               {"UserName"},
	"GetUserPolicy":                  {"UserName", "PolicyName"},
	"ListMFADevices":                 {"UserName"},

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
	"DescribeUser":                  {"IdentityStoreId", "UserId"},
	"ListGroups":                    {"IdentityStoreId"},
	"DescribeGroup":                 {"IdentityStoreId", "GroupId"},
	"ListGroupMemberships":          {"IdentityStoreId", "GroupId"},
	"ListGroupMembershipsForMember": {"IdentityStoreId"},

	"DescribeAccountAssignmentDeletionStatus": {"InstanceArn", "AccountAssignmentDeletionRequestId"},
}

// writes are the whole power of a Revoker that blocks: they take away and can be
// undone. The forms below allow no other policy than AWSDenyAll and no other status
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

// removes is what a Revoker has besides when it also removes, which cannot be
// undone. Nothing of it takes what keeps a user out, or the user.
var removes = operationSet{
	"DeleteLoginProfile":              {"UserName"},
	"DeleteAccessKey":                 {"UserName", "AccessKeyId"},
	"DeleteSSHPublicKey":              {"UserName", "SSHPublicKeyId"},
	"DeleteSigningCertificate":        {"UserName", "CertificateId"},
	"DeleteServiceSpecificCredential": {"UserName", "ServiceSpecificCredentialId"},
	"RemoveUserFromGroup":             {"UserName", "GroupName"},
	"DetachUserPolicy":                {"UserName", "PolicyArn"},
	"DeleteUserPolicy":                {"UserName", "PolicyName"},
	"DeactivateMFADevice":             {"UserName", "SerialNumber"},
	"DeleteVirtualMFADevice":          {"SerialNumber"},
	"TagUser":                         {"UserName"},
}

// deletes is what a Revoker has besides that also deletes users. What denies a user may
// be detached then, since AWS deletes nobody to whom a policy is attached.
var deletes = operationSet{
	"DeleteUser":       {"UserName"},
	"DetachUserPolicy": {"UserName", "PolicyArn:any"},
}

// gives are the whole power of a Restorer, besides the reads. They give back what a
// Revoker took: no policy is detached but AWSDenyAll, and none is attached.
var gives = operationSet{
	"DetachUserPolicy":                {"UserName", "PolicyArn:denied"},
	"DeleteUserPermissionsBoundary":   {"UserName"},
	"PutUserPermissionsBoundary":      {"UserName", "PermissionsBoundary:before"},
	"UpdateAccessKey":                 {"UserName", "AccessKeyId", "Status:before"},
	"UpdateSSHPublicKey":              {"UserName", "SSHPublicKeyId", "Status:before"},
	"UpdateSigningCertificate":        {"UserName", "CertificateId", "Status:before"},
	"UpdateServiceSpecificCredential": {"UserName", "ServiceSpecificCredentialId", "Status:before"},
	"CreateAccountAssignment":         {"InstanceArn", "PermissionSetArn", "PrincipalType", "PrincipalId", "TargetType", "TargetId"},
	"CreateGroupMembership":           {"IdentityStoreId", "GroupId", "MemberId"},

	"DescribeAccountAssignmentCreationStatus": {"InstanceArn", "AccountAssignmentCreationRequestId"},
}

var (
	userNameForm  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	accountForm   = regexp.MustCompile(`^\d{12}$`)
	idForm        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	appForm       = regexp.MustCompile(`^arn:aws[a-z-]*:sso::\d{12}:application/[\w.-]+/[\w-]+$`)
	setForm       = regexp.MustCompile(`^arn:aws[a-z-]*:sso:::permissionSet/[\w-]+/[\w-]+$`)
	instanceForm  = regexp.MustCompile(`^arn:aws[a-z-]*:sso:::instance/[\w-]+$`)
	policyForm    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]{1,512}$`)
	nameForm      = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	serialForm    = regexp.MustCompile(`^[\w+=/:,.@-]{9,256}$`)
	virtualForm   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:mfa/[\w+=/:,.@-]+$`)
	denyAllForm   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::aws:policy/AWSDenyAll$`)
	roleForm      = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	inactiveForm  = regexp.MustCompile(`^Inactive$`)
	activeForm    = regexp.MustCompile(`^Active$`)
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
	"AccountAssignmentCreationRequestId": idForm,

	"PermissionsBoundary:before": policyForm,
	"PolicyArn:denied":           denyAllForm,
	"PolicyArn:any":              policyForm,
	"Status:before":              activeForm,
	"MemberId":                   idForm,

	"GroupName":    nameForm,
	"PolicyName":   nameForm,
	"SerialNumber": serialForm,
}

// removedTag marks a user of whom everything was removed; its value is the run.
const removedTag = "rollcall:removed"

// special says what the forms cannot: why an input is refused, or nothing.
func special(input any) string {
	switch in := input.(type) {
	case *iam.DetachUserPolicyInput:
		if arn := sdk.ToString(in.PolicyArn); !policyForm.MatchString(arn) || isDenyAll(arn) {
			return fmt.Sprintf("policy %q is malformed, or is what denies the user everything", arn)
		}
	case *iam.DeleteVirtualMFADeviceInput:
		if serial := sdk.ToString(in.SerialNumber); !virtualForm.MatchString(serial) {
			return fmt.Sprintf("device %q is no virtual one", serial)
		}
	case *iam.TagUserInput:
		if len(in.Tags) != 1 || sdk.ToString(in.Tags[0].Key) != removedTag || !nameForm.MatchString(sdk.ToString(in.Tags[0].Value)) {
			return "a user gets no other tag than " + removedTag
		}
	}
	return ""
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
				if err := wholeInput(stack.ID(), in.Parameters, fields); err != nil {
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
func wholeInput(operation string, input any, fields []string) error {
	mayUndeny := slices.Contains(fields, "PolicyArn:denied") || slices.Contains(fields, "PolicyArn:any") // a Restorer, and who deletes the user next
	if why := special(input); why != "" && !mayUndeny {
		return errors.New(why)
	}
	v := reflect.Indirect(reflect.ValueOf(input))
	if all := v.FieldByName("AllUsers"); all.IsValid() && !all.IsNil() && all.Elem().Bool() {
		return nil // about everybody, and AWS refuses a user name beside it
	}
	for _, form := range fields {
		name, _, _ := strings.Cut(form, ":")
		field := v.FieldByName(name)
		if field.Kind() == reflect.Interface && !field.IsNil() { // a union: its member has the Value
			field = reflect.Indirect(field.Elem()).FieldByName("Value")
		}
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		if field.Kind() != reflect.String || field.Len() == 0 {
			return fmt.Errorf("%s is empty, which AWS could take for the caller's own", name)
		}
		if want := formOf(operation, form); !want.MatchString(field.String()) {
			return fmt.Errorf("%s %q is malformed", name, field.String())
		}
	}
	return nil
}

// formOf is what a field of an operation has to look like: a policy that is taken
// from a user is another one than those that are attached.
func formOf(operation, name string) *regexp.Regexp {
	if operation == "DetachUserPolicy" && name == "PolicyArn" {
		return policyForm
	}
	return forms[name]
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
