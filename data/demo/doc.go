// Package demo makes a believable synthetic city: sources of every industry in
// sensible shares and places, and emergency places, all marked as synthetic.
//
// The same profile, number and seed always give the same records. Nothing here
// describes a real enterprise, person or place: only the rough layout (where a
// city centre, an industrial park or a river lies) follows the city.
package demo
