//go:build !race

package simulation_test

// stories is how many are told where nothing else is said.
const stories = 2000
