package memory

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"riskatlas/data"
)

// A detail has some forty fields, of which most records fill a dozen, with texts
// that many share. It is kept packed, in a tenth of the memory: of each struct a
// mask of the fields that are not zero, then those; of texts their positions in a
// table. What comes out equals what went in, types of numbers included.

// packed is a detail. One that holds what packing does not know, in a member that
// may hold anything, is kept whole.
type packed struct {
	bytes []byte
	whole *data.Detail
}

// texts is the table of texts, of which a position is never given twice.
type texts struct {
	at  map[string]uint64
	all []string
}

const (
	// mostTexts bounds the table: what comes past it stands in the bytes.
	mostTexts = 1 << 16
	// longestText is the longest that goes into the table, bytes.
	longestText = 512
)

// The kinds of what a member of any type holds.
const (
	anyNil = iota
	anyBool
	anyFloat
	anyInt
	anyText
	anyList
	anyMap
)

var (
	anyListType = reflect.TypeFor[[]any]()
	anyMapType  = reflect.TypeFor[map[string]any]()
)

// pack packs a detail.
func (t *texts) pack(d *data.Detail) packed {
	p := packer{texts: t, b: make([]byte, 0, 256)}
	p.value(reflect.ValueOf(d).Elem())
	if p.unknown {
		whole := *d
		return packed{whole: &whole}
	}
	return packed{bytes: append(make([]byte, 0, len(p.b)), p.b...)}
}

type packer struct {
	*texts
	b       []byte
	unknown bool
}

func (p *packer) number(n uint64) { p.b = binary.AppendUvarint(p.b, n) }

// text writes a position and 1, or 0 and the text itself.
func (p *packer) text(s string) {
	at, ok := p.at[s]
	if !ok && len(p.all) < mostTexts && len(s) <= longestText {
		at, ok = uint64(len(p.all)), true
		p.at[s] = at
		p.all = append(p.all, s)
	}
	if ok {
		p.number(at + 1)
		return
	}
	p.number(0)
	p.number(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) float(f float64) {
	p.b = binary.LittleEndian.AppendUint64(p.b, math.Float64bits(f))
}

func (p *packer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			p.number(1)
		} else {
			p.number(0)
		}
	case reflect.Int:
		p.b = binary.AppendVarint(p.b, v.Int())
	case reflect.Float64:
		p.float(v.Float())
	case reflect.String:
		p.text(v.String())
	case reflect.Pointer: // of a field that is not zero
		p.value(v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			p.number(0)
			return
		}
		p.number(uint64(v.Len()) + 1)
		if v.Type().Elem().Kind() == reflect.Uint8 {
			p.b = append(p.b, v.Bytes()...)
			return
		}
		for i := range v.Len() {
			p.value(v.Index(i))
		}
	case reflect.Struct:
		p.fields(v)
	case reflect.Map:
		p.members(v)
	case reflect.Interface:
		p.any(v.Interface())
	default:
		p.unknown = true
	}
}

func (p *packer) fields(v reflect.Value) {
	mask := uint64(0)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			mask |= 1 << i
		}
	}
	p.number(mask)
	for i := range v.NumField() {
		if mask>>i&1 != 0 {
			p.value(v.Field(i))
		}
	}
}

func (p *packer) members(v reflect.Value) {
	m, ok := v.Interface().(map[string]any)
	if p.unknown = p.unknown || !ok; p.unknown {
		return
	}
	if m == nil {
		p.number(0)
		return
	}
	p.number(uint64(len(m)) + 1)
	for name, value := range m {
		p.text(name)
		p.any(value)
	}
}

func (p *packer) any(value any) {
	kind := func(k byte) { p.b = append(p.b, k) }
	switch value := value.(type) {
	case nil:
		kind(anyNil)
	case bool:
		kind(anyBool)
		p.value(reflect.ValueOf(value))
	case float64:
		kind(anyFloat)
		p.float(value)
	case int:
		kind(anyInt)
		p.value(reflect.ValueOf(value))
	case string:
		kind(anyText)
		p.text(value)
	case []any:
		kind(anyList)
		p.value(reflect.ValueOf(value))
	case map[string]any:
		kind(anyMap)
		p.value(reflect.ValueOf(value))
	default:
		p.unknown = true
	}
}

// unpack gives the detail anew.
func (t *texts) unpack(p packed) data.Detail {
	if p.whole != nil {
		return *p.whole
	}
	var d data.Detail
	u := unpacker{t.all, p.bytes}
	u.value(reflect.ValueOf(&d).Elem())
	if len(u.b) > 0 {
		panic(fmt.Sprintf("memory: %d bytes past a detail's end", len(u.b)))
	}
	return d
}

// unpacker reads what a packer wrote in this process: it is not for bytes from
// outside.
type unpacker struct {
	texts []string
	b     []byte
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.b)
	u.b = u.b[size:]
	return n
}

func (u *unpacker) take(n int) []byte {
	b := u.b[:n]
	u.b = u.b[n:]
	return b
}

func (u *unpacker) text() string {
	if at := u.number(); at > 0 {
		return u.texts[at-1]
	}
	return string(u.take(int(u.number())))
}

func (u *unpacker) float() float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(u.take(8)))
}

func (u *unpacker) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(u.number() == 1)
	case reflect.Int:
		n, size := binary.Varint(u.b)
		u.b = u.b[size:]
		v.SetInt(n)
	case reflect.Float64:
		v.SetFloat(u.float())
	case reflect.String:
		v.SetString(u.text())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		u.value(v.Elem())
	case reflect.Slice:
		if n := int(u.number()); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			if v.Type().Elem().Kind() == reflect.Uint8 {
				copy(v.Bytes(), u.take(n-1))
				return
			}
			for i := range n - 1 {
				u.value(v.Index(i))
			}
		}
	case reflect.Struct:
		mask := u.number()
		for i := range v.NumField() {
			if mask>>i&1 != 0 {
				u.value(v.Field(i))
			}
		}
	case reflect.Map:
		if n := int(u.number()); n > 0 {
			m := make(map[string]any, n-1)
			for range n - 1 {
				name := u.text()
				m[name] = u.any()
			}
			v.Set(reflect.ValueOf(m))
		}
	case reflect.Interface:
		if value := u.any(); value != nil {
			v.Set(reflect.ValueOf(value))
		}
	}
}

func (u *unpacker) any() any {
	of := func(t reflect.Type) any {
		v := reflect.New(t).Elem()
		u.value(v)
		return v.Interface()
	}
	switch u.take(1)[0] {
	case anyBool:
		return u.number() == 1
	case anyFloat:
		return u.float()
	case anyInt:
		return of(reflect.TypeFor[int]())
	case anyText:
		return u.text()
	case anyList:
		return of(anyListType)
	case anyMap:
		return of(anyMapType)
	}
	return nil
}
