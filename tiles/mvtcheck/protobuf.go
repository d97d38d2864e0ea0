package mvtcheck

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// The wire types of protocol buffers that a tile may have.
const (
	wireVarint = 0
	wireFixed8 = 1 // eight bytes
	wireBytes  = 2
	wireFixed4 = 5 // four bytes
)

var (
	errEnds   = errors.New("the bytes end in the middle of a field")
	errVarint = errors.New("a varint of more than 64 bits")
)

// message reads the fields of one message one by one.
type message struct {
	rest   []byte
	number uint64
	wire   uint8
	bits   uint64 // of varint and fixed fields
	bytes  []byte // of length-delimited fields
}

// next reads a field; it reports false at the end.
func (m *message) next() (bool, error) {
	if len(m.rest) == 0 {
		return false, nil
	}
	key, err := m.varint()
	if err != nil {
		return false, err
	}
	m.number, m.wire = key>>3, uint8(key&7)
	if m.number == 0 || m.number >= 1<<29 {
		return false, fmt.Errorf("field number %d", m.number)
	}
	switch m.wire {
	case wireVarint:
		m.bits, err = m.varint()
	case wireFixed8:
		if len(m.rest) < 8 {
			return false, errEnds
		}
		m.bits, m.rest = binary.LittleEndian.Uint64(m.rest), m.rest[8:]
	case wireFixed4:
		if len(m.rest) < 4 {
			return false, errEnds
		}
		m.bits, m.rest = uint64(binary.LittleEndian.Uint32(m.rest)), m.rest[4:]
	case wireBytes:
		var n uint64
		if n, err = m.varint(); err == nil {
			if n > uint64(len(m.rest)) {
				return false, errEnds
			}
			m.bytes, m.rest = m.rest[:n], m.rest[n:]
		}
	default:
		return false, fmt.Errorf("wire type %d", m.wire)
	}
	return err == nil, err
}

func (m *message) varint() (uint64, error) {
	v, n := binary.Uvarint(m.rest)
	if n == 0 {
		return 0, errEnds
	}
	if n < 0 {
		return 0, errVarint
	}
	m.rest = m.rest[n:]
	return v, nil
}

// want checks the wire type of a known field.
func (m *message) want(wire uint8, name string) error {
	if m.wire != wire {
		return fmt.Errorf("field %s has wire type %d, want %d", name, m.wire, wire)
	}
	return nil
}

func (m *message) text(name string) (string, error) {
	if err := m.want(wireBytes, name); err != nil {
		return "", err
	}
	if !utf8.Valid(m.bytes) {
		return "", fmt.Errorf("field %s is not UTF-8", name)
	}
	return string(m.bytes), nil
}

// uint32 reads a varint field whose schema type is uint32.
func (m *message) uint32(name string) (uint32, error) {
	if err := m.want(wireVarint, name); err != nil {
		return 0, err
	}
	if m.bits>>32 != 0 {
		return 0, fmt.Errorf("field %s is %d, more than 32 bits", name, m.bits)
	}
	return uint32(m.bits), nil
}

// packed reads a field of packed uint32s.
func (m *message) packed(name string) ([]uint32, error) {
	if err := m.want(wireBytes, name); err != nil {
		return nil, err
	}
	in := message{rest: m.bytes}
	out := make([]uint32, 0, len(m.bytes))
	for len(in.rest) > 0 {
		v, err := in.varint()
		if err != nil {
			return nil, err
		}
		if v>>32 != 0 {
			return nil, fmt.Errorf("field %s has %d, more than 32 bits", name, v)
		}
		out = append(out, uint32(v))
	}
	return out, nil
}
