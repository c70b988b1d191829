//go:build spark

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// spark is one session of a Spark on this machine, told by tools/spark_ask.py.
type spark struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startSpark(t *testing.T) *spark {
	t.Helper()
	python := os.Getenv("ROLLCALL_SPARK_PYTHON")
	if python == "" {
		t.Fatal("ROLLCALL_SPARK_PYTHON names no Python with pyspark: run make test-spark")
	}
	script, err := filepath.Abs(filepath.Join("..", "..", "tools", "spark_ask.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script)
	cmd.Dir = t.TempDir() // Spark leaves folders where it runs
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it ends with its input
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	})
	return &spark{in, bufio.NewReader(out)}
}

type sparkAnswer struct {
	Error          string
	Columns, Types []string
	Rows           [][]*string
}

func (s *spark) tell(asked any) (found sparkAnswer, err error) {
	b, err := json.Marshal(asked)
	if err != nil {
		return found, err
	}
	if _, err := s.in.Write(append(b, '\n')); err != nil {
		return found, err
	}
	line, err := s.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &found)
	}
	if err == nil && found.Error != "" {
		err = errors.New(found.Error)
	}
	return found, err
}

// Answer implements audit.Engine over the views of `audit ddl`: it reads what they
// show of the whole archive, not the files that DuckDB would be given.
func (s *spark) Answer(_ context.Context, _ archive.Store, q audit.Query) (*audit.Answer, error) {
	found, err := s.tell(map[string]any{"sql": q.SQL, "values": q.Values})
	if err != nil {
		return nil, err
	}
	a := &audit.Answer{Columns: found.Columns}
	for _, row := range found.Rows {
		cells := make([]any, len(row))
		for i, written := range row {
			if written == nil {
				continue
			}
			if cells[i], err = audit.Cell(found.Types[i], *written); err != nil {
				return nil, fmt.Errorf("column %s: %w", found.Columns[i], err)
			}
		}
		a.Rows = append(a.Rows, cells)
	}
	return a, nil
}

// The twenty questions mean the same to an engine that is not ours: each is asked of
// DuckDB and of Spark, as the auditors' guide asks it and unchanged, over the same
// quarter, and the answers are one.
func TestSparkAnswersAllTwentyQuestionsAsDuckDBDoes(t *testing.T) {
	q := auditedQuarter(t)
	litter(t, q.root)
	var ddl, story bytes.Buffer
	if code := run([]string{"rollcall", "audit", "ddl", "--engine", "spark", "--archive", q.root, "--key", q.key}, func(string) string { return "" }, nil, &ddl, &story); code != exitDone {
		t.Fatalf("audit ddl ends with %d: %s", code, story.String())
	}
	s := startSpark(t)
	if _, err := s.tell(map[string]any{"ddl": ddl.String()}); err != nil {
		t.Fatal(err)
	}
	keys, err := verificationKeys(q.key)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := audit.Open(archive.NewFolder(q.root), nil, keys...)
	if err != nil {
		t.Fatal(err)
	}
	questions, err := audit.Questions()
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, command := range guideCommands(t) {
		for _, question := range questions {
			if question.Name == questionOf(command) {
				asked[question.Name] = true
				compareEngines(t, opened, s, question, givenBy(command))
			}
		}
	}
	if len(asked) != 20 {
		t.Errorf("%d questions were asked", len(asked))
	}
}

// givenBy are the parameters of a command of the guide.
func givenBy(command []string) map[string]string {
	values := map[string]string{}
	for _, p := range answerParameters {
		if n := slices.Index(command, "--"+p.name); n > 0 {
			values[p.name] = command[n+1]
		}
	}
	return values
}

func compareEngines(t *testing.T, opened *audit.Archive, s *spark, q audit.Question, values map[string]string) {
	t.Helper()
	opened.Engine = nil
	want, err := opened.Ask(t.Context(), q, values)
	if err != nil {
		t.Fatal(err)
	}
	opened.Engine = s
	got, err := opened.Ask(t.Context(), q, values)
	if err != nil {
		t.Errorf("%s: %v", q.Name, err)
		return
	}
	if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
		t.Errorf("%s %v: DuckDB has %d row(s), Spark %d (-DuckDB +Spark):\n%.3000s", q.Name, values, len(want.Rows), len(got.Rows), diff)
	}
	if want.Digest() != got.Digest() {
		t.Errorf("%s %v: the digests differ", q.Name, values)
	}
	t.Logf("%-16s %v: %d row(s)", q.Name, values, len(want.Rows))
}

// litter puts what dead runs and strangers may leave into an archive: the files of a
// night again, as a run that no manifest knows, as another day of its own, and as a
// second part.
func litter(t *testing.T, root string) {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(root, "grants", "date=*", "run=*"))
	if err != nil || len(runs) == 0 {
		t.Fatalf("%v, %v", runs, err)
	}
	from, run := runs[0], filepath.Base(runs[0])
	for _, to := range []string{
		filepath.Join(filepath.Dir(from), run+"x", "part-00000.parquet"),
		filepath.Join(root, "grants", "date=2001-01-01", run, "part-00000.parquet"),
		filepath.Join(from, "part-00001.parquet"),
	} {
		b, err := os.ReadFile(filepath.Join(from, "part-00000.parquet"))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o700)
		}
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
