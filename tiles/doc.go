// Package tiles turns one revision of the city into a tile, once: it is the home
// of all caching.
package tiles
