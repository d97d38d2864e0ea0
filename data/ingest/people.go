package ingest

import (
	"context"
	"io"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// peopleFields are the fields of a piece of ground with people.
var peopleFields = []fieldInfo{
	fieldCode:     {name: "code", words: []string{"grid_id", "cell_id", "grd_id", "cellcode", "id", "网格编号", "格网编号", "网格编码", "编号", "编码", "代码", "adcode", "区划代码"}},
	fieldName:     {name: "name", words: []string{"名称", "name_zh", "网格名称", "社区名称", "街道名称"}},
	fieldNameEn:   classFields[fieldNameEn],
	fieldLon:      classFields[fieldLon],
	fieldLat:      classFields[fieldLat],
	fieldGeometry: classFields[fieldGeometry],
	fieldPeople:   {name: data.PeopleProp, words: peopleWords(1990, 2040)},
}

// peopleWords are the names under which lists carry numbers of people. Names
// with a year come last, the newest year first: where a file has several, the
// newest counts. Densities and numbers in ten thousands are none of them.
func peopleWords(first, last int) []string {
	words := []string{"population", "pop", "total_population", "population_total", "pop_total", "tot_pop", "persons", "residents", "inhabitants", "obs_value_t",
		"常住人口", "常住人口数", "常住人口(人)", "人口数", "人口数量", "人口", "人口(人)", "总人口", "总人口数", "居住人口", "居住人数", "人数"}
	for y := last; y >= first; y-- {
		year := strconv.Itoa(y)
		for _, stem := range []string{"population", "pop", "tot_p_", "people", "常住人口", "人口"} {
			words = append(words, stem+year)
		}
		words = append(words, year+"年常住人口", year+"年人口")
	}
	return words
}

// mostPeople bounds what one row may say: more is no number of people.
const mostPeople = 1e9

// ReadPeople reads where people live: polygons, or points, each with its number
// of people. Rows without people are accepted and left out of the set; a row
// that states no number, or one below 0, is rejected. Good rows stand beside
// rejected ones, so that the part of a grid that lies in the city can be read.
func ReadPeople(ctx context.Context, name string, r io.Reader, size int64, opts Options) (*Units, error) {
	u := &Units{Kind: data.PeopleKind}
	return u, (&unitBuilder{units: u, fields: peopleFields}).run(ctx, name, r, size, &opts)
}

// readPeople reads the row's number of people and writes it as the store has it.
func (b *unitBuilder) readPeople(u *data.Unit) {
	text, known := b.value(fieldPeople)
	if !known {
		return
	}
	if text == "" {
		b.reject("people_missing", data.PeopleProp, "", "a number of people; --field COLUMN says which column has it")
		return
	}
	v, err := parseNumber(text)
	if err != nil || v < 0 || v > mostPeople {
		b.reject("people_invalid", data.PeopleProp, text, "a number of people, 0 to 1000000000, such as 120 or 0.5")
		return
	}
	u.Props = map[string]string{data.PeopleProp: strconv.FormatFloat(v, 'f', -1, 64)}
}

// count adds an accepted row to the report and says whether anybody lives there.
func (b *unitBuilder) count(u *data.Unit) bool {
	v, _ := strconv.ParseFloat(u.Props[data.PeopleProp], 64) // readPeople wrote it
	if v == 0 {
		b.report.Empty++
		return false
	}
	b.report.People += v
	return true
}

// lookForSameGround warns of an area that another row has too: its people would
// count twice.
func (b *unitBuilder) lookForSameGround(u *data.Unit, at int) {
	if _, point := u.Shape.(orb.Point); point {
		return
	}
	digest := contentDigest(nil, data.AppendGeometry(nil, u.Shape))
	if other, twice := b.grounds[digest]; twice {
		b.warn("same_ground", "geometry", u.Shape.GeoJSONType(), "one row for a piece of ground: "+b.where(other)+" has this one too; the people of both count")
		return
	}
	b.grounds[digest] = at
}
