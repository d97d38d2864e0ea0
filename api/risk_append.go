package api

import "riskatlas/data"

// append writes the whole answer.
func (r *Risk) append(b []byte, tax *data.Taxonomy) []byte {
	b = r.Answer.append(append(b, '{'))
	b = appendNumber(append(b, `"lon":`...), r.Lon)
	b = appendNumber(append(b, `,"lat":`...), r.Lat)
	b = appendText(append(b, `,"unit":`...), r.Unit)
	b = appendText(append(b, `,"cuts":`...), r.Cuts)
	b = appendAssessed(append(b, `,"assessed":`...), tax, &r.assessed)
	b = r.Sum.append(append(b, ','))
	if r.Cell != nil {
		b = r.Cell.append(append(b, `,"cell":`...))
	}
	return append(b, '}')
}

// append writes the members.
func (s *Sum) append(b []byte) []byte {
	b = appendNumber(append(b, `"ir":`...), s.IR)
	b = appendCount(append(b, `,"level":`...), s.Level)
	b = appendText(append(b, `,"level_text":`...), s.LevelText)
	b = s.ByBasis.append(append(b, `,"by_basis":`...))
	b = append(b, `,"contributions":[`...)
	for i := range s.Contributions {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.Contributions[i].append(b)
	}
	b = append(b, ']')
	if s.Others != nil {
		b = appendCount(append(b, `,"others":{"count":`...), s.Others.Count)
		b = append(appendNumber(append(b, `,"ir":`...), s.Others.IR), '}')
	}
	return b
}

// append writes the contribution as an object.
func (c *Contribution) append(b []byte) []byte {
	b = appendText(append(b, `{"id":`...), string(c.ID))
	b = appendText(append(b, `,"name":`...), c.Name)
	b = appendOptional(b, `,"name_en":`, c.NameEn)
	b = appendText(append(b, `,"industry":`...), c.Industry)
	b = appendCount(append(b, `,"level":`...), c.Level)
	b = appendNumber(append(b, `,"ir":`...), c.IR)
	b = appendNumber(append(b, `,"share":`...), c.Share)
	b = c.ByBasis.append(append(b, `,"by_basis":`...))
	b = appendOptional(b, `,"regulator":`, c.Regulator)
	b = appendOptional(b, `,"enterprise":`, c.Enterprise)
	b = appendOptional(b, `,"responsible":`, c.Responsible)
	if c.Measures != nil {
		b = appendMeasures(append(b, `,"measures":`...), c.Measures)
	}
	b = appendNumber(append(b, `,"distance_m":`...), c.DistanceM)
	b = appendNumber(append(b, `,"bearing":`...), c.Bearing)
	return append(b, '}')
}

func appendMeasures(b []byte, m *data.Measures) []byte {
	b = appendTexts(append(b, `{"engineering":`...), m.Engineering)
	b = appendTexts(append(b, `,"management":`...), m.Management)
	b = appendTexts(append(b, `,"emergency":`...), m.Emergency)
	b = appendTexts(append(b, `,"monitoring":`...), m.Monitoring)
	return append(b, '}')
}

func (s ByBasis) append(b []byte) []byte {
	b = appendNumber(append(b, `{"qra":`...), s.QRA)
	b = appendNumber(append(b, `,"equivalent":`...), s.Equivalent)
	return append(b, '}')
}

// append writes the cell as an object.
func (c *CellRisk) append(b []byte) []byte {
	b = appendCount(append(b, `{"zoom":`...), c.Zoom)
	b = appendNumbers(append(b, `,"bounds":`...), c.Bounds)
	b = appendText(append(b, `,"stat":`...), c.Stat)
	if s := c.Shares; s != nil {
		b = appendNumber(append(b, `,"shares":{"level_1_and_up":`...), s.AtLeast1)
		b = appendNumber(append(b, `,"level_2_and_up":`...), s.AtLeast2)
		b = appendNumber(append(b, `,"level_3_and_up":`...), s.AtLeast3)
		b = appendNumber(append(b, `,"level_4":`...), s.AtLeast4)
		b = append(appendCount(append(b, `,"base_cells":`...), s.Cells), '}')
	}
	b = appendNumbers(append(b, `,"worst_at":`...), c.Worst)
	b = c.Sum.append(append(b, ','))
	return append(b, '}')
}

func appendNumbers(b []byte, list []float64) []byte {
	b = append(b, '[')
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, x)
	}
	return append(b, ']')
}
