package ingest

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
)

// The fields of a row of the table of coverage.
const (
	coverIndustry = iota
	coverDistrict
	coverVintage
	coverStatus
	coverExpected
	coverBody
	coverAsked
	coverReceived
	coverVerified
	coverDue
	coverNote
	coverFields
)

var coverageFields = [coverFields]fieldInfo{
	coverIndustry: {name: "industry", words: []string{"industry_code", "行业代码", "行业编码", "行业", "行业领域", "行业名称", "industry_name"}},
	coverDistrict: {name: "district", words: []string{"district_code", "区县代码", "行政区划代码", "区划代码", "adcode", "区县", "区县市", "区县(市)", "行政区", "辖区", "所属区县", "区", "district_name"}},
	coverVintage:  {name: "vintage", words: []string{"district_vintage", "区划年份", "行政区划年份"}},
	coverStatus:   {name: "status", words: []string{"状态", "进度", "采集状态", "收集状态", "调研状态", "反馈情况"}},
	coverExpected: {name: "expected", words: []string{"expected_count", "应有数量", "应报数", "应报数量", "预计数量", "底数", "应采集数"}},
	coverBody:     {name: "body", words: []string{"body_asked", "调研部门", "函调部门", "报送部门", "责任部门", "主管部门", "牵头部门", "部门"}},
	coverAsked:    {name: "asked", words: []string{"asked_at", "发函日期", "函调日期", "调研日期", "调研时间", "发函时间"}},
	coverReceived: {name: "received", words: []string{"received_at", "收到日期", "反馈日期", "收件日期", "报送日期", "收到时间"}},
	coverVerified: {name: "verified", words: []string{"verified_at", "核实日期", "核验日期", "审核日期", "核实时间"}},
	coverDue:      {name: "due", words: []string{"due_date", "截止日期", "时限", "期限", "应报送日期"}},
	coverNote:     {name: "note", words: []string{"备注", "说明", "remark", "remarks"}},
}

// coverageQuiet are columns of our own tables, which are computed and never read.
var coverageQuiet = words("industry_name", "district_name", "found", "flag", "done", "etag")

// coverageWords are the statuses as lists have them.
var coverageWords = map[string]data.CoverageStatus{
	"未开始": data.NotStarted, "未启动": data.NotStarted, "未开展": data.NotStarted,
	"已发函": data.Asked, "已函调": data.Asked, "已调研": data.Asked, "待反馈": data.Asked, "催办": data.Asked,
	"已收到": data.Received, "已反馈": data.Received, "已报送": data.Received, "待核实": data.Received,
	"已核实": data.Verified, "已核验": data.Verified, "已审核": data.Verified, "完成": data.Verified, "已完成": data.Verified,
	"无": data.NoneHere, "无此类": data.NoneHere, "不涉及": data.NoneHere, "零报告": data.NoneHere, "无风险源": data.NoneHere,
}

// Coverage is what a file of the table of coverage gave.
type Coverage struct {
	Rows   []data.Coverage // each pair once
	Report *Report
}

// mostCoverage bounds a file: a city has some thousand pairs.
const mostCoverage = 8 << 20

