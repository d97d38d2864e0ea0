package ingest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"riskatlas/data"
)

// placeFields are the fields of an emergency place. Lists of points of interest
// carry the code of each one's district as adcode, so that it is no code here.
var placeFields = []fieldInfo{
	fieldCode:     {name: "code", words: []string{"id", "编号", "编码", "代码", "place_id", "poi_id"}},
	fieldName:     {name: "name", words: []string{"名称", "name_zh", "title", "单位名称", "场所名称", "医院名称", "道路名称", "road_name"}},
	fieldNameEn:   classFields[fieldNameEn],
	fieldLon:      classFields[fieldLon],
	fieldLat:      classFields[fieldLat],
	fieldGeometry: classFields[fieldGeometry],
	fieldClass:    {name: "kind", words: []string{"class", "类型", "类别", "type"}},
	fieldAddress:  {name: "address", words: []string{"地址", "详细地址", "单位地址", "场所地址"}},
	fieldCapacity: {name: "capacity", words: []string{"容量", "容纳人数", "可容纳人数", "床位数", "beds"}},
	fieldDuty:     {name: "district", words: classFields[fieldDistrict].words},
	fieldPhone:    {name: "phone", personal: true, words: []string{"值班电话", "联系电话", "电话", "联系方式", "duty_phone", "tel", "telephone"}},
	fieldContact:  {name: "contact", personal: true, words: []string{"联系人", "责任人", "负责人", "contact_person", "responsible"}},
}

// PlaceClasses are the kinds of emergency places.
var PlaceClasses = []string{"shelter", "fire_station", "hospital", "rescue_team", "material", "duty_room", data.RoadClass, "place"}

// ReadPlaces reads emergency places: points, and roads also as lines. class is
// the kind of all of them; "" takes each row's own, through the value table of
// the field kind where there is one. Good rows stand beside rejected ones.
func ReadPlaces(ctx context.Context, name string, r io.Reader, size int64, opts Options, class string) (*Units, error) {
	if class != "" {
		if err := checkClass(class); err != nil {
			return nil, fmt.Errorf("--kind: %w", err)
		}
		if t := opts.Values["kind"]; t != nil {
			return nil, &data.Invalid{Field: "--kind", Value: class,
				Want: "either the kind of all places or the value table " + t.Name + ", by which each place has its own"}
		}
	}
	u := &Units{Kind: data.PlaceKind}
	return u, (&unitBuilder{units: u, class: class, fields: placeFields}).run(ctx, name, r, size, &opts)
}

func checkClass(class string) error {
	if slices.Contains(PlaceClasses, class) {
		return nil
	}
	return &data.Invalid{Field: "kind", Value: class, Want: "one of", Allowed: PlaceClasses}
}

// placeProps are the fields that a place keeps as they are, beside its district.
var placeProps = []field{fieldAddress, fieldCapacity, fieldPhone, fieldContact}

// describePlace reads a place's class and what is kept of it for those who are
// on duty: the public view shows no properties of places.
func (b *unitBuilder) describePlace(u *data.Unit, get func(field, int) string) {
	if u.Class = b.class; u.Class == "" {
		class, known := b.value(fieldClass)
		if known {
			if err := checkClass(class); err != nil {
				b.rejectError("kind_unknown", "kind", err)
			}
		}
		u.Class = class
	}
	if u.Name == "" {
		b.warn("name_missing", "name", "", "a name; the kind stands in for it")
		u.Name = u.Class
	}
	u.Props = map[string]string{}
	for _, f := range placeProps {
		if text := get(f, 300); text != "" {
			u.Props[b.fields[f].name] = text
		}
	}
	if phone := u.Props["phone"]; phone != "" && !phoneForm.MatchString(phone) {
		b.warn("phone_form", "phone", "(personal)", "a number such as 0571-12345678 or 13000000000")
	}
	if text := get(fieldDuty, 64); text != "" {
		if code := b.districtCode(text); code != "" {
			u.Props["district"] = code
		}
	}
	if len(u.Props) == 0 {
		u.Props = nil
	}
}

// districtCode finds the code in the default vintage of the district that a
// place states by code or name. What cannot be found is a warning and "": the
// place's ground still says where it is. A profile without districts takes the
// text as it is.
func (b *unitBuilder) districtCode(text string) string {
	now := &b.tax.Vintages[b.tax.Default]
	if len(now.Districts) == 0 {
		return text
	}
	if digits(text, 9) || digits(text, 12) {
		text = text[:6]
	}
	if code, ok := districtNamed(now, text); ok {
		return code
	}
	for i := range b.tax.Vintages {
		v := &b.tax.Vintages[i]
		code, ok := districtNamed(v, text)
		if !ok || v == now {
			continue
		}
		if made, sure := b.opts.Profile.Convert(v.Name, code, "", now.Name); sure {
			return made
		}
	}
	b.warn("district_unknown", "district", text, "a code or name of a district of vintage "+now.Name+"; it was left out")
	return ""
}

// districtNamed finds a district by its code or one of its names.
func districtNamed(v *data.Vintage, text string) (code string, ok bool) {
	for _, d := range v.Districts {
		if text == d.Code || bareDistrict(text) == bareDistrict(d.Name) || strings.EqualFold(text, d.NameEn) {
			return d.Code, true
		}
	}
	return "", false
}
