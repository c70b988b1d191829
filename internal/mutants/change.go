package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// change is one place of the package that can be other than it is.
type change struct {
	id   int
	file string // its name in the package's folder
	line int
	in   string // the function
	what string
}

func (c change) String() string {
	return fmt.Sprintf("%d\t%s:%d\t%s\t%s", c.id, c.file, c.line, c.in, c.what)
}

// copied is the package with all its changes in it.
type copied struct {
	changes []change
	files   map[string][]byte // by the path of what they stand for, or are added as
}

//go:embed switches.go.txt
var switches string

// changeAll reads the package and makes the copy. Files with build constraints that the
// system or the tags do not meet are left out, as the compiler leaves them out.
func changeAll(ctx context.Context, a asked) (copied, error) {
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: a.folder, BuildFlags: []string{"-tags=" + a.tags},
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
	}, ".")
	if err != nil {
		return copied{}, err
	}
	if len(loaded) != 1 {
		return copied{}, fmt.Errorf("%s has %d packages", a.folder, len(loaded))
	}
	p := loaded[0]
	if len(p.Errors) > 0 {
		return copied{}, fmt.Errorf("%s: %w", a.folder, errors.Join(typed(p.Errors)...))
	}
	out := copied{files: map[string][]byte{}}
	for _, f := range p.Syntax {
		path := p.Fset.Position(f.Pos()).Filename
		if filepath.Dir(path) != a.folder || !a.files.MatchString(filepath.Base(path)) {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return copied{}, err
		}
		w := &changer{p: p, file: p.Fset.File(f.Pos()), name: filepath.Base(path), next: len(out.changes) + 1, whole: map[ast.Expr]bool{}, idle: map[*ast.ReturnStmt]bool{}}
		for _, d := range f.Decls {
			w.declaration(d)
		}
		out.changes = append(out.changes, w.changes...)
		if out.files[path], err = w.written(source); err != nil {
			return copied{}, err
		}
	}
	if len(out.changes) == 0 {
		return copied{}, fmt.Errorf("%s: nothing to change", a.folder)
	}
	out.files[filepath.Join(a.folder, "zz_switches.go")] = fmt.Appendf(nil,
		"package %s\n\nimport (\n\t\"cmp\"\n\t\"errors\"\n\t\"fmt\"\n\t\"os\"\n\t\"strconv\"\n\t\"sync/atomic\"\n)\n\nconst zzCount = %d\n\n%s", p.Name, len(out.changes), switches)
	return out, nil
}

func typed(all []packages.Error) (out []error) {
	for _, e := range all {
		out = append(out, e)
	}
	return out
}

// changer goes through one file.
type changer struct {
	p       *packages.Package
	file    *token.File
	name    string
	in      string
	next    int
	changes []change
	edits   []edit
	whole   map[ast.Expr]bool // conditions that are made always and never true, which is more than their opposite
	idle    map[*ast.ReturnStmt]bool
}

// edit puts text in the place of what stands from one offset to another. At one place
// what closes comes before what opens; of what opens the outer one first, of what closes the
// inner one.
type edit struct {
	from, to int
	text     string
	opens    bool
	order    int
}

func (w *changer) add(at token.Pos, what string) int {
	id := w.next
	w.next++
	w.changes = append(w.changes, change{id, w.name, w.file.Line(at), w.in, what})
	return id
}

// around puts text before and behind a node.
func (w *changer) around(n ast.Node, before, behind string) {
	order := len(w.edits)
	at, end := w.file.Offset(n.Pos()), w.file.Offset(n.End())
	w.edits = append(w.edits, edit{at, at, before, true, order}, edit{end, end, behind, false, order})
}

// instead puts text in the place of an operator.
func (w *changer) instead(at token.Pos, op token.Token, text string) {
	from := w.file.Offset(at)
	w.edits = append(w.edits, edit{from, from + len(op.String()), text, true, len(w.edits)})
}

func (w *changer) written(source []byte) ([]byte, error) {
	slices.SortFunc(w.edits, func(a, b edit) int {
		if c := cmp.Compare(a.from, b.from); c != 0 {
			return c
		}
		switch {
		case a.opens && b.opens:
			return cmp.Compare(a.order, b.order)
		case !a.opens && !b.opens:
			return cmp.Compare(b.order, a.order)
		case a.opens:
			return 1
		}
		return -1
	})
	var out bytes.Buffer
	at := 0
	for _, e := range w.edits {
		out.Write(source[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(source[at:])
	if _, err := format.Source(out.Bytes()); err != nil {
		return nil, fmt.Errorf("the changed %s is no Go, which is a mistake of this program: %w", w.name, err)
	}
	return out.Bytes(), nil
}

func (w *changer) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Body == nil {
			return
		}
		w.in = d.Name.Name
		if d.Recv != nil {
			w.in = strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*") + "." + w.in
		}
		w.returns(d.Body, d.Type.Results == nil)
		w.walk(d.Body)
	case *ast.GenDecl:
		if d.Tok == token.VAR {
			w.in = "var"
			w.walk(d)
		}
	}
}

// isBool: the expression is a bool that may become another one.
func (w *changer) isBool(e ast.Expr) bool {
	t := w.p.TypesInfo.Types[e]
	return t.Value == nil && (t.Type == types.Typ[types.Bool] || t.Type == types.Typ[types.UntypedBool])
}
