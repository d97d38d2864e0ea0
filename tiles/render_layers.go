package tiles

import (
	"context"
	"fmt"
	"iter"
	"time"

	"riskatlas/data"
)

// mostTileBytes is what a tile of several layers may have, gzipped, before it is
// drawn again on a tight canvas: the tile contract's 500 kB, with some room.
const mostTileBytes = 490_000

// pack gives the gzipped tile of a canonical request, or its picture; nil when
// nothing is in it.
func (r *Renderer) pack(ctx context.Context, v *View, req Request) ([]byte, error) {
	if req.Picture.Asked() {
		return r.paint(ctx, v, req)
	}
	buf := raws.Get().(*[]byte)
	raw := *buf
	defer func() { keepRaw(buf, raw) }()
	c := newCanvas(req.Tile, req.Datum)
	c.kept = r.outlines
	for {
		drawn, err := r.draw(ctx, raw[:0], v, c, req)
		if err != nil || len(drawn) == 0 {
			return nil, err
		}
		raw = drawn
		zipped, err := Compress(raw)
		if err != nil || len(zipped) <= mostTileBytes || c.tight {
			return zipped, err
		}
		c.tight = true
	}
}

// paint gives the picture of a canonical request.
func (r *Renderer) paint(ctx context.Context, v *View, req Request) ([]byte, error) {
	if !req.Layers.Has(data.LayerRisk) { // beyond its zooms
		return nil, nil
	}
	c := newCanvas(req.Tile, req.Datum)
	g := v.surface(ctx, r.fields, c, req)
	defer g.release()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return appendPicture(nil, c, g, req.Picture), nil
}

// draw appends the uncompressed tile of a canonical request to dst: its layers,
// one after the other. It ends early when ctx does.
func (r *Renderer) draw(ctx context.Context, dst []byte, v *View, c *canvas, req Request) ([]byte, error) {
	var ground, was *surface
	defer func() { ground.release(); was.release() }()
	for l := range req.Layers.All() {
		start, before := time.Now(), len(dst)
		if groundLayers.Has(l) && ground == nil {
			ground = v.surface(ctx, r.fields, c, req)
		}
		if l == data.LayerDiff {
			was = v.before().surface(ctx, r.fields, c, req)
		}
		dst = v.appendLayer(dst, c, l, req, ground, was)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := &r.stats.Layers[l]
		s.Built.Add(1)
		s.Nanos.Add(uint64(time.Since(start)))
		s.Bytes.Add(uint64(len(dst) - before))
	}
	return dst, nil
}

func (v *View) appendLayer(dst []byte, c *canvas, l data.Layer, req Request, g, was *surface) []byte {
	tax := v.City.Taxonomy
	sources := func() iter.Seq[*data.Hazard] { return v.Within(c.bound(), req.Filter) }
	switch l {
	case data.LayerRisk:
		return appendRisk(dst, c, bandInput{Window: g.window, Level: g.level, Value: g.ir, Cuts: g.cuts, Fixed: g.fixed})
	case data.LayerGrid:
		return appendGrid(dst, c, gridInput{Window: g.window, IR: g.ir, Mean: g.mean, Level: g.level, Chief: g.chief, Loss: g.loss}, tax)
	case data.LayerHazards:
		return v.appendHazardsOf(dst, c, req.Filter, sources())
	case data.LayerLines:
		return appendLines(dst, c, sources(), tax)
	case data.LayerAreas:
		return appendAreas(dst, c, sources(), tax)
	case data.LayerDistricts:
		return appendDistricts(dst, c, v.shown(c.bound(), req))
	case data.LayerLabels:
		return appendLabels(dst, c, v.shown(c.bound(), req))
	case data.LayerDiff:
		return appendDiff(dst, c, diffInput{Window: g.window, From: was.level, To: g.level})
	case data.LayerPlaces:
		return appendPlaces(dst, c, v.Units(data.PlaceKind))
	case data.LayerZones:
		return appendZones(dst, c, v.shownZones(c.bound(), req.Filter))
	case data.LayerCoverage:
		return appendCoverage(dst, c, v.shownCoverage(c.bound(), req.Filter))
	}
	panic(fmt.Sprintf("layer %d has no drawing", l)) // a new layer without its case
}
