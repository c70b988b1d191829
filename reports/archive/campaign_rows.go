package archive

import "time"

// The rows of the tables that only campaigns fill; what rows_facts.go says of columns
// holds of these too.

// ItemRow is one row of a worksheet as it was issued: what the reviewer was shown of
// it (cells, in the order of the worksheet's locked columns), the MAC over that, and
// the facts behind it, as they stood in the night that was frozen.
type ItemRow struct {
	RunID           string    `parquet:"run_id,dict"`
	CampaignID      string    `parquet:"campaign_id,dict"`
	WorksheetID     string    `parquet:"worksheet_id,dict"`
	RowID           string    `parquet:"row_id"`
	Subject         string    `parquet:"subject"` // the same in every campaign for the same right of the same account
	Duty            string    `parquet:"duty,dict"`
	Reviewer        string    `parquet:"reviewer,dict"`
	Source          string    `parquet:"source,dict"`
	EmployeeID      string    `parquet:"employee_id,dict"`
	Name            string    `parquet:"name,dict"`
	Email           string    `parquet:"email,dict"`
	Title           string    `parquet:"title,dict"`
	Department      string    `parquet:"department,dict"`
	ManagerID       string    `parquet:"manager_id,dict"`
	ManagerName     string    `parquet:"manager_name,dict"`
	WorkerType      string    `parquet:"worker_type,dict"`
	Status          string    `parquet:"status,dict"`
	Standing        string    `parquet:"standing,dict"`
	EndDate         string    `parquet:"end_date,dict"`
	LastWorkingDay  string    `parquet:"last_working_day,dict"`
	AccessEndsAt    time.Time `parquet:"access_ends_at,optional,timestamp(millisecond)"`
	System          string    `parquet:"system,dict"`
	Scope           string    `parquet:"scope,dict"` // the right's
	ScopeName       string    `parquet:"scope_name,dict"`
	AccountScope    string    `parquet:"account_scope,dict"`
	AccountID       string    `parquet:"account_id,dict"`
	AccountKind     string    `parquet:"account_kind,dict"`
	Login           string    `parquet:"login,dict"`
	AccountEmail    string    `parquet:"account_email,dict"`
	AccountName     string    `parquet:"account_name,dict"`
	AccountStatus   string    `parquet:"account_status,dict"`
	Privileged      bool      `parquet:"privileged"`            // the account
	EntitlementKind string    `parquet:"entitlement_kind,dict"` // empty: the account itself
	EntitlementID   string    `parquet:"entitlement_id,dict"`
	Entitlement     string    `parquet:"entitlement,dict"`
	Meaning         string    `parquet:"meaning,dict"`
	Risk            string    `parquet:"risk,dict"`
	HowHeld         string    `parquet:"how_held,dict"`
	SinceOn         int32     `parquet:"since_on,optional,date"`
	ApprovedBy      string    `parquet:"approved_by,dict"`
	ApprovalRef     string    `parquet:"approval_ref,dict"`
	LastUsedAt      time.Time `parquet:"last_used_at,optional,timestamp(millisecond)"`
	UsageKnown      bool      `parquet:"usage_known"`
	PeersHave       int64     `parquet:"peers_have"`
	PeersAll        int64     `parquet:"peers_all"`
	FindingID       string    `parquet:"finding_id,dict"`
	FindingKind     string    `parquet:"finding_kind,dict"`
	Why             string    `parquet:"why,dict"` // it is flagged
	Suggested       string    `parquet:"suggested,dict"`
	SuggestedWhy    string    `parquet:"suggested_why,dict"`
	Carries         string    `parquet:"carries,dict"` // JSON: what goes with it
	SinceLast       string    `parquet:"since_last,dict"`
	LastCampaignID  string    `parquet:"last_campaign_id,dict"`
	LastDecision    string    `parquet:"last_decision,dict"`
	LastDecidedBy   string    `parquet:"last_decided_by,dict"`
	LastDecidedOn   int32     `parquet:"last_decided_on,optional,date"`
	MAC             string    `parquet:"mac"`
	Cells           string    `parquet:"cells"` // JSON
}

