package aws

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"rollcall/internal/awsreach"
)

// report is an account's credential report. AWS makes a new one at most every
// four hours, so it states facts of its own time and verifies nothing
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
type report struct {
	at   time.Time
	rows map[string]reportRow // by user name; nil when there is no report
}

const (
	reportRoot  = "<root_account>"
	reportWait  = 2 * time.Second
	reportPolls = 30
)

// reportRow is one user's line, by column name.
type reportRow map[string]string

// yes reads a claim; N/A, not_supported and no_information are none.
func (r reportRow) yes(column string) bool { return r[column] == "true" || r[column] == "TRUE" }

// time reads a time; anything but a time is none.
func (r reportRow) time(column string) time.Time {
	t, err := time.Parse(time.RFC3339, r[column])
	if err != nil {
		return time.Time{} // N/A, no_information, not_supported: no use that is known
	}
	return t.UTC()
}

// askForReport says whether one is there already.
func askForReport(ctx context.Context, client *iam.Client) (ready bool, err error) {
	out, err := client.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
	if err != nil {
		return false, err
	}
	return out.State == types.ReportStateTypeComplete, nil
}

// fetchReport fetches the report that was asked for, and waits for it: about a
// minute at most. The SDK retries none of the answers that only mean "not yet".
func fetchReport(ctx context.Context, client *iam.Client, sleep func(context.Context, time.Duration) error) (report, error) {
	for range reportPolls {
		out, err := client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
		if err == nil {
			return parseReport(out.Content, sdk.ToTime(out.GeneratedTime))
		}
		switch awsreach.Code(err) {
		case "ReportInProgress":
		case "ReportNotPresent", "ReportExpired":
			if _, err := askForReport(ctx, client); err != nil {
				return report{}, err
			}
		default:
			return report{}, err
		}
		if err := sleep(ctx, reportWait); err != nil {
			return report{}, err
		}
	}
	return report{}, fmt.Errorf("iam:GenerateCredentialReport: no report after %s; the next run asks again", reportPolls*reportWait)
}

// columns that a report must have to be one; others may come and go.
var reportColumns = []string{"user", "arn", "user_creation_time", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active"}

func parseReport(content []byte, at time.Time) (report, error) {
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return report{}, fmt.Errorf("parse the credential report: %w", err)
	}
	if len(lines) == 0 {
		return report{}, errors.New("the credential report is empty")
	}
	index := map[string]int{}
	for i, name := range lines[0] {
		index[name] = i
	}
	for _, name := range reportColumns {
		if _, ok := index[name]; !ok {
			return report{}, fmt.Errorf("the credential report has no column %s", name)
		}
	}
	r := report{at: at, rows: map[string]reportRow{}}
	for _, line := range lines[1:] {
		row := reportRow{}
		for name, i := range index {
			row[name] = line[i]
		}
		r.rows[row["user"]] = row
	}
	return r, nil
}

// of gives the user's row. A row of an earlier user of the same name is not
// this user's.
func (r report) of(u types.UserDetail) (reportRow, bool) {
	row, ok := r.rows[sdk.ToString(u.UserName)]
	if !ok {
		return nil, false
	}
	made := row.time("user_creation_time")
	if u.CreateDate != nil && !made.IsZero() && u.CreateDate.Sub(made).Abs() > 2*time.Second {
		return nil, false
	}
	return row, true
}

// predates says that the user was made after the report and has no row for
// that reason.
func (r report) predates(u types.UserDetail) bool {
	_, there := r.of(u)
	return !there && u.CreateDate != nil && !u.CreateDate.Before(r.at.Truncate(time.Second))
}

// beyond gives the users that the report names and the list does not, sorted.
func (r report) beyond(listed []string) []string {
	known := map[string]bool{reportRoot: true}
	for _, name := range listed {
		known[name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.rows)), func(name string) bool { return known[name] })
}

// covers reports users that ought to have a row and have none: the report is
// cut short, or not of this account.
func (r report) covers(users []types.UserDetail) error {
	var missing []error
	for _, u := range users {
		if _, there := r.of(u); !there && !r.predates(u) {
			missing = append(missing, fmt.Errorf("the credential report of %s has no row of user %s", r.at.UTC().Format(time.RFC3339), sdk.ToString(u.UserName)))
		}
	}
	return few(missing)
}
