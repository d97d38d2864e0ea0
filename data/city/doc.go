// Package city holds the city profile (taxonomy, districts with their vintages,
// cuts, conventions) and shows a store as one view of that city may see it.
//
// A profile of one's own is a JSON file; the type of the same name as each of
// its members is described at File. The embedded ones, hangzhou and generic,
// are written in the same format and are the fullest examples.
package city