// ReadCoverage reads rows of the table of coverage from a CSV file. Industries are
// codes, slugs or names, districts codes or names of the default vintage. A row
// that contradicts itself is rejected, and so is the second row of a pair. The
// error is for a file that cannot be accounted for.
func ReadCoverage(ctx context.Context, name string, r io.Reader, p *city.Profile) (*Coverage, error) {
	b := &coverageBuilder{profile: p, out: &Coverage{Report: newReport()}, seen: map[string]int{}, industries: map[string]data.Industry{}, districts: map[string]data.District{}}
	b.file.Name = name
	if err := b.run(ctx, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b.out, nil
}

type coverageBuilder struct {
	profile    *city.Profile
	out        *Coverage
	file       FileReport
	header     []string
	column     [coverFields]int // -1: none
	line       int
	rejected   bool
	seen       map[string]int // pair to the line that has it
	industries map[string]data.Industry
	districts  map[string]data.District
}

func (b *coverageBuilder) run(ctx context.Context, r io.Reader) error {
	tax := b.profile.Taxonomy
	for i, in := range tax.Industries {
		for _, name := range []string{in.Name, in.NameEn, in.Slug, in.Code} {
			b.industries[strings.ToLower(name)] = data.Industry(i)
		}
	}
	v := &tax.Vintages[tax.Default]
	for i, d := range v.Districts {
		for _, name := range []string{bareDistrict(d.Name), d.Name, d.NameEn, d.Code} {
			b.districts[strings.ToLower(name)] = v.First + data.District(i)
		}
	}
	c, err := open(r, b.file.Name, &Options{MaxBytes: mostCoverage})
	if err != nil {
		return err
	}
	if c.format != csvFormat {
		return &data.Invalid{Field: "file", Value: c.format, Want: "a table of coverage as CSV"}
	}
	text, err := c.text(nil)
	if err != nil {
		return err
	}
	comma, body, err := sniffDelimiter(text)
	if err != nil {
		return err
	}
	b.file.Format, b.file.Encoding, b.file.Delimiter, b.file.Datum = csvFormat, c.encoding, string(comma), "no coordinates"
	rows := csv.NewReader(&recordLimit{r: body, left: mostCoverage})
	rows.Comma, rows.FieldsPerRecord = comma, -1
	header, err := rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty: want a first line of column names")
	case err != nil:
		return fmt.Errorf("the line of column names: %w", err)
	}
	if err := b.choose(header); err != nil {
		return err
	}
	if err := b.all(ctx, rows); err != nil {
		return err
	}
	b.out.Report.Files = append(b.out.Report.Files, b.file)
	return nil
}

// choose decides which column gives each field: the interchange's name beats
// synonyms, and those the earlier the surer.
func (b *coverageBuilder) choose(header []string) error {
	b.header = header
	b.file.Columns = map[string]string{}
	used := map[int]bool{}
	for f := range coverageFields {
		b.column[f] = -1
		for _, word := range append([]string{coverageFields[f].name}, coverageFields[f].words...) {
			for i, name := range header {
				if fold(name) != fold(word) || used[i] {
					continue
				}
				if b.column[f] >= 0 {
					return &data.Invalid{Field: coverageFields[f].name, Value: header[b.column[f]] + ", " + name, Want: "one column for it: rename one"}
				}
				b.column[f], used[i] = i, true
			}
			if b.column[f] >= 0 {
				b.file.Columns[coverageFields[f].name] = strings.TrimSpace(header[b.column[f]])
				break
			}
		}
	}
	for i, name := range header {
		if _, quiet := coverageQuiet[strings.ToLower(strings.TrimSpace(name))]; !used[i] && !quiet {
			b.file.Unused = append(b.file.Unused, strings.TrimSpace(name))
		}
	}
	for _, f := range []int{coverIndustry, coverDistrict, coverStatus} {
		if b.column[f] < 0 {
			return &data.Invalid{Field: "columns", Value: strings.Join(header, ", "), Want: "columns for industry, district and status; " + coverageFields[f].name + " is missing"}
		}
	}
	return nil
}

func (b *coverageBuilder) all(ctx context.Context, rows *csv.Reader) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := rows.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &wrong):
			// What it swallowed cannot be told, so the file cannot be accounted for.
			return &data.Invalid{Field: "row", Value: fmt.Sprintf("lines %d to %d", wrong.StartLine, wrong.Line), Want: "a row of CSV: " + wrong.Err.Error()}
		case err != nil:
			return err
		}
		b.line, _ = rows.FieldPos(0)
		if blank(cells) {
			b.file.Blank++
			continue
		}
		b.take(cells)
	}
}

