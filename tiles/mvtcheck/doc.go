// Package mvtcheck says whether bytes are a vector tile by every rule of the
// Mapbox Vector Tile Specification 2.1, and what is in them.
//
// Decode refuses what breaks a MUST of the specification; Strict refuses what
// breaks a SHOULD as well. Both take hostile bytes: they allocate no more than
// a small multiple of what they are given, and their time is that of comparing
// rings whose boxes meet. It is a judge for tests and tools; nothing decodes
// tiles while serving.
package mvtcheck