// DecisionRow is one answer that counts, in the order of receipt: of several about
// one row the last. source to entitlement_id say whose right it is about.
type DecisionRow struct {
	RunID           string    `parquet:"run_id,dict"`
	CampaignID      string    `parquet:"campaign_id,dict"`
	RowID           string    `parquet:"row_id"`
	WorksheetSHA256 string    `parquet:"worksheet_sha256,dict"`
	Revision        int64     `parquet:"revision"`
	Reviewer        string    `parquet:"reviewer,dict"`
	Source          string    `parquet:"source,dict"`
	EmployeeID      string    `parquet:"employee_id,dict"`
	System          string    `parquet:"system,dict"`
	Scope           string    `parquet:"scope,dict"`
	AccountID       string    `parquet:"account_id,dict"`
	EntitlementID   string    `parquet:"entitlement_id,dict"`
	Suggested       string    `parquet:"suggested,dict"`
	Decision        string    `parquet:"decision,dict"`
	DecisionReason  string    `parquet:"decision_reason,dict"`
	ChangeTo        string    `parquet:"change_to,dict"`
	ReceivedAt      time.Time `parquet:"received_at,optional,timestamp(millisecond)"`

	WorksheetID        string `parquet:"worksheet_id,dict"`
	Subject            string `parquet:"subject"`
	AccountScope       string `parquet:"account_scope,dict"`
	EntitlementKind    string `parquet:"entitlement_kind,dict"`
	ReviewerSource     string `parquet:"reviewer_source,dict"`
	ReviewerEmployeeID string `parquet:"reviewer_employee_id,dict"`
	ReviewerName       string `parquet:"reviewer_name,dict"`
	Sender             string `parquet:"sender,dict"`
	PassTo             string `parquet:"pass_to,dict"`
	Comment            string `parquet:"comment,dict"`
	UntilOn            int32  `parquet:"until_on,optional,date"` // what a Keep of unexpected access allows ends then
}

// NoticeRow is one message to somebody.
type NoticeRow struct {
	RunID      string    `parquet:"run_id,dict"`
	Kind       string    `parquet:"kind,dict"`
	Recipient  string    `parquet:"recipient"`
	Channel    string    `parquet:"channel,dict"`
	SubjectID  string    `parquet:"subject_id"`
	SentAt     time.Time `parquet:"sent_at,optional,timestamp(millisecond)"`
	Result     string    `parquet:"result,dict"`
	CampaignID string    `parquet:"campaign_id,dict"` // empty: it is about a run

	Audience   string `parquet:"audience,dict"` // as what they were told
	Urgency    string `parquet:"urgency,dict"`
	Purpose    string `parquet:"purpose,dict"` // first, again, tier, resolve, digest, ack
	Tier       int64  `parquet:"tier"`
	DeliveryID string `parquet:"delivery_id"` // the message: the same however often it was tried
	Receipt    string `parquet:"receipt"`     // what the channel answered
}

// WorksheetRow is one worksheet as issued, or one file as it came back: then
// received_at is known. worksheet_sha256 is of the workbook, or of the file as it
// was received, which is inputs/<worksheet_sha256>; it is empty when no workbook was
// written (Snapshot.Issued). The worksheets of a night belong to no campaign.
type WorksheetRow struct {
	RunID           string    `parquet:"run_id,dict"`
	CampaignID      string    `parquet:"campaign_id,dict"`
	WorksheetSHA256 string    `parquet:"worksheet_sha256"`
	Revision        int64     `parquet:"revision"`
	Reviewer        string    `parquet:"reviewer"`
	Rows            int64     `parquet:"rows"`
	IssuedAt        time.Time `parquet:"issued_at,optional,timestamp(millisecond)"`
	ReceivedAt      time.Time `parquet:"received_at,optional,timestamp(millisecond)"`
	Channel         string    `parquet:"channel,dict"`
	Sender          string    `parquet:"sender,dict"`

	// Of a campaign's.
	WorksheetID        string `parquet:"worksheet_id"`
	ReviewerSource     string `parquet:"reviewer_source,dict"`
	ReviewerEmployeeID string `parquet:"reviewer_employee_id"`
	ReviewerName       string `parquet:"reviewer_name"`
	ReviewerEmail      string `parquet:"reviewer_email"`
	ManagerEmail       string `parquet:"manager_email,dict"` // of the reviewer's own manager
	Because            string `parquet:"because,dict"`       // why this reviewer
	DelegateSource     string `parquet:"delegate_source,dict"`
	DelegateEmployeeID string `parquet:"delegate_employee_id,dict"`
	DelegateName       string `parquet:"delegate_name,dict"`
	DelegateEmail      string `parquet:"delegate_email,dict"`
	PassedFrom         string `parquet:"passed_from,dict"` // the worksheet whose rows it takes over
	DueOn              int32  `parquet:"due_on,optional,date"`
	File               string `parquet:"file"`     // as it came back
	Answers            int64  `parquet:"answers"`  // that count
	Refused            string `parquet:"refused"`  // JSON: why nothing of it counts
	Problems           string `parquet:"problems"` // JSON: what keeps single rows from counting
	SignedBy           string `parquet:"signed_by,dict"`
}
