"""Fills an emulated AWS, through boto3, and prints what it made as JSON.

usage: populate.py ENDPOINT
"""
import json

from reach import HOME_ACCOUNT, client


def iam_account(account, users):
    iam = client("iam", account)
    open_doc = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    narrow_doc = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]})
    local = iam.create_policy(PolicyName="company-open", PolicyDocument=open_doc)["Policy"]["Arn"]
    iam.create_group(GroupName="engineers")
    iam.attach_group_policy(GroupName="engineers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    made = {}
    for name in users:
        user = iam.create_user(UserName=name, Tags=[{"Key": "EmployeeID", "Value": "E-" + name}])["User"]
        iam.add_user_to_group(GroupName="engineers", UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="buckets", PolicyDocument=narrow_doc)
        iam.create_login_profile(UserName=name, Password="Correct-Horse-1")
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        ssh = iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody="ssh-rsa AAAA " + name)["SSHPublicKey"]["SSHPublicKeyId"]
        made[name] = {"id": user["UserId"], "key": key, "ssh": ssh}
    iam.attach_user_policy(UserName=users[0], PolicyArn=local)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=users[0])["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName=users[0], SerialNumber=device, AuthenticationCode1="234567", AuthenticationCode2="987654")
    return made


def main():
    org = client("organizations")
    org.create_organization(FeatureSet="ALL")
    accounts = [org.create_account(AccountName=n, Email=n + "@example.com")["CreateAccountStatus"]["AccountId"] for n in ("prod", "dev")]
    out = {"home": HOME_ACCOUNT, "accounts": accounts, "iam": {}}
    for account in [HOME_ACCOUNT] + accounts:
        out["iam"][account] = iam_account(account, ["ada", "leaver@example.com"])

    sso, ids = client("sso-admin"), client("identitystore")
    instance = sso.list_instances()["Instances"][0]
    arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
    out["instance"], out["store"] = arn, store
    people = {}
    for name in ("ada", "leaver"):
        people[name] = ids.create_user(
            IdentityStoreId=store, UserName=name, DisplayName=name.title(), Name={"GivenName": name, "FamilyName": "X"},
            Emails=[{"Value": name + "@example.com", "Type": "work", "Primary": True}])["UserId"]
    group = ids.create_group(IdentityStoreId=store, DisplayName="platform")["GroupId"]
    for person in people.values():
        ids.create_group_membership(IdentityStoreId=store, GroupId=group, MemberId={"UserId": person})
    # moto's default duration is a number, which AWS never sends. More sets than
    # accounts make the collector ask by account: asked by permission set, moto
    # names the caller's own account whatever was provisioned.
    admin, reader, *_ = [
        sso.create_permission_set(InstanceArn=arn, Name=name, SessionDuration="PT1H", Description="-", RelayState="-")["PermissionSet"]["PermissionSetArn"]
        for name in ("AdminAccess", "Reader", "Spare1", "Spare2")]

    def assign(permission_set, kind, principal, account):
        sso.create_account_assignment(InstanceArn=arn, PermissionSetArn=permission_set, PrincipalType=kind,
                                      PrincipalId=principal, TargetType="AWS_ACCOUNT", TargetId=account)
        sso.provision_permission_set(InstanceArn=arn, PermissionSetArn=permission_set, TargetType="AWS_ACCOUNT", TargetId=account)

    assign(admin, "USER", people["leaver"], accounts[0])
    assign(admin, "USER", people["ada"], accounts[0])
    assign(reader, "GROUP", group, accounts[1])
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                        "Principal": {"Service": ["account-access.amazonaws.com"]}}]})
    client("iam", accounts[1]).create_role(RoleName="lent", AssumeRolePolicyDocument=trust)
    out.update(people=people, group=group, admin=admin, reader=reader)
    print(json.dumps(out))


main()
