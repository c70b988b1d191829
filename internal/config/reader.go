package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"rollcall/internal/phrase"
)

// reader walks the syntax tree and collects every error, so that one run of
// check tells all of them. It walks by hand because a decoder into structs
// cannot say what is allowed, and quotes the source (with a pasted secret in it).
type reader struct {
	file string
	at   map[string]*token.Position // of every key that was read, by path
	errs Errors
}

// value is one node and the path of keys that leads to it.
type value struct {
	path string
	node ast.Node
}

// field is one known key of a mapping.
type field struct {
	key  string
	need string // when set, the key must be there; why, in words
	read func(value)
}

func (r *reader) fail(pos *token.Position, path, says, mend string) {
	e := &Error{File: r.file, Key: path, Says: says, Mend: mend}
	if pos != nil {
		e.Line, e.Column = pos.Line, pos.Column
	}
	r.errs = append(r.errs, e)
}

func (r *reader) failValue(v value, says, mend string) {
	r.fail(position(v.node), v.path, says, mend)
}

func position(n ast.Node) *token.Position {
	if n == nil || n.GetToken() == nil {
		return nil
	}
	return n.GetToken().Position
}

// No configuration is larger than MaxBytes, or nested deeper: the time that a parser takes
// grows with the square of both.
const (
	MaxBytes = 256 << 10
	maxDepth = 32
)

// tooDeep gives the place from where on a file is nested deeper than any configuration;
// by indentation alone none of its size can be.
func tooDeep(tokens token.Tokens) *token.Position {
	brackets, line, inLine := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, inLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType:
			inLine++
		}
		if brackets > maxDepth || inLine > maxDepth {
			return t.Position
		}
	}
	return nil
}

// parse gives the one document of the file, or nothing after an error.
func (r *reader) parse(b []byte) ast.Node {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if len(b) > MaxBytes {
		r.fail(nil, "", fmt.Sprintf("the file is too large: %d bytes, and %d are the most", len(b), MaxBytes), "look whether this is the right file")
		return nil
	}
	if !utf8.Valid(b) {
		r.fail(nil, "", "the file is not UTF-8 text", "save it as UTF-8")
		return nil
	}
	tokens := lexer.Tokenize(string(b))
	if deep := tooDeep(tokens); deep != nil {
		r.fail(deep, "", fmt.Sprintf("here the file is too deep: blocks are nested more than %d times", maxDepth), "look for brackets and dashes that are not meant")
		return nil
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	docs := slices.DeleteFunc(tree.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch len(docs) {
	case 0:
		r.fail(nil, "", "the file is empty", "start from the example that `rollcall init` writes")
		return nil
	case 1:
		return docs[0].Body
	}
	r.fail(position(docs[1].Body), "", "a second document begins here, only one is allowed", "remove the line with ---")
	return nil
}

// syntax reports what the YAML parser says, without the source it would quote.
func (r *reader) syntax(err error) {
	const mend = "look at the indentation, quotes and colons of this line and the one before"
	var told yaml.Error
	if !errors.As(err, &told) || told.GetToken() == nil {
		r.fail(nil, "", "this is not YAML", mend)
		return
	}
	r.fail(told.GetToken().Position, "", "this is not YAML ("+told.GetMessage()+")", mend)
}

// each calls visit for every entry of a mapping whose keys are plain text and
// written once, and reports whether v is a mapping at all.
func (r *reader) each(v value, visit func(key string, at *token.Position, v value)) bool {
	m, ok := v.node.(ast.MapNode)
	if !ok {
		r.failValue(v, fmt.Sprintf("%s has to be a block of `key: value` lines, found %s", name(v.path), kind(v.node)), "indent the lines below it")
		return false
	}
	first := map[string]int{}
	for it := m.MapRange(); it.Next(); {
		key, ok := it.Key().(*ast.StringNode)
		at := position(it.Key())
		switch {
		case !ok:
			r.fail(at, v.path, fmt.Sprintf("a key of %s has to be text, found %s", name(v.path), kind(it.Key())), `put it in quotes, such as "1"`)
		case first[key.Value] > 0:
			// the key is not shown: in the place of a secret it may be the secret
			r.fail(at, v.path, fmt.Sprintf("this key of %s is written twice, first on line %d", name(v.path), first[key.Value]), "remove one of them")
		default:
			first[key.Value] = at.Line
			path := join(v.path, key.Value)
			r.at[path] = at
			visit(key.Value, at, value{path, it.Value()})
		}
	}
	return true
}

// mapping reads the known keys of a mapping and reports the unknown and the
// missing ones.
func (r *reader) mapping(v value, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	seen := map[string]bool{}
	isMapping := r.each(v, func(key string, at *token.Position, entry value) {
		i := slices.Index(known, key)
		if i < 0 {
			r.unknownKey(at, v.path, key, known)
			return
		}
		seen[key] = true
		fields[i].read(entry)
	})
	if !isMapping {
		return
	}
	for _, f := range fields {
		if f.need != "" && !seen[f.key] {
			r.fail(r.whereIs(v), join(v.path, f.key), fmt.Sprintf("%s is missing in %s", f.key, name(v.path)), f.need)
		}
	}
}

func (r *reader) unknownKey(at *token.Position, path, key string, known []string) {
	mend := "remove it, or write one of the known keys"
	if near := phrase.Nearest(known, key); len(near) > 0 {
		mend = fmt.Sprintf("did you mean %q?", near[0])
	}
	r.fail(at, join(path, key), fmt.Sprintf("unknown key %q in %s (known: %s)", key, name(path), strings.Join(known, ", ")), mend)
}

// whereIs is the key that leads to v, which is what a person looks for; the
// value itself has only a place between its first key and colon.
func (r *reader) whereIs(v value) *token.Position {
	if at, ok := r.at[v.path]; ok {
		return at
	}
	if at := position(v.node); at != nil && v.path != "" {
		return at
	}
	return &token.Position{Line: 1, Column: 1}
}

// list gives the items of a sequence, each with its own path, and reports
// whether v is one at all.
func (r *reader) list(v value) ([]value, bool) {
	seq, ok := v.node.(*ast.SequenceNode)
	if !ok {
		r.failValue(v, fmt.Sprintf("%s has to be a list, found %s", name(v.path), kind(v.node)), "write [one, two], or one line with a dash for each")
		return nil, false
	}
	items := make([]value, len(seq.Values))
	for i, n := range seq.Values {
		items[i] = value{fmt.Sprintf("%s[%d]", v.path, i+1), n}
	}
	return items, true
}

// kind says what a node is without saying what is in it.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AliasNode, *ast.AnchorNode, *ast.MergeKeyNode:
		return "an anchor or alias (& * <<), which rollcall does not read"
	case *ast.TagNode:
		return "a tag (!), which rollcall does not read"
	case ast.MapNode:
		return "a block of keys"
	}
	return "something else"
}

func name(path string) string { return cmp.Or(path, "the file") }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
