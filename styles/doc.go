// Package styles says how the map looks: its palettes and its MapLibre style
// documents.
//
// No national document gives the four colours as numbers (安委办〔2016〕11号 names
// the colours only), so every hex value here is a choice of this project.
package styles
