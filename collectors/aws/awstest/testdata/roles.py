"""Makes roles with their policies in an emulated AWS, through boto3, and a user
who may take the job's roles; then turns the emulator's own checks of signatures
and rights on, and prints the user's key as JSON.

usage: roles.py ENDPOINT < {"home": account, "host": policy, "accounts": {account: {role: {"trust": policy, "policies": [policy]}}}}
"""
import json
import sys
import urllib.request

import boto3

END = sys.argv[1]
HOME = dict(aws_access_key_id="home", aws_secret_access_key="home", region_name="us-east-1", endpoint_url=END)
wanted = json.load(sys.stdin)


def iam_of(account):
    if account == wanted["home"]:
        return boto3.client("iam", **HOME)
    c = boto3.client("sts", **HOME).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/populate", RoleSessionName="populate")["Credentials"]
    return boto3.client("iam", region_name="us-east-1", endpoint_url=END, aws_access_key_id=c["AccessKeyId"],
                        aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])


for account, roles in wanted["accounts"].items():
    iam = iam_of(account)
    for name, role in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=role["trust"])
        for i, policy in enumerate(role["policies"]):
            iam.put_role_policy(RoleName=name, PolicyName=f"p{i}", PolicyDocument=policy)

home = iam_of(wanted["home"])
home.create_user(UserName="night")
home.put_user_policy(UserName="night", PolicyName="host", PolicyDocument=wanted["host"])
key = home.create_access_key(UserName="night")["AccessKey"]
urllib.request.urlopen(urllib.request.Request(END + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST")).read()
print(json.dumps({"ID": key["AccessKeyId"], "Secret": key["SecretAccessKey"]}))
