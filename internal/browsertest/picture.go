package browsertest

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// Smaller gives a PNG with at most 256 colours: pages have few, and the shades at the
// edges of letters are not missed.
func Smaller(b []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	palette, nearest := paletteOf(full)
	small := image.NewPaletted(full.Bounds(), palette)
	for y := full.Bounds().Min.Y; y < full.Bounds().Max.Y; y++ {
		for x := full.Bounds().Min.X; x < full.Bounds().Max.X; x++ {
			small.SetColorIndex(x, y, nearest(rgb(full.At(x, y))))
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		return nil, fmt.Errorf("write picture: %w", err)
	}
	return out.Bytes(), nil
}

func rgb(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

// paletteOf takes the colours that are there most often, and says which of them is the
// nearest to any other.
func paletteOf(full image.Image) (color.Palette, func(color.RGBA) uint8) {
	count := map[color.RGBA]int{}
	for y := full.Bounds().Min.Y; y < full.Bounds().Max.Y; y++ {
		for x := full.Bounds().Min.X; x < full.Bounds().Max.X; x++ {
			count[rgb(full.At(x, y))]++
		}
	}
	var all []color.RGBA
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	known := map[color.RGBA]uint8{}
	return palette, func(c color.RGBA) uint8 {
		at, is := known[c]
		if !is {
			at = uint8(palette.Index(c))
			known[c] = at
		}
		return at
	}
}

// Keep puts a picture beside the documentation, into docs/img, if a test was told to draw
// them anew.
func Keep(t *testing.T, draw bool, name string, b []byte) {
	t.Helper()
	if !draw {
		return
	}
	if err := os.WriteFile(filepath.Join(root(), "docs", "img", name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// root is the folder of the module.
func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..")
}
