package api

import (
	"bytes"
	"encoding/csv"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/data/export"
)

// byteOrderMark tells spreadsheets that the text is UTF-8.
const byteOrderMark = "\ufeff"

// csvPage writes the records as RFC 4180 text. lon and lat are the point that
// stands for the source; geometry is there for lines and areas, as WKT.
func csvPage(tax *data.Taxonomy, records []*data.Record, d datum.Datum) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	table := export.NewTable(tax, true)
	if err := w.Write(table.Names()); err != nil {
		return nil, err
	}
	for _, r := range records {
		cells, err := table.HarmlessRow(shownRecord(r, d))
		if err != nil {
			return nil, err
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
