"""Makes roles with their policies in an emulated AWS, through boto3, and a user
who may take the job's roles; then turns the emulator's own checks of signatures
and rights on, and prints the user's key as JSON.

usage: roles.py ENDPOINT < {"host": policy, "accounts": {account: {role: {"trust": policy, "policies": [policy]}}}}
"""
import json
import sys
import urllib.request

from reach import END, client

wanted = json.load(sys.stdin)

for account, roles in wanted["accounts"].items():
    iam = client("iam", account)
    for name, role in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=role["trust"])
        for i, policy in enumerate(role["policies"]):
            iam.put_role_policy(RoleName=name, PolicyName=f"p{i}", PolicyDocument=policy)

home = client("iam")
home.create_user(UserName="night")
home.put_user_policy(UserName="night", PolicyName="host", PolicyDocument=wanted["host"])
key = home.create_access_key(UserName="night")["AccessKey"]
urllib.request.urlopen(urllib.request.Request(END + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST")).read()
print(json.dumps({"ID": key["AccessKeyId"], "Secret": key["SecretAccessKey"]}))
