package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// walk notes each place below a node that can be changed.
func (w *changer) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			return n.Tok == token.VAR
		case *ast.FuncLit:
			w.returns(n.Body, n.Type.Results == nil)
		case *ast.BlockStmt:
			w.statements(n.List)
		case *ast.CommClause:
			w.statements(n.Body)
		case *ast.CaseClause:
			w.statements(n.Body)
		case *ast.IfStmt:
			w.condition(n.Cond, true)
		case *ast.ForStmt:
			if n.Cond != nil {
				w.condition(n.Cond, false)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil {
				w.cases(n)
			}
		case *ast.ReturnStmt:
			w.results(n)
		case *ast.BinaryExpr:
			w.binary(n)
		case *ast.UnaryExpr:
			if n.Op == token.NOT && w.isBool(n) && !w.whole[n] {
				w.around(n, fmt.Sprintf("zzNot(%d, ", w.add(n.Pos(), "! is left out")), ")")
			}
		}
		return true
	})
}

// statements: each one that the next can do without is left out.
func (w *changer) statements(all []ast.Stmt) {
	for _, s := range all {
		what := ""
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && !w.isPanic(call) {
				what = "call of " + types.ExprString(call.Fun)
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				what = s.Tok.String() + " to " + types.ExprString(s.Lhs[0])
			}
		case *ast.IncDecStmt:
			what = types.ExprString(s.X) + s.Tok.String()
		case *ast.DeferStmt:
			what = "defer of " + types.ExprString(s.Call.Fun)
		case *ast.GoStmt:
			what = "go " + types.ExprString(s.Call.Fun)
		case *ast.SendStmt:
			what = "send to " + types.ExprString(s.Chan)
		case *ast.BranchStmt:
			if s.Tok == token.BREAK || s.Tok == token.CONTINUE {
				what = s.Tok.String()
			}
		case *ast.ReturnStmt:
			if w.idle[s] {
				what = "return"
			}
		}
		if what != "" {
			w.around(s, fmt.Sprintf("if zzKeep(%d) { ", w.add(s.Pos(), what+" is left out")), " }")
		}
	}
}

// returns notes which returns of a function can be left out: those of one without results. What is
// noted of functions within is put right when they are come to.
func (w *changer) returns(body *ast.BlockStmt, without bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			w.idle[r] = without
		}
		return true
	})
}

// isPanic: the compiler needs to see that nothing follows.
func (w *changer) isPanic(call *ast.CallExpr) bool {
	name, ok := call.Fun.(*ast.Ident)
	return ok && w.p.TypesInfo.Uses[name] == types.Universe.Lookup("panic")
}

// condition is always true or always false; one of a loop never true only, since a loop that does
// not end says nothing.
func (w *changer) condition(e ast.Expr, both bool) {
	if !w.isBool(e) {
		return
	}
	always := 0
	if both {
		w.whole[e] = true
		always = w.add(e.Pos(), "is always true: "+types.ExprString(e))
	}
	never := w.add(e.Pos(), "is never true: "+types.ExprString(e))
	w.around(e, fmt.Sprintf("zzIf(%d, %d, ", always, never), ")")
}

func (w *changer) cases(s *ast.SwitchStmt) {
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			w.condition(e, true)
		}
	}
}

// results: a bool that is given back is the other one. Comparisons and what && and || join have changes of
// their own.
func (w *changer) results(s *ast.ReturnStmt) {
	for _, e := range s.Results {
		switch e.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			continue
		}
		if t := w.p.TypesInfo.Types[e]; t.Type == types.Typ[types.Bool] || t.Type == types.Typ[types.UntypedBool] {
			w.around(e, fmt.Sprintf("zzNot(%d, ", w.add(e.Pos(), "the other is returned: "+types.ExprString(e))), ")")
		}
	}
}

// arithmetic names what stands for an operator, and what that becomes.
var arithmetic = map[token.Token]struct{ name, becomes string }{
	token.ADD: {"zzPlus", "-"}, token.SUB: {"zzMinus", "+"}, token.MUL: {"zzTimes", "/"}, token.QUO: {"zzDivided", "*"},
}

var order = map[token.Token]struct{ name, limit, round string }{
	token.LSS: {"zzLess", "<=", ">="}, token.LEQ: {"zzAtMost", "<", ">"}, token.GTR: {"zzMore", ">=", "<="}, token.GEQ: {"zzAtLeast", ">", "<"},
}

func (w *changer) binary(e *ast.BinaryExpr) {
	text := types.ExprString(e)
	switch {
	case (e.Op == token.LAND || e.Op == token.LOR) && w.isBool(e):
		name, other := "zzAnd", "||"
		if e.Op == token.LOR {
			name, other = "zzOr", "&&"
		}
		left, right := w.add(e.OpPos, "only the left side: "+text), w.add(e.OpPos, "only the right side: "+text)
		w.around(e, fmt.Sprintf("%s(%d, %d, %d, func() bool { return (", name, left, right, w.add(e.OpPos, other+": "+text)), ") })")
		w.instead(e.OpPos, e.Op, ") }, func() bool { return (")
	case (e.Op == token.EQL || e.Op == token.NEQ) && w.isBool(e) && !w.whole[e]:
		w.around(e, fmt.Sprintf("zzNot(%d, ", w.add(e.OpPos, "the opposite: "+text)), ")")
	case w.isBool(e) && order[e.Op].name != "" && w.isPlain(e.X) && w.isPlain(e.Y):
		o := order[e.Op]
		limit := w.add(e.OpPos, o.limit+": "+text)
		w.around(e, fmt.Sprintf("%s(%d, %d, ", o.name, limit, w.add(e.OpPos, o.round+": "+text)), ")")
		w.instead(e.OpPos, e.Op, ",")
	case arithmetic[e.Op].name != "" && w.isNumber(e):
		a := arithmetic[e.Op]
		w.around(e, fmt.Sprintf("%s(%d, ", a.name, w.add(e.OpPos, a.becomes+": "+text)), ")")
		w.instead(e.OpPos, e.Op, ",")
	}
}

// isPlain: of a type that has a name, and not one that differs from use to use.
func (w *changer) isPlain(e ast.Expr) bool {
	_, generic := w.p.TypesInfo.Types[e].Type.(*types.TypeParam)
	return !generic
}

// isNumber: one that is known only when the program runs.
func (w *changer) isNumber(e ast.Expr) bool {
	t := w.p.TypesInfo.Types[e]
	b, ok := t.Type.Underlying().(*types.Basic)
	return ok && t.Value == nil && b.Info()&(types.IsInteger|types.IsFloat) != 0 && b.Info()&types.IsUntyped == 0 && w.isPlain(e)
}
