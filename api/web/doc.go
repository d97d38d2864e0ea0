// Package web holds the pages: built by Vite from this folder and embedded, so
// that the server needs no Node.
package web
