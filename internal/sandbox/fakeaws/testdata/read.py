"""Prints what boto3 sees of the sandbox at the address given."""
import csv, io, json, sys
import boto3
from botocore.config import Config
from urllib.parse import unquote

url = sys.argv[1]


def client(service, key):
    return boto3.client(
        service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="s",
        config=Config(retries={"total_max_attempts": 1}))


iam, organizations = client("iam", "AKIAMEMBER"), client("organizations", "AKIAJOB")
seen = {"users": [], "groups": [], "policies": [], "accounts": []}
for page in iam.get_paginator("get_account_authorization_details").paginate():
    seen["users"] += page["UserDetailList"]
    seen["groups"] += [g["GroupName"] for g in page["GroupDetailList"]]
    seen["policies"] += [p["Arn"] for p in page["Policies"]]
for user in seen["users"]:
    user["CreateDate"] = user["CreateDate"].isoformat()
for page in organizations.get_paginator("list_accounts").paginate():
    seen["accounts"] += [[a["Id"], a["Name"], a["State"], a["JoinedTimestamp"].timestamp()] for a in page["Accounts"]]
seen["generate"] = iam.generate_credential_report()["State"]
try:
    iam.get_credential_report()
except iam.exceptions.CredentialReportNotReadyException as e:
    seen["waiting"] = e.response["Error"]["Code"]
report = iam.get_credential_report()["Content"].decode()
seen["report"] = {row["user"]: row for row in csv.DictReader(io.StringIO(report))}
try:
    iam.get_user(UserName="nobody")
except iam.exceptions.NoSuchEntityException as e:
    seen["missing"] = e.response["ResponseMetadata"]["HTTPStatusCode"]
json.dump(seen, sys.stdout)
