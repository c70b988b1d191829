package aws

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/access"
)

// exactKind is a kind of credential with the request that lists a user's. One
// that is not active is held and lets nobody in.
type exactKind struct {
	of   access.EntitlementKind
	list func(ctx context.Context, client *iam.Client, user string) ([]access.Entitlement, error)
}

var exactKinds = []exactKind{
	{access.AccessKey, exactKeys},
	{access.SSHKey, exactSSHKeys},
	{access.SigningCertificate, exactCertificates},
	{access.ServiceCredential, exactServices},
}

func exactKeys(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := accessKeys(ctx, client, user)
	for _, k := range all {
		found = append(found, credential("access key ", k.AccessKeyId, k.CreateDate, k.Status))
	}
	return found, err
}

func exactSSHKeys(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := sshKeys(ctx, client, user)
	for _, k := range all {
		found = append(found, credential("SSH key ", k.SSHPublicKeyId, k.UploadDate, k.Status))
	}
	return found, err
}

func exactCertificates(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := certificates(ctx, client, user)
	for _, k := range all {
		found = append(found, credential("signing certificate ", k.CertificateId, k.UploadDate, k.Status))
	}
	return found, err
}

func credential(what string, id *string, made *time.Time, status types.StatusType) access.Entitlement {
	return access.Entitlement{ID: sdk.ToString(id), Name: what + sdk.ToString(id), CreatedAt: sdk.ToTime(made).UTC(), Credential: status == types.StatusTypeActive}
}

func exactServices(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := serviceCredentials(ctx, client, &iam.ListServiceSpecificCredentialsInput{UserName: &user})
	for _, k := range all {
		one := serviceCredential(k)
		one.Credential = k.Status == types.StatusTypeActive
		found = append(found, one)
	}
	return found, err
}

func accessKeys(ctx context.Context, client *iam.Client, user string) (all []types.AccessKeyMetadata, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.AccessKeyMetadata...)
		return marked(out.IsTruncated, out.Marker, out.AccessKeyMetadata, "access keys", func(k types.AccessKeyMetadata) *string { return k.AccessKeyId })
	})
	return all, errors.Join(err, theirs(all, user, func(k types.AccessKeyMetadata) *string { return k.UserName }))
}

func sshKeys(ctx context.Context, client *iam.Client, user string) (all []types.SSHPublicKeyMetadata, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.SSHPublicKeys...)
		return marked(out.IsTruncated, out.Marker, out.SSHPublicKeys, "SSH keys", func(k types.SSHPublicKeyMetadata) *string { return k.SSHPublicKeyId })
	})
	return all, errors.Join(err, theirs(all, user, func(k types.SSHPublicKeyMetadata) *string { return k.UserName }))
}

func certificates(ctx context.Context, client *iam.Client, user string) (all []types.SigningCertificate, err error) {
	err = pages(func(token *string) (page, error) {
		out, err := client.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		all = append(all, out.Certificates...)
		return marked(out.IsTruncated, out.Marker, out.Certificates, "certificates", func(k types.SigningCertificate) *string { return k.CertificateId })
	})
	return all, errors.Join(err, theirs(all, user, func(k types.SigningCertificate) *string { return k.UserName }))
}
