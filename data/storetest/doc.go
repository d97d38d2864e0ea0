// Package storetest holds the tests that every store must pass: the contract of
// data.Store and data.Units as code. Its records are synthetic.
package storetest
