// Package athena answers questions to an archive in S3 with Amazon Athena: an
// audit.Engine for archives that have outgrown one machine. It checks the objects that
// an answer rests on before it asks, and that Athena saw all their rows and no others;
// what Athena read of them and made of it it cannot check, and the answer says so. It
// must never paste a value into SQL, nor leave a query running that nobody waits for.
// Its invariant: an answer that it gives has every row that Athena found.
package athena

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"rollcall/internal/awsreach"
	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// Config says where Athena is, and what a question may cost.
type Config struct {
	Catalog        audit.Catalog
	Workgroup      string // empty: primary
	OutputLocation string // empty: the workgroup's own
	Region         string // empty: the SDK's usual places
	Profile        string // of the SDK's shared configuration; empty: the SDK's usual places
	MaxScan        int64  // bytes

	Credentials sdk.CredentialsProvider // nil: the SDK's default chain
	Proxy       func(*http.Request) (*url.URL, error)
	RootCAs     *x509.CertPool // nil: the machine's
	Sleep       func(context.Context, time.Duration) error
}

// Athena implements audit.Engine.
type Athena struct {
	cfg    Config
	client *athena.Client
}

// Open sends no request.
func Open(ctx context.Context, cfg Config) (*Athena, error) {
	reach := awsreach.Client(cfg.Proxy, cfg.RootCAs).WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = 30 * time.Second })
	chain, err := config.LoadDefaultConfig(ctx, config.WithRegion(cfg.Region), config.WithSharedConfigProfile(cfg.Profile), config.WithHTTPClient(reach))
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials for Athena: %w", err)
	}
	if cfg.Credentials != nil {
		chain.Credentials = cfg.Credentials
	}
	if chain.Region == "" {
		return nil, errors.New("it is not known in which region Athena is to be asked: set audit.athena.region, or AWS_REGION")
	}
	return &Athena{cfg, athena.NewFromConfig(chain, func(o *athena.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 8 })
	})}, nil
}

// mostQuery is how long a query may be, in bytes.
// https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
const mostQuery = 262_144

// Answer implements audit.Engine. First the objects are checked, then whether Athena
// sees all of them; then it is asked.
func (a *Athena) Answer(ctx context.Context, store archive.Store, q audit.Query) (*audit.Answer, error) {
	size := int64(0)
	for _, f := range q.Files {
		size += f.Size
	}
	if size > a.cfg.MaxScan {
		return nil, audit.Misuse("the files that may have to be read have %s, more than the %s that audit.athena.max_scan_gb allows: ask for a shorter period, or allow more; nothing was asked", inBytes(size), inBytes(a.cfg.MaxScan))
	}
	checked, err := check(ctx, store, q.Files)
	if err != nil {
		return nil, err
	}
	counted, err := a.countRows(ctx, q)
	if err != nil {
		return nil, err
	}
	query, values, err := q.Trino(a.cfg.Catalog)
	if err != nil {
		return nil, err
	}
	found, err := a.ask(ctx, query, values)
	if err != nil {
		return nil, err
	}
	return &audit.Answer{Columns: found.columns, Rows: found.rows,
		Checked: checked.String() + ", and Athena sees as many rows of each table as the manifests list; what Athena itself read and worked out was not checked again",
		Notes: []audit.Given{
			{Name: "engine", Value: fmt.Sprintf("Amazon Athena, database %s, workgroup %s", a.cfg.Catalog.Database, a.workgroup())},
			{Name: "Athena's query", Value: found.id},
			{Name: "Athena scanned", Value: fmt.Sprintf("%s in 2 queries, of files of %s", inBytes(counted.scanned+found.scanned), inBytes(size))},
		}}, nil
}

func (a *Athena) workgroup() string { return cmp.Or(a.cfg.Workgroup, "primary") }

// countRows asks how many rows Athena sees of each table, and compares. A partition
// that is not projected, a table over another folder or a file that came in between
// would otherwise only make the answer a little wrong.
func (a *Athena) countRows(ctx context.Context, q audit.Query) (result, error) {
	want := map[string]int64{}
	var tables []string
	for _, f := range q.Files {
		if f.Rows == nil {
			return result{}, fmt.Errorf("the manifest of run %s does not say how many rows %s has; run: rollcall audit verify", f.Run.RunID, f.Path)
		}
		if _, has := want[f.Table]; !has {
			tables = append(tables, f.Table)
		}
		want[f.Table] += *f.Rows
	}
	if len(tables) == 0 {
		return result{}, nil
	}
	var counts []string
	for _, table := range tables {
		counts = append(counts, fmt.Sprintf(`SELECT '%s' AS table_name, count(*) AS row_count FROM "%s"`, table, table))
	}
	query, _, err := audit.Query{SQL: strings.Join(counts, "\nUNION ALL "), Files: q.Files}.Trino(a.cfg.Catalog)
	if err != nil {
		return result{}, err
	}
	found, err := a.ask(ctx, query, nil)
	if err != nil {
		return result{}, err
	}
	for _, row := range found.rows {
		table, _ := row[0].(string)
		if n, is := row[1].(int64); is && n == want[table] {
			delete(want, table)
		}
	}
	for _, table := range tables {
		if n, differs := want[table]; differs {
			return result{}, fmt.Errorf("Athena does not see the %d row(s) that the manifests list of the table %s, but %v: its table files_%s is not over this archive, is of another rollcall, or does not reach all days; nothing was answered. Run what rollcall audit ddl --engine athena prints, and ask again",
				n, table, seen(found.rows, table), table)
		}
	}
	return found, nil
}

func seen(rows [][]any, table string) any {
	for _, row := range rows {
		if row[0] == table {
			return row[1]
		}
	}
	return "none"
}

func inBytes(n int64) string {
	switch {
	case n >= 10_000_000_000:
		return strconv.FormatInt(n/1_000_000_000, 10) + " GB"
	case n >= 10_000_000:
		return strconv.FormatInt(n/1_000_000, 10) + " MB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}

// refused is why a query ended without an answer.
func refused(id string, status *types.QueryExecutionStatus) error {
	reason := sdk.ToString(status.StateChangeReason)
	if e := status.AthenaError; reason == "" && e != nil {
		reason = sdk.ToString(e.ErrorMessage)
	}
	hint := ""
	if strings.Contains(reason, "does not exist") || strings.Contains(reason, "COLUMN_NOT_FOUND") || strings.Contains(reason, "cannot be resolved") {
		hint = "; if it is a table or a column of the archive, run what rollcall audit ddl --engine athena prints"
	}
	return fmt.Errorf("Athena ended the query %s as %s: %s%s", id, status.State, cmp.Or(reason, "it does not say why"), hint)
}
