package athena

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"rollcall/reports/audit"
)

// result is what one query gave.
type result struct {
	id      string
	columns []string
	rows    [][]any
	scanned int64 // bytes
}

// ask runs one query and waits for all of its rows. When nobody waits any more, or it
// reads more than is allowed, Athena is told to stop it.
func (a *Athena) ask(ctx context.Context, query string, values []string) (r result, err error) {
	if len(query) > mostQuery {
		return r, audit.Misuse("the answer would rest on so many runs that the query has %d characters, and Athena takes %d: ask for a shorter period", len(query), mostQuery)
	}
	in := &athena.StartQueryExecutionInput{QueryString: &query, WorkGroup: sdk.String(a.workgroup()), ExecutionParameters: values,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &a.cfg.Catalog.Database}}
	if a.cfg.OutputLocation != "" {
		in.ResultConfiguration = &types.ResultConfiguration{OutputLocation: &a.cfg.OutputLocation}
	}
	started, err := a.client.StartQueryExecution(ctx, in)
	if err != nil {
		return r, fmt.Errorf("ask Athena: %w", err)
	}
	if started.QueryExecutionId == nil {
		return r, errors.New("ask Athena: it took the query and gave it no id")
	}
	r.id = *started.QueryExecutionId
	if r.scanned, err = a.wait(ctx, r.id); err != nil {
		return r, err
	}
	return r, a.fetch(ctx, &r)
}

// Between two looks at a query: from the first to the last, each twice the one before.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = 4 * time.Second
)

// wait is over when Athena has an answer.
func (a *Athena) wait(ctx context.Context, id string) (scanned int64, err error) {
	for pause := firstWait; ; pause = min(2*pause, lastWait) {
		out, err := a.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return 0, a.stop(ctx, id, fmt.Errorf("ask Athena how its query %s gets on: %w", id, err))
		}
		if out.QueryExecution == nil || out.QueryExecution.Status == nil {
			return 0, a.stop(ctx, id, fmt.Errorf("Athena does not say how its query %s gets on", id))
		}
		if s := out.QueryExecution.Statistics; s != nil {
			scanned = sdk.ToInt64(s.DataScannedInBytes)
		}
		switch status := out.QueryExecution.Status; status.State {
		case types.QueryExecutionStateSucceeded:
			return scanned, nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return scanned, refused(id, status)
		}
		if scanned > a.cfg.MaxScan {
			return scanned, a.stop(ctx, id, audit.Misuse("Athena has read %s, more than the %s that audit.athena.max_scan_gb allows: ask for a shorter period, or allow more", inBytes(scanned), inBytes(a.cfg.MaxScan)))
		}
		if err := a.cfg.Sleep(ctx, pause); err != nil {
			return scanned, a.stop(ctx, id, fmt.Errorf("wait for Athena's query %s: %w", id, err))
		}
	}
}

// stop ends a query for a reason. It goes on when ctx is done, which may be the reason.
func (a *Athena) stop(ctx context.Context, id string, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if _, err := a.client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		return errors.Join(why, fmt.Errorf("and its query %s could not be stopped, look at it in the console: %w", id, err))
	}
	return fmt.Errorf("%w (its query %s was stopped)", why, id)
}

// mostRows of an answer are held: each takes some hundred bytes of memory.
const mostRows = 10_000_000

// fetch reads all pages. The first row of the first one is the columns' names.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
func (a *Athena) fetch(ctx context.Context, r *result) error {
	var token *string
	seen := map[string]bool{}
	for first := true; ; first = false {
		page, err := a.client.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &r.id, NextToken: token, MaxResults: sdk.Int32(1000)})
		if err != nil {
			return fmt.Errorf("fetch what Athena's query %s found: %w", r.id, err)
		}
		if page.ResultSet == nil || page.ResultSet.ResultSetMetadata == nil {
			return fmt.Errorf("what Athena's query %s found does not say which columns it has", r.id)
		}
		if err := r.take(page.ResultSet, first); err != nil {
			return fmt.Errorf("read what Athena's query %s found: %w", r.id, err)
		}
		next := sdk.ToString(page.NextToken)
		if next == "" {
			return nil
		}
		if seen[next] {
			return fmt.Errorf("what Athena's query %s found goes on with the page that was read already: not all of it can be known", r.id)
		}
		token, seen[next] = &next, true
	}
}

func (r *result) take(set *types.ResultSet, first bool) error {
	columns := set.ResultSetMetadata.ColumnInfo
	rows := set.Rows
	if first {
		for _, c := range columns {
			r.columns = append(r.columns, sdk.ToString(c.Name))
		}
		if len(rows) == 0 || !isHead(rows[0], r.columns) {
			return errors.New("it does not begin with the names of its columns")
		}
		rows = rows[1:]
	}
	if len(r.rows)+len(rows) > mostRows {
		return audit.Misuse("it has more than %d rows, which no answer holds: ask for a shorter period, or for less with LIMIT", mostRows)
	}
	for _, row := range rows {
		if len(row.Data) != len(r.columns) || len(columns) != len(r.columns) {
			return fmt.Errorf("row %d has %d cells, and there are %d columns", len(r.rows)+1, len(row.Data), len(r.columns))
		}
		cells := make([]any, len(row.Data))
		for i, d := range row.Data {
			if d.VarCharValue == nil { // NULL
				continue
			}
			value, err := audit.Cell(sdk.ToString(columns[i].Type), *d.VarCharValue)
			if err != nil {
				return fmt.Errorf("row %d, column %s: %w", len(r.rows)+1, r.columns[i], err)
			}
			cells[i] = value
		}
		r.rows = append(r.rows, cells)
	}
	return nil
}

func isHead(row types.Row, columns []string) bool {
	if len(row.Data) != len(columns) {
		return false
	}
	for i, d := range row.Data {
		if sdk.ToString(d.VarCharValue) != columns[i] {
			return false
		}
	}
	return true
}