// take reads one row.
func (b *coverageBuilder) take(cells []string) {
	r := b.out.Report
	r.Read++
	b.rejected = false
	c := b.row(cells)
	if !b.rejected {
		if err := c.Check(); err != nil {
			b.refuse("row_invalid", err)
		}
	}
	if !b.rejected {
		code := b.profile.Taxonomy.CoverageCode(c.Industry, c.District)
		if line, twice := b.seen[code]; twice {
			b.reject("duplicate_row", "row", code, fmt.Sprintf("one row for an industry and a district: line %d has it too", line))
		} else {
			b.seen[code] = b.line
		}
	}
	if b.rejected {
		r.Rejected++
		return
	}
	r.Accepted++
	r.Districts[b.profile.Taxonomy.DistrictCode(c.District)]++
	b.out.Rows = append(b.out.Rows, c)
}

// row understands the cells, and rejects the row for the first that it does not.
func (b *coverageBuilder) row(cells []string) (c data.Coverage) {
	if len(cells) != len(b.header) {
		b.reject("row_invalid", "row", fmt.Sprintf("%d cells", len(cells)), fmt.Sprintf("%d, one for each column", len(b.header)))
		return c
	}
	get := func(f int) string {
		if b.column[f] < 0 {
			return ""
		}
		text := strings.TrimSpace(cells[b.column[f]])
		if bare, quoted := strings.CutPrefix(text, "'"); quoted && data.Harmless(bare) == text {
			return bare // our own tables write it before what a spreadsheet would compute
		}
		return text
	}
	tax := b.profile.Taxonomy
	v := &tax.Vintages[tax.Default]
	if name := get(coverVintage); name != "" && name != v.Name {
		b.reject("vintage_unknown", "vintage", name, "the default vintage, "+v.Name)
		return c
	}
	var ok bool
	if c.Industry, ok = b.industries[strings.ToLower(get(coverIndustry))]; !ok {
		b.reject("industry_unknown", "industry", get(coverIndustry), "the code, slug or name of an industry")
		return c
	}
	if c.District, ok = b.districts[strings.ToLower(get(coverDistrict))]; !ok {
		b.reject("district_unknown", "district", get(coverDistrict), "the code or name of a district of vintage "+v.Name)
		return c
	}
	if c.Status, ok = coverageWords[get(coverStatus)]; !ok {
		var err error
		if c.Status, err = data.ParseCoverageStatus(strings.ToLower(get(coverStatus))); err != nil {
			b.refuse("status_unknown", err)
			return c
		}
	}
	if text := get(coverExpected); text != "" {
		n, err := parseCount("expected", text)
		if err != nil {
			b.refuse("expected_invalid", err)
			return c
		}
		c.Expected = &n
	}
	b.days(&c, get)
	c.Body, c.Note = get(coverBody), get(coverNote)
	return c
}

func (b *coverageBuilder) days(c *data.Coverage, get func(int) string) {
	for _, d := range []struct {
		field int
		to    *data.Date
	}{{coverAsked, &c.Asked}, {coverReceived, &c.Received}, {coverVerified, &c.Verified}, {coverDue, &c.Due}} {
		text := get(d.field)
		if text == "" {
			continue
		}
		day, ok := parseDate(text)
		var err error
		if *d.to, err = data.ReadDate(coverageFields[d.field].name, day); !ok || err != nil {
			b.reject("date_invalid", coverageFields[d.field].name, text, "a date of year, month, day, 1990 to 2199")
			return
		}
	}
}

func (b *coverageBuilder) refuse(kind string, err error) {
	var invalid *data.Invalid
	if !errors.As(err, &invalid) {
		invalid = &data.Invalid{Field: "row", Want: err.Error()}
	}
	want := invalid.Want
	if len(invalid.Allowed) > 0 {
		want += " " + strings.Join(invalid.Allowed, ", ")
	}
	b.reject(kind, invalid.Field, invalid.Value, want)
}

func (b *coverageBuilder) reject(kind, field, value, want string) {
	b.rejected = true
	b.out.Report.add(Problem{File: b.file.Name, Line: b.line, Kind: kind, Severity: Rejected, Field: field, Value: value, Want: want})
}
