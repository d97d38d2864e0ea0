package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/forms"
)

type templateCommand struct {
	storeFlags
	Industry string `help:"Code or slug of the industry, as I04 or petrol-station." required:""`
	Lang     string `help:"Language of the columns: zh or en." enum:"zh,en" default:"zh"`
	Records  bool   `help:"Fill in the store's sources of the industry, personal fields among them: an import reads them back without a change."`
	Out      string `short:"o" help:"The file to write; - is standard output. Default: a name by city, industry and language." placeholder:"FILE.xlsx"`
}

func (c *templateCommand) Run(p *process) error {
	profile, err := city.Load(c.City)
	if err != nil {
		return err
	}
	in, err := profile.Taxonomy.Industry(c.Industry)
	if err != nil {
		return fmt.Errorf("--industry: %w", err)
	}
	book, err := forms.New(profile)
	if err != nil {
		return err
	}
	var records []*data.Record
	if c.Records {
		if records, err = c.held(p, in); err != nil {
			return err
		}
	}
	f := book.Form(in)
	said := fmt.Sprintf("%d columns, %d sources", len(f.Columns()), len(records))
	return put(p, c.Out, forms.TemplateName(f, c.Lang), said, func(w io.Writer) error { return f.Template(w, c.Lang, records...) })
}

// heldStep is how many records are read from the store at once.
const heldStep = 1000

// held are the store's records of an industry, in the order of the store.
func (c *templateCommand) held(p *process, in data.Industry) ([]*data.Record, error) {
	if _, err := os.Stat(c.Store); c.Store != "" && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--records: there is no store %s", c.Store)
	}
	store, _, err := c.open()
	if err != nil {
		return nil, err
	}
	defer store.Close()
	var ids []data.ID
	_, hazards := store.Load(p)
	for h, err := range hazards {
		if err != nil {
			return nil, err
		}
		if h.Industry == in {
			ids = append(ids, h.ID)
		}
	}
	var out []*data.Record
	for first := 0; first < len(ids); first += heldStep {
		part, err := store.Detail(p, ids[first:min(first+heldStep, len(ids))]...)
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			if r != nil { // removed meanwhile
				out = append(out, r)
			}
		}
	}
	return out, nil
}

type handbookCommand struct {
	City   string `help:"The city's profile: hangzhou, generic or a profile file." default:"hangzhou" env:"RISKATLAS_CITY"`
	Format string `help:"html or xlsx. Default: by the ending of --out, else html." enum:"html,xlsx," default:""`
	Lang   string `help:"Language that comes first: zh or en." enum:"zh,en" default:"zh"`
	Out    string `short:"o" help:"The file to write; - is standard output. Default: a name by city and language." placeholder:"FILE"`
}

func (c *handbookCommand) Run(p *process) error {
	profile, err := city.Load(c.City)
	if err != nil {
		return err
	}
	book, err := forms.New(profile)
	if err != nil {
		return err
	}
	format := c.Format
	if format == "" {
		format = "html"
		if strings.EqualFold(filepath.Ext(c.Out), ".xlsx") {
			format = "xlsx"
		}
	}
	write := book.HandbookHTML
	if format == "xlsx" {
		write = book.HandbookXLSX
	}
	said := fmt.Sprintf("%d industries", len(book.Forms()))
	return put(p, c.Out, forms.HandbookName(book, c.Lang, format), said, func(w io.Writer) error { return write(w, c.Lang) })
}

// put writes what write makes, whole or not at all, into the file out, by default
// one of the given name, and says so; - is standard output.
func put(p *process, out, name, said string, write func(io.Writer) error) error {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	switch out {
	case "-":
		_, err := p.out.Write(body.Bytes())
		return err
	case "":
		out = name
	}
	if err := os.WriteFile(out, body.Bytes(), 0o644); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	fmt.Fprintf(p.out, "%s: %s\n", out, said)
	return nil
}
