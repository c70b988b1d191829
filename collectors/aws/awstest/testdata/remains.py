"""Prints, through boto3 alone, everything that the users called leaver still
have in IAM. With "device" it first gives each of them a second factor.

usage: remains.py ENDPOINT < (the output of populate.py, with device true or false)
"""
import json
import sys

from reach import client

NAME = "leaver@example.com"
made = json.load(sys.stdin)


def password(iam):
    try:
        iam.get_login_profile(UserName=NAME)
        return True
    except iam.exceptions.NoSuchEntityException:
        return False


out = {}
for account in made["iam"]:
    iam = client("iam", account)
    if made.get("device"):
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=NAME)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=NAME, SerialNumber=serial, AuthenticationCode1="234567", AuthenticationCode2="987654")
    out[account] = {
        "id": iam.get_user(UserName=NAME)["User"]["UserId"],
        "policies": [p["PolicyName"] for p in iam.list_attached_user_policies(UserName=NAME)["AttachedPolicies"]],
        "password": password(iam),
        "keys": [k["AccessKeyId"] for k in iam.list_access_keys(UserName=NAME)["AccessKeyMetadata"]],
        "ssh": [k["SSHPublicKeyId"] for k in iam.list_ssh_public_keys(UserName=NAME)["SSHPublicKeys"]],
        "groups": [g["GroupName"] for g in iam.list_groups_for_user(UserName=NAME)["Groups"]],
        "inline": iam.list_user_policies(UserName=NAME)["PolicyNames"],
        "devices": [d["SerialNumber"] for d in iam.list_mfa_devices(UserName=NAME)["MFADevices"]],
        "loose": [d["SerialNumber"] for d in iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]],
        "tags": [t["Key"] for t in iam.list_user_tags(UserName=NAME)["Tags"]],
        "others": len(iam.list_access_keys(UserName="ada")["AccessKeyMetadata"]) + len(iam.list_groups_for_user(UserName="ada")["Groups"]),
    }
print(json.dumps(out))
