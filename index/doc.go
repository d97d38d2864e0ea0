// Package index holds the hazards in memory, follows the store, and answers
// where-questions on immutable snapshots.
//
// # Snapshots
//
// An Index follows a store and publishes one Snapshot after each batch. A
// snapshot is built from the one before by copy-on-write, never changes, and may
// be read by any number of goroutines. Every status is held; only active hazards
// are found by place, counted and fingerprinted.
//
// # Places
//
// The hazards of a snapshot lie in a packed base: static arrays along a Hilbert
// curve, in bands of boxes of like size, under trees of 16 children a node. A
// node knows the industries, levels and districts below it, so that a filter skips
// what cannot match; a filter that matches few hazards asks these one by one,
// since the base has them by class. Nearest looks at the pieces of long lines.
//
// What changed since is a delta: an R-tree of what was added and a set of what
// is gone, both copied on write. While it follows a store, an Index merges the
// delta into a new base in the background and takes it over with the next batch;
// neither readers nor batches wait for it.
//
// # Fingerprints
//
// A fingerprint answers whether a layer of a tile can have changed: it is an
// order-free sum of digests of what the layer shows or sums. It knows neither
// revision, process nor machine. Equal content gives equal fingerprints; content
// that differs gives different ones but for a chance of about 2^-64.
//
// Each layer sums over those active hazards that match the filter and
//
//   - risk, grid, diff: reach the tile grown by one cell (1/64 of its width, past
//     zoom 16 a cell of zoom 22) on each side: the shape lies within the hazard's
//     reach of it, or a piece of a zone footprint within that footprint's, each
//     taken 1 m too long at least. From zoom 15 on grid asks for the tile itself;
//   - hazards: are points that lie in the tile so grown, or lines and areas whose
//     label point does;
//   - lines, areas: are lines or areas whose shape meets the tile so grown.
//
// Tiles may round and simplify: hazards allow 1, lines and areas 4 units of the
// 4096 of a tile's width beyond the grown tile.
//
// For districts and labels it sums over the districts of the default vintage
// whose polygon meets the tile grown by two cells: each one's outline and names,
// the number of matching hazards that are counted in it, and, whatever the
// filter, the risk digests of the hazards that reach it. Reach is taken at least
// 100 m too long there, so that a level may be read off cells of zoom 18 or finer
// whose centres lie in the polygon. Where in the district a hazard is does not
// matter.
//
// A diff of two snapshots is told by the fingerprints of both.
//
// For zones it sums over the shapes and names of those that meet the tile; what
// counts in them is the view's. For places it sums over the places that lie in
// the tile grown by one cell; Props are not part of it, as no tile shows them.
// The filter does not matter.
package index
