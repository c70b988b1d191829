package archive

// RuleRow is one line of the role map.
type RuleRow struct {
	RunID       string `parquet:"run_id,dict"`
	File        string `parquet:"file,dict"`
	Line        int64  `parquet:"line"`
	Role        string `parquet:"role,dict"`
	Title       string `parquet:"title,dict"`
	Department  string `parquet:"department,dict"`
	WorkerType  string `parquet:"worker_type,dict"`
	System      string `parquet:"system,dict"`
	Scope       string `parquet:"scope,dict"`
	Kind        string `parquet:"kind,dict"`
	Entitlement string `parquet:"entitlement,dict"`
	Requirement string `parquet:"requirement,dict"`
	Risk        string `parquet:"risk,dict"`
	Owner       string `parquet:"owner,dict"`
	Meaning     string `parquet:"meaning,dict"`
	ApprovedBy  string `parquet:"approved_by,dict"`
	ApprovedOn  string `parquet:"approved_on,dict"`
	ExpiresOn   string `parquet:"expires_on,dict"`
}

// ExceptionRow is one line of the exceptions register.
type ExceptionRow struct {
	RunID       string `parquet:"run_id,dict"`
	File        string `parquet:"file,dict"`
	Line        int64  `parquet:"line"`
	ID          string `parquet:"id"`
	Source      string `parquet:"source,dict"`
	EmployeeID  string `parquet:"employee_id,dict"`
	System      string `parquet:"system,dict"`
	Scope       string `parquet:"scope,dict"`
	Kind        string `parquet:"kind,dict"`
	Entitlement string `parquet:"entitlement,dict"`
	Reason      string `parquet:"reason,dict"`
	Ticket      string `parquet:"ticket,dict"`
	ApprovedBy  string `parquet:"approved_by,dict"`
	ApprovedOn  string `parquet:"approved_on,dict"`
	ExpiresOn   string `parquet:"expires_on,dict"`
}

// NonHumanRow is one line of the register of accounts that are no person's.
type NonHumanRow struct {
	RunID    string `parquet:"run_id,dict"`
	File     string `parquet:"file,dict"`
	Line     int64  `parquet:"line"`
	System   string `parquet:"system,dict"`
	Scope    string `parquet:"scope,dict"`
	Account  string `parquet:"account"`
	Kind     string `parquet:"kind,dict"`
	OwnerID  string `parquet:"owner_id,dict"`
	Purpose  string `parquet:"purpose,dict"`
	ReviewBy string `parquet:"review_by,dict"`
}
