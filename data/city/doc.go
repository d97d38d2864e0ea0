// Package city holds the city profile (taxonomy, districts with their vintages,
// cuts, conventions) and shows a store as one view of that city may see it.
package city
