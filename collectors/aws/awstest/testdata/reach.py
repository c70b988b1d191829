"""Clients of an emulated AWS, whose address is the script's first argument: of its
management account, or of another as a role there.
"""
import sys

import boto3

END = sys.argv[1]
HOME = dict(aws_access_key_id="home", aws_secret_access_key="home", region_name="us-east-1", endpoint_url=END)
HOME_ACCOUNT = boto3.client("sts", **HOME).get_caller_identity()["Account"]


def client(service, account=HOME_ACCOUNT):
    if account == HOME_ACCOUNT:
        return boto3.client(service, **HOME)
    c = boto3.client("sts", **HOME).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/script", RoleSessionName="script")["Credentials"]
    return boto3.client(service, region_name="us-east-1", endpoint_url=END, aws_access_key_id=c["AccessKeyId"],
                        aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
