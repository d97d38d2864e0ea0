package tiles

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
)

// EncoderVersion is part of every key. Raise it with any change of the bytes of
// a tile that the rest of the key does not show: encoding, simplification,
// compression, arithmetic.
const EncoderVersion = 3

// Key names a tile by everything that its bytes depend on: what its layers show
// or sum, how it was asked for, the profile, the districts, the view, and the
// program that built it. It is the memory cache's key, Redis' key and the ETag.
// There is no revision and no name of a store in it, so equal tiles of different
// stores are one, and a changed tile is another.
type Key [16]byte

var keyText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// String is the key in 26 characters of a-z and 2-7.
func (k Key) String() string { return keyText.EncodeToString(k[:]) }

// ETag is the strong entity tag, quoted, without an encoding's suffix.
func (k Key) ETag() string { return `"` + k.String() + `"` }

// canonical leaves in the request only what its tile depends on, so that equal
// tiles have equal keys.
func (r Request) canonical() Request {
	r.View, r.Known = nil, ""
	r.Layers = r.Layers.At(uint8(r.Tile.Z))
	if r.Datum == datum.CGCS2000 {
		r.Datum = datum.WGS84
	}
	if r.Layers&groundLayers == 0 || r.Tile.Z >= directZoom {
		r.Stat = Worst
	}
	if r.Layers&groundLayers == 0 {
		r.Criterion = riskgrid.InService
	}
	if r.Layers&districtLayers == 0 {
		r.Vintage = 0
	}
	if r.Layers&filteredLayers == 0 {
		r.Filter = data.All()
	}
	return r
}

// keyOf makes the key of a canonical request on a view. It reports void when no
// source is in reach of any layer, or of diff the same ones, so that the tile is
// known to be empty.
func keyOf(v *View, r Request, program string) (key Key, void bool) {
	b := make([]byte, 0, 512)
	b = appendText(b, program)
	b = append(b, byte(r.Tile.Z), byte(r.Stat), byte(r.Datum))
	b = binary.LittleEndian.AppendUint16(b, uint16(r.Layers))
	b = binary.LittleEndian.AppendUint32(b, r.Tile.X)
	b = binary.LittleEndian.AppendUint32(b, r.Tile.Y)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Filter.Industries))
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Filter.Levels))
	for _, word := range r.Filter.Districts {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	b = appendText(b, string(v.Who))
	b = binary.LittleEndian.AppendUint64(b, v.City.Digest)
	for _, cut := range v.Cuts {
		b = binary.LittleEndian.AppendUint64(b, uint64(cut))
	}
	if r.Criterion != riskgrid.InService { // what is in service has them above
		b = append(b, byte(r.Criterion))
		for _, cut := range v.criteria[r.Criterion] {
			b = binary.LittleEndian.AppendUint64(b, uint64(cut))
		}
	}
	if r.Picture.Asked() {
		b = appendText(binary.LittleEndian.AppendUint16(b, r.Picture.Pixels), r.Picture.Style)
	}
	void = r.Layers&districtLayers == 0
	for l := range r.Layers.All() {
		if (districtLayers | zoneLayers | coverageLayers).Has(l) {
			continue
		}
		sum, from := v.print(r, l), uint64(0)
		if l == data.LayerDiff {
			from = v.before().print(r, l)
			b = binary.LittleEndian.AppendUint64(b, from)
		}
		void = void && sum == from
		b = binary.LittleEndian.AppendUint64(b, sum)
	}
	if r.Layers&districtLayers != 0 {
		b = v.appendDistrictKey(b, r)
	}
	if r.Layers&zoneLayers != 0 {
		shown := false
		b, shown = v.appendZoneKey(b, r)
		void = void && !shown
	}
	if r.Layers&coverageLayers != 0 {
		shown := false
		b, shown = v.appendCoverageKey(b, r)
		void = void && !shown
	}
	if people := v.peopleDigest(); people != 0 && r.Layers.Has(data.LayerGrid) {
		b = binary.LittleEndian.AppendUint64(b, people) // whose losses the grid shows
	}
	sum := sha256.Sum256(b)
	copy(key[:], sum[:])
	return key, void
}

// print is the fingerprint of what the layer of the asked tile can show.
func (v *View) print(r Request, l data.Layer) uint64 {
	if r.Datum != datum.WGS84 {
		return v.FingerprintOver(sourceBound(r, l), l, r.Filter)
	}
	return v.Fingerprint(r.Tile, l, r.Filter)
}

// appendDistrictKey adds what the tile shows of districts. It is exact where a
// sum of what reaches a district would be too careful: a district's level and
// count seldom change.
func (v *View) appendDistrictKey(b []byte, r Request) []byte {
	b = binary.LittleEndian.AppendUint64(b, v.UnitsDigest(data.DistrictKind(v.vintage(r).Name)))
	if r.Vintage != 0 {
		b = append(b, r.Vintage)
	}
	for _, d := range v.shown(newCanvas(r.Tile, r.Datum).bound(), r) {
		b = appendText(b, d.Unit.Code)
		b = binary.AppendUvarint(append(b, byte(d.Level)), uint64(d.Count))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// sourceBound is the ground whose fingerprint holds all that the layer of a tile of
// a map in another datum can show.
func sourceBound(r Request, l data.Layer) orb.Bound {
	c := newCanvas(r.Tile, r.Datum)
	switch {
	case l == data.LayerGrid: // finer cells have their parts of a base cell's loss
		return baseWindow(c.window(1)).Bound()
	case groundLayers.Has(l):
		return c.window(1).Bound()
	}
	return c.bound()
}

// program identifies what can change a tile's bytes in the program itself: the
// encoder's version, and the architecture, since Go's mathematical functions
// differ between them in the last bit.
func program() string {
	arch := runtime.GOARCH
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			// GOAMD64, GOARM64 and their like: the instruction sets that the
			// compiler may use.
			if s.Key == "GO"+strings.ToUpper(runtime.GOARCH) {
				arch += " " + s.Value
			}
		}
	}
	return string(binary.AppendUvarint(nil, EncoderVersion)) + arch
}
