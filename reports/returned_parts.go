package reports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// A workbook that comes back is read part by part, as text and numbers: nothing of it
// is calculated, fetched or run. https://ecma-international.org/publications-and-standards/standards/ecma-376/

// parts are the files of a workbook by name, none larger than it says.
type parts map[string]*zip.File

func unreadableBook(err error) *access.Problem {
	if errors.Is(err, errTooMuch) {
		return tooMuch()
	}
	return refused(mendSave, "The workbook cannot be read: it is damaged, or no program for spreadsheets saved it (%s).", phrase.Clip(phrase.OneLine(err.Error()), 200))
}

func tooMuch() *access.Problem {
	return refused(mendSave, "The workbook is damaged, or unpacks to more than %d MB.", maxUnpacked>>20)
}

// unpack refuses what no worksheet is before anything of it is looked at.
func unpack(b []byte) (parts, *access.Problem) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, refused(mendSave, "The workbook is damaged: it breaks off, or was changed on its way.")
	}
	if len(z.File) > maxParts {
		return nil, refused(mendSave, "The workbook has %d parts; a worksheet has a few dozen.", len(z.File))
	}
	p, left := parts{}, int64(maxUnpacked)
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, "\\", "/")), "/"))
		if wrong := forbiddenPart(name); wrong != nil {
			return nil, wrong
		}
		if _, twice := p[name]; twice {
			return nil, refused(mendSave, "The workbook has the part %s twice, so we cannot tell which one counts.", phrase.Clip(phrase.OneLine(name), 60))
		}
		n, err := unpacked(f, left)
		if err != nil {
			return nil, tooMuch()
		}
		left -= n
		p[name] = f
	}
	if _, ods := p["content.xml"]; ods {
		return nil, refused(`Open it in LibreOffice, choose File, Save As, the type "Excel 2007-365 (.xlsx)", and send that file.`, "The file is an OpenDocument (.ods).")
	}
	types, book := p["[content_types].xml"]
	if !book {
		return nil, refused(mendSave, "The file is an archive (.zip), no workbook.")
	}
	return p, forbiddenType(types, p)
}

// defaultType is what a workbook says of parts by the ending of their names.
var defaultType = regexp.MustCompile(`<default [^>]*extension="([^"]*)"[^>]*>`)

// forbiddenType refuses what forbiddenPart does where a part has another name. What is
// said of endings that no part has is said of nothing: some libraries always declare
// the type of macros.
func forbiddenType(types *zip.File, all parts) *access.Problem {
	r, err := types.Open()
	if err != nil {
		return unreadableBook(err)
	}
	defer r.Close()         // reading only
	b, err := io.ReadAll(r) // unpack measured it
	if err != nil {
		return unreadableBook(err)
	}
	b = defaultType.ReplaceAllFunc(bytes.ToLower(b), func(said []byte) []byte {
		for name := range all {
			if strings.HasSuffix(name, "."+string(defaultType.FindSubmatch(said)[1])) {
				return said
			}
		}
		return nil
	})
	for word, part := range map[string]string{"vbaproject": "vbaproject", "macroenabled": "vbaproject", "macrosheet": "vbaproject", "externallink": "externallinks/"} {
		if bytes.Contains(b, []byte(word)) {
			return forbiddenPart(part)
		}
	}
	return nil
}

// unpacked measures what a part really unpacks to.
func unpacked(f *zip.File, most int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close() // reading only
	n, err := io.Copy(io.Discard, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = errors.New("it is too large")
	}
	return n, err
}

// forbiddenPart refuses what could run or fetch something.
func forbiddenPart(name string) *access.Problem {
	switch {
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "macrosheets/"), strings.Contains(name, "/activex/"):
		return refused(`Save it as "Excel Workbook (.xlsx)", which has no macros, and send that file. If you did not add any, tell IT.`, "The workbook has macros. The worksheet that you were sent had none, and none are opened here.")
	case strings.Contains(name, "externallinks/"), strings.HasSuffix(name, "xl/connections.xml"), strings.Contains(name, "/querytables/"):
		return refused("Replace each formula that looks into another file by its value (in Excel: Data, Edit Links, Break Link), save, and send it again.", "The workbook has links to other files or to data elsewhere.")
	case strings.Contains(name, "/embeddings/"):
		return refused("Take the embedded object out, save, and send it again.", "Another file is embedded in the workbook.")
	case strings.HasPrefix(name, "encryptedpackage"):
		return oldBook(nil)
	}
	return nil
}

func (p parts) open(name string) (io.ReadCloser, error) {
	f, has := p[strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))]
	if !has {
		return nil, fmt.Errorf("it has no %s", name)
	}
	return f.Open()
}

func (p parts) decode(name string, into any) error {
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer r.Close() // reading only
	if err := xml.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// each gives every element of a name in a part.
func (p parts) each(name, element string, one func(*xml.Decoder, *xml.StartElement) error) error {
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer r.Close() // reading only
	d := xml.NewDecoder(r)
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if at, is := t.(xml.StartElement); is && at.Name.Local == element {
			if err := one(d, &at); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
}
