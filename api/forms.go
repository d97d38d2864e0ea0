package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"riskatlas/data/forms"
)

// FormInfo is one form that there is.
type FormInfo struct {
	Industry   string `json:"industry" example:"I04"`
	Slug       string `json:"slug" example:"petrol-station"`
	Name       string `json:"name"`
	NameEn     string `json:"name_en"`
	Group      string `json:"group" doc:"Key of its group."`
	Common     int    `json:"common" doc:"Fields of the record, which all industries share."`
	Indicators int    `json:"indicators" doc:"Indicators of the industry."`
	Schema     string `json:"schema" doc:"Path of the form as JSON Schema."`
	Template   string `json:"template" doc:"Path of the workbook to fill."`
}

// FormList lists the forms.
type FormList struct {
	Dialect string     `json:"dialect" doc:"The dialect of JSON Schema that forms are written in."`
	Forms   []FormInfo `json:"forms"`
}

// FormListOutput carries a FormList.
type FormListOutput struct{ Body FormList }

func (s *Server) formList(context.Context, *struct{}) (*FormListOutput, error) {
	out := FormList{Dialect: forms.SchemaDialect}
	for _, f := range s.forms.Forms() {
		in, path := f.Industry, "/api/v1/forms/"+f.Industry.Code
		out.Forms = append(out.Forms, FormInfo{in.Code, in.Slug, in.Name, in.NameEn, f.Group.Key,
			len(f.Common), len(f.Indicators), path, path + "/template.xlsx"})
	}
	return &FormListOutput{out}, nil
}

// FormQuery asks for a form.
type FormQuery struct {
	Industry string `path:"industry" doc:"Code or slug of an industry." example:"I04"`
	Lang     string `query:"lang" enum:"zh,en" default:"zh" doc:"Language of titles and descriptions; schemas have both under x-title and x-description."`
}

// HandbookQuery asks for the handbook.
type HandbookQuery struct {
	Format string `query:"format" enum:"html,xlsx" default:"html" doc:"Form of the answer."`
	Lang   string `query:"lang" enum:"zh,en" default:"zh" doc:"Language that comes first."`
}

const schemaForm = "application/schema+json"

// formSchema sends the form of an industry as JSON Schema.
func (s *Server) formSchema(w http.ResponseWriter, r *http.Request) {
	f, lang, err := s.askedForm(r)
	if err != nil {
		fail(w, err)
		return
	}
	sendMade(w, r, schemaForm, "inline", "form-"+f.Industry.Code+".json", func(w io.Writer) error {
		raw, err := f.Schema(lang)
		if err == nil {
			_, err = w.Write(append(raw, '\n'))
		}
		return err
	})
}

// formTemplate sends the workbook to fill of an industry.
func (s *Server) formTemplate(w http.ResponseWriter, r *http.Request) {
	f, lang, err := s.askedForm(r)
	if err != nil {
		fail(w, err)
		return
	}
	sendMade(w, r, xlsxType, "attachment", forms.TemplateName(f, lang), func(w io.Writer) error { return f.Template(w, lang) })
}

func (s *Server) askedForm(r *http.Request) (*forms.Form, string, error) {
	in, err := s.opts.City.Profile().Taxonomy.Industry(mux.Vars(r)["industry"])
	if err != nil {
		return nil, "", err
	}
	lang, err := askedLang(r)
	return s.forms.Form(in), lang, err
}

func askedLang(r *http.Request) (string, error) {
	q, err := url.ParseQuery(r.URL.RawQuery) // the router has checked it
	if err != nil {
		return "", err
	}
	if lang := q.Get("lang"); lang != "" {
		return lang, nil
	}
	return "zh", nil
}

// handbook sends what all forms ask for, explained.
func (s *Server) handbook(w http.ResponseWriter, r *http.Request) {
	lang, err := askedLang(r)
	if err != nil {
		fail(w, err)
		return
	}
	if strings.Contains(r.URL.RawQuery, "format=xlsx") {
		sendMade(w, r, xlsxType, "attachment", forms.HandbookName(s.forms, lang, "xlsx"), func(w io.Writer) error { return s.forms.HandbookXLSX(w, lang) })
		return
	}
	w.Header()["Content-Security-Policy"] = reportPolicy
	sendMade(w, r, htmlForm, "inline", forms.HandbookName(s.forms, lang, "html"), func(w io.Writer) error { return s.forms.HandbookHTML(w, lang) })
}

// sendMade sends what is the same whenever it is made, or 304 to who has it. Its
// tag is weak: one for every encoding.
func sendMade(w http.ResponseWriter, r *http.Request, kind, disposition, name string, write func(io.Writer) error) {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		fail(w, fmt.Errorf("writing %s: %w", name, err))
		return
	}
	sum := sha256.Sum256(body.Bytes())
	tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if holds(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, name))
	w.Write(body.Bytes())
}

// holds reports whether an If-None-Match names the tag or any (RFC 9110, 13.1.2:
// weak comparison).
func holds(header []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for part := range strings.SplitSeq(strings.Join(header, ","), ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == opaque {
			return true
		}
	}
	return false
}
