// Package sim runs supplier failures through the rules of package hold and the filter of package duis, and measures what becomes of households.
//
// An [Experiment] takes a [Scenario] and runs it under each rule regime, several times over:
//
//	s, err := sim.ParseScenario(file)                       // or scenario.Load("autumn-2021")
//	x := sim.Experiment{Scenario: s, Seed: 1}               // three regimes, five replications
//	r, err := x.Run(ctx)                                    // r.Regimes, as intervals and as differences from Baseline
//
// A [Study] asks what follows from the assumptions: a [StudyRun] runs an experiment at each of many points, and keeps chance, over the replications of a point, apart from
// assumptions, over points.
//
// There is no second model of the rules in here. Every simulated Service Request is a [duis.Request] that [duis.Decide] and [duis.Counters] judge, in a
// [duis.World] that a [hold.Register] has written; the DCC does what [hold.Register.Duties] says it must, some time later; and
// everything else that the actors do is an event in the register's log. What a regime does to households follows from that alone.
//
// What the model has to assume is in [Assumptions], each with a unit, a default, a provenance and a source; a scenario overrides them by name.
// What it measures is in [Metrics].
//
// The same scenario, seed and scale give the same [Result], byte for byte, whatever the number of workers, and replication k can be run alone with [Experiment.Replicate].
// Random numbers are shared between the regimes, so that differences between regimes are differences of the rules.
package sim
