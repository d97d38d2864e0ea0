// Command riskatlas wires the house and turns the key: it serves a city's risk
// map and answers, and loads, checks and bakes what it serves.
package main
