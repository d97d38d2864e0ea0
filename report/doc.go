// Package report puts a revision of the city together as its assessment report:
// gathered as data, then written as pages, text and workbooks.
//
// Gather makes a Report of one view: everything in it is of one revision, equal
// to the byte whenever it is made again, and holds no clock and no address. In
// the public view it has no personal field, as the city gives none.
package report
