package mvtcheck

import (
	"errors"
	"fmt"
)

// mostCoordinate bounds the coordinates of polygons, so that areas are exact.
const mostCoordinate = 1 << 28

// commands walks the command sequence of a geometry.
type commands struct {
	rest  []uint32
	at    Point
	count uint32 // parameter pairs left of the command in hand
}

// next reads a command integer and checks that its parameters are there.
func (c *commands) next() (id uint32, err error) {
	v := c.rest[0]
	c.rest = c.rest[1:]
	id, c.count = v&7, v>>3
	switch id {
	case 1, 2:
		if c.count == 0 {
			return id, fmt.Errorf("command %d with a count of 0", id)
		}
		if uint64(c.count)*2 > uint64(len(c.rest)) {
			return id, fmt.Errorf("command %d with a count of %d and %d parameters after it", id, c.count, len(c.rest))
		}
	case 7:
		if c.count != 1 {
			return id, fmt.Errorf("ClosePath with a count of %d, want 1", c.count)
		}
	default:
		return id, fmt.Errorf("command %d, want 1, 2 or 7", id)
	}
	return id, nil
}

// move reads one pair of parameters.
func (c *commands) move() (moved bool) {
	dx, dy := c.rest[0], c.rest[1]
	c.rest = c.rest[2:]
	c.count--
	c.at.X += int64(int32(dx>>1) ^ -int32(dx&1))
	c.at.Y += int64(int32(dy>>1) ^ -int32(dy&1))
	return dx|dy != 0
}

// path reads the rest of a MoveTo of count 1, then a LineTo of at least this
// many points.
func (c *commands) path(least uint32) ([]Point, error) {
	if c.count != 1 {
		return nil, fmt.Errorf("a path begins with a MoveTo of count %d, want 1", c.count)
	}
	c.move()
	path := []Point{c.at}
	if len(c.rest) == 0 {
		return nil, errors.New("a MoveTo with nothing after it")
	}
	id, err := c.next()
	if err != nil {
		return nil, err
	}
	if id != 2 || c.count < least {
		return nil, fmt.Errorf("command %d with a count of %d, want a LineTo of %d or more", id, c.count, least)
	}
	for c.count > 0 {
		if !c.move() {
			return nil, errors.New("a LineTo by 0, 0")
		}
		path = append(path, c.at)
	}
	return path, nil
}

// draw turns the feature's commands into points, lines or polygons. It gives
// the section whose rule is broken.
func (f *Feature) draw(geometry []uint32) (string, error) {
	c := &commands{rest: geometry}
	switch f.Type {
	case Points:
		return "4.3.4.2", f.drawPoints(c)
	case Lines:
		return "4.3.4.3", f.drawLines(c)
	case Polygons:
		return "4.3.4.4", f.drawPolygons(c)
	}
	return "", nil // an experimental geometry may be anything
}

func (f *Feature) drawPoints(c *commands) error {
	id, err := c.next()
	if err != nil {
		return err
	}
	if id != 1 {
		return fmt.Errorf("command %d, want one MoveTo", id)
	}
	for c.count > 0 {
		c.move()
		f.Points = append(f.Points, c.at)
	}
	if len(c.rest) > 0 {
		return errors.New("more than one MoveTo")
	}
	return nil
}

func (f *Feature) drawLines(c *commands) error {
	for len(c.rest) > 0 {
		id, err := c.next()
		if err != nil {
			return err
		}
		if id != 1 {
			return fmt.Errorf("command %d, want a MoveTo", id)
		}
		line, err := c.path(1)
		if err != nil {
			return err
		}
		f.Lines = append(f.Lines, line)
	}
	return nil
}

func (f *Feature) drawPolygons(c *commands) error {
	for len(c.rest) > 0 {
		id, err := c.next()
		if err != nil {
			return err
		}
		if id != 1 {
			return fmt.Errorf("command %d, want a MoveTo", id)
		}
		path, err := c.path(2)
		if err != nil {
			return err
		}
		if len(c.rest) == 0 {
			return errors.New("a ring without ClosePath")
		}
		if id, err = c.next(); err != nil {
			return err
		}
		if id != 7 {
			return fmt.Errorf("command %d, want ClosePath", id)
		}
		if err := f.addRing(path); err != nil {
			return err
		}
	}
	for i, p := range f.Polygons {
		if err := p.check(); err != nil {
			return fmt.Errorf("polygon %d: %w", i, err)
		}
	}
	return nil
}

func (f *Feature) addRing(r Ring) error {
	for _, p := range r {
		if max(p.X, -p.X, p.Y, -p.Y) > mostCoordinate {
			return fmt.Errorf("a ring with the point %d, %d, want within ±2^28", p.X, p.Y)
		}
	}
	if r[0] == r[len(r)-1] {
		return errors.New("a ring whose last point repeats the first")
	}
	area := r.Area()
	switch {
	case area > 0:
		f.Polygons = append(f.Polygons, Polygon{r})
	case area == 0:
		return errors.New("a ring without area")
	case len(f.Polygons) == 0:
		return errors.New("an interior ring before any exterior one")
	default:
		last := &f.Polygons[len(f.Polygons)-1]
		*last = append(*last, r)
	}
	return nil
}
