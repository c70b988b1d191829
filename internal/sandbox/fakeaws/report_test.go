package fakeaws_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/sandbox/fakeaws"
)

func (o *organization) generate() string {
	o.t.Helper()
	out := must[*iam.GenerateCredentialReportOutput](o.t)(o.iam().GenerateCredentialReport(o.t.Context(), &iam.GenerateCredentialReportInput{}))
	return string(out.State)
}

func (o *organization) getReport() (*iam.GetCredentialReportOutput, error) {
	return o.iam().GetCredentialReport(o.t.Context(), &iam.GetCredentialReportInput{})
}

// row reads the line of one user, by column name.
func (o *organization) row(user string) map[string]string {
	o.t.Helper()
	out := must[*iam.GetCredentialReportOutput](o.t)(o.getReport())
	rows := must[[][]string](o.t)(csv.NewReader(strings.NewReader(string(out.Content))).ReadAll())
	for _, row := range rows[1:] {
		if row[0] == user {
			named := map[string]string{}
			for i, column := range rows[0] {
				named[column] = row[i]
			}
			return named
		}
	}
	o.t.Fatalf("%s is not in the report", user)
	return nil
}

func TestAReportGoesFromNotPresentThroughInProgressToComplete(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 2})
	_, err := o.getReport()
	refused(t, "before it was asked for", err, "ReportNotPresent", 410)
	if state := o.generate(); state != "STARTED" {
		t.Errorf("state %s, want STARTED", state)
	}
	for range 2 {
		_, err = o.getReport()
		refused(t, "while it is made", err, "ReportInProgress", 404)
	}
	out := must[*iam.GetCredentialReportOutput](t)(o.getReport())
	if out.ReportFormat != "text/csv" || !out.GeneratedTime.Equal(start) {
		t.Errorf("report: %s of %v", out.ReportFormat, out.GeneratedTime)
	}
	if state := o.generate(); state != "COMPLETE" {
		t.Errorf("state %s, want COMPLETE", state)
	}
}

func TestAskingAgainAlsoWaitsForAReport(t *testing.T) {
	o := openOrg(t, fakeaws.Options{ReportPolls: 1})
	var states []string
	for range 3 {
		states = append(states, o.generate())
	}
	if diff := cmp.Diff([]string{"STARTED", "INPROGRESS", "COMPLETE"}, states); diff != "" {
		t.Error(diff)
	}
}

func TestAReportIsStaleForFourHoursAndThenExpires(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.generate()
	o.UpdateIAMUser(member, "alice", func(u *fakeaws.IAMUser) { u.LoginProfile = nil })
	o.clock.at = start.Add(4*time.Hour - time.Second)
	if state := o.generate(); state != "COMPLETE" || o.row("alice")["password_enabled"] != "true" {
		t.Errorf("a young report must stand as it is: %s", state)
	}
	o.clock.at = start.Add(4 * time.Hour)
	_, err := o.getReport()
	refused(t, "after four hours", err, "ReportExpired", 410)
	if state := o.generate(); state != "STARTED" || o.row("alice")["password_enabled"] != "false" {
		t.Errorf("a new report must show the change: %s", state)
	}
}

func TestAReportHasEveryColumnOfEveryUserAndOfRoot(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.AddIAMUser(fakeaws.IAMUser{Account: member, Name: "bare", CreatedAt: start.AddDate(-1, 0, 0)})
	o.generate()
	want := map[string]string{
		"user": "alice", "arn": "arn:aws:iam::222222222222:user/people/alice", "user_creation_time": "2024-11-23T01:00:00+00:00",
		"password_enabled": "true", "password_last_used": "2026-11-20T01:00:00+00:00",
		"password_last_changed": "2025-11-23T01:00:00+00:00", "password_next_rotation": "N/A", "mfa_active": "true",
		"access_key_1_active": "true", "access_key_1_last_rotated": "2026-11-23T01:00:00+00:00",
		"access_key_1_last_used_date": "2026-11-22T01:00:00+00:00", "access_key_1_last_used_region": "eu-west-1", "access_key_1_last_used_service": "s3",
		"access_key_2_active": "false", "access_key_2_last_rotated": "2026-11-23T01:00:00+00:00",
		"access_key_2_last_used_date": "N/A", "access_key_2_last_used_region": "N/A", "access_key_2_last_used_service": "N/A",
		"cert_1_active": "true", "cert_1_last_rotated": "2026-11-23T01:00:00+00:00",
		"cert_2_active": "true", "cert_2_last_rotated": "2026-11-23T01:00:00+00:00",
	}
	if diff := cmp.Diff(want, o.row("alice")); diff != "" {
		t.Errorf("alice:\n%s", diff)
	}
	root := o.row("<root_account>")
	if root["arn"] != "arn:aws:iam::222222222222:root" || root["mfa_active"] != "true" || root["password_enabled"] != "not_supported" || root["password_last_used"] != "no_information" {
		t.Errorf("root: %v", root)
	}
	bare := o.row("bare")
	if bare["password_enabled"] != "false" || bare["password_last_used"] != "N/A" || bare["access_key_1_last_rotated"] != "N/A" || bare["cert_1_active"] != "false" {
		t.Errorf("bare: %v", bare)
	}
}

func TestTheSummaryCountsWhatTheListsShow(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	o.addCrowd(3)
	counts := must[*iam.GetAccountSummaryOutput](t)(o.iam().GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})).SummaryMap
	for key, want := range map[string]int32{"Users": 4, "Groups": 2, "Roles": 2, "Policies": 1, "MFADevices": 4, "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0} {
		if counts[key] != want {
			t.Errorf("%s: %d, want %d", key, counts[key], want)
		}
	}
}

func TestTheLastUseOfAKeyIsToldOfKnownKeysOnly(t *testing.T) {
	o := openOrg(t, fakeaws.Options{})
	o.addAlice()
	get := func(key string) (*iam.GetAccessKeyLastUsedOutput, error) {
		return o.iam().GetAccessKeyLastUsed(t.Context(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(key)})
	}
	used := must[*iam.GetAccessKeyLastUsedOutput](t)(get("AKIAALICE1"))
	if *used.UserName != "alice" || *used.AccessKeyLastUsed.ServiceName != "s3" || !used.AccessKeyLastUsed.LastUsedDate.Equal(start.AddDate(0, 0, -1)) {
		t.Errorf("used: %+v", used.AccessKeyLastUsed)
	}
	unused := must[*iam.GetAccessKeyLastUsedOutput](t)(get("AKIAALICE2"))
	if *unused.AccessKeyLastUsed.ServiceName != "N/A" || unused.AccessKeyLastUsed.LastUsedDate != nil {
		t.Errorf("unused: %+v", unused.AccessKeyLastUsed)
	}
	_, err := get("AKIAUNKNOWNKEY00")
	refused(t, "an unknown key", err, "AccessDenied", 403)
}
