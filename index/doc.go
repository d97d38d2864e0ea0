// Package index holds the hazards in memory, follows the store, and answers
// where-questions on immutable snapshots.
package index
