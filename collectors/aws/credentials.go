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

// credential is one of a user's as IAM lists it. One that is not active is held and lets
// nobody in.
type credential struct {
	access.Entitlement
	user   *string
	status types.StatusType
}

func listedCredential(user *string, what string, id *string, made *time.Time, status types.StatusType) credential {
	return credential{access.Entitlement{
		ID: sdk.ToString(id), Name: what + sdk.ToString(id), CreatedAt: sdk.ToTime(made).UTC(), Credential: status == types.StatusTypeActive,
	}, user, status}
}

func (c credential) owner() *string { return c.user }

// exactKind is a kind of credential with the request that lists a user's.
type exactKind struct {
	of   access.EntitlementKind
	list func(ctx context.Context, client *iam.Client, user string) ([]credential, error)
}

var exactKinds = []exactKind{
	{access.AccessKey, accessKeys},
	{access.SSHKey, sshKeys},
	{access.SigningCertificate, certificates},
	{access.ServiceCredential, servicesOf},
}

func accessKeys(ctx context.Context, client *iam.Client, user string) (all []credential, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, k := range out.AccessKeyMetadata {
			all = append(all, listedCredential(k.UserName, "access key ", k.AccessKeyId, k.CreateDate, k.Status))
		}
		return marked(out.IsTruncated, out.Marker, out.AccessKeyMetadata, "access keys", func(k types.AccessKeyMetadata) *string { return k.AccessKeyId })
	})
	return all, errors.Join(err, theirs(all, user, credential.owner))
}

func sshKeys(ctx context.Context, client *iam.Client, user string) (all []credential, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, k := range out.SSHPublicKeys {
			all = append(all, listedCredential(k.UserName, "SSH key ", k.SSHPublicKeyId, k.UploadDate, k.Status))
		}
		return marked(out.IsTruncated, out.Marker, out.SSHPublicKeys, "SSH keys", func(k types.SSHPublicKeyMetadata) *string { return k.SSHPublicKeyId })
	})
	return all, errors.Join(err, theirs(all, user, credential.owner))
}

func certificates(ctx context.Context, client *iam.Client, user string) (all []credential, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, k := range out.Certificates {
			all = append(all, listedCredential(k.UserName, "signing certificate ", k.CertificateId, k.UploadDate, k.Status))
		}
		return marked(out.IsTruncated, out.Marker, out.Certificates, "certificates", func(k types.SigningCertificate) *string { return k.CertificateId })
	})
	return all, errors.Join(err, theirs(all, user, credential.owner))
}

func servicesOf(ctx context.Context, client *iam.Client, user string) (all []credential, err error) {
	list, err := serviceCredentials(ctx, client, &iam.ListServiceSpecificCredentialsInput{UserName: &user})
	for _, k := range list {
		one := credential{serviceCredential(k), k.UserName, k.Status}
		one.Credential = k.Status == types.StatusTypeActive
		all = append(all, one)
	}
	return all, err
}
