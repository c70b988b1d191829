// Package picture draws what pages show: shapes and texts in SVG, whose colours stand
// for what they mean. It knows nothing of nights and archives, and must never let a name
// become anything but text. Its invariant: the same values give the same bytes.
package picture

import (
	_ "embed" // the style
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/go-analyze/charts"
)

//go:embed picture.css
var style string

// Style is what a page needs to show pictures, together with the colours of page.Base.
func Style() string { return style }

// Pictures are drawn in colours that only stand for what they mean; the page's style
// gives each its look, in light, in dark and on paper.
var meanings = []string{"ink", "soft", "line", "good", "want", "urgent", "calm", "paper", "good-paper", "want-paper", "urgent-paper", "calm-paper"}

func colour(meaning string) charts.Color {
	n := slices.Index(meanings, meaning)
	if n < 0 {
		panic("no colour means " + meaning)
	}
	return charts.Color{R: 1, G: 2, B: uint8(n), A: 255}
}

// meant gives the meaning of a colour as the library writes it; empty: it paints nothing.
func meant(value string) (string, error) {
	var n int
	if value == "none" {
		return "", nil
	}
	if _, err := fmt.Sscanf(value, "rgb(1,2,%d)", &n); err != nil || n >= len(meanings) {
		return "", fmt.Errorf("a picture has the colour %q, which means nothing", value)
	}
	return meanings[n], nil
}

// Canvas is a picture in the making. Places are in pixels from its top left.
type Canvas struct {
	*charts.Painter
	Width, Height int
}

// New begins a picture.
func New(width, height int) Canvas {
	return Canvas{charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height}), width, height}
}

// The sizes of text, in the library's points: 15 and 13 pixels.
const (
	Normal = 11.25
	Small  = 9.75
)

func font(size float64, meaning string) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: colour(meaning)}
}

// Write writes a text that begins at x, on a line at y.
func (c Canvas) Write(text string, x, y int, size float64, meaning string) {
	c.Text(text, x, y, 0, font(size, meaning))
}

// WriteTo writes a text that ends at x.
func (c Canvas) WriteTo(text string, x, y int, size float64, meaning string) {
	c.Write(text, x-c.Wide(text, size), y, size, meaning)
}

// WriteOver writes a text whose middle is at x.
func (c Canvas) WriteOver(text string, x, y int, size float64, meaning string) {
	c.Write(text, x-c.Wide(text, size)/2, y, size, meaning)
}

// Wide is how much room a text takes.
func (c Canvas) Wide(text string, size float64) int {
	return c.MeasureText(text, 0, font(size, "ink")).Width()
}

// Fit shortens a text until it has room. What shows the page may have wider letters
// than those that are measured.
func (c Canvas) Fit(text string, room int, size float64) string {
	runes := []rune(text)
	room = room * 85 / 100
	for c.Wide(text, size) > room && len(runes) > 1 {
		runes = runes[:len(runes)-1]
		text = strings.TrimSpace(string(runes)) + "…"
	}
	return text
}

// Box draws a filled box with an edge.
func (c Canvas) Box(x1, y1, x2, y2 int, fill, edge string) {
	c.FilledRect(x1, y1, x2, y2, colour(fill), colour(edge), 1)
}

// Line draws a line.
func (c Canvas) Line(x1, y1, x2, y2 int, meaning string) {
	c.LineStroke([]charts.Point{{X: x1, Y: y1}, {X: x2, Y: y2}}, colour(meaning), 1)
}

// Dashes draws a dashed line.
func (c Canvas) Dashes(x1, y1, x2, y2 int, meaning string) {
	c.DashedLineStroke([]charts.Point{{X: x1, Y: y1}, {X: x2, Y: y2}}, colour(meaning), 1.5, []float64{5, 3})
}

// SVG makes the picture part of the page: only shapes and texts, looks by class (the
// page's policy lets no style in that is not its own), and words for who cannot see it.
func (c Canvas) SVG(id, title, says string) (template.HTML, error) {
	drawn, err := c.Bytes()
	if err != nil {
		return "", fmt.Errorf("draw %s: %w", id, err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %s-says"><title id="%s-title">%s</title><desc id="%s-says">%s</desc>`,
		c.Width, c.Height, c.Width, c.Height, id, id, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(says))
	d := xml.NewDecoder(strings.NewReader(string(drawn)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return template.HTML(out.String()), nil // every text of it was escaped here
		}
		if err == nil {
			err = redraw(&out, token)
		}
		if err != nil {
			return "", fmt.Errorf("draw %s: %w", id, err)
		}
	}
}

func redraw(out *strings.Builder, token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if t.Name.Local == "svg" {
			return nil
		}
		return redrawShape(out, t)
	case xml.EndElement:
		fmt.Fprintf(out, "</%s>", t.Name.Local)
	case xml.CharData:
		out.WriteString(template.HTMLEscapeString(string(t)))
	}
	return nil
}

func redrawShape(out *strings.Builder, e xml.StartElement) error {
	if !slices.Contains([]string{"path", "text", "circle"}, e.Name.Local) {
		return fmt.Errorf("it has the element %q", e.Name.Local)
	}
	out.WriteString("<" + e.Name.Local)
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "d", "x", "y", "cx", "cy", "r", "stroke-dasharray":
			fmt.Fprintf(out, ` %s="%s"`, a.Name.Local, template.HTMLEscapeString(strings.ReplaceAll(a.Value, "\n", "")))
		case "style":
			if err := looks(out, a.Value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("it has the attribute %q", a.Name.Local)
		}
	}
	out.WriteString(">")
	return nil
}

// looks makes classes and attributes of a style.
func looks(out *strings.Builder, style string) error {
	classes := []string{}
	for one := range strings.SplitSeq(style, ";") {
		name, value, _ := strings.Cut(one, ":")
		switch name {
		case "fill", "stroke":
			meaning, err := meant(value)
			if err != nil {
				return err
			}
			if meaning == "" {
				meaning = "none"
			}
			classes = append(classes, name[:1]+"-"+meaning)
		case "stroke-width":
			fmt.Fprintf(out, ` stroke-width="%s"`, template.HTMLEscapeString(value))
		case "font-size":
			fmt.Fprintf(out, ` font-size="%s"`, template.HTMLEscapeString(strings.TrimSuffix(value, "px")))
		}
	}
	if len(classes) > 0 {
		fmt.Fprintf(out, ` class="%s"`, strings.Join(classes, " "))
	}
	return nil
}
