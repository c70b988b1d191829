"""Reads an emulated AWS back, through boto3 alone, and prints what still works
for the users called leaver.

usage: verify.py ENDPOINT < (the output of populate.py)
"""
import json
import sys

import boto3

END = sys.argv[1]
HOME = dict(aws_access_key_id="home", aws_secret_access_key="home", region_name="us-east-1", endpoint_url=END)
made = json.load(sys.stdin)


def iam_of(account):
    if account == made["home"]:
        return boto3.client("iam", **HOME)
    c = boto3.client("sts", **HOME).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/verify", RoleSessionName="verify")["Credentials"]
    return boto3.client("iam", region_name="us-east-1", endpoint_url=END, aws_access_key_id=c["AccessKeyId"],
                        aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])


out = {"users": {}}
for account in made["iam"]:
    iam = iam_of(account)
    for name in made["iam"][account]:
        out["users"][account + "/" + name] = {
            "denied": any(p["PolicyArn"] == "arn:aws:iam::aws:policy/AWSDenyAll"
                          for p in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]),
            "active_keys": [k["AccessKeyId"] for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"] if k["Status"] == "Active"],
            "active_ssh": [k["SSHPublicKeyId"] for k in iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] if k["Status"] == "Active"],
            "exists": iam.get_user(UserName=name)["User"]["UserId"] == made["iam"][account][name]["id"],
        }

sso, ids = boto3.client("sso-admin", **HOME), boto3.client("identitystore", **HOME)
for name, person in made["people"].items():
    out[name + "_assigned"] = any(
        a["PrincipalId"] == person for a in sso.list_account_assignments(
            InstanceArn=made["instance"], AccountId=made["accounts"][0], PermissionSetArn=made["admin"])["AccountAssignments"])
    out[name + "_member"] = any(
        m["MemberId"]["UserId"] == person
        for m in ids.list_group_memberships(IdentityStoreId=made["store"], GroupId=made["group"])["GroupMemberships"])
print(json.dumps(out))
