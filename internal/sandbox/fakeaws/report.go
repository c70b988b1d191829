package fakeaws

import (
	"encoding/base64"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reportLife is how long a credential report stands before a new one is made.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const reportLife = 4 * time.Hour

type xmlGenerate struct {
	State       string
	Description string `xml:",omitempty"`
}

// generateCredentialReport starts a report, unless one is young enough or on
// its way. The content is fixed here, so what changes later is not in it.
func generateCredentialReport(s *Server, c call, _ url.Values) (any, *apiError) {
	report := s.report(c.Account)
	switch {
	case report == nil || s.stale(*report):
		drop(&s.st.Reports, func(r Report) bool { return r.Account == c.Account })
		s.st.Reports = append(s.st.Reports, Report{
			Account: c.Account, PollsLeft: s.opts.ReportPolls, GeneratedAt: s.now(), Content: s.reportCSV(c.Account),
		})
		return xmlGenerate{"STARTED", "No report exists. Starting a new report generation task"}, nil
	case report.PollsLeft > 0:
		report.PollsLeft--
		return xmlGenerate{State: "INPROGRESS"}, nil
	}
	return xmlGenerate{State: "COMPLETE"}, nil
}

func (s *Server) report(account string) *Report {
	return find(s.st.Reports, func(r *Report) bool { return r.Account == account })
}

func (s *Server) stale(r Report) bool {
	return r.PollsLeft == 0 && s.now().Sub(r.GeneratedAt) >= reportLife
}

type xmlReport struct {
	Content       string
	ReportFormat  string
	GeneratedTime string
}

func getCredentialReport(s *Server, c call, _ url.Values) (any, *apiError) {
	report := s.report(c.Account)
	switch {
	case report == nil:
		return nil, fail(http.StatusGone, "ReportNotPresent", "No report exists for this account. Use GenerateCredentialReport to make one.")
	case report.PollsLeft > 0:
		report.PollsLeft--
		return nil, fail(http.StatusNotFound, "ReportInProgress", "The credential report is still being generated.")
	case s.stale(*report):
		return nil, fail(http.StatusGone, "ReportExpired", "The most recent credential report has expired. Use GenerateCredentialReport to make a new one.")
	}
	return xmlReport{
		Content:      base64.StdEncoding.EncodeToString([]byte(report.Content)),
		ReportFormat: "text/csv", GeneratedTime: stamp(report.GeneratedAt),
	}, nil
}

// reportColumns are those of live reports. The guide also names
// additional_credentials_info, for more keys than the quota allows.
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed," +
	"password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

const notApplicable = "N/A"

func (s *Server) reportCSV(account string) string {
	var text strings.Builder
	w := csv.NewWriter(&text)
	rows := [][]string{strings.Split(reportColumns, ","), s.rootCells(account)}
	for _, user := range s.usersOf(account) {
		rows = append(rows, userCells(user))
	}
	if err := w.WriteAll(rows); err != nil {
		panic(err) // a strings.Builder takes every byte
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func (s *Server) rootCells(id string) []string {
	var account Account
	if found := s.account(id); found != nil {
		account = *found
	}
	row := []string{
		"<root_account>", arn(id, "root"), reportTime(account.JoinedAt, notApplicable),
		"not_supported", reportTime(account.Root.PasswordLastUsed, "no_information"), "not_supported", "not_supported",
		strconv.FormatBool(account.Root.MFA),
	}
	return append(append(row, keyCells(account.Root.AccessKeys)...), certificateCells(nil)...)
}

func userCells(u *IAMUser) []string {
	row := []string{u.Name, u.arn(), reportTime(u.CreatedAt, notApplicable)}
	if u.LoginProfile != nil {
		row = append(row, "true", reportTime(u.PasswordLastUsed, "no_information"), reportTime(u.LoginProfile.CreatedAt, notApplicable), notApplicable)
	} else {
		row = append(row, "false", notApplicable, notApplicable, notApplicable)
	}
	row = append(row, strconv.FormatBool(len(u.MFA) > 0))
	return append(append(row, keyCells(u.AccessKeys)...), certificateCells(u.Certificates)...)
}

// keyCells has two keys' worth of cells. An inactive key keeps its dates; only
// an absent one has none.
func keyCells(keys []AccessKey) []string {
	var cells []string
	for i := range 2 {
		if i >= len(keys) {
			cells = append(cells, "false", notApplicable, notApplicable, notApplicable, notApplicable)
			continue
		}
		key := keys[i]
		cells = append(cells, strconv.FormatBool(key.Status == active), reportTime(key.CreatedAt, notApplicable),
			reportTime(key.LastUsedAt, notApplicable), orNA(key.LastUsedRegion), orNA(key.LastUsedService))
	}
	return cells
}

func certificateCells(certificates []Certificate) []string {
	var cells []string
	for i := range 2 {
		if i >= len(certificates) {
			cells = append(cells, "false", notApplicable)
			continue
		}
		cells = append(cells, strconv.FormatBool(certificates[i].Status == active), reportTime(certificates[i].UploadedAt, notApplicable))
	}
	return cells
}

// reportTime writes +00:00 for UTC, unlike the rest of IAM.
func reportTime(at time.Time, none string) string {
	if at.IsZero() {
		return none
	}
	return at.UTC().Format("2006-01-02T15:04:05+00:00")
}
