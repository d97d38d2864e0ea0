package archive

import (
	"encoding/binary"
	"fmt"

	"riskatlas/data"
	"riskatlas/tiles"
)

// cut keeps the wanted layers of a gzipped tile and gzips them as the renderer
// does. No layer left gives nil. It looks no deeper than the layers' names.
func cut(gzipped []byte, want tiles.LayerSet) ([]byte, error) {
	raw, err := gunzip(gzipped, mostTileBytes)
	if err != nil {
		return nil, err
	}
	var kept []byte
	for rest := raw; len(rest) > 0; {
		// A tile is a list of layers: field 3, length-delimited (MVT 2.1, 4.1).
		whole := rest
		field, body, more, err := nextField(rest)
		if err != nil {
			return nil, err
		}
		rest = more
		if field != 3 {
			return nil, fmt.Errorf("field %d where a layer should be", field)
		}
		name, err := layerName(body)
		if err != nil {
			return nil, err
		}
		if l, err := data.ParseLayer(name); err == nil && want.Has(l) {
			kept = append(kept, whole[:len(whole)-len(rest)]...)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return tiles.Compress(kept)
}

// layerName reads the name, field 1, of a layer message.
func layerName(body []byte) (string, error) {
	for len(body) > 0 {
		field, value, more, err := nextField(body)
		if err != nil {
			return "", err
		}
		if field == 1 {
			return string(value), nil
		}
		body = more
	}
	return "", fmt.Errorf("a layer without a name")
}

// nextField splits the first field off a protobuf message. The value is empty
// for numbers.
func nextField(b []byte) (field uint64, value, rest []byte, err error) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, nil, fmt.Errorf("a broken vector tile")
	}
	b = b[n:]
	skip := uint64(0)
	switch tag & 7 {
	case 0:
		if _, n = binary.Uvarint(b); n <= 0 {
			return 0, nil, nil, fmt.Errorf("a broken vector tile")
		}
		skip = uint64(n)
	case 1:
		skip = 8
	case 5:
		skip = 4
	case 2:
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return 0, nil, nil, fmt.Errorf("a broken vector tile")
		}
		return tag >> 3, b[n : n+int(length)], b[n+int(length):], nil
	default:
		return 0, nil, nil, fmt.Errorf("a broken vector tile")
	}
	if skip > uint64(len(b)) {
		return 0, nil, nil, fmt.Errorf("a broken vector tile")
	}
	return tag >> 3, nil, b[skip:], nil
}
