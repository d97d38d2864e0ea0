package report

import (
	"bufio"
	"io"
	"strings"
)

// Markdown writes the text and the tables of the report, without its drawings,
// in GitHub's Markdown. lang is zh or en, else the error is *data.Invalid.
func Markdown(w io.Writer, r *Report, lang string) error {
	c, err := newComposer(r, lang)
	if err != nil {
		return err
	}
	d := c.compose()
	m := &scribe{w: bufio.NewWriter(w), lang: c.language}
	m.line("# ", escapeMarkdown(d.title))
	for _, n := range d.notices {
		m.line("> **", escapeMarkdown(n), "**")
	}
	var list []string
	for _, f := range d.facts {
		list = append(list, "- "+escapeMarkdown(f.label)+": "+m.cell(f.value))
	}
	m.line(strings.Join(list, "\n"))
	for _, s := range d.chapters {
		m.section(s, 2)
	}
	return m.w.Flush()
}

// scribe writes Markdown. The buffer keeps the first error for Flush.
type scribe struct {
	w    *bufio.Writer
	lang language
}

// line writes a block and the empty line after it.
func (m *scribe) line(parts ...string) {
	for _, p := range parts {
		m.w.WriteString(p)
	}
	m.w.WriteString("\n\n")
}

func (m *scribe) section(s *section, rank int) {
	m.line(strings.Repeat("#", min(rank, 6)), " ", s.number, " ", escapeMarkdown(s.title))
	for _, b := range s.blocks {
		switch b := b.(type) {
		case para:
			m.line(escapeMarkdown(string(b)))
		case note:
			m.line("> ", escapeMarkdown(string(b)))
		case facts:
			m.facts(b)
		case *table:
			m.table(b)
		}
	}
	for _, p := range s.parts {
		m.section(p, rank+1)
	}
}

func (m *scribe) facts(list facts) {
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = "- " + escapeMarkdown(f.label) + ": **" + m.cell(f.value) + "**"
		if f.hint != "" {
			lines[i] += " (" + escapeMarkdown(f.hint) + ")"
		}
	}
	m.line(strings.Join(lines, "\n"))
}

func (m *scribe) table(t *table) {
	if len(t.rows) == 0 {
		return
	}
	m.line("**", escapeMarkdown(t.caption), "**")
	rule := make([]string, len(t.columns))
	head := make([]string, len(t.columns))
	for i, k := range t.columns {
		head[i], rule[i] = escapeMarkdown(k.title), "---"
		if k.kind.numeric() {
			rule[i] = "---:"
		}
	}
	m.row(head)
	m.row(rule)
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = m.cell(v)
		}
		m.row(cells)
	}
	m.w.WriteString("\n")
}

func (m *scribe) row(cells []string) {
	m.w.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// cell writes a value on one line. Codes are set as code, which needs no escape
// but of the pipe and of the backtick.
func (m *scribe) cell(v cell) string {
	words := v.write(m.lang)
	if v.kind == kindCode && words != "" && !strings.Contains(words, "`") {
		return "`" + strings.ReplaceAll(oneLine(words), "|", `\|`) + "`"
	}
	if v.kind == kindLevel {
		words += m.lang.say("（", " (") + m.lang.colour(v.level) + m.lang.say("）", ")")
	}
	return escapeMarkdown(words)
}

// marks of Markdown that text may not start or hold by chance.
var markdownMarks = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "~", `\~`)

func escapeMarkdown(s string) string { return markdownMarks.Replace(oneLine(s)) }

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), " ")
}
