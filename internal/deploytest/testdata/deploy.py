"""Deploys CloudFormation templates with moto, an implementation of it that nobody
here wrote, and prints the roles that came of it as JSON.

usage: deploy.py < [{"name": stack, "file": path, "parameters": {name: value}}]
"""
import ast
import json
import sys

import boto3
from moto import mock_aws


def document(of):
    """moto keeps an inline policy as Python writes it, and what is left out of a
    list as None."""
    found = ast.literal_eval(of) if isinstance(of, str) else of
    found["Statement"] = [s for s in found["Statement"] if s is not None]
    return found


with mock_aws():
    cloudformation = boto3.client("cloudformation", region_name="us-east-1")
    iam = boto3.client("iam", region_name="us-east-1")
    for stack in json.load(sys.stdin):
        with open(stack["file"]) as template:
            cloudformation.create_stack(
                StackName=stack["name"], TemplateBody=template.read(), Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in stack["parameters"].items()])
    roles = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        policies = [document(iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"])
                    for p in iam.list_role_policies(RoleName=name)["PolicyNames"]]
        roles[name] = {"trust": role["AssumeRolePolicyDocument"], "policies": policies}
    print(json.dumps(roles))
