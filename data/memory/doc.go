// Package memory is a store that lives and ends with its process: for the
// demonstration city and for tests. It keeps the contract of data.Store and
// data.Units to the letter, durability aside.
package memory
