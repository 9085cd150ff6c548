// Package slow is the rules R1 to R18 a second time, written for one purpose: to be so plain that it is right.
//
// A [Model] keeps nothing but the list of events and derives each answer from it anew, with one function for each rule. It shares the vocabulary of package hold (events, duties) and none of
// its code, so that where the two agree at random, a mistake would have to be made twice.
package slow
