package athena

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
)

// answering is an Athena in this process.
type answering func(*http.Request) string

func (a answering) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader(a(r)))}, nil
}

func (a answering) athena() *Athena {
	endpoint := "http://127.0.0.1:1"
	return &Athena{client: athena.New(athena.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, HTTPClient: a, Retryer: sdk.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})}
}

// Pages that go round, or on for ever, took memory for as long as somebody waited.
func TestAnAnswerThatGoesRoundOrOnForEverIsGivenUp(t *testing.T) {
	n := 0
	round := answering(func(*http.Request) string {
		if n++; n > 9 {
			return "{}"
		}
		return fmt.Sprintf(`{"NextToken":"t%d","ResultSet":{"ResultSetMetadata":{"ColumnInfo":[{"Name":"a","Type":"varchar"}]},"Rows":[{"Data":[{"VarCharValue":"a"}]}]}}`, n%3)
	})
	if err := round.athena().fetch(t.Context(), &result{id: "q"}); err == nil || n > 4 || !strings.Contains(err.Error(), "goes on with the page that was read already") {
		t.Errorf("pages in a circle: after %d: %v", n, err)
	}
	full := answering(func(*http.Request) string {
		return `{"ResultSet":{"ResultSetMetadata":{"ColumnInfo":[{"Name":"a","Type":"varchar"}]},"Rows":[{"Data":[{"VarCharValue":"a"}]},{"Data":[{"VarCharValue":"b"}]}]}}`
	})
	if err := full.athena().fetch(t.Context(), &result{id: "q", rows: make([][]any, mostRows)}); err == nil || !strings.Contains(err.Error(), "more than 10000000 rows") {
		t.Errorf("too many rows: %v", err)
	}
}

// FuzzResults: of whatever Athena answers with, all rows are in what was found, each with
// its cells, or it is an error.
func FuzzResults(f *testing.F) {
	for _, body := range []string{
		`{"ResultSet":{"ResultSetMetadata":{"ColumnInfo":[{"Name":"a","Type":"varchar"},{"Name":"n","Type":"bigint"}]},"Rows":[{"Data":[{"VarCharValue":"a"},{"VarCharValue":"n"}]},{"Data":[{"VarCharValue":"x"},{"VarCharValue":"7"}]},{"Data":[{},{"VarCharValue":"-1"}]}]}}`,
		`{"ResultSet":{"ResultSetMetadata":{"ColumnInfo":[{"Name":"a","Type":"varchar"}]},"Rows":[{"Data":[{"VarCharValue":"a"}]},{"Data":[]}]}}`,
		`{"ResultSet":{"ResultSetMetadata":{"ColumnInfo":[]},"Rows":[{}]}}`, `{"ResultSet":{"ResultSetMetadata":{},"Rows":[]}}`, `{"NextToken":"x","ResultSet":{}}`, "{}", "null", "[]", "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		asked := 0
		r := result{id: "q"}
		err := answering(func(*http.Request) string {
			if asked++; asked > 2 {
				t.Fatal("it goes on")
			}
			return string(body)
		}).athena().fetch(t.Context(), &r)
		if err != nil {
			return
		}
		var plain struct {
			ResultSet struct {
				Rows []struct{ Data []json.RawMessage }
			}
		}
		if json.NewDecoder(bytes.NewReader(body)).Decode(&plain) != nil || bytes.Count(body, []byte(`"Rows"`)) != 1 || bytes.Count(body, []byte(`"ResultSet"`)) != 1 {
			return // of what is there twice, or spelled otherwise, each reads another one
		}
		if len(plain.ResultSet.Rows) != len(r.rows)+1 {
			t.Fatalf("%d rows of %s", len(r.rows), body)
		}
		for n, row := range r.rows {
			if len(row) != len(r.columns) || len(plain.ResultSet.Rows[n+1].Data) != len(row) {
				t.Fatalf("row %d has %d cells of %s", n, len(row), body)
			}
		}
	})
}
