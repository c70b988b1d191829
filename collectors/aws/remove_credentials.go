package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"rollcall/internal/access"
)

func lookAtLogin(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	out, err := client.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &a.Login})
	if absent(err) { // GetUser has found the user
		return gone(a.Login + " has no console password"), nil
	}
	if err != nil {
		return access.State{}, err
	}
	before := map[string]any{"user": a.Login}
	if out.LoginProfile != nil {
		before["created"], before["reset_required"] = sdk.ToTime(out.LoginProfile.CreateDate).UTC(), out.LoginProfile.PasswordResetRequired
	}
	return there("it has a console password", before)
}

func deleteLogin(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: &a.Login})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// lookAtCredential refuses one that works: a block makes it inactive first.
func lookAtCredential(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	statuses, err := statusesOf(ctx, client, a)
	if err != nil {
		return access.State{}, err
	}
	status, is := statuses[a.EntitlementID]
	if !is {
		return gone(fmt.Sprintf("%s has no %s %s any more", a.Login, a.EntitlementKind, a.EntitlementID)), nil
	}
	state, err := there("it is "+string(status), credentialImage{User: a.Login, ID: a.EntitlementID, Status: string(status)})
	if status == types.StatusTypeActive {
		state.Refuse = "it is active, and is made inactive before it is deleted; plan again"
	}
	return state, err
}

func deleteKey(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &a.Login, AccessKeyId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteSSHKey(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: &a.Login, SSHPublicKeyId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteCertificate(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: &a.Login, CertificateId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

func deleteCredential(ctx context.Context, client *iam.Client, a access.Action, _ string) (middleware.Metadata, error) {
	out, err := client.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: &a.Login, ServiceSpecificCredentialId: &a.EntitlementID})
	if err != nil {
		return middleware.Metadata{}, err
	}
	return out.ResultMetadata, nil
}

// devices are the second factors of a user, and a virtual one that is named after
// the user (as AWS names them unless told otherwise) and nobody's: what is left
// when a run dies between taking it from the user and deleting it.
func devices(ctx context.Context, client *iam.Client, user string) (held, loose []string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: &user, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, d := range out.MFADevices {
			held = append(held, sdk.ToString(d.SerialNumber))
		}
		return marked(out.IsTruncated, out.Marker, out.MFADevices, "devices", func(d types.MFADevice) *string { return d.SerialNumber })
	})
	if err != nil {
		return nil, nil, err
	}
	err = pages(ctx, func(ctx context.Context, token *string) (page, error) {
		out, err := client.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeUnassigned, Marker: token})
		if err != nil {
			return page{}, err
		}
		for _, d := range out.VirtualMFADevices {
			if serial := sdk.ToString(d.SerialNumber); strings.HasSuffix(serial, ":mfa/"+user) {
				loose = append(loose, serial)
			}
		}
		return marked(out.IsTruncated, out.Marker, out.VirtualMFADevices, "devices", func(d types.VirtualMFADevice) *string { return d.SerialNumber })
	})
	return held, loose, err
}

func lookAtMFA(ctx context.Context, client *iam.Client, _ *types.User, a access.Action) (access.State, error) {
	held, loose, err := devices(ctx, client, a.Login)
	switch {
	case err != nil:
		return access.State{}, err
	case len(held)+len(loose) == 0:
		return gone(a.Login + " has no second factor"), nil
	}
	return there(fmt.Sprintf("%d second factors", len(held)+len(loose)), map[string]any{"user": a.Login, "devices": held, "left_over": loose})
}

// removeMFA takes each device from the user, and deletes the virtual ones.
func removeMFA(ctx context.Context, client *iam.Client, a access.Action, _ string) (answer middleware.Metadata, err error) {
	held, loose, err := devices(ctx, client, a.Login)
	if err != nil {
		return answer, err
	}
	for _, serial := range held {
		out, err := client.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: &a.Login, SerialNumber: &serial})
		if err != nil && !absent(err) {
			return answer, err
		}
		if err == nil {
			answer = out.ResultMetadata
		}
		if virtualForm.MatchString(serial) {
			loose = append(loose, serial)
		}
	}
	for _, serial := range loose {
		if _, err := client.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial}); err != nil && !absent(err) {
			return answer, err
		}
	}
	return answer, nil
}
