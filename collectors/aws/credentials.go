package aws

import (
	"context"
	"errors"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/access"
)

// exactKind is a kind of credential with the request that lists a user's
// active ones.
type exactKind struct {
	of   access.EntitlementKind
	list func(ctx context.Context, client *iam.Client, user string) ([]access.Entitlement, error)
}

var exactKinds = []exactKind{
	{access.AccessKey, activeKeys},
	{access.SSHKey, activeSSHKeys},
	{access.SigningCertificate, activeCertificates},
	{access.ServiceCredential, activeServices},
}

func activeKeys(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := accessKeys(ctx, client, user)
	for _, k := range all {
		if k.Status == types.StatusTypeActive {
			found = append(found, access.Entitlement{ID: sdk.ToString(k.AccessKeyId), Name: "access key " + sdk.ToString(k.AccessKeyId), CreatedAt: sdk.ToTime(k.CreateDate).UTC()})
		}
	}
	return found, err
}

func activeSSHKeys(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := sshKeys(ctx, client, user)
	for _, k := range all {
		if k.Status == types.StatusTypeActive {
			found = append(found, access.Entitlement{ID: sdk.ToString(k.SSHPublicKeyId), Name: "SSH key " + sdk.ToString(k.SSHPublicKeyId), CreatedAt: sdk.ToTime(k.UploadDate).UTC()})
		}
	}
	return found, err
}

func activeCertificates(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := certificates(ctx, client, user)
	for _, k := range all {
		if k.Status == types.StatusTypeActive {
			found = append(found, access.Entitlement{ID: sdk.ToString(k.CertificateId), Name: "signing certificate " + sdk.ToString(k.CertificateId), CreatedAt: sdk.ToTime(k.UploadDate).UTC()})
		}
	}
	return found, err
}

func activeServices(ctx context.Context, client *iam.Client, user string) (found []access.Entitlement, err error) {
	all, err := serviceCredentials(ctx, client, &iam.ListServiceSpecificCredentialsInput{UserName: &user})
	for _, k := range all {
		if k.Status == types.StatusTypeActive {
			found = append(found, serviceCredential(k))
		}
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
		return marker(out.IsTruncated, out.Marker, first(out.AccessKeyMetadata, func(k types.AccessKeyMetadata) *string { return k.AccessKeyId }))
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
		return marker(out.IsTruncated, out.Marker, first(out.SSHPublicKeys, func(k types.SSHPublicKeyMetadata) *string { return k.SSHPublicKeyId }))
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
		return marker(out.IsTruncated, out.Marker, first(out.Certificates, func(k types.SigningCertificate) *string { return k.CertificateId }))
	})
	return all, errors.Join(err, theirs(all, user, func(k types.SigningCertificate) *string { return k.UserName }))
}
