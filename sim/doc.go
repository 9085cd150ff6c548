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
//
// # What it costs
//
// Every enrolled smart meter is in memory: 63 bytes of estate and World, and what has become of those whose supplier fails. Events are only for these; ordinary meters, whose suppliers do not
// fail, are a pass over columns each day. One run of scenario great-britain each (solrsim run great-britain --regimes mp185 --reps 1 --sensitivity=false --scale SCALE; Go 1.26.8, two cores
// shared with others, which may make the seconds half as many again):
//
//	  scale        meters       events   seconds of CPU   ns a meter   peak memory   bytes a meter
//	0.00334        99,838       67,583             0.05          500         29 MB             295
//	0.0334        999,003      607,281             0.75          750        106 MB             106
//	0.334      10,005,698    5,955,398            10.9         1,090        868 MB              87
//	1          29,952,492   18,171,164            44.7         1,490      2,558 MB              85
//
// The time grows by a little more than the meters, since fewer of the look-ups of a World find in the caches what they need.
package sim
