// Package api speaks HTTP: it parses questions, writes answers, and turns
// errors into problems.
//
// routes.go is the one page of routes. Every route, whether its handler is
// typed (JSON) or plain (tiles, files, pages), is declared with a type whose
// tags name its parameters; that declaration is at once the OpenAPI document
// and the table by which query.go refuses what the route does not know.
// problem.go is the one place where an error becomes a status.
//
// A request takes one tiles.View and uses it to its end, so an answer never
// mixes two revisions.
package api
