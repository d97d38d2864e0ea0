package ingest

// Found says how the columns of a file, or of one sheet or layer of it, were
// found.
type Found struct {
	HeaderLine int `json:"header_line,omitempty"` // the line or row that names the columns
}
