// Package datum converts between WGS 84, CGCS2000, GCJ-02, BD-09, Gauss-Krüger,
// Web Mercator, UTM and a few European systems.
//
// Points are orb.Point values: longitude, latitude in degrees for the datums,
// easting, northing in metres for projected systems. The house stores WGS 84;
// this package is used where coordinates enter (files, queries) and where they
// leave (tiles and answers for Amap, Tencent and Baidu maps).
//
// No conversion panics or runs on, whatever the numbers (NaN, Inf, 1e308): what
// is no place comes back as itself (datums) or as NaN (Gauss-Krüger and UTM), for
// the caller's range check to refuse. Everything is safe for concurrent use.
package datum
