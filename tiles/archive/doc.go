// Package archive reads and writes a whole map as one PMTiles file: a frozen map
// that needs no database and no computation, only a file.
//
// The format is PMTiles version 3. Files are written with go-pmtiles' own types
// and serialisers and pass its verification; they are read by this package
// itself, with every offset, length and count checked, since a file may come
// from anywhere.
package archive
