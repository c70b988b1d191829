"""Reads an emulated AWS back, through boto3 alone, and prints what still works
for the users called leaver.

usage: verify.py ENDPOINT < (the output of populate.py)
"""
import json
import sys

from reach import client

made = json.load(sys.stdin)

out = {"users": {}}
for account in made["iam"]:
    iam = client("iam", account)
    for name in made["iam"][account]:
        out["users"][account + "/" + name] = {
            "denied": any(p["PolicyArn"] == "arn:aws:iam::aws:policy/AWSDenyAll"
                          for p in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]),
            "active_keys": [k["AccessKeyId"] for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"] if k["Status"] == "Active"],
            "active_ssh": [k["SSHPublicKeyId"] for k in iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] if k["Status"] == "Active"],
            "exists": iam.get_user(UserName=name)["User"]["UserId"] == made["iam"][account][name]["id"],
        }

sso, ids = client("sso-admin"), client("identitystore")
for name, person in made["people"].items():
    out[name + "_assigned"] = any(
        a["PrincipalId"] == person for a in sso.list_account_assignments(
            InstanceArn=made["instance"], AccountId=made["accounts"][0], PermissionSetArn=made["admin"])["AccountAssignments"])
    out[name + "_member"] = any(
        m["MemberId"]["UserId"] == person
        for m in ids.list_group_memberships(IdentityStoreId=made["store"], GroupId=made["group"])["GroupMemberships"])
print(json.dumps(out))
